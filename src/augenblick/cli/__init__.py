"""The command line: `augenblick VERB …`."""

from augenblick.cli.app import main

__all__ = ["main"]
