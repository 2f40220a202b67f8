"""Which tables a database has, told without ending what a connection is about."""

from __future__ import annotations

from augenblick.model.tables import are_there, has_table
from augenblick.store import in_memory


def test_tables_are_told_by_database_and_schema() -> None:
    connection = in_memory()
    connection.execute("CREATE SCHEMA graph; CREATE TABLE graph.facts (n INTEGER); CREATE TABLE bank.rows (n INTEGER)")
    assert has_table(connection, "facts", schema="graph")
    assert has_table(connection, "rows", database="bank")
    assert not has_table(connection, "facts")
    assert not has_table(connection, "facts", database="bank")
    assert not has_table(connection, "rows", schema="elsewhere")
    assert are_there(connection, ["graph.facts", "bank.rows"])
    assert not are_there(connection, ["graph.facts", "bank.others"])


def test_look_in_a_transaction_sees_what_it_made_and_does_not_end_it() -> None:
    connection = in_memory()
    connection.execute("BEGIN; CREATE TABLE made (n INTEGER)")
    assert has_table(connection, "made")
    assert not has_table(connection, "missing")
    connection.execute("INSERT INTO made VALUES (1); COMMIT")
    assert connection.execute("FROM made").fetchall() == [(1,)]
