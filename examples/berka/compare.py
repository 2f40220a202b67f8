"""What the line found in the Czech bank, beside plain SQL over the bank's own files (`counts.sql`).

`python examples/berka/compare.py FOLDER DATA` prints both counts and exits with 1 where they differ.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import duckdb
from rdflib.xsd_datetime import Duration

from augenblick.content import Content, MomentType, load_content
from augenblick.pipeline import last_run
from augenblick.reason import FactBase
from augenblick.store import DataDirectory

COUNTS = Path(__file__).with_name("counts.sql")
FILES = {"client": "client.asc", "disp": "disp.asc", "loan": "loan.asc", "trans": "trans.*"}
PARTNER_AGE = 16
"""The years below which `shape:partner-under-sixteen` believes no partnership."""

TURNED_DOWN = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?person WHERE {
  ?i a aug:Excluded ; aug:excludedBecause aug:%s ; aug:onPerson ?person ;
     aug:byPattern <https://w3id.org/augenblick/moment/retirement#first-pension> .
}
"""
COUPLES = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?a ?b WHERE { ?a aug:hasPartner ?b . FILTER(STR(?a) < STR(?b)) }
"""
MOMENTS = "SELECT count(*) FROM moments.moments WHERE slug = ? AND state IN (SELECT unnest(?::VARCHAR[]))"
ALL, OPEN = ["confirmed", "tentative", "expired"], ["confirmed", "tentative"]


def by_sql(folder: Path, *, as_of: date, content: Content) -> dict[str, int]:
    """Return what the files hold; only the thresholds are the content's."""
    connection = duckdb.connect()
    for name, pattern in FILES.items():
        path = str(folder / pattern).replace("'", "''")
        connection.execute(f"CREATE VIEW {name} AS FROM read_csv('{path}', delim=';', header=true, all_varchar=true)")
    parameters = {"as_of": as_of, **thresholds(content)}
    rows = connection.execute(COUNTS.read_text(encoding="utf-8"), parameters).fetchall()
    connection.close()
    return {what: int(number) for what, number in rows}


def thresholds(content: Content) -> Mapping[str, int]:
    """Return the thresholds of the two moments in days and years, as the experts set them."""
    pension = _pattern(content, "retirement", "first-pension")
    birthday = _pattern(content, "coming-of-age", "eighteenth-birthday")
    return {
        "history_days": cast(timedelta, pension["minimumHistory"][0]).days,
        "youngest": int(cast(Duration, pension["minimumAge"][0]).years),
        "oldest": int(cast(Duration, pension["maximumAge"][0]).years),
        "look_back_days": cast(timedelta, birthday["lookBack"][0]).days,
        "look_back_in_data_days": cast(timedelta, birthday["lookBackInData"][0]).days,
        "open_days": cast(MomentType, content.moment("coming-of-age")).validity.days,
        "partner_age": PARTNER_AGE,
    }


def _pattern(content: Content, moment: str, name: str) -> Mapping[str, tuple[object, ...]]:
    found = content.moment(moment)
    return next(p.parameters for p in (found.patterns if found else ()) if p.iri.endswith(f"#{name}"))


def by_the_line(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the same counts from what `augenblick detect` left behind."""
    facts = FactBase(connection)

    def one(sql: str, *values: object) -> int:
        return int((connection.execute(sql, values).fetchone() or (0,))[0])

    def asked(query: str) -> int:
        return len(set(facts.select(query).terms()))

    series = "SELECT count(DISTINCT customer_id) FROM evidence.series WHERE signal LIKE ?"
    return {
        "people with a first pension": one(series, "%/pension"),
        "first pensions turned down: history too short": asked(TURNED_DOWN % "HistoryTooShort"),
        "first pensions turned down: age outside": asked(TURNED_DOWN % "AgeOutside"),
        "retirements": one(MOMENTS, "retirement", ALL),
        "eighteenth birthdays": one(MOMENTS, "coming-of-age", ALL),
        "eighteenth birthdays, still open": one(MOMENTS, "coming-of-age", OPEN),
        "people with household payments": one(series, "%/household-payment"),
        "household payments": one("SELECT count(*) FROM evidence.occurrences WHERE signal LIKE '%/household-payment'"),
        "couples": asked(COUPLES),
        "couples kept out: one is a child": one("SELECT count(*) FROM bank.relations") - asked(COUPLES),
        "people with a loan": one("SELECT count(DISTINCT customer_id) FROM bank.contracts WHERE product = 'loan'"),
    }


def table(found: Mapping[str, int], expected: Mapping[str, int]) -> str:
    """Return both sides as text, a line for each count."""
    lines = [f"{'':48}{'found':>8}{'SQL':>8}"]
    for what, number in expected.items():
        mark = "" if found[what] == number else "  differs"
        lines.append(f"{what:48}{found[what]:8,}{number:8,}{mark}")
    return "\n".join(lines) + "\n"


def main(folder: Path, data: Path) -> int:
    """Print both sides; return 1 where they differ."""
    with last_run(DataDirectory(data)) as run:
        found = by_the_line(run.connection)
        expected = by_sql(folder, as_of=run.as_of, content=load_content())
    sys.stdout.write(table(found, expected))
    return int(found != expected)


if __name__ == "__main__":
    if len(sys.argv) != len(("compare.py", "FOLDER", "DATA")):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
