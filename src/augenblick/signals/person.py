"""Whose booking it is: the owner of the account, or of several owners the one the booking names.

What a household does together (a journey, a home, a car) is every owner's, whoever is named: `aug:sharedByOwners`.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from augenblick.content.model import Signal
from augenblick.model.marks import whose_sql
from augenblick.model.tables import filled
from augenblick.signals.text import FOLDS, with_plain_sql

_UNMISTAKABLE = 5
"""Letters from which a given name is found in a text without blanks; shorter ones stand in too many words."""
_UNMISTAKABLE_FAMILY = 8
"""The same of family names, which more often are words or parts of them."""

_GENERATION = 18
"""Years between the births of two owners from which on they are taken for parent and child, not for a couple."""

_COUPLES = f"""WITH living AS (
  SELECT account_id, customer_id, birth_date, lower(concat_ws('|', street, postal_code)) AS address
  FROM owners JOIN bank.customers USING (customer_id) WHERE account_id IN (FROM joint_accounts))
SELECT DISTINCT a.account_id, a.customer_id, b.customer_id AS other FROM living a JOIN living b
  ON a.account_id = b.account_id AND a.customer_id <> b.customer_id
WHERE (a.address = b.address OR '' IN (a.address, b.address))
  AND coalesce(abs(date_diff('year', a.birth_date, b.birth_date)) < {_GENERATION}, true)"""
"""Pairs of owners of a joint account who live at one address, as far as one knows, and are of one generation."""

_INSURED = r"""SELECT transaction_id, min(customer_id) AS customer_id FROM (
  SELECT *, regexp_extract(replace(naming, ' ', ''), '[0-9]{2}([0-9]{6})[A-ZÄÖÜ][0-9]{3}', 1) AS born FROM said)
JOIN owners USING (account_id) JOIN bank.customers USING (customer_id)
WHERE born = strftime(birth_date, '%d%m%y') GROUP BY ALL"""
"""Whose number with the German pension insurance a text says: it holds the day of birth (§ 147 SGB VI)."""

_MARKED = f"""SELECT transaction_id, customer_id FROM said JOIN owners USING (account_id)
WHERE naming = {whose_sql("customer_id")}"""
"""Whom a text named that was blacked out."""

_SIDE = "coalesce(iban, counterparty)"

_SURVIVORS = """SELECT f.account_id, f.died_on, arg_min(l.customer_id, l.rank) AS customer_id
FROM owners f JOIN owners l ON l.account_id = f.account_id AND l.died_on IS NULL
WHERE f.rank = 1 AND f.died_on IS NOT NULL GROUP BY ALL"""
"""Who is left of the owners of an account whose first has died."""

_NAMED_SIDES = f"""SELECT account_id, {_SIDE} AS side, any_value(customer_id) AS customer_id
FROM (SELECT DISTINCT transaction_id, account_id, iban, counterparty FROM hits) JOIN named USING (transaction_id)
GROUP BY ALL HAVING count(DISTINCT customer_id) = 1 AND side IS NOT NULL"""

_LEFT_SIDES = f"""SELECT account_id, {_SIDE} AS side, any_value(customer_id) AS customer_id
FROM hits JOIN ({_SURVIVORS}) USING (account_id) GROUP BY ALL HAVING min(booking_date) > any_value(died_on)"""

_NAMES = f"""SELECT account_id, customer_id, rank, given AS name, split_part(given, ' ', 2) AS first,
  {_UNMISTAKABLE} AS least FROM owners WHERE length(given) > 2
UNION ALL SELECT account_id, customer_id, rank, family, trim(family), {_UNMISTAKABLE_FAMILY} FROM owners o
WHERE length(family) > 4 AND NOT EXISTS (FROM owners p WHERE p.account_id = o.account_id
  AND p.customer_id <> o.customer_id AND p.family = o.family)"""
"""What an owner is called, and from how many letters on the name is found in a text without blanks."""


def find_owners(connection: duckdb.DuckDBPyConnection, accounts: str | None = None) -> None:
    """Fill the temporary tables `owners(account_id, customer_id, rank, given, family, …)`, `joint_accounts`, `couples`.

    Owners come before co-owners, then by customer id, whatever the order of rows; guardians and authorised
    persons own nothing, so a child's account is the child's. `given` and `family` are names as words. `accounts` is SQL
    for the ids of the accounts asked for; all are where it is None.
    """
    among = f"AND account_id IN ({accounts})" if accounts else ""
    owners = f"""SELECT account_id, customer_id, given_name, family_name, sex, died_on,
  row_number() OVER (PARTITION BY account_id ORDER BY role <> 'owner', customer_id) AS rank
FROM (SELECT account_id, customer_id, CASE WHEN bool_or(role = 'owner') THEN 'owner' END AS role
  FROM bank.account_holders WHERE role IN ('owner', 'co_owner') {among} GROUP BY ALL)
