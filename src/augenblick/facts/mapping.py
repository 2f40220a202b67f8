"""What a mapping from rows to triples consists of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How a column's value becomes a term."""

    STRING = "string"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DAYS = "days"
    IRI = "iri"


@dataclass(frozen=True)
class Property:
    """One predicate (local name in `aug:`) and the column or SQL expression its objects come from."""

    predicate: str
    value: str
    form: Form = Form.STRING


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Rows that become individuals of one kind.

    `rows` is a SELECT whose rows are individuals; `key` the column of it that, percent-encoded behind `prefix`,
    makes the individual's IRI (`encoded`: the column holds the IRI's tail already; an empty prefix: the whole
    IRI). `klass` (local name, NULL for none) becomes the type. `origin` is a SELECT of the bank rows that an
    individual with the key `$key` rests on, and `table` the bank table they are of.
    """

    rows: str
    key: str
    prefix: str
    graph: str
    table: str
    origin: str
    properties: tuple[Property, ...]
    klass: str | None = None
    encoded: bool = False

    def subject_sql(self, base: str) -> str:
        """Return SQL for the IRI of a row's individual."""
        return self.key if not self.prefix else tail_sql(f"{base}{self.prefix}", self.key, encoded=self.encoded)


def tail_sql(head: str, key: str, *, encoded: bool = False) -> str:
    """Return SQL for an IRI: its head and a percent-encoded key behind it; NULL where the key is."""
    return f"'{head.replace(chr(39), chr(39) * 2)}' || {key if encoded else f'url_encode({key})'}"
