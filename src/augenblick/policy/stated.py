"""What all customers' consents come to on a day, and whether what is published follows them.

`policy.states` holds what each customer has given and objects to, as it was published; `policy.said` a digest of each
customer's statements, by which it is seen who said something since; `policy.published` is the seal: one row once all
that follows from them is published, none before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date

import duckdb

from augenblick.policy.consents import GIVEN
from augenblick.policy.model import Policy

# The same reading of statements as `Consents` without a channel, for all customers at once.
_STATES = """
WITH heard AS (
    SELECT customer_id, purpose, channel, status = $given AS said_given, valid_from,
           status = $given AND (valid_to IS NULL OR (valid_from <= valid_to AND valid_to >= $at)) AS gives
    FROM bank.consents WHERE valid_from <= $at {whose}
), channels AS (
    SELECT DISTINCT customer_id, purpose, channel AS asked FROM heard
    UNION SELECT DISTINCT customer_id, purpose, NULL FROM heard
), last AS (
    SELECT c.customer_id, c.purpose, c.asked,
           arg_max(h.gives, (h.valid_from, NOT h.gives)) AS gives,
           arg_max(NOT h.said_given, (h.valid_from, NOT h.gives)) AS objects
    FROM channels c JOIN heard h ON h.customer_id = c.customer_id AND h.purpose = c.purpose
        AND (h.channel IS NULL OR h.channel = c.asked)
    GROUP BY ALL
)
SELECT customer_id,
       coalesce(list_sort(list(DISTINCT purpose) FILTER (gives)), []::VARCHAR[]) AS given,
       coalesce(list_sort(list(DISTINCT purpose) FILTER (asked IS NULL AND objects)), []::VARCHAR[]) AS objected
FROM last GROUP BY customer_id
"""

_OF_SOME = "customer_id IN (SELECT unnest($customers::VARCHAR[]))"
_SAID = "SELECT customer_id, sum(hash(c)) AS said FROM (FROM bank.consents) c {whose} GROUP BY customer_id"
_TOTAL = "SELECT coalesce(sum(hash(c)), 0)::HUGEINT FROM (FROM bank.consents) c"
# Who said something else than was published, and whose statements begin to hold or end between the two days.
_SAYING = """
SELECT customer_id FROM ({said}) n FULL JOIN policy.said o USING (customer_id) WHERE n.said IS DISTINCT FROM o.said
UNION SELECT customer_id FROM bank.consents
WHERE (valid_from > $first AND valid_from <= $last) OR (valid_to >= $first AND valid_to < $last)
"""
_CHANGED = """
WITH now AS ({states}), before AS (FROM policy.states WHERE customer_id IN (SELECT unnest($customers::VARCHAR[])))
SELECT customer_id FROM (FROM now EXCEPT FROM before) UNION SELECT customer_id FROM (FROM before EXCEPT FROM now)
"""


def consent_states(at: date, customers: Collection[str] | None = None) -> tuple[str, dict[str, object]]:
    """Return SELECT customer_id, given, objected (codes) of the consents as of a day, and its parameters.

    Of all customers who stated anything by then, or of those of some.
    """
    given: dict[str, object] = {"given": GIVEN, "at": at}
    if customers is None:
        return _STATES.format(whose=""), given
    return _STATES.format(whose=f"AND {_OF_SOME}"), given | {"customers": sorted(customers)}


def note_states(connection: duckdb.DuckDBPyConnection, at: date) -> None:
    """Fill `policy.states` and `policy.said` with what holds on a day; break the seal."""
    states, given = consent_states(at)
    connection.execute("CREATE SCHEMA IF NOT EXISTS policy")
    connection.execute(f"CREATE OR REPLACE TABLE policy.states AS {states}", given)
    connection.execute(f"CREATE OR REPLACE TABLE policy.said AS {_SAID.format(whose='')}")
    connection.execute("CREATE OR REPLACE TABLE policy.published (policy VARCHAR, as_of DATE, said HUGEINT)")


def note_some(connection: duckdb.DuckDBPyConnection, at: date, customers: Collection[str]) -> None:
    """Bring what `note_states` filled in into step for some customers; the seal stays as it is."""
    states, given = consent_states(at, customers)
    whose = {"customers": given["customers"]}
    for table, rows, asked in (("states", states, given), ("said", _SAID.format(whose=f"WHERE {_OF_SOME}"), whose)):
        connection.execute(f"DELETE FROM policy.{table} WHERE {_OF_SOME}", whose)
        connection.execute(f"INSERT INTO policy.{table} {rows}", asked)


def seal(connection: duckdb.DuckDBPyConnection, policy: Policy, at: date) -> None:
    """Note that what `policy.states` holds as of the day is published: until then nothing counts as up to date."""
    said = connection.execute(_TOTAL).fetchall()[0][0]
    connection.execute(
        "CREATE OR REPLACE TABLE policy.published AS SELECT ? AS policy, ?::DATE AS as_of, ?::HUGEINT AS said",
        [_digest(policy), at, said],
    )


def sealed(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Say whether what was published last is whole, and by this policy."""
    row = connection.execute("SELECT policy FROM policy.published").fetchone()
    return row is not None and row[0] == _digest(policy)


def behind(connection: duckdb.DuckDBPyConnection, policy: Policy, at: date) -> list[str] | None:
    """Return the customers of whom what was published is not open as consents have it on the day (see `changed`).

    None where nothing published is whole, or by this policy: that is of everybody.
    """
    if not sealed(connection, policy):
        return None
    same = f"SELECT as_of = $at AND said = ({_TOTAL}) FROM policy.published"
    return [] if connection.execute(same, {"at": at}).fetchall() == [(True,)] else changed(connection, at)


def changed(connection: duckdb.DuckDBPyConnection, at: date) -> list[str]:
    """Return the customers whose consents come to something else on the day than what was published last.

    Nothing is looked up of those who said nothing since, as long as none of their statements begins or ends.
    """
    before = connection.execute("SELECT as_of FROM policy.published").fetchall()[0][0]
    rows = connection.execute(
        _SAYING.format(said=_SAID.format(whose="")), {"first": min(before, at), "last": max(before, at)}
    ).fetchall()
    states, given = consent_states(at, [row[0] for row in rows])
    return sorted(row[0] for row in connection.execute(_CHANGED.format(states=states), given).fetchall())


def _digest(policy: Policy) -> str:
    """Return a digest of the policy that is the same in every process."""
    rules = sorted(
        (
            cell,
            *map(str, (r.permits, *map(sorted, (r.consents, r.one_consent, r.consents_of_others, r.unless_objected)))),
        )
        for cell, r in policy.rules.items()
    )
    return hashlib.sha256(f"{rules} {sorted(policy.strictness.items())}".encode()).hexdigest()
