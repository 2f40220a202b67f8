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

    def texts_sql(self, select: str, *columns: str, beside: str = "") -> str:
        """Return a SELECT of the rows of another, columns of ids of IRIs or strings as their lexical forms.

        `beside` is what else to select, in SQL. The dictionary is read once for all columns and rows together: to ask
        it for each by `lexical_sql` costs many times as much.
        """
        listed = ", ".join(columns)
        texts = [f"t{place}__.lexical AS {column}" for place, column in enumerate(columns)]
        joins = [
            f"LEFT JOIN texts__ t{place}__ ON t{place}__.id = rows__.{column}" for place, column in enumerate(columns)
        ]
        return (
            f"WITH rows__ AS MATERIALIZED ({select}), texts__ AS MATERIALIZED (SELECT t.id, t.lexical "
            f"FROM {self.dictionary.table} t SEMI JOIN (SELECT unnest([{listed}]) AS id FROM rows__) n ON n.id = t.id) "
            f"SELECT {', '.join([*texts, *([beside] if beside else [])])} FROM rows__ {' '.join(joins)}"
        )

    def decode_sql(self, column: str) -> str:
        """Return SQL for the canonical N-Triples form of a column of term ids."""
        return written_of(column, self.dictionary.table)

    def value_sql(self, column: str, datatype: str) -> str:
        """Return SQL for the native value of a column of ids known to be inline.

        `datatype`: date (DATE), datetime (TIMESTAMP), integer (BIGINT), decimal (DECIMAL(18,5)), boolean, days (whole
        days of a dayTimeDuration), months. Ids of another kind give NULL.
        """
        return value_of_ids(column, datatype)
