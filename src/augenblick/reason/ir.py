"""The intermediate form: stratified Datalog whose bodies are small algebra trees.

Front ends (SPARQL, OWL 2 RL) make it, back ends (DuckDB today) compile it, proofs read it. Every rule knows
where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rdflib import RDF, BNode, Literal, URIRef, Variable

Term = URIRef | BNode | Literal
Atom = URIRef | BNode | Literal | Variable


@dataclass(frozen=True)
class Ref:
    """The value of a variable."""

    variable: Variable


@dataclass(frozen=True)
class Const:
    """A fixed term."""

    term: Term


@dataclass(frozen=True)
class Call:
    """An operator or function of SPARQL (its name in capitals, or its sign) applied to arguments."""

    name: str
    args: tuple[Expression, ...]


Expression = Ref | Const | Call


@dataclass(frozen=True, eq=False)
class Triple:
    """The bindings under which a triple is a fact."""

    s: Atom
    p: Atom
    o: Atom


@dataclass(frozen=True, eq=False)
class Join:
    """Bindings that agree; the join of nothing is the one empty binding."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Filter:
    """Bindings of the source for which the condition is true."""

    source: Node
    condition: Expression


@dataclass(frozen=True, eq=False)
class Semi:
    """Bindings of the source for which the pattern has (or, negated, has no) solution."""

    source: Node
    pattern: Node
    negated: bool


@dataclass(frozen=True, eq=False)
class Mark:
    """Bindings of the source with a boolean: whether the pattern has a solution that agrees (EXISTS as a value)."""

    source: Node
    pattern: Node
    variable: Variable


@dataclass(frozen=True, eq=False)
class In:
    """GRAPH: bindings of the source where all its facts lie in one named graph; a variable is bound to its name."""

    graph: Atom
    source: Node


@dataclass(frozen=True, eq=False)
class Extend:
    """Bindings of the source with one more variable; it stays unbound where the value is an error."""

    source: Node
    variable: Variable
    value: Expression


@dataclass(frozen=True, eq=False)
class LeftJoin:
    """OPTIONAL: bindings of the left, extended by the right where both agree and the condition holds."""

    left: Node
    right: Node
    condition: Expression | None


@dataclass(frozen=True, eq=False)
class Union:
    """Bindings of any part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Minus:
    """Bindings of the left that agree with none of the right they share a variable with."""

    left: Node
    right: Node


@dataclass(frozen=True, eq=False)
class Values:
    """Given bindings; None is unbound."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, eq=False)
class Project:
    """Bindings of the source cut down to some variables; `limit` and `order` only for queries."""

    source: Node
    variables: tuple[Variable, ...]
    distinct: bool = False
    order: tuple[tuple[Expression, bool], ...] = ()
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Aggregate:
    """One aggregate: its function, argument (None for `*`), result, and what goes with it."""

    function: str
    argument: Expression | None
    variable: Variable
    distinct: bool = False
    separator: str = " "


@dataclass(frozen=True, eq=False)
class Group:
    """One binding per group: keys and aggregates."""

    source: Node
    keys: tuple[Variable, ...]
    aggregates: tuple[Aggregate, ...]


@dataclass(frozen=True, eq=False)
class Closure:
    """One or more steps from `s` to `o`; a step is a node with the variables `start` and `end`."""

    s: Atom
    o: Atom
    step: Node
    start: Variable
    end: Variable


@dataclass(frozen=True, eq=False)
class Everything:
    """Every term that is subject or object of some fact (what a path of length zero ranges over)."""

    variable: Variable


Node = (
    Triple
    | Join
    | Filter
    | Semi
    | Mark
    | In
    | Extend
    | LeftJoin
    | Union
    | Minus
    | Values
    | Project
    | Group
    | Closure
    | Everything
)


@dataclass(frozen=True)
class Origin:
    """Where a rule comes from: a file with its line, or an axiom."""

    source: str
    line: int | None = None
    axiom: str | None = None
    title: str | None = None

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return f"{place} {self.axiom}" if self.axiom else place


@dataclass(frozen=True, eq=False)
class Rule:
    """Heads that hold wherever the body does."""

    heads: tuple[Triple, ...]
    body: Node
    origin: Origin
    text: str = ""

    @property
    def name(self) -> str:
        """The rule's name in messages and proofs: its origin."""
        return str(self.origin)

    def head_variables(self) -> tuple[Variable, ...]:
        """Return the variables of the heads, each once, in order of appearance."""
        atoms = (atom for head in self.heads for atom in (head.s, head.p, head.o))
        return tuple(dict.fromkeys(atom for atom in atoms if isinstance(atom, Variable)))