LEFT JOIN (SELECT customer_id, min(given_name) AS given_name, min(family_name) AS family_name, min(sex) AS sex,
  min(death_date) AS died_on FROM bank.customers GROUP BY ALL) USING (customer_id)"""
    named = _with_words(_with_words(owners, "given_name", "given"), "family_name", "family")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE owners AS {named}")
    joint = "CREATE OR REPLACE TEMP TABLE joint_accounts AS SELECT account_id FROM owners WHERE rank = 2"
    if filled(connection, joint):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE couples AS {_COUPLES}")
    else:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE couples (account_id VARCHAR, customer_id VARCHAR, other VARCHAR)"
        )


def find_named(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary table `named(transaction_id, customer_id)`: which of several owners a booking of `hits` names.

    A whole given name (`ANNA LENA`) counts more than its first part, a word more than letters in a text whose words
    are cut (`STEFANI E`), a longer name more than a shorter, a higher-ranking owner more than others. A family name
    counts after all given ones, and only where no other owner of the account bears it. A number with the pension
    insurance that holds an owner's day of birth counts before all names.
    """
    if connection.execute("SELECT 1 FROM hits WHERE naming IS NOT NULL LIMIT 1").fetchone() is None:
        connection.execute("CREATE OR REPLACE TEMP TABLE named (transaction_id VARCHAR, customer_id VARCHAR)")
        return
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE named AS
WITH said AS (SELECT DISTINCT transaction_id, account_id, naming FROM hits WHERE naming IS NOT NULL),
by_name AS (SELECT transaction_id, arg_min(customer_id,
    (least, NOT contains(words, name), NOT contains(words, ' ' || first || ' '), -length(first), rank)) AS customer_id
  FROM ({_with_words("FROM said", "naming", "words")}) JOIN ({_NAMES}) USING (account_id)
  WHERE contains(words, ' ' || first || ' ')
    OR length(first) >= least AND contains(replace(words, ' ', ''), first) GROUP BY ALL)
SELECT transaction_id, arg_min(customer_id, place) AS customer_id
FROM (SELECT *, 1 AS place FROM ({_MARKED}) UNION ALL SELECT *, 2 FROM ({_INSURED}) UNION ALL SELECT *, 3 FROM by_name)
GROUP BY ALL"""
    )


def attribute(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> int:
    """Fill the temporary table `attributed`: `hits` with `customer_id`; those without an owner are dropped.

    `evidence_key` names booking and, where it is another owner's too, whom. Returns how many hits have an owner.

    Where all bookings of one side that name somebody name the same owner (`find_named`), those that name nobody are
    that owner's too. A booking that tells nobody is the first owner's of the sex that its signal is received by; then,
    where its side was never seen while the first owner lived, of the first who lives; else the first owner's.
    """
    find_named(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE named_sides AS {_NAMED_SIDES}")
    if connection.execute("SELECT 1 FROM owners WHERE died_on IS NOT NULL LIMIT 1").fetchone() is None:
        connection.execute("CREATE OR REPLACE TEMP TABLE left_sides AS FROM named_sides LIMIT 0")
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE left_sides AS {_LEFT_SIDES}")
    receivers = [f"({n}, '{s.received_by}')" for n, s in enumerate(signals) if s.received_by]
    attributed = filled(
        connection,
        f"""CREATE OR REPLACE TEMP TABLE attributed AS
SELECT h.* EXCLUDE (naming), coalesce(n.customer_id, s.customer_id, r.customer_id, d.customer_id, o.customer_id)
  AS customer_id, h.transaction_id AS evidence_key
FROM hits h JOIN owners o ON o.account_id = h.account_id AND o.rank = 1
LEFT JOIN named n USING (transaction_id)
LEFT JOIN named_sides s ON s.account_id = h.account_id AND s.side = {_SIDE}
LEFT JOIN left_sides d ON d.account_id = h.account_id AND d.side IS NOT DISTINCT FROM {_SIDE}
LEFT JOIN (SELECT account_id, signal_no, arg_min(customer_id, rank) AS customer_id
  FROM owners JOIN (VALUES {", ".join(receivers) or "(NULL, NULL)"}) AS v(signal_no, sex) USING (sex) GROUP BY ALL) r
  ON r.account_id = h.account_id AND r.signal_no = h.signal_no""",
    )
    shared = ", ".join(str(number) for number, signal in enumerate(signals) if signal.shared_by_owners) or "NULL"
    if connection.execute("SELECT 1 FROM couples LIMIT 1").fetchone() is not None:
        connection.execute(
            f"""INSERT INTO attributed BY NAME
SELECT a.* REPLACE (c.other AS customer_id, concat(a.transaction_id, ' ', c.other) AS evidence_key)
FROM attributed a JOIN couples c USING (account_id, customer_id) WHERE a.signal_no IN ({shared})"""
        )
    return attributed


def _with_words(source: str, expression: str, column: str) -> str:
    """Return SQL that adds the words of a text, blanks around each; umlauts folded, as banks write them both ways."""
    words = "regexp_replace(plain_, '[^A-Z]+', ' ', 'g')"
    for written, bare in FOLDS:
        words = f"replace({words}, '{written}', '{bare}')"
    plain = with_plain_sql(source, expression, "plain_")
    return f"SELECT * EXCLUDE (plain_), ' ' || trim({words}) || ' ' AS {column} FROM ({plain})"
