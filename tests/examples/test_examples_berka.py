"""The Czech bank through the whole line, against plain SQL over its files (`examples/berka/counts.sql`).

Both sides are computed here; the thresholds are those of the content under test.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from augenblick.content import Content, load_content
from augenblick.explain import why_not
from augenblick.ingest import ingest
from augenblick.model.terms import DATA_BASE
from augenblick.pipeline import detect_in
from augenblick.publish.query import PREFIXES
from augenblick.reason import FactBase
from augenblick.store import in_memory

AS_OF = date(1998, 12, 31)
LOADED_AT = datetime(1999, 1, 4, 6, tzinfo=UTC)
WHATS = (
    "people with a first pension",
    "first pensions turned down: history too short",
    "first pensions turned down: age outside",
    "retirements",
    "eighteenth birthdays",
    "eighteenth birthdays, still open",
    "people with household payments",
    "household payments",
    "couples",
    "couples kept out: one is a child",
    "people with a loan",
)


@pytest.fixture(scope="module")
def berka(shared: Path) -> Path:
    return shared / "data" / "berka"


@pytest.fixture(scope="module")
def compare(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("berka_compare", root / "examples" / "berka" / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content()


@contextmanager
def _detected(berka: Path, root: Path, content: Content) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = in_memory()
    ingest(connection, berka, mapping=root / "examples" / "berka" / "mapping.yaml", loaded_at=LOADED_AT)
    detect_in(connection, content, as_of=AS_OF)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def detected(berka: Path, root: Path, content: Content) -> Iterator[duckdb.DuckDBPyConnection]:
    with _detected(berka, root, content) as connection:
        yield connection


@pytest.fixture(scope="module")
def both(
    detected: duckdb.DuckDBPyConnection, berka: Path, compare: ModuleType, content: Content
) -> tuple[dict[str, int], dict[str, int]]:
    return compare.by_the_line(detected), compare.by_sql(berka, as_of=AS_OF, content=content)


@pytest.mark.parametrize("what", WHATS)
def test_berka_line_counts_what_plain_sql_counts_in_the_files(
    both: tuple[dict[str, int], dict[str, int]], what: str
) -> None:
    found, expected = both
    assert set(expected) == set(WHATS)
    assert expected[what] or what == "retirements"
    assert found[what] == expected[what]


def test_berka_offers_are_all_kept_back_for_want_of_consent(
    both: tuple[dict[str, int], dict[str, int]], detected: duckdb.DuckDBPyConnection
) -> None:
    asked = detected.execute("SELECT count(DISTINCT customer_id) FROM offers.offers").fetchone()
    assert asked == (both[1]["eighteenth birthdays, still open"],)
    assert not detected.execute("SELECT 1 FROM offers.offers WHERE verdict = 'offered'").fetchall()


def test_berka_young_pensioner_on_a_new_account_is_told_both_reasons(
    detected: duckdb.DuckDBPyConnection, content: Content, berka: Path
) -> None:
    raw = duckdb.connect()
    row = raw.execute(
        f"SELECT client_id FROM read_csv('{berka}/trans.*', delim=';', all_varchar=true) "
        f"JOIN read_csv('{berka}/disp.asc', delim=';', all_varchar=true) AS disp USING (account_id) "
        f"JOIN read_csv('{berka}/client.asc', delim=';', all_varchar=true) USING (client_id) "
        "WHERE k_symbol = 'DUCHOD' AND disp.type = 'OWNER' AND birth_number >= '36' ORDER BY 1 LIMIT 1"
    ).fetchone()
    raw.close()
    assert row is not None
    answer = why_not(detected, FactBase(detected), content, row[0], "retirement", base=DATA_BASE)
    (first,) = (p for p in answer.patterns if p.outcome == "excluded")
    assert first.because is not None
    assert set(first.because.en.split(", ")) == {"age outside", "history too short"}


def test_berka_readme_shows_the_counts_of_today(
    both: tuple[dict[str, int], dict[str, int]], compare: ModuleType, root: Path
) -> None:
    assert compare.table(*both) in (root / "examples" / "berka" / "README.md").read_text(encoding="utf-8")


def test_berka_junior_card_query_finds_whom_plain_sql_finds(
    both: tuple[dict[str, int], dict[str, int]], detected: duckdb.DuckDBPyConnection, berka: Path, root: Path
) -> None:
    query = (root / "examples" / "berka" / "junior-cards.rq").read_text(encoding="utf-8")
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    found = {str(row[0]) for row in FactBase(detected).select(prefixes + query).terms()}
    raw = duckdb.connect()
    for name in ("client", "disp", "card"):
        raw.execute(f"CREATE VIEW {name} AS FROM read_csv('{berka / name}.asc', delim=';', all_varchar=true)")
    born = "strptime('19' || CASE WHEN n[3] >= '5' THEN n[1:2] || (n[3]::INT - 5) || n[4:] ELSE n END, '%Y%m%d')"
    expected = raw.execute(
        "SELECT client_id FROM (SELECT client_id, birth_number AS n FROM client) JOIN disp USING (client_id) "
        f"JOIN card USING (disp_id) WHERE card.type = 'junior' AND {born} + INTERVAL 18 YEAR "
        "BETWEEN DATE '1998-07-04' AND DATE '1998-12-31'"
    ).fetchall()
    raw.close()
    assert expected
    assert found == {client for (client,) in expected}


def test_berka_retirements_appear_and_agree_when_the_expert_asks_for_less_history(
    berka: Path, compare: ModuleType, root: Path, tmp_path: Path
) -> None:
    content = load_content(_with_history(root, tmp_path, days=14))
    with _detected(berka, root, content) as connection:
        found = compare.by_the_line(connection)
    expected = compare.by_sql(berka, as_of=AS_OF, content=content)
    assert 0 < expected["retirements"] < expected["people with a first pension"]
    assert found == expected


def _with_history(root: Path, home: Path, *, days: int) -> Path:
    """Return a copy of the content that believes a first pension after so many days of history."""
    for folder in ("ontology", "shapes"):
        shutil.copytree(root / folder, home / folder)
    file = home / "ontology" / "moments" / "retirement" / "moment.ttl"
    text = file.read_text(encoding="utf-8")
    shorter = text.replace('aug:minimumHistory "P120D"', f'aug:minimumHistory "P{days}D"')
    assert shorter != text
    file.write_text(shorter, encoding="utf-8")
    return home
