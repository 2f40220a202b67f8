"""Single facts in and out of the tables, and the report of what followed from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rdflib import RDF, BNode, Literal, URIRef

from augenblick.model.errors import BadParameter
from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import RelationKey, class_key
from augenblick.reason.live import Fact, LiveFacts, Mask
from augenblick.reason.maintenance import Maintainer, Outcome
from augenblick.reason.terms import Term, kind_of_id

Quad = tuple[Term, Term, Term, str]
"""Subject, predicate, object and the name of the graph."""

Net = tuple[Fact, Mask, Mask]
"""A fact with its graphs before and now."""


@dataclass
class ChangeReport:
    """What a batch of changes came to."""

    facts: FactBase
    keys: list[RelationKey]
    changes: list[Net]
    recomputed: bool = False
    """Whether the change was too much to be followed, and all was derived anew."""
    seconds: float = 0.0

    def added(self) -> set[Quad]:
        """Return the quads that are there now and were not before, those asked for included."""
        return set(self._quads([(fact, now & ~before) for fact, before, now in self.changes]))

    def removed(self) -> set[Quad]:
        """Return the quads that were there before and are not now, those asked for included."""
        return set(self._quads([(fact, before & ~now) for fact, before, now in self.changes]))

    def _quads(self, some: list[tuple[Fact, Mask]]) -> Iterator[Quad]:
        terms = self.facts.dictionary.terms(i for fact, mask in some if mask for i in fact[1:])
        names = {code: name for name, code in self.facts.graphs().items()}
        for (relation, s, o), mask in some:
            for graph in codes(mask):
                yield terms[s], URIRef(self.keys[relation].predicate or ""), terms[o], names[graph]


def codes(mask: Mask) -> Iterator[int]:
    """Yield the codes of the graphs in a mask."""
    code = 0
    while mask:
        if mask & 1:
            yield code
        mask >>= 1
        code += 1


def given(
    facts: FactBase, live: LiveFacts, added: Iterable[Quad], removed: Iterable[Quad], own: Mask
) -> dict[Fact, Mask]:
    """Return in which graphs, the derived one aside, each fact lies that somebody adds or removes.

    What is both removed and added is there in the end. Raises `BadParameter` for what is no RDF triple.
    """
    masks: dict[Fact, Mask] = {}
    for quads, present in ((list(removed), False), (list(added), True)):
        for fact, code in _located(facts, live, quads):
            mask = masks.get(fact, live.mask(fact) & ~own)
            masks[fact] = (mask | 1 << code) if present else (mask & ~(1 << code))
    return masks


def _located(facts: FactBase, live: LiveFacts, quads: list[Quad]) -> Iterator[tuple[Fact, int]]:
    for s, p, o, _ in quads:
        if isinstance(s, Literal) or not isinstance(p, URIRef):
            raise BadParameter(
                f"This is no RDF triple: {s} {p} {o}.", hint="a subject is no literal, a predicate an IRI"
            )
    terms = [term for quad in quads for term in quad[:3]]
    ids = iter(facts.dictionary.intern(terms))
    for (_, p, o, graph), near, _, far in zip(quads, ids, ids, ids, strict=False):
        key = RelationKey(str(p), class_key(o) if p == RDF.type and isinstance(o, URIRef | BNode) else None)
        yield (live.number(key), near, far), facts.graph_code(graph)


def keep(
    facts: FactBase, maintainer: Maintainer, outcome: Outcome, numbers: dict[str, int], own: int, step: int
) -> None:
    """Write what changed into the tables, with the rule that made each derived fact."""
    rule_of = {fact: numbers[rule.name] for fact, rule in outcome.makers.items()}
    _intern(facts, maintainer, outcome.changes)
    with facts.noted_together():
        _write(facts, maintainer.live, outcome.changes, own, rule_of, step)
    maintainer.live.commit({fact: now for fact, _, now in outcome.changes})


def put(facts: FactBase, live: LiveFacts, changes: dict[Fact, Mask], own: Mask) -> None:
    """Write given changes into the tables without looking what follows from them."""
    net = [(fact, live.mask(fact) & ~own, mask) for fact, mask in changes.items()]
    _write(facts, live, [change for change in net if change[1] != change[2]], -1, {}, 0)


def _intern(facts: FactBase, maintainer: Maintainer, changes: list[Net]) -> None:
    made = maintainer.calculator.made(i for fact, _, now in changes if now for i in fact[1:])
    if made:
        facts.dictionary.intern_select(
            "SELECT unnest($i::BIGINT[]) id, unnest($l::VARCHAR[]) lexical, unnest($e::VARCHAR[]) ext",
            {"i": list(made), "l": [text[0] for text in made.values()], "e": [text[1] for text in made.values()]},
        )


def _write(facts: FactBase, live: LiveFacts, changes: list[Net], own: int, rules: dict[Fact, int], step: int) -> None:
    by_relation: dict[int, list[Net]] = defaultdict(list)
    for change in changes:
        by_relation[change[0][0]].append(change)
    for relation, some in by_relation.items():
        key = live.keys[relation]
        gone = [(fact, code) for fact, before, now in some for code in codes(before & ~now)]
        come = [(fact, code) for fact, before, now in some for code in codes(now & ~before)]
        if gone:
            _delete(facts, key, gone)
        if come:
            _insert(facts, key, come, own, rules, step)
        several = any(now & (now - 1) for _, _, now in some)
        facts.note(
            key,
            added=len(come) - len(gone),
            s_kinds=_kinds(fact[1] for fact, _ in come),
            o_kinds=0 if key.klass is not None else _kinds(fact[2] for fact, _ in come),
            overlapping=several,
        )


def _delete(facts: FactBase, key: RelationKey, gone: list[tuple[Fact, int]]) -> None:
    table = facts.ensure(key).table
    if key.klass is not None:
        listed = ", ".join(f"({fact[1]}, {code})" for fact, code in gone)
        facts.connection.execute(f"DELETE FROM {table} WHERE (s, g) IN (VALUES {listed})")
        return
    listed = ", ".join(f"({fact[1]}, {fact[2]}, {code})" for fact, code in gone)
    facts.connection.execute(f"DELETE FROM {table} WHERE (s, o, g) IN (VALUES {listed})")


def _insert(
    facts: FactBase, key: RelationKey, come: list[tuple[Fact, int]], own: int, rules: dict[Fact, int], step: int
) -> None:
    rows = []
    for fact, code in come:
        made = (rules.get(fact, 0), step) if code == own else (0, 0)
        sides = (fact[1],) if key.klass is not None else fact[1:]
        rows.append("(" + ", ".join(map(str, (*sides, code, *made))) + ")")
    facts.connection.execute(f"INSERT INTO {facts.ensure(key).table} VALUES {', '.join(rows)}")


def _kinds(ids: Iterable[int]) -> int:
    mask = 0
    for term in ids:
        mask |= kind_of_id(term).bit
    return mask
