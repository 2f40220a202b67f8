"""SHACL rules (SHACL Advanced Features, section 8): sh:TripleRule and sh:SPARQLRule as rules of the reasoner.

They run to the fixpoint like all rules. sh:order can then change nothing but what a rule sees as absent, and is held
against the strata: a rule must not need the absence of what a rule of a later order makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from augenblick.model.errors import AugenblickError, BadShape
from augenblick.reason import Origin, Rule, RuleSet, load_rule
from augenblick.reason.stratify import dependencies
from augenblick.validate.compiler import Compiler
from augenblick.validate.conditions import filters, negated
from augenblick.validate.embedded import EmbeddedConstruct
from augenblick.validate.paths import read_path
from augenblick.validate.targets import constant, has_target
from augenblick.validate.wording import described, in_order

_FOCUS = "?v_0"


def shape_rules(shapes: Graph, *, ontology: Graph | None = None, files: Mapping[Node, str] | None = None) -> RuleSet:
    """Return the rules of every shape of a graph, in the order sh:order gives.

    `ontology` supplies further rdfs:subClassOf; `files` says where each shape stands, for errors and proofs. Raises
    `BadShape` for a rule of another kind, a node expression that is no constant, sh:this or path, and an order the
    strata contradict.
    """
    reader = _Rules(shapes, ontology, files or {})
    found = [each for shape in in_order(set(shapes.subjects(SH.rule))) for each in reader.of(shape)]
    found.sort(key=lambda pair: (pair[0], pair[1].name))
    _check_order([order for order, _ in found], [rule for _, rule in found])
    return RuleSet(tuple(rule for _, rule in found))


class _Rules:
    def __init__(self, graph: Graph, ontology: Graph | None, files: Mapping[Node, str]) -> None:
        self._graph = graph
        self._files = files
        self._compiler = Compiler(graph, ontology, files)

    def of(self, shape: Node) -> Iterator[tuple[float, Rule]]:
        """Yield the active rules of a shape with their order."""
        if self._off(shape):
            return
        if not has_target(self._graph, shape):
            raise self._refuse(shape, "it has rules but no target")
        numbers = count(1)
        for node in sorted(self._graph.objects(shape, SH.rule), key=lambda node: (self._order(node), self._key(node))):
            number = next(numbers)
            if not self._off(node):
                yield self._order(node), self._rule(shape, node, number)

    def _rule(self, shape: Node, node: Node, number: int) -> Rule:
        scope = self._compiler.targets(shape, _FOCUS)
        conditions = [
            filters(negated(self._compiler.nonconforming(condition, _FOCUS, scope)))
            for condition in in_order(self._graph.objects(node, SH.condition))
        ]
        head, pattern = self._made(shape, node, scope.pattern)
        # a group of its own keeps a UNION of targets together
        text = f"CONSTRUCT {head} WHERE {{ {{ {scope.pattern} }} {pattern} {' '.join(conditions)} }}"
        name = f"rule {number} of {described(self._graph, shape)}"
        try:
            loaded = load_rule(text, origin=name)
        except AugenblickError as error:
            raise self._refuse(shape, f"its rule {number} is none: {error.message}") from error
        return Rule(loaded.heads, loaded.body, Origin(self._files.get(shape, "shapes"), axiom=name), text)

    def _made(self, shape: Node, node: Node, scope: str) -> tuple[str, str]:
        """Return the template of a rule and the pattern beside the focus node."""
        if (node, SH.construct, None) in self._graph:
            query = EmbeddedConstruct.read(self._graph, node, lambda reason: self._refuse(shape, reason))
            return query.as_rule(_FOCUS, scope)
        if (node, RDF.type, SH.TripleRule) not in self._graph:
            raise self._refuse(shape, "its rule is neither sh:TripleRule nor sh:SPARQLRule with sh:construct")
        atoms, patterns = [], []
        for place, predicate in enumerate((SH.subject, SH.predicate, SH.object)):
            atom, pattern = self._expression(shape, self._graph.value(node, predicate), f"?e_{place}")
            atoms.append(atom)
            patterns.append(pattern)
        return f"{{ {' '.join(atoms)} }}", " ".join(patterns)

    def _expression(self, shape: Node, node: Node | None, variable: str) -> tuple[str, str]:
        """Return the atom of a node expression, and the pattern that binds it."""
        if node is None:
            raise self._refuse(shape, "a sh:TripleRule needs sh:subject, sh:predicate and sh:object")
        if node == SH.this:
            return _FOCUS, ""
        if not isinstance(node, BNode):
            return constant(node, lambda reason: self._refuse(shape, reason)), ""
        path = self._graph.value(node, SH.path)
        others = set(self._graph.predicates(node)) - {SH.path}
        if path is None or others:
            named = ", ".join(sorted(str(each).removeprefix(str(SH)) for each in others)) or "nothing"
            raise self._refuse(shape, f"a node expression of sh:{named} has no rule; use sh:path, sh:this or a term")
        read = read_path(self._graph, path, lambda reason: self._refuse(shape, reason))
        return variable, f"{_FOCUS} {read.sparql} {variable} ."

    def _off(self, node: Node) -> bool:
        flag = self._graph.value(node, SH.deactivated)
        return isinstance(flag, Literal) and flag.value is True

    def _order(self, node: Node) -> float:
        order = self._graph.value(node, SH.order)
        return float(str(order)) if order is not None else 0.0

    def _key(self, node: Node) -> str:
        """Return what tells a rule from others without the name of its blank node."""
        if isinstance(node, URIRef):
            return str(node)
        return " ".join(sorted(str(o) for o in self._graph.objects(node) if not isinstance(o, BNode)))

    def _refuse(self, shape: Node, reason: str) -> BadShape:
        return self._compiler.refuse(shape, reason)


def _check_order(orders: list[float], rules: list[Rule]) -> None:
    """Raise `BadShape` where a rule would be told of an absence before a rule of a later order could end it."""
    for maker, reader, settled in dependencies(rules).edges(data="settled"):
        if settled and orders[maker] > orders[reader]:
            raise BadShape(
                f"{rules[reader].name} needs the absence of what {rules[maker].name} makes, whose sh:order is later.",
                where=rules[reader].origin.source,
                hint="give the rule that makes it the smaller sh:order",
            )
