"""SHACL shapes translated to SPARQL: one SELECT per constraint, its rows the violations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.model.terms import AUG
from augenblick.validate.compiled import CompiledConstraint, CompiledShape, KeepsOut
from augenblick.validate.components import CORE
from augenblick.validate.components.custom import custom_violations
from augenblick.validate.conditions import FALSE, Exists, Test, any_of
from augenblick.validate.paths import Path, read_path
from augenblick.validate.targets import TARGET_TERMS, focus_pattern, has_target, names_targets
from augenblick.validate.violations import Place, Scope, Violation
from augenblick.validate.wording import described, in_order, readable, texts

_SHACL = str(SH)
_KEEPS_OUT = URIRef(AUG + "keepsOut")
_DESCRIPTIVE = frozenset(
    {
        *("name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated"),
        *("path", "property", "flags", "ignoredProperties", "qualifiedValueShapesDisjoint"),
        *("prefixes", "declare", "rule", "shapesGraph"),
        *(str(term).removeprefix(_SHACL) for term in TARGET_TERMS),
    }
)
_ROOT, _FOCUS, _VALUE, _PATH = "?v_0", "?focus", "?value", "?path"


class Compiler:
    """The translation of one shapes graph; names of variables are unique within it."""

    def __init__(self, graph: Graph, ontology: Graph | None = None, files: Mapping[Node, str] | None = None) -> None:
        self.graph = graph
        self._classes = (graph, ontology) if ontology is not None else (graph,)
        self._files = files or {}
        self._numbers = count(1)
        self._open: list[Node] = []
        self._parser = pyoxigraph.Store()

    def fresh(self) -> str:
        """Return a variable nothing else uses."""
        return f"?v_{next(self._numbers)}"

    def refuse(self, shape: Node, reason: str) -> BadShape:
        """Return the error that names the shape, its file and why it cannot be compiled."""
        root = next((node for node in [shape, *reversed(self._open)] if isinstance(node, URIRef)), shape)
        return BadShape(
            f"The shape {described(self.graph, root)} cannot be compiled: {reason}.",
            where=self._files.get(root) or self._files.get(shape),
            hint="docs/architecture.md, section 6, says what shapes may use",
        )

    def subclasses(self, name: Node) -> tuple[URIRef, ...]:
        """Return the class and all below it, by rdfs:subClassOf of the shapes and the ontology."""
        found: set[Node] = {name}
        waiting = [name]
        while waiting:
            above = waiting.pop()
            below = {sub for graph in self._classes for sub in graph.subjects(RDFS.subClassOf, above)} - found
            found |= below
            waiting.extend(below)
        return tuple(sorted(term for term in found if isinstance(term, URIRef)))

    def parse(self, pattern: str, place: Place) -> None:
        """Raise `BadShape` if the pattern with a query of the experts' is no SPARQL."""
        try:
            self._parser.query(f"SELECT * WHERE {{ {pattern} }}")
        except SyntaxError as error:
            raise place.refuse(f"its query is no SPARQL: {error}") from error

    def compile(self, shape: Node, scope: str | None = None) -> CompiledShape:
        """Return the shape compiled for its targets, or for what `scope` binds to ?focus."""
        asked = Scope(scope.replace(_FOCUS, _ROOT)) if scope else self.targets(shape, _ROOT)
        constraints = tuple(self._constraints(shape, _ROOT, asked))
        return CompiledShape(shape, texts(self.graph, shape, SH.name), self._files.get(shape), constraints)

    def targets(self, shape: Node, variable: str) -> Scope:
        """Return the focus nodes of the shape."""
        pattern = focus_pattern(self.graph, shape, variable, self.subclasses, lambda reason: self.refuse(shape, reason))
        return Scope(pattern, mentioned=not names_targets(self.graph, shape))

    def nonconforming(self, shape: Node, variable: str, scope: Scope) -> Test:
        """Return the test that the node of `variable` does not conform to the shape."""
        with self._inside(shape) as active:
            if not active:
                return FALSE
            place = self._place(shape, variable, scope)
            tests = [violation.holds for violation in self._violations(place)]
            inner = in_order(self.graph.objects(shape, SH.property))
            tests.extend(self._property_breaks(place, property_shape) for property_shape in inner)
            return any_of(*tests)

    def _property_breaks(self, place: Place, shape: Node) -> Test:
        if place.path is None:
            return self.nonconforming(shape, place.focus, place.scope)
        value = self.fresh()
        pattern = place.values(value)
        test = self.nonconforming(shape, value, place.scope_of(pattern))
        return FALSE if test == FALSE else Exists(pattern, test)

    def _constraints(self, shape: Node, variable: str, scope: Scope) -> Iterator[CompiledConstraint]:
        with self._inside(shape) as active:
            if not active:
                return
            place = self._place(shape, variable, scope)
            for violation in self._violations(place):
                yield self._compiled(place, violation)
            inner, inner_scope = variable, scope
            if place.path is not None and (shape, SH.property, None) in self.graph:
                inner = self.fresh()
                values = place.values(inner)
                inner_scope = Scope(f"{scope.pattern} {values}", place.scope_of(values).mentioned)
            for nested in in_order(self.graph.objects(shape, SH.property)):
                yield from self._constraints(nested, inner, inner_scope)

    @contextmanager
    def _inside(self, shape: Node) -> Iterator[bool]:
        """Guard one shape's translation: refuses recursion; says whether the shape is active."""
        if shape in self._open:
            raise self.refuse(shape, "it refers to itself, which SHACL leaves undefined")
        if isinstance(shape, Literal):
            raise self.refuse(shape, "a literal stands where a shape must")
        self._open.append(shape)
        try:
            flag = self.graph.value(shape, SH.deactivated)
            yield not (isinstance(flag, Literal) and flag.value is True)
        finally:
            self._open.pop()

    def _place(self, shape: Node, variable: str, scope: Scope) -> Place:
        return Place(self, shape, variable, scope, self._path(shape))

    def _path(self, shape: Node) -> Path | None:
        paths = list(self.graph.objects(shape, SH.path))
        if len(paths) > 1:
            raise self.refuse(shape, "it has several sh:path")
        is_property = any((parent, SH.property, shape) in self.graph for parent in self._open[-2:-1])
        if not paths and (is_property or (shape, RDF.type, SH.PropertyShape) in self.graph):
            raise self.refuse(shape, "a property shape needs sh:path")
        return read_path(self.graph, paths[0], lambda reason: self.refuse(shape, reason)) if paths else None

    def _violations(self, place: Place) -> Iterator[Violation]:
        for predicate, parameter in sorted(self.graph.predicate_objects(place.shape)):
            if not str(predicate).startswith(_SHACL):
                continue
            name = str(predicate).removeprefix(_SHACL)
            if name in CORE:
                yield from CORE[name](place, parameter)
            elif name not in _DESCRIPTIVE and not self._asks_itself(place.shape, name):
                raise place.refuse(f"sh:{name} is not supported")
        yield from custom_violations(place)

    def _asks_itself(self, shape: Node, name: str) -> bool:
        """Whether the shape is its own sh:sparql, whose query then stands at the shape."""
        return name == "select" and (shape, SH.sparql, shape) in self.graph

    def _compiled(self, place: Place, violation: Violation) -> CompiledConstraint:
        columns = [variable for variable in (violation.value, violation.path) if variable]
        extra = violation.extra
        if place.focus != _ROOT and place.path is not None:
            extra = (("root", _ROOT), *extra)
        columns += [variable for _, variable in extra]
        names = {place.focus: _FOCUS}
        if violation.value not in (None, place.focus):
            names[str(violation.value)] = _VALUE
        if violation.path:
            names[violation.path] = _PATH
        wanted = list(dict.fromkeys([place.focus, *columns]))
        scope = "" if violation.binds_focus and place.focus == _ROOT else place.scope.pattern
        text = f"SELECT DISTINCT {' '.join(wanted)} WHERE {{ {scope} {violation.body} }}"
        source = violation.source or place.shape
        return CompiledConstraint(
            component=URIRef(str(violation.component)),
            shape=place.shape,
            path=self.graph.value(place.shape, SH.path),
            path_text=readable(place.path.sparql) if place.path else None,
            severity=self._severity(place.shape),
            messages=texts(self.graph, source, SH.message) or texts(self.graph, place.shape, SH.message),
            name=texts(self.graph, place.shape, SH.name),
            parameter=source if violation.source else None,
            value_is_focus=violation.value == place.focus,
            columns=tuple(_renamed(variable, names)[1:] for variable in wanted),
            extra=tuple((name, _renamed(variable, names)[1:]) for name, variable in extra),
            select=_renamed(text, names),
            keeps_out=self._keeps_out(place),
        )

    def _keeps_out(self, place: Place) -> KeepsOut:
        terms = [self.graph.value(shape, _KEEPS_OUT) for shape in (place.shape, *reversed(self._open))]
        term = next((term for term in terms if term is not None), None)
        if term is None:
            return KeepsOut()
        if term == URIRef(AUG + "FocusNode"):
            return KeepsOut(focus=True)
        if term != URIRef(AUG + "Value"):
            raise place.refuse("its aug:keepsOut is neither aug:FocusNode nor aug:Value")
        steps = place.required_path().single_steps()
        if not steps:
            raise place.refuse(
                "aug:keepsOut aug:Value needs a path of single predicates, their inverses or a choice of them"
            )
        return KeepsOut(steps=tuple(steps))

    def _severity(self, shape: Node) -> URIRef:
        severity = self.graph.value(shape, SH.severity, default=SH.Violation)
        if isinstance(severity, BNode | Literal):
            raise self.refuse(shape, "its sh:severity is no IRI")
        return URIRef(str(severity))


def compile_shapes(
    shapes: Graph, *, ontology: Graph | None = None, files: Mapping[Node, str] | None = None
) -> list[CompiledShape]:
    """Return every shape of the graph that has targets, compiled to SPARQL, sorted by IRI.

    `ontology` supplies further rdfs:subClassOf; `files` says where each shape stands, for errors.
    Raises `BadShape` for whatever cannot be compiled: nothing is left out silently.
    """
    compiler = Compiler(shapes, ontology, files)
    named = {node for kind in (SH.NodeShape, SH.PropertyShape) for node in shapes.subjects(RDF.type, kind)}
    targeted = {node for term in TARGET_TERMS for node in shapes.subjects(term)}
    return [compiler.compile(shape) for shape in in_order(named | targeted) if has_target(shapes, shape)]


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\?v_\d+\b", lambda match: names.get(match.group(), match.group()), text)
