"""Rules with one head, evaluated in one statement.

A statement costs DuckDB about two milliseconds, whatever it reads: an ontology's many small rules cost more to plan
than to run, and each looks anew what the others made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rdflib import Variable

from augenblick.reason.compiled import Body
from augenblick.reason.factbase import Relation
from augenblick.reason.fragment import q
from augenblick.reason.heads import open_place
from augenblick.reason.ir import Atom, RelationKey, Rule, Triple, relation_of
from augenblick.reason.rounds import Evaluation
from augenblick.reason.scalar import Column, column_name, constant_value, encode, kind_test
from augenblick.reason.stratify import Stratum
from augenblick.reason.terms import RESOURCE, Kind


def one_head(rule: Rule) -> RelationKey | None:
    """Return the relation a rule makes facts of; None where it makes several, or only a solution says which."""
    return relation_of(rule.heads[0]) if len(rule.heads) == 1 and open_place(rule.heads[0]) is None else None


def joined_strata(strata: Iterable[Stratum]) -> Iterator[Stratum]:
    """Yield strata with rules that stand alone, follow each other and make one relation as one of them."""
    for _, some in groupby(strata, lambda stratum: id(stratum) if stratum.recursive else one_head(stratum.rules[0])):
        first, *more = some
        yield Stratum(tuple(rule for stratum in (first, *more) for rule in stratum.rules), first.recursive)


def with_one_head(evaluations: Sequence[Evaluation]) -> list[list[Evaluation]]:
    """Return evaluations in the order of their heads' first, those of one head together."""
    found: dict[object, list[Evaluation]] = {}
    for each in evaluations:
        found.setdefault(one_head(each.rule) or id(each), []).append(each)
    return list(found.values())


@dataclass(frozen=True)
class Made:
    """What a rule makes: a head, the body that says where it holds, the SQL of its rows, and the rule's number."""

    head: Triple
    body: Body
    sql: str
    number: int

    def rows(self) -> str:
        """Return SQL for the facts (s and, for a predicate, o); one may occur twice, but where the body says not."""
        ends = [self.head.s] if relation_of(self.head).klass is not None else [self.head.s, self.head.o]
        items = [(self._sql(end), name) for end, name in zip(ends, "so", strict=False)]
        tests = [f"{sql} IS NOT NULL" for (sql, _), end in zip(items, ends, strict=True) if self._known(end).nullable]
        if self._known(self.head.s).mask & ~RESOURCE:
            kinds = (kind_test(q(items[0][0]), kind).sql("duckdb", copy=False) for kind in (Kind.IRI, Kind.BNODE))
            tests.append(f"({' OR '.join(kinds)})")
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        return f"SELECT {', '.join(f'{sql} AS {name}' for sql, name in items)} FROM ({self.sql}) b__{where}"

    def kinds(self) -> tuple[int, int]:
        """Return the kinds subject and object may be of."""
        return self._known(self.head.s).mask & RESOURCE, self._known(self.head.o).mask

    @property
    def distinct(self) -> bool:
        """Whether no fact occurs twice."""
        return self.body.distinct and len({a for a in (self.head.s, self.head.o) if isinstance(a, Variable)}) == 2

    def _sql(self, end: Atom) -> str:
        """Return SQL for the ids of an end of the head over the body `b__`."""
        if isinstance(end, Variable):
            return f'b__."{column_name(end)}"'
        return f"({encode(constant_value(end)).term.sql('duckdb', copy=False)})"

    def _known(self, end: Atom) -> Column:
        if isinstance(end, Variable):
            return self.body.columns.get(end, Column(0, nullable=True))
        return Column(constant_value(end).mask)


def new_rows(relation: Relation, some: Sequence[Made]) -> str:
    """Return SQL for the facts that rules with one head make and the relation does not hold.

    Of several rules each fact has the number of the first that makes it beside it (`rule`).
    """
    ends = "n.s" if relation.key.klass is not None else "n.s, n.o"
    if len(some) == 1:
        rows = some[0].rows()
        query = f"SELECT {'' if some[0].distinct else 'DISTINCT '}{ends} FROM ({rows}) n"
        return f"SELECT n.* FROM ({query}) n{_unknown(relation)}" if relation.rows else query
    parts = " UNION ALL ".join(f"SELECT *, {made.number} AS rule FROM ({made.rows()})" for made in some)
    query = f"SELECT {ends}, min(n.rule) AS rule FROM ({parts}) n GROUP BY {ends}"
    return f"SELECT n.* FROM ({query}) n{_unknown(relation)}" if relation.rows else query


def _unknown(relation: Relation) -> str:
    same = "r.s = n.s" if relation.key.klass is not None else "r.s = n.s AND r.o = n.o"
    return f" ANTI JOIN {relation.table} r ON {same}"
