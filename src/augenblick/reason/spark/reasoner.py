"""Running rules on Spark: stratum by stratum, semi-naively, as the DuckDB back end does, over a folder of Parquet."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

from rdflib import URIRef, Variable

from augenblick.model.errors import OutsideFragment
from augenblick.reason.emptiness import possible
from augenblick.reason.fragment import q
from augenblick.reason.heads import closed_heads, open_place
from augenblick.reason.ir import RelationKey, Rule, RuleSet, Triple, relation_of
from augenblick.reason.plan import Instead, Plan, Source, project
from augenblick.reason.rounds import NOTHING, Rounds, RuleReport, RunReport
from augenblick.reason.scalar import Column, column_name, kind_test
from augenblick.reason.spark.compiler import SparkCompiler
from augenblick.reason.spark.dialect import Dialect, evaluator
from augenblick.reason.spark.tables import SparkTables, counted, view
from augenblick.reason.stratify import SAMENESS, Stratum, only_branch, strata
from augenblick.reason.terms import RESOURCE, Kind, kind_of_id

_TEXTS = (("", "BIGINT", "id"), ("__lex", "STRING", "lexical"), ("__ext", "STRING", "ext"))
"""A term's columns beside a variable, and what the dictionary calls them."""


class SparkReasoner(Rounds):
    """Derives everything a rule set entails, from and into a folder that `write_parquet` made.

    Raises `NotStratified` as `Reasoner` does, and `OutsideFragment` for rules that make or read owl:sameAs with its
    meaning: cliques are found on one machine.
    """

    def __init__(self, session: Any, folder: Path, rules: RuleSet) -> None:
        self._tables = SparkTables(session, folder)
        self._session = session
        self._rules = rules
        self._strata = strata(rules.rules, equality=rules.equality is not None)
        self._dialect = Dialect(self._registered)
        self._g = 0
        self._refuse_sameness()

    def _refuse_sameness(self) -> None:
        stated = self._tables.relation(SAMENESS)
        makers = [rule for rule in self._rules for head in rule.heads if relation_of(head).overlaps(SAMENESS)]
        if self._rules.equality is not None and (makers or (stated is not None and stated.rows)):
            raise OutsideFragment(
                "On Spark nothing can be found to be the same (owl:sameAs).",
                where=makers[0].name if makers else None,
                hint="run these rules on DuckDB",
            )

    def _registered(self, name: str, select: str, type_: str) -> None:
        from pyspark.sql.pandas.functions import ArrowUDFType, arrow_udf

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Spark would rather read the type off hints, which many columns do not fit
            self._session.udf.register(name, arrow_udf(evaluator(select), type_, ArrowUDFType.SCALAR))

    def run(self, *, into: str = "inferred") -> RunReport:
        """Derive into the graph `into`, which is cleared first; return what each rule did."""
        begun = time.perf_counter()
        contents = self._tables.contents
        self._g = contents.graphs.setdefault(into, max(contents.graphs.values(), default=0) + 1)
        for rule in self._rules.provable():
            contents.rules.setdefault(rule.name, max(contents.rules.values(), default=0) + 1)
        self._tables.clear(self._g)
        self._step = self._tables.last_step()
        self._tables.intern_constants([URIRef(into), *self._rules.head_terms()])
        reports = {id(rule): RuleReport(rule) for rule in self._rules}
        for stratum in self._strata:
            self._run_stratum(stratum, reports)
        self._tables.save()
        report = RunReport(list(reports.values()), self._rules.not_covered)
        nothing = self._tables.relation(NOTHING)
        report.finish(nothing.rows if nothing else 0, begun)
        return report

    def _run_stratum(self, stratum: Stratum, reports: dict[int, RuleReport]) -> None:
        if stratum.recursive:
            made = {relation_of(head) for rule in stratum.rules for head in rule.heads}
            self._repeat(stratum, made, reports)
        else:
            self._evaluate(stratum.rules[0], reports)

    def _deltas(self, made: set[RelationKey], after: int) -> list[Source]:
        keys = [key for key in self._tables.contents.relations if any(each.overlaps(key) for each in made)]
        return [fresh for key in keys if (fresh := self._tables.newer(key, after)) is not None]

    # -- one rule ------------------------------------------------------------------------------------------------

    def _evaluate(
        self, rule: Rule, reports: dict[int, RuleReport], through: Triple | None = None, instead: Instead | None = None
    ) -> None:
        begun = time.perf_counter()
        self._step += 1
        report = reports[id(rule)]
        try:
            if possible(rule.body, self._tables):
                report.facts += self._derive(rule, through, instead or {})
                report.evaluations += 1
        except Exception as error:
            if "PYTHON_UDF_IN_ON_CLAUSE" not in str(error):
                raise
            raise OutsideFragment(
                "On Spark no value that DuckDB works out can decide an OPTIONAL or NOT EXISTS across both sides.",
                where=rule.name,
                hint="bind the value before, or run the rule on DuckDB",
            ) from error
        report.seconds += time.perf_counter() - begun

    def _derive(self, rule: Rule, through: Triple | None, instead: Instead) -> int:
        body = rule.body if through is None else only_branch(rule.body, through)
        plan = SparkCompiler(self._tables, instead, self._show, self._close).plan(body)
        if plan.empty:
            return 0
        plan = project(plan, list(rule.head_variables()))
        rows, count = counted(self._session.sql(self._dialect.sql(plan.query)).distinct())
        if not count:
            return 0
        for variable, known in plan.columns.items():
            if known.carried:
                name = column_name(variable)
                texts = [f"CAST(`{name}{end}` AS {type_}) {column}" for end, type_, column in _TEXTS]
                self._tables.intern(rows.selectExpr(*texts))
        number = self._tables.contents.rules[rule.name]
        return sum(self._inserted_all(head, plan, rows, number) for head in rule.heads)

    def _inserted_all(self, head: Triple, plan: Plan, rows: Any, number: int) -> int:
        """Insert the facts of a head whose predicate or class may be a variable: relation by relation."""
        place = open_place(head)
        if place is None:
            return self._inserted(head, plan, rows, number)
        name = column_name(place)
        ids = [row[0] for row in rows.select(name).distinct().collect() if row[0] is not None]
        return sum(
            self._inserted_all(each, plan, rows.where(f"`{name}` = {term_id}"), number)
            for term_id, each in closed_heads(head, place, self._tables.terms(ids))
        )

    def _inserted(self, head: Triple, plan: Plan, rows: Any, number: int) -> int:
        key = relation_of(head)
        (s, s_kinds), (o, o_kinds) = (self._column(atom, plan) for atom in (head.s, head.o))
        rows = rows.selectExpr(f"CAST({s} AS BIGINT) AS s", f"CAST({o} AS BIGINT) AS o").where(
            "s IS NOT NULL AND o IS NOT NULL"
        )
        if s_kinds & ~RESOURCE:
            tests = [kind_test(q("s"), kind).sql("spark") for kind in (Kind.IRI, Kind.BNODE)]
            rows = rows.where(" OR ".join(tests))
        ends = ["s"] if key.klass is not None else ["s", "o"]
        rows = rows.select(*ends).distinct()
        known = self._tables.relation(key)
        if known is not None and known.rows:
            rows = rows.join(self._session.table(view(known)).select(*ends), ends, "left_anti")
        where = f"CAST({self._g} AS SMALLINT) AS g", f"{number} AS rule", f"{self._step} AS step"
        fresh = rows.selectExpr(*ends, *where)
        return self._tables.append(key, fresh, self._step, s_kinds & RESOURCE, 0 if key.klass else o_kinds)

    def _column(self, atom: Any, plan: Plan) -> tuple[str, int]:
        if isinstance(atom, Variable):
            return f"`{column_name(atom)}`", plan.columns.get(atom, Column(0)).mask
        return str(self._tables.id(atom)), kind_of_id(self._tables.id(atom)).bit

    # -- walks -----------------------------------------------------------------------------------------------------

    def _show(self, plan: Plan, name: str) -> None:
        self._session.sql(self._dialect.sql(plan.query)).distinct().localCheckpoint().createOrReplaceTempView(name)

    def _close(self, edges: str, walk: str) -> None:
        """Make the view of all pairs one reaches by one or more steps: what is new goes on by one more step."""
        steps = self._session.table(edges)
        found, count = counted(steps)
        fresh, onward = found, steps.selectExpr("s AS o", "o AS next")
        while count:
            there = fresh.join(onward, "o").selectExpr("s", "next AS o").distinct()
            fresh, count = counted(there.join(found, ["s", "o"], "left_anti"))
            found = found.union(fresh)
        found.createOrReplaceTempView(walk)
