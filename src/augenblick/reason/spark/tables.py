"""A folder of Parquet as Spark reads it: one view per relation, and what came new put beside what was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from augenblick.reason.dictionary import Dictionary
from augenblick.reason.factbase import Relation
from augenblick.reason.fragment import table_of
from augenblick.reason.ir import RelationKey
from augenblick.reason.parquet import TERMS, Contents, quoted
from augenblick.reason.plan import Source
from augenblick.reason.terms import Term, term_of_id

_TERMS = "terms_known"
_FACT = "s BIGINT, o BIGINT, g SMALLINT, rule INT, step INT"
_MEMBER = "s BIGINT, g SMALLINT, rule INT, step INT"


class SparkTables:
    """What the compiler reads of a folder (a `Catalog`), and where the reasoner writes."""

    def __init__(self, session: Any, folder: Path) -> None:
        self.session = session
        self._folder = folder
        self.contents = Contents.read(folder)
        self._fresh: dict[RelationKey, list[tuple[int, Any, int]]] = {}
        self._ids = duckdb.connect()
        self._hashes = Dictionary(self._ids, "main")
        self._hashes.create()
        self.session.read.parquet(self._place(TERMS)).createOrReplaceTempView(_TERMS)
        for relation in self.contents.relations.values():
            self._show(relation)

    def _place(self, table: str) -> str:
        return str(self._folder / table)

    def _show(self, relation: Relation) -> None:
        if relation.rows:
            schema = _FACT if relation.key.klass is None else _MEMBER
            self.session.read.schema(schema).parquet(self._place(relation.table)).createOrReplaceTempView(
                view(relation)
            )

    # -- what the compiler asks ------------------------------------------------------------------------------------

    def relation(self, key: RelationKey) -> Relation | None:
        """Return one relation, None when there has never been such a fact."""
        return self.contents.relations.get(key)

    def sources(self, key: RelationKey) -> list[Source]:
        """Return the views that hold facts of a relation."""
        return [self.source(each) for each in self.contents.relations.values() if each.key.overlaps(key)]

    def source(self, relation: Relation) -> Source:
        """Return a relation as the compiler reads it."""
        return relation.source(table_of(view(relation)))

    def graphs(self) -> Mapping[str, int]:
        """Return the codes of graphs by name."""
        return self.contents.graphs

    def terms_table(self) -> exp.Expr:
        """Return the dictionary."""
        return table_of(_TERMS)

    # -- what the reasoner writes ----------------------------------------------------------------------------------

    def ensure(self, key: RelationKey) -> Relation:
        """Return a relation, an empty one where it is new."""
        if key not in self.contents.relations:
            fresh = Relation(key, f"relations/{len(self.contents.relations)}")
            self.contents.relations[key] = fresh
        return self.contents.relations[key]

    def append(self, key: RelationKey, rows: Any, step: int, s_kinds: int, o_kinds: int) -> int:
        """Put rows that are new beside those of a relation, remembered as made in a step; return how many."""
        rows, count = counted(rows)  # kept: what is read and what is written lie in one place
        if count:
            old = self.ensure(key)
            rows.write.mode("append").parquet(self._place(old.table))
            self.contents.relations[key] = replace(
                old, rows=old.rows + count, s_kinds=old.s_kinds | s_kinds, o_kinds=old.o_kinds | o_kinds
            )
            self._fresh.setdefault(key, []).append((step, rows, count))
            self._show(self.contents.relations[key])
        return count

    def newer(self, key: RelationKey, step: int) -> Source | None:
        """Return the facts of a relation made after a step, as the compiler reads them; None where there are none."""
        some = self._fresh[key] = [each for each in self._fresh.get(key, []) if each[0] > step]
        if not some:
            return None
        relation = self.contents.relations[key]
        rows = reduce(lambda one, other: one.union(other), [rows for _, rows, _ in some])
        name = f"{view(relation)}_new"
        rows.createOrReplaceTempView(name)
        return relation.source(table_of(name), sum(count for _, _, count in some))

    def intern(self, rows: Any) -> None:
        """Put terms (id, lexical, ext) into the dictionary that it does not hold."""
        known = self.session.table(_TERMS)
        fresh = rows.where("lexical IS NOT NULL AND id >= 0").dropDuplicates(["id"])
        fresh, count = counted(fresh.join(known, "id", "left_anti").select("id", "lexical", "ext"))
        if count:
            fresh.write.mode("append").parquet(self._place(TERMS))
            self.session.read.parquet(self._place(TERMS)).createOrReplaceTempView(_TERMS)

    def intern_constants(self, terms: list[Term]) -> None:
        """Put fixed terms into the dictionary."""
        self._hashes.intern(terms)
        place = self._folder / "constants.parquet"
        self._ids.execute(f"COPY main.terms TO '{quoted(place)}' (FORMAT parquet)")
        self.intern(self.session.read.parquet(str(place)))
        place.unlink()

    def id(self, term: Term) -> int:
        """Return the id of a term."""
        return self._hashes.id(term)

    def terms(self, ids: list[int]) -> dict[int, Term]:
        """Return the (few) terms of ids."""
        listed = ", ".join(map(str, [each for each in ids if each >= 0])) or "NULL"
        rows = self.session.sql(f"SELECT id, lexical, ext FROM {_TERMS} WHERE id IN ({listed})").collect()
        return {row[0]: term_of_id(*row) for row in rows}

    def clear(self, graph: int) -> None:
        """Take the facts of a graph out of every relation, written anew where it had some."""
        for key, relation in list(self.contents.relations.items()):
            if not relation.rows:
                continue
            rows = self.session.table(view(relation))
            kept, count = counted(rows.where(f"g <> {graph}"))
            if count != relation.rows:
                kept.write.mode("overwrite").parquet(self._place(relation.table))
                fresh = replace(relation, rows=count) if count else Relation(key, relation.table)
                self.contents.relations[key] = fresh
                self._show(fresh)

    def last_step(self) -> int:
        """Return the step in which the last fact was made; 0 where none was."""
        filled = [each for each in self.contents.relations.values() if each.rows]
        steps = " UNION ALL ".join(f"SELECT max(step) AS step FROM {view(each)}" for each in filled)
        return int(self.session.sql(f"SELECT max(step) FROM ({steps})").first()[0] or 0) if steps else 0

    def save(self) -> None:
        """Write the catalog: from now on others see what was put in."""
        self.contents.write(self._folder)


def counted(rows: Any) -> tuple[Any, int]:
    """Return rows worked out once and for all, and how many they are."""
    kept = rows.localCheckpoint(eager=False)
    return kept, int(kept.count())


def view(relation: Relation) -> str:
    """Return the name of a relation's view."""
    return relation.table.replace("/", "_")
