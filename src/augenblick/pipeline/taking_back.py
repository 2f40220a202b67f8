"""Texts that stayed because their people had consented are blacked out once one of them does so no more.

Whose texts stay is kept in `bank.texts_kept`: who is there and has not consented any more (withdrawn, ended, or an
account got another owner) has texts to be taken back. What was derived by then still tells them: a load of its own
says so, and the next run leaves nothing of what was published before.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import date

import duckdb

from augenblick.content import Content, load_content
from augenblick.ingest import contract, sql
from augenblick.ingest.texts import TEXTS
from augenblick.ingest.touched import note_touched
from augenblick.model.marks import BLACKED
from augenblick.model.tables import has_table
from augenblick.model.terms import MOMENT
from augenblick.pipeline.blacking_out import BlackingOut
from augenblick.policy import consent_states
from augenblick.publish.snapshots import drop_earlier
from augenblick.publish.working import VIEWS
from augenblick.store import DataDirectory

SOURCE = "consent"
"""What a load is called that only blacked out texts whose consent had ended."""
DECIDING = frozenset({"consents", "account_holders", "customers"})
"""The tables whose rows say whose texts stay."""
_READ = {"transactions": "purpose", "interactions": "topic", "declared_moments": "note"}
"""The text that shows by its mark that a row was blacked out, by table."""
_AGREED = "SELECT customer_id FROM ({states}) WHERE list_has_any(given, $codes::VARCHAR[])"
# Of all people and accounts, or of those that `texts_people` and `texts_accounts` name.
_NOW = """
CREATE OR REPLACE TEMP TABLE texts_now AS
SELECT customer_id, NULL::VARCHAR AS account_id FROM texts_agreed {of_people}
UNION ALL
SELECT NULL, account_id FROM bank.account_holders
WHERE role IN ('owner', 'co_owner') AND account_id IN (
    SELECT account_id FROM bank.account_holders SEMI JOIN texts_agreed USING (customer_id)) {of_accounts}
GROUP BY account_id HAVING bool_and(customer_id IN (SELECT customer_id FROM texts_agreed))
"""
_OF_PEOPLE = "customer_id IN (FROM texts_people)"
_OF_ACCOUNTS = "account_id IN (FROM texts_accounts)"
# Where nobody noted whose texts stayed: all who ever consented, and their accounts.
_EVER = """
SELECT DISTINCT customer_id, NULL::VARCHAR AS account_id FROM bank.consents
WHERE status = 'given' AND purpose IN (SELECT unnest($codes::VARCHAR[]))
UNION ALL
SELECT DISTINCT NULL, account_id FROM bank.account_holders WHERE customer_id IN (
    SELECT customer_id FROM bank.consents
    WHERE status = 'given' AND purpose IN (SELECT unnest($codes::VARCHAR[])))
