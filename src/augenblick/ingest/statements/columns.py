"""Bookings of statements as Arrow columns."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from augenblick.model.statement import Booking, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

_AMOUNT = pa.decimal128(18, 5)
_TYPES = {
    "entry": pa.int64(),
    "detail": pa.int32(),
    "line": pa.int64(),
    "amount": _AMOUNT,
    "charges": _AMOUNT,
    "instructed_amount": _AMOUNT,
    "booking_date": pa.date32(),
    "value_date": pa.date32(),
    "reversal": pa.bool_(),
}

SCHEMA: pa.Schema = pa.schema([(field.name, _TYPES.get(field.name, pa.string())) for field in fields(Booking)])
"""Names and types of a booking's columns: text, but numbers and dates; amounts are decimal(18, 5)."""

_VALUES = attrgetter(*SCHEMA.names)


def to_batch(bookings: Iterable[Booking]) -> pa.RecordBatch:
    """The bookings as one Arrow record batch in `SCHEMA`."""
    rows = list(map(_VALUES, bookings))
    values = zip(*rows, strict=True) if rows else [()] * len(SCHEMA)
    columns = [pa.array(column, field.type) for column, field in zip(values, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def to_table(statement: Statement) -> pa.Table:
    """The statement's bookings as an Arrow table in `SCHEMA`."""
    return pa.Table.from_batches([to_batch(statement.entries)], schema=SCHEMA)
