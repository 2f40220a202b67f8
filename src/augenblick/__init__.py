"""Augenblick: life moments of bank customers, inferred from data and proven down to the booking line."""

__version__ = "0.1.0"
