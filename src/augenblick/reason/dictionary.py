"""The dictionary of terms: from id to lexical form, language and datatype; and how terms are written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import duckdb
from rdflib import URIRef
from sqlglot import exp

from augenblick.model.errors import StateError
from augenblick.reason.fragment import case, number, q, text
from augenblick.reason.functions import written
from augenblick.reason.scalar import Alternative, kind_test, unscaled
from augenblick.reason.terms import INLINE_TYPES, Kind, Term, hash_sql, payload_sql, stored_as, term_of_id
from augenblick.reason.terms import base as base_of

_PROBE = "https://w3id.org/augenblick/ontology#"


@cache
def _hash_of(kinds: tuple[Kind, ...]) -> str:
    """Return SQL for the id of a term of some kinds from the columns k (kind), l (lexical form), e (language or type).

    Of the kinds there are alone: to plan all takes DuckDB longer than to hash.
    """
    branches = []
    for kind in kinds:
        ext = exp.column("e") if kind in (Kind.LANG, Kind.NUMBER, Kind.INSTANT, Kind.OTHER) else None
        branches.append((q("k = :k", k=number(int(kind))), hash_sql(kind, exp.column("l"), ext)))
    return case(branches).sql("duckdb")


_FEW = 1000
"""Terms read at once that are remembered; to remember all of a large answer would fill the memory."""
_MOST_HASHED = 20_000
_HASHED: dict[Term, int] = {}
"""Ids that were hashed for a few terms, most of them names that rules speak of: one asks for these again and again."""


class Dictionary:
    """Owns `<schema>.terms(id, lexical, ext)`: every term whose id is a hash, once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._connection = connection
        self.table = f"{schema}.terms"
        self._known: dict[Term, int] = {}
        self._read: dict[int, Term] = {}
        self._interned: set[int] = set()

    def create(self) -> None:
        """Create the table where it is missing; refuse one whose ids another version of the hash has made."""
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {self.table} (id BIGINT, lexical VARCHAR, ext VARCHAR)")
        row = self._connection.execute(f"SELECT id FROM {self.table} WHERE lexical = ?", [_PROBE]).fetchone()
        if row is None:
            self.intern([URIRef(_PROBE)])
        elif row[0] != self.id(URIRef(_PROBE)):
            raise StateError(
                "The graph was written by a version that hashes otherwise.", hint="rebuild the derived database"
            )

    def id(self, term: Term) -> int:
        """Return the id of a term, whether or not the dictionary holds it."""
        return self.ids([term])[0]

    def ids(self, terms: Iterable[Term]) -> list[int]:
        """Return the ids of several terms, in their order."""
        wanted = list(terms)
        missing = [term for term in dict.fromkeys(wanted) if term not in self._known]
        hashed: list[tuple[Term, Kind, str, str | None]] = []
        for term in missing:
            kind, payload, lexical, ext = stored_as(term)
            if payload is not None:
                self._known[term] = base_of(kind) + payload
            else:
                hashed.append((term, kind, lexical, ext))
        self._known |= self._hash(hashed)
        return [self._known[term] for term in wanted]

    def _hash(self, terms: list[tuple[Term, Kind, str, str | None]]) -> dict[Term, int]:
        """Return the ids of terms that are hashes; those of a few are the same for every dictionary of the process."""
        found = {row[0]: term_id for row in terms if (term_id := _HASHED.get(row[0])) is not None}
        others = [row for row in terms if row[0] not in found]
        fresh = {row[0]: term_id for row, term_id in zip(others, self._hashes(others), strict=True)}
        if len(fresh) < _FEW:
            if len(_HASHED) > _MOST_HASHED:
                _HASHED.clear()
            _HASHED.update(fresh)
        return found | fresh

    def _hashes(self, hashed: list[tuple[Term, Kind, str, str | None]]) -> list[int]:
        if not hashed:
            return []
        kinds = tuple(sorted({row[1] for row in hashed}))
        rows = self._connection.execute(
            f"SELECT {_hash_of(kinds)} FROM "
            "(SELECT unnest($k::INTEGER[]) k, unnest($l::VARCHAR[]) l, unnest($e::VARCHAR[]) e)",
            {"k": [int(row[1]) for row in hashed], "l": [row[2] for row in hashed], "e": [row[3] for row in hashed]},
        ).fetchall()
        return [row[0] for row in rows]

    def intern(self, terms: Iterable[Term]) -> list[int]:
        """Return the ids of terms and make sure the dictionary holds those that are hashes."""
        wanted = list(terms)
        ids = self.ids(wanted)
        new = [(i, term) for i, term in zip(ids, wanted, strict=True) if i >= 0 and i not in self._interned]
        stored = [(term_id, *stored_as(term)[2:]) for term_id, term in new]
        if stored and len(stored) <= _FEW:
            self._intern_few({row[0]: (row[1], row[2]) for row in stored})
        elif stored:
            self.intern_select(
                "SELECT unnest($i::BIGINT[]) id, unnest($l::VARCHAR[]) lexical, unnest($e::VARCHAR[]) ext",
                {"i": [row[0] for row in stored], "l": [row[1] for row in stored], "e": [row[2] for row in stored]},
            )
        self._interned.update(row[0] for row in stored)
        return ids

    def _intern_few(self, stored: dict[int, tuple[str, str | None]]) -> None:
        """Insert a few terms where absent, without the temporary table many are compared through."""
        asked = f"SELECT id, lexical, ext FROM {self.table} WHERE id IN (SELECT unnest(?::BIGINT[]))"
        known = self._connection.execute(asked, [list(stored)]).fetchall()
        clashes = sum(stored[term_id] != (lexical, ext) for term_id, lexical, ext in known)
        if clashes:
            raise _clash(clashes)
        new = {term_id: text for term_id, text in stored.items() if term_id not in {row[0] for row in known}}
        if new:
            self._connection.execute(
                f"INSERT INTO {self.table} SELECT unnest($i::BIGINT[]), unnest($l::VARCHAR[]), unnest($e::VARCHAR[])",
                {"i": list(new), "l": [text[0] for text in new.values()], "e": [text[1] for text in new.values()]},
            )

    def intern_select(self, sql: str, parameters: dict[str, object] | None = None) -> None:
        """Insert the terms a SELECT yields (id, lexical, ext), where absent; rows with NULL lexical are passed over.

        Raises `StateError` when two different terms have one id.
        """
        given = (
            "SELECT id, min(lexical) AS lexical, min(ext) AS ext, "
            "min(lexical) <> max(lexical) OR min(ext) IS DISTINCT FROM max(ext) AS clash "
            f"FROM ({sql}) WHERE lexical IS NOT NULL AND id >= 0 GROUP BY id"
        )
        other = "t.id IS NOT NULL AND (t.lexical <> f.lexical OR t.ext IS DISTINCT FROM f.ext)"
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh__terms AS SELECT f.id, f.lexical, f.ext, t.id IS NULL AS absent, "
            f"f.clash OR ({other}) AS clash FROM ({given}) f LEFT JOIN {self.table} t ON t.id = f.id",
            parameters or {},
        )
        clash = self._connection.execute("SELECT count(*) FROM fresh__terms WHERE clash").fetchone()
        if clash and clash[0]:
            raise _clash(clash[0])
        self._connection.execute(f"INSERT INTO {self.table} SELECT id, lexical, ext FROM fresh__terms WHERE absent")
        self._connection.execute("DROP TABLE fresh__terms")

    def terms(self, ids: Iterable[int]) -> dict[int, Term]:
        """Return the terms of ids (those the dictionary knows)."""
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Term] = {i: term_of_id(i) for i in wanted if i < 0}
        found |= {i: self._read[i] for i in wanted if i in self._read}
        unread = [i for i in wanted if i not in found]
        if unread:
            read = {row[0]: term_of_id(*row) for row in self._rows(unread)}
            self.learn(read)
            found |= read
        return found

    def _rows(self, ids: list[int]) -> list[tuple[int, str, str | None]]:
        """Return the rows of some ids; a single one is found in half the time a join takes."""
        if len(ids) == 1:
            return self._connection.execute(f"SELECT id, lexical, ext FROM {self.table} WHERE id = {ids[0]}").fetchall()
        return self._connection.execute(
            f"SELECT t.id, t.lexical, t.ext FROM (SELECT unnest($i::BIGINT[]) id) w JOIN {self.table} t USING (id)",
            {"i": ids},
        ).fetchall()

    def learn(self, terms: Mapping[int, Term]) -> None:
        """Remember the ids of a few terms that were read: whoever reads them asks for their ids next."""
        if len(terms) < _FEW:
            self._known |= {term: term_id for term_id, term in terms.items()}
            self._read |= terms

    def term(self, term_id: int) -> Term:
        """Return the term of an id; raises KeyError when it is not known."""
        return self.terms([term_id])[term_id]


