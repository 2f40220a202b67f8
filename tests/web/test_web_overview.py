"""The analyst's numbers: charts by week, results as files, and nothing counted that the role does not see."""

from __future__ import annotations

import io
import json
import re
import shutil
from datetime import date

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from augenblick import web
from augenblick.content import Words
from augenblick.model.errors import BadParameter
from augenblick.model.terms import AUG
from augenblick.policy import read_policy
from augenblick.readiness import Input, needs
from augenblick.web import inputs_told
from augenblick.web.charts import HEIGHT, WIDTH, bars, spark, weekly
from augenblick.web.overview import Line
from augenblick.web.result_files import written
from running_service import starting
from visiting import done, entered

XSD = "http://www.w3.org/2001/XMLSchema#"


def test_weeks_begin_on_monday_have_no_gaps_and_lose_no_day() -> None:
    counts = {date(2026, 6, 30): 3, date(2026, 7, 1): 1, date(2026, 7, 13): 2}
    weeks = weekly(counts, date(2026, 6, 30), date(2026, 7, 14))
    assert weeks == [(date(2026, 6, 29), 4), (date(2026, 7, 6), 0), (date(2026, 7, 13), 2)]


@pytest.mark.parametrize("counts", [[], [0, 0], [1], [3, 17, 0, 5], [12_345, 2]])
def test_bars_lie_within_the_picture_and_are_as_high_as_their_counts(counts) -> None:
    weeks = [(date(2026, 1, 5), n) for n in counts]
    chart = bars(weeks)
    assert [bar.count for bar in chart.bars] == counts
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and 0 <= bar.y <= HEIGHT for bar in chart.bars)
    heights = [bar.height for bar in chart.bars]
    assert sorted(range(len(counts)), key=lambda i: counts[i]) == sorted(range(len(counts)), key=lambda i: heights[i])
    assert chart.lines[-1][1] >= max(counts, default=0)
    assert 2 <= len(chart.lines) <= 6


def test_small_line_has_a_point_for_each_week() -> None:
    assert len(spark([0, 3, 1]).split()) == 3


def test_overview_tells_the_moments_as_a_picture_and_a_table(signed_in) -> None:
    page = signed_in("analyst", "en").get("/overview").text
    assert "birth of a child" in page
    assert len(re.findall(r"<rect", page)) >= 52
    assert "Week of" in page
    assert "No adviser has said anything" in page or "Precision is the share" in page


def test_overview_counts_what_advisers_said(signed_in) -> None:
    adviser, analyst = signed_in("adviser"), signed_in("analyst")
    page = adviser.get("/customers/kid").text
    (token,) = set(re.findall(r'name="token" value="([^"]+)"', page))
    moment = re.findall(r'name="moment" value="([^"]+)"', page)[0]
    for action, share in (("acted", "100.0%"), ("reopened", None)):
        said = {"token": token, "moment": moment, "action": action}
        assert adviser.post("/said", data=said).status_code == 303
        overview = analyst.get("/overview").text
        (line,) = re.findall(r'<tr><th scope="row"><a href="/moments/childbirth">.*?</tr>', overview, re.DOTALL)
        assert share is None or share in line


@pytest.mark.parametrize("path", ["/overview", "/overview/readiness"])
def test_overview_is_behind_the_door_of_analysts(signed_in, path) -> None:
    assert signed_in("adviser").get(path).status_code == 403
    assert signed_in("expert").get(path).status_code == 403


def test_offers_of_a_moment_are_a_bar_of_what_became_of_them() -> None:
    line = Line("moment", Words("m", "m"), offered=3, refused={"not suitable": 6, "not contact": 3})
    assert line.verdicts == [("offered", 0.0, 25.0), ("not-contact", 25.0, 25.0), ("not-suitable", 50.0, 50.0)]
    assert Line("moment", Words("m", "m")).verdicts == []


def test_readiness_tells_for_how_many_customers_a_moment_can_work(signed_in) -> None:
    client = signed_in("analyst", "de")
    begun = client.get("/overview/readiness").text
    assert "Alle Buchungen werden durchgesehen" in begun or "Geburt eines Kindes" in begun
    page = done(client, "/overview/readiness")
    assert "Geburt eines Kindes" in page
    assert '<span title="contracts.product=auto_loan, contracts.product=autokredit' in page
    assert not re.search(r">[^<]*\b(contracts|customers|transactions)\.", page)


