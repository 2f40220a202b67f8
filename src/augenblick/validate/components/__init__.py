"""The constraint components of SHACL core, one module per family of the recommendation."""

from augenblick.validate.components.cardinality import CARDINALITIES
from augenblick.validate.components.logic import LOGIC
from augenblick.validate.components.others import OTHERS
from augenblick.validate.components.pairs import PAIRS
from augenblick.validate.components.registry import Translate
from augenblick.validate.components.values import VALUES

CORE: dict[str, Translate] = {**VALUES, **CARDINALITIES, **PAIRS, **LOGIC, **OTHERS}
"""Local name of a SHACL parameter → its translation."""

__all__ = ["CORE", "Translate"]
