"""SHACL shapes compiled to SPARQL, the report of what breaks them, and what is kept out of reasoning."""

from augenblick.validate.compiled import CompiledConstraint, CompiledShape, KeepsOut
from augenblick.validate.compiler import Compiler, compile_shapes
from augenblick.validate.report import KeptOut, ValidationReport
from augenblick.validate.results import Result, results
from augenblick.validate.rules import shape_rules
from augenblick.validate.run import run
from augenblick.validate.shapes import read_shapes, shapes_graph

__all__ = [
    "CompiledConstraint",
    "CompiledShape",
    "Compiler",
    "KeepsOut",
    "KeptOut",
    "Result",
    "ValidationReport",
    "compile_shapes",
    "read_shapes",
    "results",
    "run",
    "shape_rules",
    "shapes_graph",
]
