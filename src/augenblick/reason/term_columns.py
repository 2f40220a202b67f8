"""What a fact base says of its terms: ids, terms of ids, and SQL for what columns of ids stand for."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from augenblick.reason.terms import Term
from augenblick.reason.writing import lexical_of, value_of_ids, written_of


class _Dictionary(Protocol):
    table: str

    def id(self, term: Term, /) -> int: ...

    def term(self, term_id: int, /) -> Term: ...


D = TypeVar("D", bound=_Dictionary)


class TermColumns(Generic[D]):
    """The part of a fact base that asks its dictionary only."""

    dictionary: D

    def id(self, term: Term) -> int:
        """Return the id of a term."""
        return self.dictionary.id(term)

    def term(self, term_id: int) -> Term:
        """Return the term of an id."""
        return self.dictionary.term(term_id)

    def lexical_sql(self, column: str) -> str:
        """Return SQL for the lexical form (of IRIs: the IRI) of a column of term ids."""
        return lexical_of(column, self.dictionary.table)

    def decode_sql(self, column: str) -> str:
        """Return SQL for the canonical N-Triples form of a column of term ids."""
        return written_of(column, self.dictionary.table)

    def value_sql(self, column: str, datatype: str) -> str:
        """Return SQL for the native value of a column of ids known to be inline.

        `datatype`: date (DATE), datetime (TIMESTAMP), integer (BIGINT), decimal (DECIMAL(18,5)), boolean, days (whole
        days of a dayTimeDuration), months. Ids of another kind give NULL.
        """
        return value_of_ids(column, datatype)
