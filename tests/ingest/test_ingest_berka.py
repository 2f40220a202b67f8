"""The Czech bank through its mapping file, against independent SQL over the same files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from ingest_bank import LOADED_AT, Bank

from augenblick.ingest import LoadReport, ingest
from augenblick.store import in_memory


@pytest.fixture(scope="module")
def berka(shared: Path) -> Path:
    return shared / "data" / "berka"


@pytest.fixture(scope="module")
def loaded(berka: Path, root: Path) -> Iterator[tuple[Bank, LoadReport]]:
    connection = in_memory()
    report = ingest(connection, berka, mapping=root / "examples" / "berka" / "mapping.yaml", loaded_at=LOADED_AT)
    yield Bank(berka, connection), report
    connection.close()


@pytest.fixture(scope="module")
def raw(berka: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files as DuckDB's own sniffing reads them."""
    connection = duckdb.connect()
    for path in sorted(berka.iterdir()):
        if path.suffix in (".asc", ".csv"):
            connection.execute(f"CREATE TABLE \"{path.stem}\" AS FROM read_csv('{path}', delim=';', header=true)")
    yield connection
    connection.close()


def _same(loaded: tuple[Bank, LoadReport], mine: str, raw: duckdb.DuckDBPyConnection, theirs: str) -> None:
    expected = raw.execute(theirs).fetchall()
    assert expected
    assert loaded[0].rows(mine) == expected


def test_berka_loads_without_reject(loaded: tuple[Bank, LoadReport]) -> None:
    assert loaded[1].rejected == 0
    assert loaded[1].warnings == []


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("customers", "SELECT count(*) FROM client"),
        ("accounts", "SELECT count(*) FROM account"),
        ("account_holders", "SELECT count(*) FROM disp"),
        ("relations", "SELECT count(*) FROM disp WHERE type = 'DISPONENT'"),
        ("transactions", "SELECT count(*) FROM trans"),
        ("contracts", "SELECT (SELECT count(*) FROM loan) + (SELECT count(*) FROM card)"),
    ],
)
def test_berka_tables_have_the_rows_of_their_files(
    loaded: tuple[Bank, LoadReport], raw: duckdb.DuckDBPyConnection, mine: str, theirs: str
) -> None:
    _same(loaded, f"SELECT count(*) FROM bank.{mine}", raw, theirs)


def test_berka_sums_per_account_are_equal(loaded: tuple[Bank, LoadReport], raw: duckdb.DuckDBPyConnection) -> None:
    _same(
        loaded,
        "SELECT account_id::INT, sum(amount)::DECIMAL(18,2), count(*) FROM bank.transactions GROUP BY ALL ORDER BY 1",
        raw,
        "SELECT account_id::INT, sum(CASE type WHEN 'PRIJEM' THEN amount ELSE -amount END)::DECIMAL(18,2), count(*) "
        "FROM trans GROUP BY ALL ORDER BY 1",
    )


def test_berka_birth_dates_and_sexes_are_those_of_the_birth_numbers(
    loaded: tuple[Bank, LoadReport], raw: duckdb.DuckDBPyConnection
) -> None:
    _same(
        loaded,
        "SELECT customer_id::INT, birth_date, sex, city FROM bank.customers ORDER BY 1",
        raw,
        "SELECT client_id::INT, make_date(1900 + n // 10000, ((n // 100) % 100 - CASE WHEN (n // 100) % 100 > 50 "
        "THEN 50 ELSE 0 END)::INT, (n % 100)::INT), CASE WHEN (n // 100) % 100 > 50 THEN 'female' ELSE 'male' END, A2 "
        "FROM (SELECT *, birth_number::BIGINT AS n FROM client) JOIN district ON A1 = district_id ORDER BY 1",
    )


def test_berka_purpose_codes_stand_where_the_bank_says_so(
    loaded: tuple[Bank, LoadReport], raw: duckdb.DuckDBPyConnection
) -> None:
    _same(
        loaded,
        "SELECT purpose_code, count(*), sum(amount)::DECIMAL(18,2) FROM bank.transactions "
        "WHERE purpose_code IS NOT NULL GROUP BY ALL ORDER BY 1",
        raw,
        "SELECT CASE trim(k_symbol) WHEN 'DUCHOD' THEN 'PENS' WHEN 'UROK' THEN 'INTE' WHEN 'UVER' THEN 'LOAR' "
        "WHEN 'POJISTNE' THEN 'INSU' END AS code, count(*), "
        "sum(CASE type WHEN 'PRIJEM' THEN amount ELSE -amount END)::DECIMAL(18,2) FROM trans "
        "WHERE code IS NOT NULL GROUP BY ALL ORDER BY 1",
    )


def test_berka_partners_are_all_of_other_sex_and_near_age(loaded: tuple[Bank, LoadReport]) -> None:
    couples = (
        "SELECT count(*), max(abs(year(a.birth_date) - year(b.birth_date))) < 10, bool_and(a.sex <> b.sex), "
        "any_value(source) "
        "FROM bank.relations JOIN bank.customers a USING (customer_id) "
        "JOIN bank.customers b ON b.customer_id = related_customer_id"
    )
    assert loaded[0].rows(couples) == [(869, True, True, "assumed from a shared account")]


def test_berka_loans_and_cards_belong_to_their_holders(
    loaded: tuple[Bank, LoadReport], raw: duckdb.DuckDBPyConnection
) -> None:
    _same(
        loaded,
        "SELECT contract_id, customer_id::INT, product, opened_on, amount::DECIMAL(18,2) FROM bank.contracts "
        "ORDER BY 1",
        raw,
        "SELECT 'loan-' || loan_id AS id, client_id::INT, 'loan', strptime('19' || date, '%Y%m%d')::DATE, "
        "amount::DECIMAL(18,2) FROM loan JOIN disp ON disp.account_id = loan.account_id AND disp.type = 'OWNER' "
        "UNION ALL SELECT 'card-' || card_id, client_id::INT, 'card-' || card.type, "
        "strptime('19' || issued, '%Y%m%d %H:%M:%S')::DATE, NULL FROM card JOIN disp USING (disp_id) ORDER BY 1",
    )
