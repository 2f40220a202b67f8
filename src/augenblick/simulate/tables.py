"""The contract's tables as Arrow schemas, and their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

_DATES = {
    "birth_date", "death_date", "customer_since", "changed_on", "valid_from", "valid_to", "opened_on", "closed_on",
    "booking_date", "value_date", "occurred_on", "visible_from", "from", "to",
}  # fmt: skip
_FIELDS = {
    "customers": "customer_id birth_date death_date given_name family_name birth_name sex civil_status street"
    " postal_code city country nationality occupation employment_status customer_since language adviser",
    "customer_changes": "customer_id changed_on attribute old_value new_value",
    "relations": "customer_id related_customer_id relation valid_from valid_to source",
    "accounts": "account_id iban kind currency opened_on closed_on",
    "account_holders": "account_id customer_id role",
    "transactions": "transaction_id account_id booking_date value_date amount currency counterparty_name"
    " counterparty_iban creditor_id mandate_id end_to_end_id purpose purpose_code gvc btc mcc"
    " ultimate_party reversal_of",
    "contracts": "contract_id customer_id product opened_on closed_on amount",
    "interactions": "interaction_id customer_id occurred_at channel kind topic",
    "consents": "customer_id purpose channel status valid_from valid_to",
    "declared_moments": "customer_id moment occurred_on source state note",
    "truth": "customer_id moment occurred_on visible_from form",
    "traps": "customer_id trap moment from to",
}
#: Tables beside the contract: what really happened. They lie in a folder of their own.
TRUTH_TABLES = ("truth", "traps")
MONEY = pa.decimal128(15, 2)


def _type(name: str) -> pa.DataType:
    if name in _DATES:
        return pa.date32()
    if name == "amount":
        return MONEY
    return pa.timestamp("s") if name == "occurred_at" else pa.string()


SCHEMAS = {table: pa.schema([(name, _type(name)) for name in fields.split()]) for table, fields in _FIELDS.items()}


def arrow_table(table: str, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Rows in the contract's column order as an Arrow table."""
    schema = SCHEMAS[table]
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def money(cents: npt.NDArray[np.int64]) -> pa.Array:
    """Cents as exact decimals: 128-bit integers whose upper half repeats the sign."""
    halves = np.column_stack([cents, cents >> 63]).astype("<i8")
    return pa.Array.from_buffers(MONEY, len(cents), [None, pa.py_buffer(halves.tobytes())])


class Writer:
    """Writes tables piece by piece into a folder, as CSV or Parquet; a context manager."""

    def __init__(self, folder: Path, form: str) -> None:
        self._folder = folder
        self._form = form
        self._open: dict[str, Any] = {}

    def __enter__(self) -> Writer:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, table: str, content: pa.Table) -> None:
        """Append rows to a table; an empty piece still makes the file with its header."""
        if table not in self._open:
            self._open[table] = self._opened(table)
        self._open[table].write_table(content)

    def _opened(self, table: str) -> Any:
        path = str(self._folder / f"{table}.{self._form}")
        if self._form == "csv":
            return pa_csv.CSVWriter(path, SCHEMAS[table], write_options=pa_csv.WriteOptions(quoting_style="needed"))
        return pq.ParquetWriter(path, SCHEMAS[table], compression="zstd")
