"""Another content run over what was derived already: only what the change can touch is derived anew.

Signals, facts and every inference that no changed statement takes part in stay as they are. Where the weighing of
indications changed, moments are merged anew from the indications there are; where patterns changed, only the patterns
of the moment types concerned stand in the fact base while the rules run. The outcome is that of a whole run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import date

import duckdb
from rdflib import OWL, RDF, BNode, Graph, URIRef

from augenblick import facts as fact_mappings
from augenblick import moments, offers
from augenblick.content import Content, MomentType, Words
from augenblick.model.progress import Progress, silent
from augenblick.model.terms import AUG
from augenblick.moments import exchange, feedback
from augenblick.pipeline.detection import INFERRED, Clock, detect_in, last_load
from augenblick.pipeline.rules import ONTOLOGY, rules_of
from augenblick.policy import carry
from augenblick.reason import FactBase, Kind, Reasoner, RuleSet, load_rules, waiting
from augenblick.reason.ir import RelationKey, relation_holding, relation_of
from augenblick.reason.stratify import reads

_MOMENT = RelationKey(str(RDF.type), AUG + "Moment")
_NOTHING = RelationKey(str(RDF.type), str(OWL.Nothing))


@dataclass(frozen=True)
class Reach:
    """What an edit can touch: moment types (IRIs) to be weighed anew or derived anew, or everything.

    `whole` says why nothing less than a run from the beginning will do; None where less does.
    """

    weighed: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    offers: bool = False
    whole: Words | None = None

    @property
    def nothing(self) -> bool:
        """Whether no moment and no offer can come out otherwise."""
        return not (self.weighed or self.derived or self.offers or self.whole)


def rerun(
    connection: duckdb.DuckDBPyConnection,
    old: Content,
    new: Content,
    reach: Reach,
    *,
    as_of: date,
    base: str,
    progress: Progress = silent,
) -> dict[str, float]:
    """Bring what `old` derived on the connection (see `DataDirectory.aside`) to what `new` derives; return seconds.

    A whole run takes an empty derived database as well as one that holds the last run.
    """
    reach = _checked(reach, old, new)
    facts = FactBase(connection, tables_only=True)
    waiting.settle(facts)  # this one is written to
    if reach.whole:
        report, _ = detect_in(connection, new, as_of=as_of, base=base, progress=progress)
        return report.seconds
    clock = Clock(progress)
    with clock.stage("content"):
        _renew_ontology(facts, old.graph_in_force, new.graph_in_force)
        fact_mappings.add_occurrences(facts, connection, new, known=old, as_of=as_of, data_base=base)
    if reach.weighed or reach.derived:
        with clock.stage("moments"):
            _Rederivation(connection, facts, old, new, reach, as_of, base).run()
    if not reach.nothing:
        with clock.stage("offers"):
            offers.evaluate(connection, facts, new, as_of=as_of, data_base=base)
        with clock.stage("classes"):
            connection.execute(feedback.JUDGED)  # no moments may have been merged on this connection
            carry(connection, facts, base=base)
    connection.execute("UPDATE run SET content = ?, load_id = ?", [new.version, last_load(connection)])
    return clock.seconds


def _checked(reach: Reach, old: Content, new: Content) -> Reach:
    """Return the reach, a whole run where other rules notice moments or make what patterns' rules make."""
    if reach.whole or not widened(reach, (*old.moments, *new.moments))[1]:
        return reach
    own = {rule.name for content in (old, new) for rule in _pattern_rules(content)}
    made = {key for key in _heads(old, new) if key.klass}
    for rule in rules_of(new):
        said = {relation_of(head) for head in rule.heads}
        read = {reading.key for reading in reads(rule.body)}
        if rule.name not in own and said != {_NOTHING} and (made & said or (made | {_MOMENT}) & read):
            why = Words(
                f"Die Regel {rule.name} benutzt, was die Regeln der Muster feststellen.",
                f"The rule {rule.name} uses what the rules of patterns make.",
            )
            return replace(reach, whole=why)
    return reach


def _heads(old: Content, new: Content) -> set[RelationKey]:
    return {relation_of(head) for content in (old, new) for rule in _pattern_rules(content) for head in rule.heads}


def _pattern_rules(content: Content) -> RuleSet:
    files = (*content.pattern_rules, *content.condition_rules, *content.moment_rules)
    return load_rules(files, relative_to=content.root)