def _clash(number_: int) -> StateError:
    return StateError(
        f"{number_} terms share the 64-bit hash of another term; the graph would be wrong.",
        hint="change one of the identifiers, or the base of the data IRIs",
    )


def inline_lexical(term_id: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """Return SQL for the lexical form of an id: of inline values by computation, else `otherwise`."""
    branches = [(q("(:x >= 0)", x=term_id), otherwise)]
    for kind in INLINE_TYPES:
        payload = payload_sql(term_id)
        sql = payload
        if kind is Kind.DECIMAL:
            sql = unscaled(payload)
        if kind is Kind.BOOLEAN:
            sql = q("(:x = 1)", x=payload)
        branches.append((kind_test(term_id, kind), written(Alternative(kind.name.lower(), None, sql))))
    return case(branches)


def written_term(term_id: exp.Expr, lexical: exp.Expr, ext: exp.Expr) -> exp.Expr:
    """Return SQL for the canonical N-Triples form of a term, given the dictionary's columns for it."""
    quoted = q("concat('\"', :l, '\"')", l=escaped(lexical))
    branches: list[tuple[exp.Expr, exp.Expr]] = [
        (q("(:x IS NULL)", x=term_id), exp.null()),
        (kind_test(term_id, Kind.IRI), q("concat('<', :l, '>')", l=lexical)),
        (kind_test(term_id, Kind.BNODE), q("concat('_:', :l)", l=lexical)),
        (kind_test(term_id, Kind.STRING), quoted),
        (kind_test(term_id, Kind.LANG), q("concat(:l, '@', :e)", l=quoted, e=ext)),
    ]
    value = inline_lexical(term_id, exp.null())
    for kind, name in INLINE_TYPES.items():
        branches.append((kind_test(term_id, kind), q("concat('\"', :v, :t)", v=value, t=text(f'"^^<{name}>'))))
    return case(branches, q("concat(:l, '^^<', :e, '>')", l=quoted, e=ext))


def escaped(lexical: exp.Expr) -> exp.Expr:
    """Return SQL for a lexical form escaped as canonical N-Triples wants it."""
    sql = lexical
    for raw, shown in (("\\", "\\\\"), ('"', '\\"')):
        sql = q("replace(:x, :a, :b)", x=sql, a=text(raw), b=text(shown))
    controls = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
    rare = sql
    for code in (*range(1, 32), 127):
        rare = q("replace(:x, chr(:c), :b)", x=rare, c=number(code), b=text(controls.get(code, f"\\u{code:04X}")))
    return q("CASE WHEN regexp_matches(:l, '[\\x01-\\x1f\\x7f]') THEN :r ELSE :s END", l=lexical, r=rare, s=sql)