@pytest.mark.parametrize(
    ("item", "de", "en"),
    [
        (Input("contracts", "product", "auto_loan"), "Vertrag: Autokredit", "contract: car loan"),
        (Input("contracts", "product", "nobody_s"), "Vertrag: nobody_s", "contract: nobody_s"),
        (Input("customers", "birth_date"), "Geburtsdatum", "Date of birth"),
        (Input("customer_changes", "attribute", "city"), "gemeldete Änderung: Ort", "change told: Town"),
        (Input("transactions", days=180), "Buchungen aus mindestens 180 Tagen", "bookings of at least 180 days"),
        (Input("accounts", "kind", "youth"), "Konto: Jugendkonto", "account: Youth account"),
        (Input("interactions", "kind", "visit"), "Kontakt: Besuch", "contact: visit"),
        (Input("relations", kin=AUG + "hasChild"), "Beziehung „hat Kind“", "relation “has child”"),
        (
            Input("customers", "death_date", kin=AUG + "hasParent"),
            "Sterbedatum (von Angehörigen: hat Elternteil)",
            "Date of death as recorded by the bank (of relatives: has parent)",
        ),
    ],
)
def test_input_is_told_as_people_say_it(content, item, de, en) -> None:
    assert list(inputs_told.told([item], content, read_policy(content), "de")) == [de]
    assert list(inputs_told.told([item], content, read_policy(content), "en")) == [en]


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_input_that_the_shipped_content_needs_is_told_by_its_technical_name(content, language) -> None:
    inputs = {item for pattern in content.patterns for group in needs(pattern, content) for item in group}
    shown = (each for each in inputs if each.table != "moments")
    for text, names in inputs_told.told(shown, content, read_policy(content), language).items():
        assert not re.search(r"[a-z]_[a-z]|=|^\s*$|: $|“”|„“", text), (text, names)


# Results as files


def _result(*rows: dict[str, tuple[str, str]]) -> bytes:
    bindings = [
        {
            name: {"type": "literal", "value": text, **({"datatype": XSD + kind} if kind else {})}
            for name, (text, kind) in row.items()
        }
        for row in rows
    ]
    return json.dumps({"head": {"vars": ["name", "n", "day"]}, "results": {"bindings": bindings}}).encode()


RESULT = _result(
    {"name": ("=1+1", ""), "n": ("3", "integer"), "day": ("2026-06-30", "date")},
    {"name": ("Jürgen", ""), "n": ("2.5", "decimal")},
)


def test_parquet_keeps_numbers_and_days() -> None:
    table = parquet.read_table(io.BytesIO(written("parquet", RESULT)))
    assert table.to_pydict() == {"name": ["=1+1", "Jürgen"], "n": [3.0, 2.5], "day": [date(2026, 6, 30), None]}


def test_excel_keeps_numbers_and_runs_no_formula() -> None:
    sheet = load_workbook(io.BytesIO(written("xlsx", RESULT))).active
    assert [cell.value for cell in sheet[1]] == ["name", "n", "day"]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value) == ("=1+1", "s", 3)


def test_answer_that_is_no_table_makes_no_file() -> None:
    with pytest.raises(BadParameter, match="no table"):
        written("parquet", b'{"head": {}, "boolean": true}')


def _saved(client, query: str, kind: str):
    (token,) = set(re.findall(r'name="token" value="([^"]+)"', client.get("/moments").text))
    return client.post("/queries/result", data={"token": token, "query": query, "kind": kind})


@pytest.mark.parametrize(("kind", "begins"), [("csv", b"label"), ("parquet", b"PAR1"), ("xlsx", b"PK")])
def test_result_is_saved_in_each_form(signed_in, kind, begins) -> None:
    query = "SELECT DISTINCT ?label WHERE { ?m a aug:Moment ; aug:momentType/rdfs:label ?label }"
    answer = _saved(signed_in("analyst"), query, kind)
    assert answer.status_code == 200
    assert f'filename="result.{kind}"' in answer.headers["content-disposition"]
    assert answer.content.startswith(begins)


@pytest.mark.parametrize("query", ["SELECT nonsense", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"])
def test_query_that_cannot_be_asked_is_answered_by_a_page_that_says_so(signed_in, query) -> None:
    answer = _saved(signed_in("analyst"), query, "csv")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


def test_saved_result_holds_what_the_role_wrote_into_its_working_graphs(family, content, tmp_path) -> None:
    shutil.copytree(family, tmp_path / "data")
    update = {"Acting-Role": "analyst", "Purpose-Of-Use": "analysis", "Content-Type": "application/sparql-update"}
    with starting(tmp_path / "data", content, web.routers()) as start:
        running = start(working_graphs={"analyst": {"graphs": ["urn:work"], "triples": 9}})
        with entered(running.url, "analyst", "Eva", "/queries") as (client, token):
            sent = client.post("/sparql", content="INSERT DATA { <urn:a> a <urn:Large> }", headers=update)
            assert sent.status_code == 204, sent.text
            asked = {"token": token, "query": "SELECT ?s { ?s a <urn:Large> }", "kind": "csv"}
            assert client.post("/queries/result", data=asked).text.split() == ["s", "urn:a"]


def test_result_is_saved_by_who_may_export_only(signed_in) -> None:
    assert _saved(signed_in("adviser"), "SELECT * {}", "csv").status_code == 403
