"""Running rules: stratum by stratum, semi-naively, one INSERT … SELECT per rule and round."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_

from sqlglot import exp

from augenblick.reason.change import ChangeReport, Quad, given, keep, put
from augenblick.reason.compiled import Bodies, Body
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.fragment import q
from augenblick.reason.heads import closed_heads, open_place
from augenblick.reason.ir import RelationKey, Rule, RuleSet, Triple, relation_of
from augenblick.reason.live import Fact, Mask, TooWide
from augenblick.reason.maintenance import Maintainer
from augenblick.reason.mirrors import mirrors
from augenblick.reason.plan import Instead, Source
from augenblick.reason.reach import affected
from augenblick.reason.rounds import NOTHING, Evaluation, Rounds, RuleReport, RunReport
from augenblick.reason.same import Sameness
from augenblick.reason.scalar import column_name
from augenblick.reason.stratify import SAMENESS, Stratum, strata
from augenblick.reason.together import Made, joined_strata, new_rows, with_one_head
from augenblick.reason.transitivity import closed, transitivity

_AFTER = "reason__after"
"""The session variable with the step after which a fact is new, so that the SQL of a round serves the next one too."""


class Reasoner(Rounds):
    """Derives everything a rule set entails. Raises `NotStratified` when made of a cycle through negation."""

    def __init__(self, facts: FactBase, rules: RuleSet) -> None:
        self._facts = facts
        self._rules = rules
        self._strata = strata(rules.rules, equality=rules.equality is not None)
        self._same: Sameness | None = None
        self._g = 0
        self._numbers = _registered(facts, rules)
        self._bodies = Bodies(facts)
        self._walks = {id(rule): walk for rule in rules if (walk := transitivity(rule)) is not None}
        named = Counter(rule.name for rule in rules)
        self._turned = {
            rule: {self._numbers[each.name] for each in others if named[each.name] == 1}
            for rule, others in mirrors(rules.rules).items()
        }
        self._made: dict[RelationKey, dict[int, int]] = {}
        self._maintainer: Maintainer | None = None
        self._seen = -1

    def run(self, *, into: str = "inferred", affected_by: Collection[str] | None = None) -> RunReport:
        """Derive into the graph `into`, which a full run clears first; return what each rule did.

        `affected_by` names predicates and classes that gained facts since the last run: only what depends on them is
        looked at. Where that is through negation or an aggregate, the relations concerned are cleared and derived
        anew, so the result always equals that of a full run.
        """
        begun = time.perf_counter()
        reports = {id(rule): RuleReport(rule) for rule in self._rules}
        report = RunReport(list(reports.values()), self._rules.not_covered)
        known = into in self._facts.graphs()
        self._g = self._facts.graph_code(into)
        with self._facts.noted_together():
            if affected_by is None or self._equality_at_work():
                if known:
                    self._facts.remove(into)
                wanted = set(range(len(self._rules)))
            else:
                wanted, cleared = affected(self._rules, affected_by)
                report.recomputed = self._cleared(cleared)
            self._step = self._last_step()
            self._intern_constants()
            if self._rules.equality is not None:
                self._same = Sameness(self._facts, self._rules.equality, self._numbers, self._g)
                self._rules_ran([])
            chosen = {id(self._rules.rules[position]) for position in wanted}
            for stratum in joined_strata(self._strata):
                rules = tuple(rule for rule in stratum.rules if id(rule) in chosen)
                if rules:
                    self._run_stratum(Stratum(rules, stratum.recursive), reports)
        if self._same is not None:
            report.not_covered += self._same.unfollowed()
        nothing = self._facts.relation(NOTHING)
        report.finish(nothing.rows if nothing else 0, begun)
        return report

    def apply(
        self, added: Iterable[Quad] = (), removed: Iterable[Quad] = (), *, into: str = "inferred"
    ) -> ChangeReport:
        """Put single facts in and take others out, and bring the graph `into` of the last run into step.

        A quad is subject, predicate, object and the name of its graph; a correction is one removed and one added.
        The outcome equals that of a run from the beginning. It costs as much as the change touches, whatever the
        number of facts; only the first call after a run or after other changes of the fact base reads all of them
        once. Where a change touches too much (or a rule no change can be followed through: GRAPH, LIMIT, a path of
        length zero, a predicate or class in a head that is a variable, owl:sameAs), everything is derived anew.
        """
        begun = time.perf_counter()
        facts = self._facts
        self._g = facts.graph_code(into)
        maintainer = self._kept_up(into)
        changes = given(facts, maintainer.live, added, removed, 1 << self._g)
        sames = self._rules.equality is not None and any(maintainer.live.keys[f[0]].overlaps(SAMENESS) for f in changes)
        if sames or self._equality_at_work():
            return self._anew(changes, into, begun)
        try:
            outcome = maintainer.outcome(changes)
        except TooWide:
            return self._anew(changes, into, begun)
        keep(facts, maintainer, outcome, self._numbers, self._g, self._last_step_kept())
        self._seen = facts.version
        net = [(fact, before, now) for fact, before, now in outcome.changes]
        return ChangeReport(facts, maintainer.live.keys, net, seconds=time.perf_counter() - begun)

    def _kept_up(self, into: str) -> Maintainer:
        if self._maintainer is None or self._seen != self._facts.version:
            self._intern_constants()
            self._maintainer = Maintainer(self._facts, self._strata, self._facts.graphs()[into])
            self._step = self._last_step()
            self._seen = self._facts.version
        return self._maintainer

    def _last_step_kept(self) -> int:
        self._step += 1
        return self._step

    def _anew(self, changes: dict[Fact, Mask], into: str, begun: float) -> ChangeReport:
        maintainer = self._kept_up(into)
        put(self._facts, maintainer.live, changes, 1 << self._g)
        self.run(into=into)
        self._maintainer = None
        after = self._kept_up(into).live
        net = list(maintainer.live.differences(after))
        return ChangeReport(self._facts, after.keys, net, recomputed=True, seconds=time.perf_counter() - begun)

    def _equality_at_work(self) -> bool:
        """Return whether facts are, or may become, the same: a change of one fact may then change any other."""
        if self._rules.equality is None:
            return False
        known = self._facts.relation(SAMENESS)
        makes = any(relation_of(head).overlaps(SAMENESS) for rule in self._rules for head in rule.heads)
        return makes or (known is not None and known.rows > 0)

    def _rules_ran(self, rules: Sequence[Rule]) -> None:
        """Close what rules have made (or everything) under owl:sameAs, where anything is the same."""
        if self._same is not None and self._same.any:
            made = {relation_of(head) for rule in rules for head in rule.heads}
            grown = [each for each in self._facts.relations() if any(key.overlaps(each.key) for key in made)]
            self._step = self._same.close(self._step, grown)

    def _last_step(self) -> int:
        steps = [
            f"SELECT max(step) AS step FROM {relation.table}" for relation in self._facts.relations() if relation.rows
        ]
        if not steps:
            return 0
        row = self._facts.connection.execute(f"SELECT max(step) FROM ({' UNION ALL '.join(steps)})").fetchone()
        return int(row[0] or 0) if row else 0

    def _cleared(self, keys: set[RelationKey]) -> list[str]:
        """Take out what was derived of relations that must shrink; return their names."""
        shrunk = [each for each in self._facts.relations() if each.rows and any(k.overlaps(each.key) for k in keys)]
        for relation in shrunk:
            self._facts.remove_rows(relation, f"r.g = {self._g}")
        return [str(relation.key) for relation in shrunk]

    def _intern_constants(self) -> None:
        self._facts.dictionary.intern(self._rules.head_terms())

    # -- strata --------------------------------------------------------------------------------------------------

    def _run_stratum(self, stratum: Stratum, reports: dict[int, RuleReport]) -> None:
        if not stratum.recursive:
            self._evaluate_all([Evaluation(rule) for rule in stratum.rules], reports)
            self._rules_ran(stratum.rules)
            return
        if len(stratum.rules) == 1 and id(stratum.rules[0]) in self._walks and not self._equality_at_work():
            self._close(stratum.rules[0], reports)
            return
        made = {relation_of(head) for rule in stratum.rules for head in rule.heads}
        if self._same is not None and any(key.overlaps(SAMENESS) for key in made):
            made = {RelationKey(None)}  # what is the same changes every relation
        self._repeat(stratum, made, reports)

    def _others(self, rule: Rule, through: Triple) -> Instead:
        """Return what the second step of a transitive relation is read from: the facts its own rule did not make."""
        walk = self._walks.get(id(rule))
        relation = self._facts.relation(walk.key) if walk is not None else None
        if walk is None or relation is None or self._equality_at_work():
            return {}
        number_ = self._numbers[rule.name]
        test = f"rule <> {number_}" + (f" AND step > getvariable('{_AFTER}')" if through is walk.onward else "")
        return {walk.onward: [self._some(relation, test, relation.rows)]}

    def _some(self, relation: Relation, test: str, rows: int) -> Source:
        """Return a relation as the compiler reads it, of its facts those that meet an SQL condition."""
        columns = ["s"] if relation.key.klass is not None else ["s", "o"]
        some = exp.select(*columns).from_(self._facts.source(relation).table, copy=False).where(q(test), copy=False)
        return relation.source(exp.Subquery(this=some), rows)

    def _close(self, rule: Rule, reports: dict[int, RuleReport]) -> None:
        """Close a transitive relation that no other rule goes on with, in one statement."""
        begun = time.perf_counter()
        self._step += 1
        report = reports[id(rule)]
        relation = self._facts.relation(self._walks[id(rule)].key)
        if relation is not None and relation.rows:
            number_ = self._numbers[rule.name]
            report.facts += self._derive(rule, closed(rule.heads[0], relation, number_), number_)
            report.evaluations += 1
        report.seconds += time.perf_counter() - begun

    def _deltas(self, made: set[RelationKey], after: int) -> list[Source]:
        found = []
        self._facts.connection.execute(f"SET VARIABLE {_AFTER} = {after}")
        self._made = {}
        for relation in self._facts.relations():
            if relation.rows and any(key.overlaps(relation.key) for key in made):
                by_rule = self._facts.made_after(relation, after)
                if by_rule:
                    self._made[relation.key] = by_rule
                    found.append(self._some(relation, f"step > getvariable('{_AFTER}')", sum(by_rule.values())))
        return found

    def _fresh(self, rule: Rule, source: Source) -> Source | None:
        by_rule, relation = self._made[source.key], self._facts.relation(source.key)
        turned = sorted(self._turned.get(id(rule), set()) & by_rule.keys())
        if not turned or relation is None or self._equality_at_work():
            return source
        rows = sum(count for number_, count in by_rule.items() if number_ not in turned)
        test = f"step > getvariable('{_AFTER}') AND rule NOT IN ({', '.join(map(str, turned))})"
        return self._some(relation, test, rows) if rows else None

    # -- one rule ------------------------------------------------------------------------------------------------

    def _evaluate(
        self, rule: Rule, reports: dict[int, RuleReport], through: Triple | None = None, instead: Instead | None = None
    ) -> None:
        self._evaluate_all([Evaluation(rule, through, instead or {})], reports)

    def _evaluate_all(self, evaluations: Sequence[Evaluation], reports: dict[int, RuleReport]) -> None:
        for some in with_one_head(evaluations):
            begun = time.perf_counter()
            bodies = [(each.rule, self._bodies.body(each.rule, each.through, each.instead)) for each in some]
            can: list[tuple[Rule, Body]] = [(rule, body) for rule, body in bodies if body is not None]
            if len(can) > 1 and not any(known.carried for _, body in can for known in body.columns.values()):
                self._derive_together(can, reports)
            else:
                for rule, body in can:
                    self._step += 1
                    reports[id(rule)].facts += self._derive(rule, body, self._numbers[rule.name])
            took = (time.perf_counter() - begun) / len(bodies)
            for rule, found in bodies:
                reports[id(rule)].evaluations += found is not None
                reports[id(rule)].seconds += took

    def _derive_together(self, bodies: list[tuple[Rule, Body]], reports: dict[int, RuleReport]) -> None:
        self._step += 1
        some = [Made(rule.heads[0], body, body.sql, self._numbers[rule.name]) for rule, body in bodies]
        if self._insert(some):
            by_rule = self._facts.made_after(self._facts.ensure(relation_of(some[0].head)), self._step - 1)
            for rule, _ in bodies:
                reports[id(rule)].facts += by_rule.pop(self._numbers[rule.name], 0)

    def _derive(self, rule: Rule, plan: Body, number_: int) -> int:
        carried = [variable for variable, known in plan.columns.items() if known.carried]
        open_heads = any(open_place(head) is not None for head in rule.heads)
        if len(rule.heads) == 1 and not carried and not open_heads:
            return self._insert([Made(rule.heads[0], plan, plan.sql, number_)])
        with self._facts.stage(f"SELECT DISTINCT * FROM ({plan.sql})") as stage:
            if self._facts.connection.execute(f"SELECT 1 FROM {stage} LIMIT 1").fetchone() is None:
                return 0
            for variable in carried:
                name = column_name(variable)
                self._facts.dictionary.intern_select(
                    f'SELECT "{name}" AS id, "{name}__lex" AS lexical, "{name}__ext" AS ext FROM {stage}'
                )
            sql = f"SELECT * FROM {stage}"
            return sum(self._insert_all(head, plan, sql, number_) for head in rule.heads)

    def _insert_all(self, head: Triple, plan: Body, sql: str, number_: int) -> int:
        """Insert the facts of a head whose predicate or class may be a variable: relation by relation."""
        place = open_place(head)
        if place is None:
            return self._insert([Made(head, plan, sql, number_)])
        name = column_name(place)
        rows = self._facts.connection.execute(
            f'SELECT DISTINCT "{name}" FROM ({sql}) WHERE "{name}" IS NOT NULL'
        ).fetchall()
        terms = self._facts.dictionary.terms(row[0] for row in rows)
        return sum(
            self._insert_all(each, plan, f'SELECT * FROM ({sql}) WHERE "{name}" = {term_id}', number_)
            for term_id, each in closed_heads(head, place, terms)
        )

    def _insert(self, some: Sequence[Made]) -> int:
        """Insert what rules with one head make and is not there yet; return how many facts."""
        relation = self._facts.ensure(relation_of(some[0].head))
        rule = some[0].number if len(some) == 1 else None
        count = self._facts.insert(relation, new_rows(relation, some), g=self._g, rule=rule, step=self._step)
        if count:
            s_kinds, o_kinds = (reduce(or_, masks) for masks in zip(*(made.kinds() for made in some), strict=True))
            self._facts.note(relation.key, added=count, s_kinds=s_kinds, o_kinds=o_kinds)
        return count


def _registered(facts: FactBase, rules: RuleSet) -> dict[str, int]:
    """Return the numbers of rules by name, as the fact base remembers them; new rules get new numbers."""
    known = dict(facts.connection.execute(f"SELECT origin, rule FROM {facts.schema}.rules").fetchall())
    new = [name for name in dict.fromkeys(rule.name for rule in rules.provable()) if name not in known]
    numbered = {name: number for number, name in enumerate(new, start=len(known) + 1)}
    if numbered:
        facts.connection.execute(
            f"INSERT INTO {facts.schema}.rules SELECT unnest($rule::INTEGER[]), unnest($origin::VARCHAR[])",
            {"rule": list(numbered.values()), "origin": list(numbered)},
        )
    return known | numbered
