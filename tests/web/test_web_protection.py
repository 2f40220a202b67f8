"""What data protection sees and does: rules and decisions, the log page by page, disclosures, erasures, records."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from augenblick.policy import Access, AuditLog
from visiting import done, entered


def _decided(page: str) -> str:
    return re.findall(r'class="verdict-sheet (\w+)"', page)[0]


CASES = [
    ({"role": "adviser", "purpose": "advice"}, "permitted"),
    ({"role": "adviser", "purpose": "advice", "said.advice": "refused"}, "withheld"),
    ({"role": "adviser", "purpose": "advice", "others": "silent"}, "redacted"),
    ({"role": "adviser", "purpose": "advice", "others": "agreed"}, "permitted"),
    ({"role": "adviser", "purpose": "advice", "class": "ThirdParty", "others": "silent"}, "withheld"),
    ({"role": "adviser", "purpose": "advertising"}, "withheld"),
    ({"role": "adviser", "purpose": "advertising", "said.advertising": "given"}, "permitted"),
    ({"role": "adviser", "purpose": "advertising", "said.advertising": "given", "channel": "email"}, "withheld"),
    (
        {
            "role": "adviser",
            "purpose": "advertising",
            "said.advertising": "given",
            "channel": "email",
            "said.own": "given",
        },
        "permitted",
    ),
    ({"role": "adviser", "purpose": "advertising", "class": "Criminal", "said.advertising": "given"}, "withheld"),
    ({"role": "adviser", "purpose": "advertising", "customer": "mum"}, "permitted"),
    ({"role": "adviser", "purpose": "advertising", "customer": "kid"}, "withheld"),
    ({"role": "adviser", "purpose": "advice", "customer": "mum", "other": "kid"}, "permitted"),
    ({"role": "adviser", "purpose": "advice", "customer": "kid", "other": "mum"}, "redacted"),
    ({"role": "expert", "purpose": "advice"}, "withheld"),
]


@pytest.mark.parametrize(("case", "outcome"), CASES)
def test_decision_in_a_case_is_the_gates(signed_in, case, outcome) -> None:
    page = signed_in("data_protection").get("/policy/decision", params=case).text
    assert _decided(page) == outcome


@pytest.mark.parametrize(("language", "reason"), [("de", "andere[rn]* Person"), ("en", "another person")])
def test_decision_tells_reason_source_and_what_is_not_fulfilled(signed_in, language, reason) -> None:
    case = {"role": "adviser", "purpose": "advice", "others": "silent"}
    page = signed_in("data_protection", language).get("/policy/decision", params=case).text
    assert re.search(reason, page)
    assert "Nr. 2 Abs. 1 AGB-Banken" in page
    assert ("bank secrecy" in page, "Bankgeheimnis, " in page) == (language == "en", language == "de")
    assert re.findall(r'<li class="(\w+)">', page) == ["yes", "no"]


def test_decision_about_a_real_customer_enters_the_audit_log_and_an_unknown_one_is_not_found(signed_in, family) -> None:
    client = signed_in("data_protection", name="Dora")
    asked = "/policy/decision?role=adviser&purpose=advice&customer="
    assert client.get(f"{asked}mum").status_code == 200
    assert client.get(f"{asked}nobody").status_code == 404
    told = [(each.actor, each.question) for each in AuditLog(family).entries(subject="mum")]
    assert ("Dora", "decision") in told


@pytest.mark.parametrize("path", ["/policy/decision", "/rights", "/rights/disclosure?customer=mum"])
def test_pages_of_data_protection_are_closed_to_others(signed_in, path) -> None:
    assert signed_in("adviser").get(path).status_code == 403


def test_every_cell_of_the_matrix_tells_its_reason_and_leads_to_a_case(signed_in) -> None:
    client = signed_in("data_protection")
    page = client.get("/policy").text
    links = re.findall(r'href="(/policy/decision\?[^"]+)"', page)
    assert len(links) > 20
    for link in links[:4]:
        assert client.get(link.replace("&amp;", "&")).status_code == 200
    assert page.count("<details>") == len(links)


def _write(folder: Path, entries: int) -> None:
    log = AuditLog(folder)
    access = Access(role="adviser", purpose="advice", actor_id="Many", at=date(2026, 6, 30))
    asked = [log.asked(access, "offers", subject=f"c{n}", question="customer", decision=None) for n in range(entries)]
    log.append(asked)


def test_audit_log_is_read_page_by_page_and_searched(signed_in, family) -> None:
    _write(family, 150)
    client = signed_in("data_protection")
    first = client.get("/audit", params={"who": "many"}).text
    (older,) = re.findall(r'href="(/audit\?[^"]+)" rel="next"', first)
    second = client.get(older.replace("&amp;", "&")).text
    assert (first.count("<td>Many</td>"), second.count("<td>Many</td>")) == (100, 50)
    assert client.get("/audit", params={"number": "c7"}).text.count("<td>Many</td>") == 1
    assert client.get("/audit", params={"who": "many", "until": "2001-01-01"}).text.count("<td>Many</td>") == 0
    assert "The log is whole" in client.get("/audit", params={"verify": "1"}).text


def test_audit_log_that_was_changed_is_told_so(signed_in, family) -> None:
    log = family / "audit.jsonl"
    kept = log.read_bytes()
    client = signed_in("data_protection")
    try:
        log.write_bytes(kept.replace(b'"outcome": "admitted"', b'"outcome": "withheld"', 1))
        assert "not as it was written" in client.get("/audit", params={"verify": "1"}).text
    finally:
        log.write_bytes(kept)


@pytest.mark.parametrize(
    ("language", "said"), [("de", ("Buchungen", "Nie|nie")), ("en", ("transactions.booking_date", "never"))]
)
def test_processing_record_tells_purposes_periods_and_what_never_happens(signed_in, language, said, content) -> None:
    page = signed_in("data_protection", language).get("/policy/processing").text
    assert all(re.search(each, page) for each in said)
    assert all(f"/moments/{moment.slug}" in page for moment in content.moments)


def test_customer_is_told_and_then_erased_with_a_certificate(own, untouched) -> None:
    with entered(own.url, "data_protection", "Dora", "/rights") as (client, token):
        begun = client.post("/rights/disclosure", data={"token": token, "customer": "kid"})
        told = done(client, begun.headers["location"])
        assert all(each in told for each in ("Master data", "given name", "first child benefit", "transactions.csv"))
        letter = client.get("/rights/disclosure/file", params={"customer": "kid"})
        assert "attachment" in letter.headers["content-disposition"]
        assert "Auskunft nach Art. 15 DSGVO" in letter.text

        form = {"token": token, "customer": "kid", "again": "mum", "sure": "yes"}
        assert client.post("/rights/erasure", data=form).status_code == 422
        assert client.post("/rights/erasure", data={**form, "again": "kid", "sure": ""}).status_code == 422
        assert client.get("/customers/kid").status_code == 200
        begun = client.post("/rights/erasure", data={**form, "again": "kid"})
        page = done(client, begun.headers["location"])
        (reference,) = re.findall(r"/rights/certificates/([0-9a-f-]+)", page)
        assert client.get("/customers/kid").status_code == 404
        assert client.get("/customers/mum").status_code == 200
        kept = client.get(f"/rights/certificates/{reference}").json()
        assert kept["removed"]["customers"] == 1
        assert "kid" not in str(kept)
        assert client.get("/rights/disclosure", params={"customer": "kid"}).headers["location"].startswith("/rights?")
        assert client.get("/rights").text.count(reference) == 2
    before, after = (max(int(each.name) for each in (at / "snapshots").iterdir() if each.is_dir())
                     for at in (untouched, Path(own.settings.data)))  # fmt: skip
    assert after > before, "a snapshot's number is not given twice: readers remember what stood in it"
