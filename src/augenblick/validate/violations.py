"""What the translation of one constraint consists of, and where a shape is being applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib.namespace import SH
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.validate.conditions import TRUE, Exists, Test, filters
from augenblick.validate.paths import Path

if TYPE_CHECKING:
    from augenblick.validate.compiler import Compiler


@dataclass(frozen=True)
class Violation:
    """One way to break a constraint: a pattern and a test that hold together for a focus node."""

    component: Node
    pattern: str = ""
    test: Test = TRUE
    value: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Further variables that tell results apart or fill messages: name in messages, variable."""
    path: str | None = None
    """Variable with the result path, where it is not the shape's."""
    binds_focus: bool = False
    """Whether the pattern binds the focus nodes by itself."""
    source: Node | None = None
    """The node that carries message and severity, where it is not the shape (sh:sparql)."""

    @property
    def body(self) -> str:
        """Pattern and filters, to follow the pattern that binds the focus node."""
        return f"{self.pattern} {filters(self.test)}"

    @property
    def holds(self) -> Test:
        """The test that a focus node breaks the constraint so."""
        return Exists(self.pattern, self.test) if self.pattern else self.test


@dataclass(frozen=True)
class Scope:
    """The nodes a shape is applied to."""

    pattern: str
    """What binds their variable."""
    mentioned: bool = False
    """Whether triples mention each of them; a target may name nodes the data know nothing of."""


@dataclass(frozen=True)
class Place:
    """A shape applied to the nodes one variable stands for."""

    compiler: Compiler
    shape: Node
    focus: str
    scope: Scope
    """What `focus` stands for."""
    path: Path | None

    def fresh(self) -> str:
        """Return a variable nothing else uses."""
        return self.compiler.fresh()

    def refuse(self, reason: str) -> BadShape:
        """Return the error that says why this shape cannot be compiled."""
        return self.compiler.refuse(self.shape, reason)

    def values(self, value: str) -> str:
        """Return the pattern from the focus node to its value nodes; needs a path.

        A path of length zero would begin anywhere, so it is said where. It reaches also nodes no triple mentions, which
        SPARQL would leave to the evaluator, so that is spelt out.
        """
        path, scope = self.required_path(), self.scope
        steps = path.pattern(self.focus, value, self.fresh)
        if not path.reaches_itself:
            return steps
        if scope.mentioned:
            return f"{scope.pattern} {steps}"
        return f"{{ {scope.pattern} {steps} }} UNION {{ {scope.pattern} BIND({self.focus} AS {value}) }}"

    def scope_of(self, values: str) -> Scope:
        """Return the scope of the value nodes for tests on them, from the pattern `values` of them.

        Tests look at the values of the focus nodes only, whatever else has such values: said again where these come
        from, queries of shapes within shapes grow with every step.
        """
        return Scope(values, self.scope.mentioned or not self.required_path().reaches_itself)

    def required_path(self) -> Path:
        """Return the path; raises `BadShape` on a node shape."""
        if self.path is None:
            raise self.refuse("this constraint needs a property shape (sh:path)")
        return self.path

    def counted(self, value: str, pattern: str, having: str) -> str:
        """Return a sub-select of the focus nodes whose number of distinct values fulfils `having`."""
        scope = self.scope.pattern if self.required_path().reaches_itself else ""
        return (
            f"{{ SELECT {self.focus} WHERE {{ {scope} {pattern} }} "
            f"GROUP BY {self.focus} HAVING(COUNT(DISTINCT {value}) {having}) }}"
        )


def component(name: str) -> Node:
    """Return the IRI of a constraint component of SHACL core by its short name."""
    return SH[f"{name}ConstraintComponent"]
