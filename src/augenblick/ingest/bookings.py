"""Account statements (camt, MT940) as rows of `transactions`.

Statements name accounts by IBAN and carry no booking number, so the account is looked up and the number is made of
what the booking says: the same booking in two overlapping statements, or in camt and MT940, is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from augenblick.ingest import sql
from augenblick.ingest.contract import Table
from augenblick.ingest.reading import FileToLoad
from augenblick.ingest.report import LoadWarning
from augenblick.ingest.source import DETAILS_PER_ENTRY, Source, UnreadableRow
from augenblick.ingest.statements import SCHEMA, Statement, stream_batches
from augenblick.store.returns import is_return_sql, return_btc_sql

BOOKED = "BOOK"
_STAGED = (
    SCHEMA.append(pa.field("_file", pa.int32()))
    .append(pa.field("_line", pa.int64()))
    .append(pa.field("_rank", pa.int8()))
)
_RANK = {"camt": 1, "mt940": 2}

# The ways a statement may name a German account besides its IBAN: bank code and number, or the number alone.
_REFERENCES = """
SELECT ref, min(account_id) AS account_id FROM (
  SELECT iban AS ref, account_id FROM bank.accounts WHERE iban IS NOT NULL
  UNION SELECT account_id, account_id FROM bank.accounts
  UNION SELECT substr(iban, 5, 8) || '/' || ltrim(substr(iban, 13, 10), '0'), account_id
        FROM bank.accounts WHERE iban LIKE 'DE%' AND length(iban) = 22
) GROUP BY ref HAVING count(DISTINCT account_id) = 1
"""

# Names and cut texts differ between formats; letters and digits of the remittance text do not.
_CORE = """md5(concat_ws('|', account_id, booking_date, coalesce(value_date, booking_date), amount, currency,
 coalesce(nullif(end_to_end_id, 'NOTPROVIDED'), ''), coalesce(mandate_id, ''), coalesce(creditor_id, ''),
 coalesce(regexp_replace(upper(said), '[^A-Z0-9]', '', 'g'), '')))"""

# What a statement says elsewhere than in the contract's columns: text outside the remittance information (banks
# abroad often have no other; Nordic ones write it as the reference in :61:), and that a booking is a return, which
# the contract says by codes.
_PURPOSE = (
    "coalesce(nullif(s.purpose, ''), nullif(s.additional_info, ''), nullif(s.booking_text, ''), "
    f"CASE WHEN s._rank = {_RANK['mt940']} THEN s.customer_reference END)"
)
_BTC = f"CASE WHEN s.reversal AND NOT {is_return_sql('s')} THEN {return_btc_sql('s')} ELSE s.btc END"
_REFINED = ("btc", "purpose")


@dataclass
class StagedStatements:
    """What statement files gave besides their bookings."""

    unreadable: list[tuple[int, UnreadableRow]] = field(default_factory=list)
    warnings: list[LoadWarning] = field(default_factory=list)


def stage_statement(item: FileToLoad, writer: pq.ParquetWriter, staged: StagedStatements) -> None:
    """Append the booked entries of a statement file to the staged ones; announced entries are left out.

    Raises `UnknownFormat`, `UnreadableFile`, `HostileFile`.
    """
    statement, batches = stream_batches(item.file.path)
    pending = 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        booked = table.filter(pc.equal(table["status"], BOOKED))
        pending += table.num_rows - booked.num_rows
        writer.write_table(_placed(booked, item))
    _note(statement, item, pending, staged)


def staged_writer(parquet: Path) -> pq.ParquetWriter:
    """Return the writer that `stage_statement` appends to."""
    return pq.ParquetWriter(parquet, _STAGED)


def statement_source(parquet: Path, table: Table, staged: StagedStatements) -> Source:
    """Return the staged bookings as rows of `transactions`; `bank.accounts` must be filled when it is read."""
    own = [column for column in table.columns if column not in ("transaction_id", "account_id")]
    said = [column for column in own if column not in _REFINED]
    resolved = (
        f"SELECT {sql.names(said, 's.')}, {_BTC} AS btc, {_PURPOSE} AS purpose, s.purpose AS said, "
        "s.statement_id, s._file, s._line, s._rank, "
        "coalesce(a.account_id, b.account_id, s.account_iban, s.account_id_other) AS account_id "
        f"FROM read_parquet({sql.path(parquet)}) s LEFT JOIN ({_REFERENCES}) a ON a.ref = s.account_iban "
        f"LEFT JOIN ({_REFERENCES}) b ON b.ref = {_bank_and_number()}"
    )
    numbered = (
        "SELECT *, row_number() OVER (PARTITION BY _file, statement_id, core "
        "ORDER BY counterparty_iban, counterparty_name, purpose, _line DESC) AS nth "
        f"FROM (SELECT *, {_CORE} AS core FROM ({resolved}))"
    )
    relation = (
        "SELECT 'st' || substr(md5(core || '|' || nth), 1, 24) AS transaction_id, "
        f"* EXCLUDE (statement_id, said, core, nth) FROM ({numbered})"
    )
    again = (
        "SELECT _file, _line FROM (SELECT _file, _line, transaction_id, "
        "row_number() OVER (PARTITION BY transaction_id ORDER BY _rank, _file, _line DESC) AS nth "
        f"FROM ({relation})) WHERE nth > 1 OR transaction_id IN (SELECT transaction_id FROM bank.transactions)"
    )
    types = {column: table.field(column).sql_type for column in own}
    columns = {"transaction_id": "VARCHAR", "account_id": "VARCHAR", **types}
    kept = f"SELECT {sql.names(list(columns))}, _file, _line FROM ({relation})"
    return Source("transactions", kept, columns, staged.unreadable, again)


def _bank_and_number() -> str:
    """SQL of `bank code/number` without leading zeros and currency, as in MT940's field 25."""
    number = "regexp_replace(replace(s.account_id_other, ' ', ''), '[A-Z]{3}$', '')"
    return (
        f"CASE WHEN contains({number}, '/') THEN split_part({number}, '/', 1) || '/' || "
        f"ltrim(split_part({number}, '/', 2), '0') ELSE {number} END"
    )


def _placed(booked: pa.Table, item: FileToLoad) -> pa.Table:
    lines = [
        -(entry * DETAILS_PER_ENTRY + detail)
        for entry, detail in zip(booked["entry"].to_pylist(), booked["detail"].to_pylist(), strict=True)
    ]
    columns = [
        *booked.columns,
        pa.array([item.file_id] * len(lines), pa.int32()),
        pa.array(lines, pa.int64()),
        pa.array([_RANK[item.file.kind]] * len(lines), pa.int8()),
    ]
    return pa.table(columns, schema=_STAGED)


def _note(statement: Statement, item: FileToLoad, pending: int, staged: StagedStatements) -> None:
    name = item.file.name
    staged.warnings += [LoadWarning(name, sentence) for sentence in statement.warnings]
    if pending:
        staged.warnings.append(
            LoadWarning(name, f"{pending} announced entries were not loaded.", "they come again once they are booked")
        )
    staged.unreadable += [
        (item.file_id, UnreadableRow(r.entry or r.line or 0, r.reason, r.hint, [], r.field)) for r in statement.rejects
    ]
