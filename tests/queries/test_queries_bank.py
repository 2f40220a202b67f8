"""Every query of the library on a simulated bank, and what they answer beside independent SQL on the tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from accesses import DATA_PROTECTION
from augenblick.publish import current_snapshot, load_library, run_query
from augenblick.publish.library import LibraryQuery
from simulated_bank import SimulatedBank

QUERIES = Path(__file__).resolve().parents[2] / "queries"
Ask = Callable[..., list[dict[str, str]]]

MOMENTS_BY_TYPE = "SELECT slug, state, count(*), avg(round(confidence, 4)) FROM moments.moments {where} GROUP BY ALL"
SERIES_BY_SIGNAL = (
    "SELECT signal, count(*), count(DISTINCT customer_id), min(first_on) FROM evidence.series GROUP BY ALL"
)


@pytest.fixture(scope="module")
def ask(simulated_bank: SimulatedBank) -> Ask:
    """Run a library query and return its rows."""
    snapshot = current_snapshot(simulated_bank.directory)

    def answer(name: str, **given: str) -> list[dict[str, str]]:
        query = load_library(QUERIES)[name]
        found = run_query(
            snapshot,
            query.text,
            access=DATA_PROTECTION,
            parameters=query.values(given),
            result_format="csv",
            seconds=60,
        )
        assert found.kind == "SELECT"
        return list(csv.DictReader(io.StringIO(found.content.decode())))

    return answer


@pytest.fixture(scope="module")
def subject(simulated_bank: SimulatedBank) -> dict[str, str]:
    """Values for the parameters queries take: those of the first clan's grandmother or grandfather."""
    ((moment, customer, _),) = simulated_bank.moments("customer_id = 'C00000001' AND slug = 'grandchild-birth'")
    born = {"from": "2024-11-01", "to": "2044-10-31"}
    return {"customer": customer, "moment": moment, "since": "2024-11-01", **born}


def labels(bank: SimulatedBank, language: str) -> dict[str, str]:
    found = {m.iri: m.label.in_language(language) for m in bank.content.moments}
    found |= {m.slug: m.label.in_language(language) for m in bank.content.moments}
    return found | {s.iri: s.label.in_language(language) for s in bank.content.signals if s.label}


@pytest.mark.parametrize("query", load_library(QUERIES).values(), ids=lambda query: query.slug)
def test_query_of_the_library_answers_in_both_languages(ask: Ask, subject: dict[str, str], query: LibraryQuery) -> None:
    named = {parameter.name for parameter in query.parameters if parameter.default != "*"}  # * asks for all
    given = {name: value for name, value in subject.items() if name in named}
    languages = ("de", "en") if "lang" in named else (None,)
    answers = [ask(query.slug, **given, **({"lang": lang} if lang else {})) for lang in languages]
    assert answers[0], "no row on a bank that has everything"
    assert len({len(rows) for rows in answers}) == 1
    assert len(answers) == 1 or answers[0] != answers[1]


@pytest.mark.parametrize("language", ["de", "en"])
def test_customer_moments_are_those_of_the_table(
    ask: Ask, subject: dict[str, str], simulated_bank: SimulatedBank, language: str
) -> None:
    with simulated_bank.tables() as tables:
        rows = tables.execute(
            "SELECT slug, occurred_from::VARCHAR, occurred_to::VARCHAR, round(confidence, 4), state, "
            "valid_until::VARCHAR, moment_id FROM moments.moments WHERE customer_id = ? AND state <> 'voided'",
            [subject["customer"]],
        ).fetchall()
    names = labels(simulated_bank, language)
    expected = sorted((names[slug], first, last, float(sure), *rest) for slug, first, last, sure, *rest in rows)
    answer = ask("customer-moments", customer=subject["customer"], lang=language)
    assert sorted((*list(row.values())[:3], float(row["confidence"]), *list(row.values())[4:]) for row in answer) == (
        expected
    )


def test_customer_series_are_those_of_the_table(
    ask: Ask, subject: dict[str, str], simulated_bank: SimulatedBank
) -> None:
    with simulated_bank.tables() as tables:
        rows = tables.execute(
            "SELECT signal, coalesce(payer_name, ''), level::DOUBLE, first_on::VARCHAR, last_on::VARCHAR, bookings "
            "FROM evidence.series WHERE customer_id = ?",
            [subject["customer"]],
        ).fetchall()
    names = labels(simulated_bank, "de")
    answer = ask("customer-series", customer=subject["customer"], lang="de")
    assert rows
    assert Counter(
        (r["label"], r["payer"], float(r["level"]), r["first"], r["last"], int(r["bookings"])) for r in answer
    ) == Counter((names[signal], *rest) for signal, *rest in rows)


def test_moments_by_type_are_counted_as_in_the_table(ask: Ask, simulated_bank: SimulatedBank) -> None:
    with simulated_bank.tables() as tables:
        rows = tables.execute(MOMENTS_BY_TYPE.format(where="WHERE state <> 'voided'")).fetchall()
    names = labels(simulated_bank, "de")
    expected = {(names[slug], state): (count, pytest.approx(mean, abs=0.005)) for slug, state, count, mean in rows}
    answer = {
        (row["label"], row["state"]): (int(row["moments"]), float(row["meanConfidence"]))
        for row in ask("moments-by-type", lang="de")
    }
    assert answer == expected


def test_signals_seen_are_counted_as_in_the_table(ask: Ask, simulated_bank: SimulatedBank) -> None:
    with simulated_bank.tables() as tables:
        rows = tables.execute(SERIES_BY_SIGNAL).fetchall()
    names = labels(simulated_bank, "de")
    expected = {(names[signal], str(n), str(people), str(since)) for signal, n, people, since in rows}
    answer = {tuple(row[c] for c in ("label", "seriesFound", "customers", "since")) for row in ask("signals-seen")}
    assert answer == expected


def test_family_holds_the_recorded_and_the_inferred_child(ask: Ask, subject: dict[str, str]) -> None:
    found = {(row["relative"], row["origin"].rsplit("/", 1)[-1]) for row in ask("family", **{"customer": "C00000003"})}
    assert (subject["customer"], "inferred") in found
    assert ("C00000003", "facts") in {
        (row["relative"], row["origin"].rsplit("/", 1)[-1]) for row in ask("family", customer=subject["customer"])
    }
