"""SHACL shapes compiled to SPARQL, the report of what breaks them, and what is kept out of reasoning."""

from augenblick.validate.compiled import CompiledConstraint, CompiledShape
from augenblick.validate.compiler import Compiler, compile_shapes

__all__ = ["CompiledConstraint", "CompiledShape", "Compiler", "compile_shapes"]
