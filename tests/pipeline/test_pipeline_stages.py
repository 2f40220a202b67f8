"""The whole line on one simulated bank: every stage leaves something, and what is published is canonical."""

from __future__ import annotations

import json

import pyoxigraph

from accesses import DATA_PROTECTION
from augenblick import pipeline
from augenblick.publish import current_snapshot
from simulated_bank import END, SimulatedBank

GRAPHS = {"facts", "evidence", "inferred", "moments", "offers", "consent", "ontology", "access"}


def test_line_on_a_clean_export_loads_every_row(simulated_bank: SimulatedBank) -> None:
    simulated = {name: rows for name, rows in simulated_bank.simulated.rows.items() if name not in ("truth", "traps")}
    assert simulated_bank.loaded.rejected == 0
    assert {file.table: file.loaded for file in simulated_bank.loaded.files} == simulated


def test_line_on_a_clean_export_leaves_something_at_every_stage(simulated_bank: SimulatedBank) -> None:
    report = simulated_bank.report.to_dict()
    assert set(report["seconds"]) == {
        "signals",
        "facts",
        "validate",
        "reason",
        "moments",
        "offers",
        "classes",
        "publish",
        "lookup",
    }
    with simulated_bank.tables() as tables:
        for table in (
            *("evidence.occurrences", "evidence.series", "evidence.steps", "evidence.account_spans"),
            *("moments.indications", "moments.contributions", "moments.moments", "offers.offers", "offers.verdicts"),
        ):
            assert tables.execute(f"SELECT count(*) FROM {table}").fetchone() > (0,), table
    assert report["validation"]["conforms"]
    assert all(report[part] for part in ("signals", "facts", "inferred", "offers", "published"))


def test_line_report_counts_the_moments_that_are_in_the_table(simulated_bank: SimulatedBank) -> None:
    with simulated_bank.tables() as tables:
        rows = tables.execute("SELECT slug, state, count(*) FROM moments.moments GROUP BY ALL").fetchall()
    counted = {(label.de, state): n for label, counts in simulated_bank.report.moments for state, n in counts.items()}
    labels = {moment.slug: moment.label.de for moment in simulated_bank.content.moments}
    assert counted == {(labels[slug], state): n for slug, state, n in rows}


def test_line_finds_the_story_the_simulation_tells(simulated_bank: SimulatedBank) -> None:
    """The first clan's grandchild: a son of the first customer receives child benefit for the first time."""
    kin = pipeline.surest_kin_moment(simulated_bank.directory)
    assert kin in {moment for moment, _, _ in simulated_bank.moments("state = 'confirmed'")}
    found = {(customer, slug) for _, customer, slug in simulated_bank.moments()}
    assert ("C00000001", "grandchild-birth") in found
    assert ("C00000003", "childbirth") in found


def test_line_finds_no_moment_after_its_day_and_none_twice(simulated_bank: SimulatedBank) -> None:
    assert simulated_bank.moments(f"detected_on > DATE '{END}' OR occurred_from > occurred_to") == []
    identities = [moment for moment, _, _ in simulated_bank.moments()]
    assert len(identities) == len(set(identities))


def test_report_as_json_is_serialisable_without_help(simulated_bank: SimulatedBank) -> None:
    assert json.loads(json.dumps(simulated_bank.report.to_dict()))["as_of"] == END.isoformat()
    assert json.loads(json.dumps(simulated_bank.loaded.to_dict()))["totals"]["rejected"] == 0


def test_published_graph_is_sorted_and_parses_without_repetition(simulated_bank: SimulatedBank) -> None:
    content = simulated_bank.graph.read_bytes()
    lines = content.splitlines(keepends=True)
    assert lines == sorted(set(lines))
    quads = list(pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.N_QUADS))
    assert len(quads) == len(lines) == simulated_bank.report.published.quads
    assert pyoxigraph.serialize(quads[:500], format=pyoxigraph.RdfFormat.N_QUADS) == b"".join(lines[:500])


def test_published_graph_holds_the_named_graphs_and_no_file_or_line(simulated_bank: SimulatedBank) -> None:
    lines = simulated_bank.graph.read_text(encoding="utf-8").splitlines()
    named = {line.rsplit("/graph/", 1)[1].removesuffix("> .").partition("/")[0] for line in lines}
    assert named >= GRAPHS
    data = [line for line in lines if not line.endswith("/graph/ontology> .")]
    assert not [line for line in data if "transactions.csv" in line or "#fromLine>" in line or "#fromFile>" in line]


def test_snapshot_holds_exactly_the_published_quads(simulated_bank: SimulatedBank) -> None:
    snapshot = current_snapshot(simulated_bank.directory)
    assert (snapshot / "graph.nq").read_bytes() == simulated_bank.graph.read_bytes()
    assert len(pyoxigraph.Store.read_only(str(snapshot / "store"))) == simulated_bank.report.published.quads


def test_offers_of_every_customer_with_open_moments_have_verdicts_with_reasons(simulated_bank: SimulatedBank) -> None:
    open_moments = simulated_bank.moments("state IN ('tentative', 'confirmed')")
    assert open_moments
    for _, customer, _ in open_moments:
        offers = pipeline.offers_of(simulated_bank.directory, customer, access=DATA_PROTECTION)
        assert json.loads(json.dumps(offers.to_dict(), default=str))["customer_id"] == customer
        for moment in offers.moments:
            assert moment.offers
            assert moment.dialogue_de
            assert moment.dialogue_en
            for offer in moment.offers:
                assert offer.verdict == "offered" or offer.reasons
        for language in ("de", "en"):
            assert moment.label.in_language(language) in offers.text(language)


def test_offers_of_a_customer_without_moments_say_so(simulated_bank: SimulatedBank) -> None:
    with simulated_bank.tables() as tables:
        (quiet,) = tables.execute(
            "SELECT customer_id FROM bank.customers WHERE customer_id NOT IN (SELECT customer_id FROM moments.moments) "
            "ORDER BY 1 LIMIT 1"
        ).fetchone()
    assert "kein offener Moment" in pipeline.offers_of(simulated_bank.directory, quiet, access=DATA_PROTECTION).text(
        "de"
    )
