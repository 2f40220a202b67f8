"""Check digits of IBANs and SEPA creditor identifiers (ISO 7064 mod 97-10; EPC AT-02), as SQL."""

from __future__ import annotations

import re
import string

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.contract import Table
from augenblick.ingest.report import LoadWarning
from augenblick.ingest.source import place

_REARRANGED = {
    "iban": "substr(v, 5) || substr(v, 1, 4)",
    # The business code (characters 5 to 7) does not enter the check digits.
    "creditor_id": "substr(v, 8) || substr(v, 1, 4)",
}
_FORMS = {
    "iban": "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}",
    "creditor_id": "[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}",
}
# Most are German: one division tells the valid ones, and only the others take the long way.
_GERMAN = {
    "iban": "length(v) = 22 AND v LIKE 'DE%' "
    "AND TRY_CAST(substr(v, 5) || '1314' || substr(v, 3, 2) AS HUGEINT) % 97 = 1",
    "creditor_id": "length(v) = 18 AND v LIKE 'DE%' "
    "AND TRY_CAST(substr(v, 8) || '1314' || substr(v, 3, 2) AS HUGEINT) % 97 = 1",
}
_SPOKEN = {"iban": "IBAN", "creditor_id": "creditor identifier"}


def doubtful_identifiers(
    connection: duckdb.DuckDBPyConnection, table: Table, file_names: dict[int, str], *, few: bool = False
) -> list[LoadWarning]:
    """Return one warning per checked column of `ingest_good`, of `few` rows, that holds wrong check digits."""
    checked = {field.name: field.check for field in table.fields if field.check}
    if not checked or (few and _all_german(connection, checked)):
        return []
    return [w for column, kind in checked.items() for w in _doubts(connection, table.name, column, kind, file_names)]


def _all_german(connection: duckdb.DuckDBPyConnection, checked: dict[str, str]) -> bool:
    """Say whether all identifiers are valid German ones; to look at few takes less than to plan the check of others."""
    others = (
        f"{sql.name(column)} IS NOT NULL AND NOT coalesce({_german(column, kind)}, false)"
        for column, kind in checked.items()
    )
    return not connection.execute(f"SELECT 1 FROM ingest_good WHERE {' OR '.join(others)} LIMIT 1").fetchall()


def _german(column: str, kind: str) -> str:
    return re.sub(r"\bv\b", sql.name(column), _GERMAN[kind])


def _digits(kind: str) -> str:
    digits = f"({_REARRANGED[kind]})"
    for number, letter in enumerate(string.ascii_uppercase, start=10):
        digits = f"replace({digits}, '{letter}', '{number}')"
    return digits


def _mod97() -> str:
    """Return the remainder of the up to 70 digits in `d`, taken in pieces that fit a HUGEINT."""
    remainder = "TRY_CAST(substr(d, 1, 30) AS HUGEINT) % 97"
    for start in (31, 61):
        remainder = f"TRY_CAST(({remainder})::VARCHAR || substr(d, {start}, 30) AS HUGEINT) % 97"
    return f"({remainder})"


def _doubts(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, kind: str, file_names: dict[int, str]
) -> list[LoadWarning]:
    quoted = sql.name(column)
    values = f"SELECT DISTINCT {quoted} AS v FROM ingest_good WHERE {quoted} IS NOT NULL"
    valid = f"regexp_full_match(v, '{_FORMS[kind]}') AND coalesce({_mod97()}, 0) = 1"
    doubtful = f"SELECT v FROM ({values}) WHERE NOT coalesce({_GERMAN[kind]}, false)"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_missing AS "
        f"SELECT v FROM (SELECT v, {_digits(kind)} AS d FROM ({doubtful})) WHERE NOT ({valid})"
    )
    if not connection.execute("SELECT 1 FROM ingest_missing LIMIT 1").fetchone():
        return []
    found = connection.execute(
        f"SELECT _file, count(*), min({place('_line')}) FROM ingest_good "
        f"WHERE {quoted} IN (SELECT v FROM ingest_missing) GROUP BY ALL ORDER BY _file"
    ).fetchall()
    return [
        LoadWarning(
            file_names[file],
            f"{count} of the rows for {table} have wrong check digits in {column}; first in line {line}.",
            f"is it a mistyped {_SPOKEN[kind]}? The rows were loaded",
        )
        for file, count, line in found
    ]
