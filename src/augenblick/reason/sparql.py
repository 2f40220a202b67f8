"""SPARQL 1.1 → the intermediate form: one CONSTRUCT is one rule, one SELECT or ASK one query."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from rdflib import BNode, Literal, URIRef, Variable

from augenblick.model.errors import BadRule, OutsideFragment
from augenblick.model.shelf import Shelf
from augenblick.reason.ir import (
    Aggregate,
    Atom,
    Call,
    Closure,
    Const,
    Everything,
    Expression,
    Extend,
    Filter,
    Group,
    In,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Origin,
    Project,
    Ref,
    Rule,
    RuleSet,
    Semi,
    Term,
    Triple,
    Union,
    Values,
    variables,
)
from augenblick.reason.parsing import parsed_query, parts
from augenblick.reason.paths import path_node
from augenblick.reason.sparql_expressions import expression
from augenblick.reason.terms import literal_parts

AGGREGATES = {"Count", "Sum", "Min", "Max", "Avg", "Sample", "GroupConcat"}
_TITLE = re.compile(r"^#\s*(?:title:)?\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_SHORT = re.compile(r"\bCONSTRUCT\s+(?:WHERE|FROM)\b", re.IGNORECASE)
_SHELF = Shelf(
    "sparql",
    (
        *(
            f"augenblick.reason.ir.{c.__name__}"
            for c in (Aggregate, Call, Closure, Const, Everything, Extend, Filter, Group, In, Join, LeftJoin, Mark,
                      Minus, Origin, Project, Ref, Rule, Semi, Triple, Union, Values)
        ),
        *(f"rdflib.term.{name}" for name in ("URIRef", "BNode", "Literal", "Variable")),
    ),
    most=3000,
    written={Literal: literal_parts},
)  # fmt: skip
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")


def load_rule(source: Path | str, *, origin: str | None = None) -> Rule:
    """Return the rule of a `.rq` file (a path) or of a text, which must be one CONSTRUCT.

    `origin` names it in messages and proofs; the file's path otherwise. Raises `BadRule` when it cannot be parsed,
    `OutsideFragment` when it uses what the compiler does not take.
    """
    text = source.read_text("utf-8") if isinstance(source, Path) else source
    return _rule(text, origin or (str(source) if isinstance(source, Path) else "rule"))


@lru_cache(maxsize=2000)
def _rule(text: str, name: str) -> Rule:
    kept = _SHELF.get(f"rule\0{name}\0{text}")
    if isinstance(kept, Rule):
        return kept
    rule = _read_rule(text, name)
    _SHELF.put(f"rule\0{name}\0{text}", rule)
    return rule


def _read_rule(text: str, name: str) -> Rule:
    parsed = parsed_query(text, name)
    if parsed.algebra.name != "ConstructQuery":
        raise BadRule("A rule must be a CONSTRUCT query.", where=name, hint="write CONSTRUCT { … } WHERE { … }")
    line = _line_of(text, "CONSTRUCT")
    title = _TITLE.search(text)
    where = Origin(name, line, title=title.group(1).strip() if title else None)
    translator = Translator(text, name)
    translator.check_dataset(parsed.algebra)
    heads, body = translator.template(_template_of(parsed.algebra, text), translator.node(parsed.algebra.p))
    if isinstance(body, Project) and body.limit is None and not body.offset:
        body = body.source  # a rule makes a set: what a CONSTRUCT cuts off and in what order says nothing
    if not heads:
        raise BadRule("The rule constructs nothing.", where=name, hint="give CONSTRUCT a template")
    return Rule(heads, body, where, text)


def load_rules(paths: Iterable[Path], *, relative_to: Path | None = None) -> RuleSet:
    """Return the rules of several `.rq` files, in order of their paths; origins are given relative to a folder."""
    rules = []
    for path in sorted(paths):
        name = str(path.relative_to(relative_to)) if relative_to else str(path)
        rules.append(load_rule(path, origin=name))
    return RuleSet(tuple(rules))


def load_query(text: str, *, origin: str = "query", bindings: Mapping[str, Term] | None = None) -> tuple[Project, bool]:
    """Return the algebra of a SELECT (or ASK: second value true), its variables bound as given."""
    node, ask = _query(text, origin)
    given = {Variable(name): term for name, term in (bindings or {}).items()}
    return Project(_bound(node.source, given), node.variables, node.distinct, node.order, node.limit, node.offset), ask


@lru_cache(maxsize=500)
def _query(text: str, origin: str) -> tuple[Project, bool]:
    kept = _SHELF.get(f"query\0{text}")
    if isinstance(kept, tuple) and isinstance(kept[0], Project):
        return kept[0], bool(kept[1])
    query = _read_query(text, origin)
    _SHELF.put(f"query\0{text}", query)
    return query


def _read_query(text: str, origin: str) -> tuple[Project, bool]:
    parsed = parsed_query(text, origin)
    kind = parsed.algebra.name
    if kind not in ("SelectQuery", "AskQuery"):
        raise OutsideFragment("Only SELECT and ASK can be asked here.", where=origin)
    translator = Translator(text, origin)
    translator.check_dataset(parsed.algebra)
    node = translator.node(parsed.algebra.p)
    if kind == "AskQuery":
        return Project(node, (), distinct=True, limit=1), True
    return (node if isinstance(node, Project) else Project(node, tuple(parsed.algebra.PV))), False


def load_construct(text: str, *, origin: str = "query") -> tuple[tuple[Triple, ...], Project]:
    """Return the template of a CONSTRUCT, and its solutions cut down to what the template needs."""
    parsed = parsed_query(text, origin)
    if parsed.algebra.name != "ConstructQuery":
        raise OutsideFragment("Only CONSTRUCT makes a graph.", where=origin)
    translator = Translator(text, origin)
    translator.check_dataset(parsed.algebra)
    node = translator.node(parsed.algebra.p)
    inner = node.source if isinstance(node, Project) else node
    heads, body = translator.template(_template_of(parsed.algebra, text), inner)
    needed = Rule(heads, body, Origin(origin)).head_variables()
    if isinstance(node, Project):
        return heads, Project(body, needed, False, node.order, node.limit, node.offset)
    return heads, Project(body, needed)


def _template_of(algebra: Any, text: str) -> Any:
    """Return the triples of the template; of CONSTRUCT WHERE those of its pattern."""
    if algebra.template or not _SHORT.search(text):
        return algebra.template or ()
    pattern = algebra.p
    while pattern.name in ("Project", "Slice", "OrderBy", "Distinct"):
        pattern = pattern.p
    return pattern.triples if pattern.name == "BGP" else ()


def _bound(node: Node, given: Mapping[Variable, Term]) -> Node:
    if not given:
        return node
    return Join((Values(tuple(given), (tuple(given.values()),)), node))


def _line_of(text: str, word: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(rf"(?<![\w#]){re.escape(word)}", line.split(" #")[0], re.IGNORECASE) and not line.startswith("#"):
            return number
    return None


class Translator:
    """Translates the algebra of one query; knows the text so that errors can name the line."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        # Names of one text differ from those of every other, in whatever process it was read.
        self._names = (f"__exists_{hashlib.sha256(text.encode()).hexdigest()[:8]}_{n}" for n in count(1))

    def refuse(self, construct: str) -> OutsideFragment:
        """Return the error for a construct the compiler does not take."""
        line = _line_of(self._text, construct.split()[0].removeprefix("Builtin_"))
        place = f"{self._where}:{line}" if line else self._where
        return OutsideFragment(
            f"{construct} lies outside what the compiler takes.", where=place, hint="say it with other constructs"
        )

    def check_dataset(self, algebra: Any) -> None:
        """Raise for FROM and FROM NAMED: a rule reads the one fact base it runs on."""
        if algebra.datasetClause:
            raise self.refuse("FROM")

    def template(self, triples: Any, body: Node) -> tuple[tuple[Triple, ...], Node]:
        """Return the heads of a template, and the body with a new blank node per solution for each one in it.

        The name of a new node is a digest of rule, label and solution: the same solution makes the same node again.
        """
        labels = sorted({atom for triple in triples for atom in triple if isinstance(atom, BNode)})
        if labels and isinstance(body, Project) and body.limit is None and not body.offset:
            body = body.source
        bound = tuple(Ref(name) for name in sorted(variables(body)) if not name.startswith("__"))
        for place, label in enumerate(labels):
            seed = Const(Literal(f"{self._where} {place}"))
            body = Extend(body, Variable(f"__new_{label}"), Call("NEWNODE", (seed, *bound)))
        named = {label: Variable(f"__new_{label}") for label in labels}
        return tuple(Triple(*(named.get(atom, atom) for atom in triple)) for triple in triples), body

    def node(self, algebra: Any) -> Node:
        """Return the intermediate form of an rdflib algebra node."""
        method = getattr(self, f"_{algebra.name.lower()}", None)
        if method is None:
            raise self.refuse({"ServiceGraphPattern": "SERVICE"}.get(algebra.name, algebra.name))
        result: Node = method(algebra)
        return result

    def _bgp(self, algebra: Any) -> Node:
        parts = tuple(self._triple(*triple) for triple in algebra.triples or ())
        return parts[0] if len(parts) == 1 else Join(parts)

    def _triple(self, s: Any, p: Any, o: Any) -> Node:
        s, o = _atom(s), _atom(o)
        if isinstance(p, URIRef | Variable):
            return Triple(s, p, o)
        return path_node(s, p, o, self.refuse)

    def _join(self, algebra: Any) -> Node:
        parts: list[Node] = []
        for side in (algebra.p1, algebra.p2):
            node = self.node(side)
            parts.extend(node.parts if isinstance(node, Join) else (node,))
        return Join(tuple(parts))

    def _filter(self, algebra: Any) -> Node:
        return self._filtered(self.node(algebra.p), algebra.expr)

    def _filtered(self, source: Node, condition: Any) -> Node:
        plain, exists = _split(condition)
        for part in plain:
            source, test = self._valued(source, part)
            source = Filter(source, test)
        for negated, graph in exists:
            source = Semi(source, self._group_pattern(graph), negated)
        return source

    def _valued(self, source: Node, parsed: Any) -> tuple[Node, Expression]:
        """Return an expression, and the source with a boolean for each EXISTS in it."""
        marks: list[tuple[Variable, Node]] = []

        def exists(graph: Any, negated: bool) -> Expression:
            name = Variable(next(self._names))
            marks.append((name, self._group_pattern(graph)))
            return Call("!", (Ref(name),)) if negated else Ref(name)

        value = expression(parsed, self.refuse, exists)
        for name, pattern in marks:
            source = Mark(source, pattern, name)
        return source, value

    def _graph(self, algebra: Any) -> Node:
        return In(algebra.term, self.node(algebra.p))

    def _group_pattern(self, graph: Any) -> Node:
        from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

        untranslated = graph.name.startswith("GroupGraphPattern")
        return self.node(translateGroupGraphPattern(graph) if untranslated else graph)

    def _leftjoin(self, algebra: Any) -> Node:
        left, right = self.node(algebra.p1), self.node(algebra.p2)
        if algebra.expr is None or getattr(algebra.expr, "name", "") == "TrueFilter":
            return LeftJoin(left, right, None)
        plain, exists = _split(algebra.expr)
        if exists or any(_has_exists(part) for part in plain):
            return self._tested_optional(left, right, algebra.expr)
        parts = [expression(part, self.refuse) for part in plain]
        condition = parts[0]
        for part in parts[1:]:
            condition = Call("&&", (condition, part))
        return LeftJoin(left, right, condition)

    def _tested_optional(self, left: Node, right: Node, test: Any) -> Node:
        """Return OPTIONAL whose filter asks EXISTS: the right side is computed together with the left's bindings."""
        if not _always_bound(left):
            raise self.refuse("EXISTS as the filter of an OPTIONAL after another OPTIONAL, BIND or sub-select")
        known = tuple(sorted(variables(left)))
        return LeftJoin(left, self._filtered(Join((Project(left, known, distinct=True), right)), test), None)

    def _union(self, algebra: Any) -> Node:
        parts: list[Node] = []
        for side in (algebra.p1, algebra.p2):
            node = self.node(side)
            parts.extend(node.parts if isinstance(node, Union) else (node,))
        return Union(tuple(parts))

    def _minus(self, algebra: Any) -> Node:
        return Minus(self.node(algebra.p1), self.node(algebra.p2))

    def _extend(self, algebra: Any) -> Node:
        source, value = self._valued(self.node(algebra.p), algebra.expr)
        return Extend(source, algebra.var, value)

    def _values(self, algebra: Any) -> Node:
        names = tuple(dict.fromkeys(variable for row in algebra.res for variable in row))
        rows = tuple(tuple(_given(row.get(name)) for name in names) for row in algebra.res)
        return Values(names, rows)

    def _tomultiset(self, algebra: Any) -> Node:
        if algebra.p == []:  # VALUES without rows
            return Values((Variable(next(self._names)),), ())
        return self.node(algebra.p)

    def _project(self, algebra: Any) -> Node:
        order: tuple[tuple[Expression, bool], ...] = ()
        source = algebra.p
        if source.name == "OrderBy":
            order = tuple((expression(part.expr, self.refuse), part.order == "DESC") for part in source.expr)
            source = source.p
        return Project(self.node(source), tuple(algebra.PV), order=order)

    def _distinct(self, algebra: Any) -> Node:
        inner = self.node(algebra.p)
        if not isinstance(inner, Project):
            raise self.refuse("DISTINCT")
        return Project(inner.source, inner.variables, True, inner.order, inner.limit, inner.offset)

    _reduced = _distinct

    def _slice(self, algebra: Any) -> Node:
        inner = self.node(algebra.p)
        if not isinstance(inner, Project):
            raise self.refuse("LIMIT")
        limit = int(algebra.length) if algebra.length is not None else None
        return Project(inner.source, inner.variables, inner.distinct, inner.order, limit, int(algebra.start or 0))

    def _aggregatejoin(self, algebra: Any) -> Node:
        source, keys = self._group_keys(algebra.p)
        aggregates = tuple(self._aggregate(aggregate) for aggregate in algebra.A)
        named = tuple(aggregate for aggregate in aggregates if not _is_key(aggregate, keys))
        node: Node = Group(source, keys, named)
        for aggregate in aggregates:
            if _is_key(aggregate, keys) and isinstance(aggregate.argument, Ref):
                node = Extend(node, aggregate.variable, aggregate.argument)
        return node

    def _group_keys(self, algebra: Any) -> tuple[Node, tuple[Variable, ...]]:
        source, keys = self.node(algebra.p), []
        for position, key in enumerate(algebra.expr or ()):
            if isinstance(key, Variable):
                keys.append(key)
                continue
            name = Variable(f"__key_{position}")
            source = Extend(source, name, expression(key, self.refuse))
            keys.append(name)
        return source, tuple(keys)

    def _aggregate(self, aggregate: Any) -> Aggregate:
        function = aggregate.name.removeprefix("Aggregate_")
        if function not in AGGREGATES:
            raise self.refuse(function.upper())
        star = aggregate.vars == "*"
        argument = None if star else expression(aggregate.vars, self.refuse)
        separator = aggregate.separator if function == "GroupConcat" and aggregate.separator is not None else " "
        return Aggregate(function, argument, aggregate.res, aggregate.distinct == "DISTINCT", str(separator))


