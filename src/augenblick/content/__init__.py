"""The ontology folder, read into dataclasses."""

from augenblick.content.loader import default_root, load_content
from augenblick.content.model import Content, Dialogue, MomentType, Need, Pattern, Product, Signal, Words

__all__ = [
    "Content",
    "Dialogue",
    "MomentType",
    "Need",
    "Pattern",
    "Product",
    "Signal",
    "Words",
    "default_root",
    "load_content",
]
