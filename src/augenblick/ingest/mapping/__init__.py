"""Foreign exports read through a mapping file (YAML): columns, code lists, joins; no code."""

from augenblick.ingest.mapping.document import read_document
from augenblick.ingest.mapping.plan import MappedFile, Mapping, RawFile, compile_sources, parse

__all__ = ["MappedFile", "Mapping", "RawFile", "compile_sources", "parse", "read_document"]