def _is_key(aggregate: Aggregate, keys: tuple[Variable, ...]) -> bool:
    """Return whether this is rdflib's SAMPLE of a grouping variable, which is that variable itself."""
    argument = aggregate.argument
    return aggregate.function == "Sample" and isinstance(argument, Ref) and argument.variable in keys


def _atom(atom: Any) -> Atom:
    return _blank(atom) if isinstance(atom, BNode) else atom


@lru_cache(maxsize=1000)
def _blank(node: BNode) -> Variable:
    return Variable(f"__blank_{node}")


def _given(value: Any) -> Term | None:
    return value if isinstance(value, URIRef | Literal) else None


def _has_exists(parsed: Any) -> bool:
    return any(part.name in _EXISTS for part in parts(parsed))


def _always_bound(node: Node) -> bool:
    """Return whether a node is built so that each of its variables has a value in each solution."""
    if isinstance(node, Triple):
        return True
    return isinstance(node, Join | Filter | Semi) and all(
        _always_bound(part) for part in (node.parts if isinstance(node, Join) else (node.source,))
    )


def _split(condition: Any) -> tuple[list[Any], list[tuple[bool, Any]]]:
    """Return the plain conjuncts of a condition, and its EXISTS conjuncts with whether they are negated."""
    name = getattr(condition, "name", "")
    if name == "ConditionalAndExpression":
        plain: list[Any] = []
        exists: list[tuple[bool, Any]] = []
        for part in (condition.expr, *condition.other):
            more, found = _split(part)
            plain += more
            exists += found
        return plain, exists
    if name in _EXISTS:
        return [], [(name == "Builtin_NOTEXISTS", condition.graph)]
    if name == "UnaryNot" and getattr(condition.expr, "name", "") in _EXISTS:
        return [], [(condition.expr.name == "Builtin_EXISTS", condition.expr.graph)]
    return [condition], []
