"""Pictures of the content, laid out as graphs and drawn as SVG: the tree of classes, and how evidence leads on."""

from augenblick.content.pictures.subjects import PICTURES, picture

__all__ = ["PICTURES", "picture"]