def _renew_ontology(facts: FactBase, old: Graph, new: Graph) -> None:
    """Bring the ontology in the fact base from one to the other; anonymous nodes, which no rule names, stay."""
    gone, come = _named(old) - _named(new), _named(new) - _named(old)
    by_key: dict[RelationKey, list[tuple[int, int]]] = defaultdict(list)
    for s, p, o in gone:
        key = relation_holding(p, o)  # type: ignore[arg-type]
        by_key[key].append((facts.id(s), facts.id(o)))  # type: ignore[arg-type]
    code = facts.graph_code(ONTOLOGY)
    for key, pairs in by_key.items():
        relation = facts.relation(key)
        if relation is not None:
            listed = ", ".join(str(s) if key.klass is not None else f"({s}, {o})" for s, o in pairs)
            sides = "r.s" if key.klass is not None else "(r.s, r.o)"
            facts.remove_rows(relation, f"r.g = {code} AND {sides} IN ({listed})")
    added = Graph()
    for triple in come:
        added.add(triple)  # type: ignore[arg-type]
    facts.add_graph(added, name=ONTOLOGY)


def _named(graph: Graph) -> set[tuple[object, ...]]:
    return {triple for triple in graph if not any(isinstance(term, BNode) for term in triple)}


class _Rederivation:
    """Moments of the types an edit touches, derived anew layer by layer."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        facts: FactBase,
        old: Content,
        new: Content,
        reach: Reach,
        as_of: date,
        base: str,
    ) -> None:
        self.connection, self.facts, self.old, self.new = connection, facts, old, new
        self.as_of, self.base = as_of, base
        self.shown = new.live
        self.touched, self.derived = widened(reach, (*old.moments, *new.moments))
        self._kinds: dict[RelationKey, int] = {}
        self.beside = _looked_at(self.derived, (*old.moments, *new.moments))

    def run(self) -> None:
        """Derive what must be, merge layer by layer."""
        classes = self._classes()
        exchange.take_back(self.connection, self.facts, self.touched - self.derived, indications=False)
        exchange.take_back(self.connection, self.facts, self.derived, indications=True)
        moments.load_types(self.connection, [moments.merging_rules(t) for t in self.shown])
        waiting = [[t for t in layer if t.iri in self.touched] for layer in moments.layers(self.shown)]
        if not self.derived and all(t.iri in classes for layer in waiting for t in layer):
            for layer in waiting:
                self._merge(layer)
                self._classify(layer, classes)
            return
        with self._alone():
            self._derive([layer for layer in waiting if layer])

    def _derive(self, waiting: list[list[MomentType]]) -> None:
        reasoner = Reasoner(self.facts, rules_of(self.new))
        kept: dict[RelationKey, str] = {}
        if self.derived:
            kept = self._forget_candidates()
            reasoner.run(into=INFERRED, affected_by={AUG + "hasPattern"})
        gained = exchange.gained(rules_of(self.new), self.shown)
        for place, layer in enumerate(waiting):
            self._merge(layer)
            later = any(t.iri in self.derived for rest in waiting[place + 1 :] for t in rest)
            reasoner.run(into=INFERRED, affected_by=gained if later else [t.iri for t in layer])
        self._put_back(kept)

    def _merge(self, layer: list[MomentType]) -> None:
        exchange.take_indications(self.connection, self.facts, [t for t in layer if t.iri in self.derived])
        exchange.weigh_anew(self.connection, [t for t in layer if t.iri not in self.derived])
        moments.merge(self.connection, [moments.merging_rules(t) for t in layer], as_of=self.as_of, base=self.base)
        exchange.give_moments(self.facts, layer, self.base)

    def _classes(self) -> dict[str, list[tuple[RelationKey, int, int]]]:
        """Return which classes the moments of each touched type were inferred to have, and the rule and its step."""
        found: dict[str, list[tuple[RelationKey, int, int]]] = {}
        code = self.facts.graph_code(INFERRED)
        for iri in self.touched:
            own = self.facts.relation(RelationKey(str(RDF.type), iri))
            if own is not None and own.rows:
                found[iri] = [
                    (relation.key, *row)
                    for relation in self.facts.relations()
                    if relation.key.klass is not None and relation.rows
                    for row in self.connection.execute(
                        f"SELECT max(rule), max(step) FROM {relation.table} WHERE g = {code} "
                        f"AND s IN (SELECT s FROM {own.table}) HAVING count(*) > 0"
                    ).fetchall()
                ]
        return found

    def _classify(self, layer: list[MomentType], classes: dict[str, list[tuple[RelationKey, int, int]]]) -> None:
        """Give the moments of types whose axioms did not change the classes that the last run inferred of them."""
        code = self.facts.graph_code(INFERRED)
        for moment_type in layer:
            own = self.facts.ensure(RelationKey(str(RDF.type), moment_type.iri))
            for key, rule, step in classes[moment_type.iri]:
                relation = self.facts.ensure(key)
                rows = f"SELECT s FROM {own.table} ANTI JOIN {relation.table} r USING (s)"
                added = self.facts.insert(relation, rows, g=code, rule=rule, step=step)
                self.facts.note(key, added=added, s_kinds=own.s_kinds)

    def _forget_candidates(self) -> dict[RelationKey, str]:
        """Take out what was inferred of candidates; return where that of other types is kept, to be put back.

        Other things that carry the same predicates keep theirs.
        """
        code = self.facts.graph_code(INFERRED)
        candidates = self.facts.relation(RelationKey(str(RDF.type), AUG + "Candidate"))
        indicates = self.facts.relation(RelationKey(AUG + "indicates"))
        if candidates is None or indicates is None:
            return {}
        types = ", ".join(str(self.facts.id(URIRef(iri))) for iri in sorted(self.derived | self.beside))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE forgotten AS SELECT s, bool_or(o IN ({types})) AS own "
            f"FROM {indicates.table} WHERE s IN (SELECT s FROM {candidates.table}) GROUP BY s"
        )
        kept = {}
        for number, key in enumerate(sorted(_heads(self.old, self.new), key=str)):
            if (relation := self.facts.relation(key)) is not None:
                self._kinds[key] = relation.o_kinds
                kept[key] = f"kept_aside_{number}"
                self.connection.execute(
                    f"CREATE OR REPLACE TEMP TABLE {kept[key]} AS FROM {relation.table} "
                    f"WHERE g = {code} AND s IN (SELECT s FROM forgotten WHERE NOT own)"
                )
                self.facts.remove_rows(relation, f"r.g = {code} AND r.s IN (SELECT s FROM forgotten)")
        return kept

    def _put_back(self, kept: dict[RelationKey, str]) -> None:
        for key, table in kept.items():
            relation = self.facts.ensure(key)
            row = self.connection.execute(f"INSERT INTO {relation.table} FROM {table}").fetchone()
            self.facts.note(key, added=int(row[0]) if row else 0, s_kinds=Kind.IRI.bit, o_kinds=self._kinds[key])
            self.connection.execute(f"DROP TABLE {table}")

    def _alone(self) -> _Alone:
        kept = {p.iri for t in self.new.moments if t.iri in self.derived | self.beside for p in t.patterns}
        return _Alone(self.facts, self.new.graph_in_force, {p.iri for p in self.new.patterns} - kept)


class _Alone:
    """While it lasts, patterns that are not looked at do not stand in the fact base: rules take no time for them."""

    def __init__(self, facts: FactBase, graph: Graph, left_out: Set[str]) -> None:
        self._facts = facts
        self._stated = Graph()
        for iri in left_out:
            for triple in graph.triples((URIRef(iri), None, None)):
                self._stated.add(triple)
        self._subjects = left_out

    def __enter__(self) -> None:
        if not self._subjects:
            return
        code = self._facts.graph_code(ONTOLOGY)
        subjects = ", ".join(str(self._facts.id(URIRef(iri))) for iri in sorted(self._subjects))
        keys = {relation_holding(p, o) for _, p, o in self._stated}  # type: ignore[arg-type]
        for key in keys:
            if (relation := self._facts.relation(key)) is not None:
                self._facts.remove_rows(relation, f"r.g = {code} AND r.s IN ({subjects})")

    def __exit__(self, *_: object) -> None:
        self._facts.add_graph(self._stated, name=ONTOLOGY)


def widened(reach: Reach, types: Iterable[MomentType]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the types whose moments may come out otherwise, and those of them whose indications may.

    A type that looks at another's moments or patterns follows it.
    """
    known = tuple(types)
    touched, derived = set(reach.weighed | reach.derived), set(reach.derived)
    while True:
        patterns = {p.iri for t in known if t.iri in derived for p in t.patterns}
        followers = {t.iri for t in known if t.iri not in derived and _names(t) & (touched | patterns)}
        if not followers:
            return frozenset(touched), frozenset(derived)
        touched |= followers
        derived |= followers


def _looked_at(derived: frozenset[str], types: Iterable[MomentType]) -> frozenset[str]:
    """Return the other types whose patterns or moments the types look at."""
    known = tuple(types)
    owner = {p.iri: t.iri for t in known for p in t.patterns} | {t.iri: t.iri for t in known}
    found, waiting = set(derived), set(derived)
    while waiting:
        named = {owner[iri] for t in known if t.iri in waiting for iri in _names(t) if iri in owner}
        waiting = named - found
        found |= named
    return frozenset(found - derived)


def _names(moment_type: MomentType) -> set[str]:
    return {str(value) for p in moment_type.patterns for values in p.parameters.values() for value in values} - {
        moment_type.iri,
        *(p.iri for p in moment_type.patterns),
    }