"""
_SAID = """
SELECT feedback_id, customer_id, slug, reason, note FROM bank.feedback
WHERE customer_id IN (SELECT customer_id FROM texts_ended) AND concat(reason, note) <> ''
"""
# Whom the rows of a load name, and the owners of accounts it names or took out of the tables.
_NAMED = """
SELECT customer_id FROM bank.{table} WHERE _file IN (SELECT file_id FROM bank.files WHERE load_id = $load)
"""
_TOUCHED = """
SELECT customer_id FROM bank.touched WHERE load_id = $load AND customer_id IS NOT NULL
UNION SELECT customer_id FROM bank.account_holders
WHERE account_id IN (SELECT account_id FROM bank.touched WHERE load_id = $load)
"""
_HELD = f"""
SELECT account_id FROM bank.account_holders WHERE {_OF_PEOPLE}
UNION SELECT account_id FROM bank.touched WHERE load_id = $load AND account_id IS NOT NULL
"""
_UNKNOWN = """
SELECT count(*) FROM bank.touched WHERE load_id = $load AND customer_id IS NULL AND account_id IS NULL
"""
_SCRATCH = (
    *("texts_people", "texts_accounts", "texts_agreed", "texts_now", "texts_ended", "texts_standing"),
    "texts_blacked",
)


def take_back(
    connection: duckdb.DuckDBPyConnection, blackening: BlackingOut, *, at: date, load: int | None = None
) -> int:
    """Black out what no consent keeps any more as of the day, and note that as a load; return how many texts.

    With `load` only the people are looked at whom that load names or who share an account with them: for all others
    it was looked at before, and on the same day. Old texts are left in the file until the directory is compacted.
    """
    codes = sorted(blackening.kept_with)
    if not codes:
        return 0
    connection.execute("BEGIN")
    some = load is not None and _name_some(connection, load)
    _find_ended(connection, codes, at, some=some)
    ended = connection.execute("SELECT 1 FROM texts_ended LIMIT 1").fetchone() is not None
    blacked = sum(_rows(connection, blackening, table) for table in _READ) if ended else 0
    blacked += _words(connection, blackening) if ended else 0
    if blacked:
        connection.execute(
            "INSERT INTO bank.loads SELECT coalesce(max(load_id), 0) + 1, ?::DATE, ? FROM bank.loads", [at, SOURCE]
        )
    connection.execute("CREATE TABLE IF NOT EXISTS bank.texts_kept (customer_id VARCHAR, account_id VARCHAR)")
    gone = f" WHERE {_OF_PEOPLE} OR {_OF_ACCOUNTS}" if some else ""
    connection.execute(f"DELETE FROM bank.texts_kept{gone}; INSERT INTO bank.texts_kept FROM texts_now")
    connection.execute("COMMIT")
    for left in _SCRATCH:
        connection.execute(f"DROP TABLE IF EXISTS temp.{left}")
    return blacked


def end_texts(directory: DataDirectory, *, on: date, content: Content | None = None) -> int:
    """Black out the texts whose consent does not stand on the day, the file written anew; return how many.

    What was derived follows with the next run.
    """
    blackening = BlackingOut(directory, lambda: content or load_content(directory.published_content), at=on)
    with closing(directory.connect()) as connection:
        if not has_table(connection, "consents", database="bank"):
            return 0
        blacked = take_back(connection, blackening, at=on)
    if blacked:
        directory.compact()
    return blacked


def told_before(directory: DataDirectory) -> bool:
    """Say whether what was derived last may still tell texts that were taken back since."""
    if not directory.derived_file.exists():
        return False
    try:
        with closing(directory.connect(read_only=True)) as connection:
            return taken_since(connection, "(SELECT coalesce(load_id, 0) FROM run)")
    except (duckdb.CatalogException, duckdb.BinderException):  # of another release: nobody can tell
        return True


def taken_since(connection: duckdb.DuckDBPyConnection, load: int | str) -> bool:
    """Say whether texts were taken back after a load, given by its number or by SQL."""
    found = connection.execute(f"SELECT 1 FROM bank.loads WHERE source = ? AND load_id > {load} LIMIT 1", [SOURCE])
    return found.fetchone() is not None


def drop_published(directory: DataDirectory) -> None:
    """Delete the store that is published from, so that the next publication fills a new one."""
    shutil.rmtree(directory.live_store, ignore_errors=True)


def drop_told(directory: DataDirectory) -> None:
    """Delete what was published before the newest snapshot, and what was derived beside."""
    drop_earlier(directory)
    for folder in (directory.aside_folder, directory.path / VIEWS):
        shutil.rmtree(folder, ignore_errors=True)


def _name_some(connection: duckdb.DuckDBPyConnection, load: int) -> bool:
    """Fill `texts_people` and `texts_accounts` with whom a load may concern; return False where nobody can tell."""
    known = has_table(connection, "texts_kept", database="bank") and has_table(connection, "touched", database="bank")
    if not known or connection.execute(_UNKNOWN, {"load": load}).fetchall() != [(0,)]:
        return False
    tables = [table for table in sorted(DECIDING) if has_table(connection, table, database="bank")]
    named = " UNION ".join((*(_NAMED.format(table=table) for table in tables), _TOUCHED))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts_people AS {named}", {"load": load})
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts_accounts AS {_HELD}", {"load": load})
    return True


def _find_ended(connection: duckdb.DuckDBPyConnection, codes: list[str], at: date, *, some: bool) -> None:
    """Fill `texts_now` with whom texts stay of, and `texts_ended` with who is no more among them.

    Of `some` only: those `_name_some` named.
    """
    asked = None
    if some:
        owners = f"FROM texts_people UNION SELECT customer_id FROM bank.account_holders WHERE {_OF_ACCOUNTS}"
        asked = [row[0] for row in connection.execute(owners).fetchall()]
    states, given = consent_states(at, asked)
    agreed = _AGREED.format(states=states)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts_agreed AS {agreed}", {**given, "codes": codes})
    of_people, of_accounts = (f"WHERE {_OF_PEOPLE}", f"AND {_OF_ACCOUNTS}") if some else ("", "")
    connection.execute(_NOW.format(of_people=of_people, of_accounts=of_accounts))
    known = has_table(connection, "texts_kept", database="bank")
    whose = f" WHERE {_OF_PEOPLE} OR {_OF_ACCOUNTS}" if some else ""
    before, bound = (f"FROM bank.texts_kept{whose}", {}) if known else (_EVER, {"codes": codes})
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts_ended AS ({before}) EXCEPT FROM texts_now", bound)


def _rows(connection: duckdb.DuckDBPyConnection, blackening: BlackingOut, name: str) -> int:
    """Black out the rows of a table of those whose texts may not stay."""
    table, text = contract().table(name), _READ[name]
    owner = "account_id" if "account_id" in table.columns else "customer_id"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE texts_standing AS SELECT * FROM bank.{name} WHERE {owner} IN "
        f"(SELECT {owner} FROM texts_ended) AND NOT starts_with(coalesce({text}, ''), '{BLACKED}')"
    )
    stored = blackening.rows(connection, name, "texts_standing")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE texts_blacked AS FROM ({stored}) WHERE starts_with({text}, '{BLACKED}')"
    )
    same = sql.same(table.key, "n", "b")
    touched = f"SELECT b.* FROM bank.{name} b WHERE EXISTS (SELECT 1 FROM texts_blacked n WHERE {same})"
    note_touched(connection, table, touched)
    columns = ", ".join(f"{column} = n.{column}" for column in TEXTS[name])
    row = connection.execute(f"UPDATE bank.{name} b SET {columns} FROM texts_blacked n WHERE {same}").fetchone()
    return int(row[0]) if row else 0


def _words(connection: duckdb.DuckDBPyConnection, blackening: BlackingOut) -> int:
    """Black out what was said of moments of those whose texts may not stay."""
    if not has_table(connection, "feedback", database="bank"):
        return 0
    blacked = 0
    for number, customer, slug, *said in connection.execute(_SAID).fetchall():
        kept = blackening.words(connection, customer, MOMENT + slug, said)
        blacked += sum(before != now for before, now in zip(said, kept, strict=True))
        connection.execute("UPDATE bank.feedback SET reason = ?, note = ? WHERE feedback_id = ?", [*kept, number])
    return blacked