@dataclass(frozen=True, eq=False)
class Equality:
    """That owl:sameAs means what OWL says: the rules proofs name, applied clique by clique rather than one by one.

    `names` are the properties and classes whose sameness the axioms state; rules of their own carry facts over.
    """

    rules: tuple[Rule, ...]
    names: frozenset[URIRef] = field(default=frozenset())


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules to be run together, the axioms no rule was made of, each said aloud, and what owl:sameAs means.

    Without `equality` owl:sameAs is a predicate like any other.
    """

    rules: tuple[Rule, ...] = ()
    not_covered: tuple[str, ...] = field(default=())
    equality: Equality | None = None

    def __add__(self, other: RuleSet) -> RuleSet:
        both = self.equality or other.equality
        if self.equality is not None and other.equality is not None:
            both = Equality(self.equality.rules, self.equality.names | other.equality.names)
        return RuleSet(self.rules + other.rules, self.not_covered + other.not_covered, both)

    def provable(self) -> tuple[Rule, ...]:
        """Return every rule a fact can come from, those of equality too."""
        return self.rules + (self.equality.rules if self.equality else ())

    def head_terms(self) -> list[Term]:
        """Return the fixed terms of the heads, each once, in order of appearance."""
        atoms = (atom for rule in self.rules for head in rule.heads for atom in (head.s, head.p, head.o))
        return [atom for atom in dict.fromkeys(atoms) if not isinstance(atom, Variable)]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)


@dataclass(frozen=True)
class RelationKey:
    """A relation: the facts of one predicate, or the members of one class; None means any."""

    predicate: str | None
    klass: str | None = None

    def __str__(self) -> str:
        return self.klass or self.predicate or "*"

    def overlaps(self, other: RelationKey) -> bool:
        """Return whether a fact could lie in both."""
        if self.predicate is None or other.predicate is None:
            return True
        if self.predicate != other.predicate:
            return False
        return self.klass is None or other.klass is None or self.klass == other.klass


def relation_of(triple: Triple) -> RelationKey:
    """Return the relation a triple pattern reads or a head writes."""
    return RelationKey(None) if isinstance(triple.p, Variable) else relation_holding(triple.p, triple.o)


def relation_holding(p: Atom, o: Atom) -> RelationKey:
    """Return the relation that facts of a predicate with an object are in."""
    return RelationKey(str(p), class_key(o) if p == RDF.type else None)


def class_key(term: Atom) -> str | None:
    """Return the name under which a class keeps its members; None when the term is a variable or a literal."""
    if isinstance(term, Variable | Literal):
        return None
    return f"_:{term}" if isinstance(term, BNode) else str(term)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below."""
    match node:
        case Join(parts) | Union(parts):
            return parts
        case Filter(source, _) | Extend(source, _, _) | Project(source) | Group(source):
            return (source,)
        case Semi(source, pattern, _) | Mark(source, pattern, _):
            return (source, pattern)
        case In(_, source):
            return (source,)
        case LeftJoin(left, right, _) | Minus(left, right):
            return (left, right)
        case Closure():
            return (node.step,)
        case _:
            return ()


def expression_variables(expression: Expression) -> frozenset[Variable]:
    """Return the variables an expression mentions."""
    match expression:
        case Ref(variable):
            return frozenset((variable,))
        case Call(_, args):
            return frozenset().union(*(expression_variables(arg) for arg in args))
        case _:
            return frozenset()


def variables(node: Node) -> frozenset[Variable]:
    """Return the variables a node may bind (those in scope outside it)."""
    match node:
        case Triple(s, p, o):
            return frozenset(atom for atom in (s, p, o) if isinstance(atom, Variable))
        case Closure():
            return frozenset(atom for atom in (node.s, node.o) if isinstance(atom, Variable))
        case Values():
            return frozenset(node.variables)
        case Everything(variable):
            return frozenset((variable,))
        case Project():
            return frozenset(node.variables)
        case Group(_, keys, aggregates):
            return frozenset(keys) | {aggregate.variable for aggregate in aggregates}
        case Extend(source, variable, _) | Mark(source, _, variable):
            return variables(source) | {variable}
        case In(graph, source):
            return variables(source) | ({graph} if isinstance(graph, Variable) else frozenset())
        case Semi(source, _, _):
            return variables(source)
        case Minus(left, _):
            return variables(left)
        case _:
            return frozenset().union(*(variables(child) for child in children(node)))
