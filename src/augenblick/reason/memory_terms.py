"""Terms of a fact base in memory: their ids, given out one after the other, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
from sqlglot import exp

from augenblick.reason.columns import TermSpec
from augenblick.reason.fragment import table_of
from augenblick.reason.terms import DECIMAL_SCALE, Kind, Term, kind_of_id, stored_as, term_of_id
from augenblick.reason.terms import base as base_of

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000
_UNRESERVED = "-_.~"


class MemoryDictionary:
    """Owns the texts of all terms whose value is not their id; a table for SQL of those it is shown."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._connection = connection
        self.table = f"{schema}.terms"
        connection.execute(f"CREATE TABLE IF NOT EXISTS {self.table} (id BIGINT, lexical VARCHAR, ext VARCHAR)")
        self.texts: dict[int, tuple[str, str | None]] = {}
        self._ids: dict[tuple[Kind, str, str | None], int] = {}
        self._known: dict[Term, int] = {}
        self._terms: dict[int, Term] = {}
        self._written: set[int] = set()
        self._passing: set[int] = set()
        self._next = 0

    def expression(self) -> exp.Expr:
        """Return the table as the compiler reads it."""
        return table_of(self.table)

    def text_id(self, kind: Kind, lexical: str, ext: str | None = None) -> int:
        """Return the id of a term that is kept as text, until `forget`."""
        key = (kind, lexical, ext)
        found = self._ids.get(key)
        if found is None:
            start = 0 if kind is Kind.IRI else 2**62 + (int(kind) - 8) * 2**59
            found = self._ids[key] = start + self._next
            self._next += 1
            self.texts[found] = (lexical, ext)
            self._passing.add(found)
        return found

    def id(self, term: Term) -> int:
        """Return the id of a term; it keeps it for good."""
        found = self._known.get(term)
        if found is None:
            kind, payload, lexical, ext = stored_as(term)
            found = base_of(kind) + payload if payload is not None else self.text_id(kind, lexical, ext)
            self._known[term] = found
            self._passing.discard(found)
        return found

    def ids(self, terms: Iterable[Term]) -> list[int]:
        """Return the ids of several terms, in their order."""
        return [self.id(term) for term in terms]

    intern = ids

    def term(self, term_id: int) -> Term:
        """Return the term of an id."""
        found = self._terms.get(term_id)
        if found is None:
            found = term_of_id(term_id, *(self.texts[term_id] if term_id >= 0 else ()))
            self._terms[term_id] = found
        return found

    def terms(self, ids: Iterable[int]) -> dict[int, Term]:
        """Return the terms of ids."""
        return {i: self.term(i) for i in ids}

    def write_out(self, shown: Iterable[int | None]) -> None:
        """See to it that the table holds these terms and all that are there for a while only, values too.

        A join with few is quicker than with a whole ontology's.
        """
        fresh = {i for i in shown if i is not None} - self._written
        if fresh:
            fresh |= self._passing - self._written
            texts = [self.texts.get(i) or (str(self.term(i)), None) for i in fresh]
            rows = pa.table(
                {
                    "id": pa.array(list(fresh), pa.int64()),
                    "lexical": pa.array([text[0] for text in texts], pa.string()),
                    "ext": pa.array([text[1] for text in texts], pa.string()),
                }
            )
            self._connection.complete()
            self._connection.register("fresh__texts", rows)
            self._connection.execute(f"INSERT INTO {self.table} FROM fresh__texts")
            self._connection.unregister("fresh__texts")
            self._written |= fresh

    def settle(self) -> None:
        """Keep all terms there are for good."""
        self._passing.clear()

    def forget(self) -> None:
        """Let go of what only values of columns and made terms have said; no fact may be left that names them."""
        for term_id in self._passing:
            lexical, ext = self.texts.pop(term_id)
            del self._ids[kind_of_id(term_id), lexical, ext]
            self._terms.pop(term_id, None)
        self._connection.complete()
        self._connection.execute(f"TRUNCATE {self.table}")
        self._written.clear()
        self._passing.clear()

    def reader(self, spec: TermSpec) -> Callable[[Any], int]:
        """Return what makes the id of a value of a column."""
        match spec.shape:
            case "constant":
                assert spec.term is not None  # noqa: S101 - how constants are made
                fixed = self.id(spec.term)
                return lambda _: fixed
            case "iri":
                if spec.encoded:
                    return lambda value: self.text_id(Kind.IRI, spec.detail + encoded(value))
                return lambda value: self.text_id(Kind.IRI, spec.detail + str(value))
            case "string":
                return lambda value: self.text_id(Kind.STRING, str(value))
            case "lang":
                return lambda value: self.text_id(Kind.LANG, str(value), spec.detail)
            case _:
                return _INLINE[spec.shape]


def encoded(value: object) -> str:
    """Return a text as it stands at an IRI's end, percent-encoded as DuckDB's `url_encode` does."""
    return quote(str(value), safe=_UNRESERVED)


def _date(value: date) -> int:
    return base_of(Kind.DATE) + (value - _EPOCH) // timedelta(days=1)


def _decimal(value: Decimal) -> int:
    return base_of(Kind.DECIMAL) + int(value * DECIMAL_SCALE)


_INLINE: dict[str, Callable[[Any], int]] = {
    "ids": int,
    "date": _date,
    "decimal": _decimal,
    "integer": lambda value: base_of(Kind.INTEGER) + int(value),
    "boolean": lambda value: base_of(Kind.BOOLEAN) + bool(value),
    "days": lambda value: base_of(Kind.DAYS) + int(value) * _DAY,
    "months": lambda value: base_of(Kind.MONTHS) + int(value),
}
