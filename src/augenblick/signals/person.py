"""Whose booking it is: the owner of the account, or of several owners the one the booking names."""

from __future__ import annotations

import duckdb

from augenblick.signals.text import FOLDS, plain_sql


def find_owners(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary tables `owners(account_id, customer_id, rank, given)` and `joint_accounts`.

    Owners come before co-owners, then by customer id, whatever the order of rows; guardians and authorised
    persons own nothing, so a child's account is the child's. `given` is the given name, ready for `_names`.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE owners AS
SELECT account_id, customer_id, row_number() OVER (PARTITION BY account_id ORDER BY role DESC, customer_id) AS rank,
  {_words("c.given_name")} AS given
FROM (SELECT account_id, customer_id, max(role) AS role FROM bank.account_holders
      WHERE role IN ('owner', 'co_owner') GROUP BY ALL)
LEFT JOIN (SELECT customer_id, any_value(given_name) AS given_name FROM bank.customers GROUP BY ALL) c
  USING (customer_id)"""
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE joint_accounts AS SELECT account_id FROM owners WHERE rank = 2")


def attribute(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the temporary table `attributed`: `hits` with their `customer_id`; those without an owner are dropped."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE named AS
SELECT transaction_id, arg_min(customer_id, (CASE WHEN whole THEN 0 ELSE 1 END, rank)) AS customer_id
FROM (SELECT DISTINCT transaction_id, naming FROM hits WHERE naming IS NOT NULL) AS said
JOIN (SELECT DISTINCT transaction_id, account_id FROM hits WHERE naming IS NOT NULL) USING (transaction_id)
JOIN owners USING (account_id),
LATERAL (SELECT {_words("naming")} AS words),
LATERAL (SELECT contains(words, given) AS whole, contains(words, ' ' || split_part(given, ' ', 2) || ' ') AS part)
WHERE length(given) > 2 AND (whole OR part) GROUP BY ALL"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE attributed AS
SELECT h.* EXCLUDE (naming), coalesce(n.customer_id, o.customer_id) AS customer_id
FROM hits h JOIN owners o ON o.account_id = h.account_id AND o.rank = 1
LEFT JOIN named n USING (transaction_id)"""
    )


def _words(expression: str) -> str:
    """Return SQL for the words of a text, blanks around each; umlauts folded, for banks write them both ways."""
    words = f"regexp_replace({plain_sql(expression)}, '[^A-Z]+', ' ', 'g')"
    for written, bare in FOLDS:
        words = f"replace({words}, '{written}', '{bare}')"
    return f"' ' || trim({words}) || ' '"
