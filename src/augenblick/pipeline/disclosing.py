"""A person's right of access (GDPR 15): what is known, inferred, why and what for; other persons' secrets left out."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any

import duckdb

from augenblick.explain import Explanation, render
from augenblick.explain.redaction import persons_in, redacted
from augenblick.model.marks import shown
from augenblick.pipeline.reading import WITHHELD, LastRun, last_run, no_customer
from augenblick.policy import Access, AuditLog, Consents, Gate, Standing, read_policy, standings_of
from augenblick.store import DataDirectory

DISCLOSURE = "disclosure"
RELEASE = "disclosure"
"""The consent by which another person releases what a moment takes from them."""

_RECORDS = {
    "Stammdaten": "SELECT * EXCLUDE (_file, _line) FROM bank.customers WHERE customer_id = ?",
    "Änderungen der Stammdaten": "SELECT * EXCLUDE (_file, _line) FROM bank.customer_changes WHERE customer_id = ? "
    "ORDER BY changed_on",
    "Angegebene Beziehungen": "SELECT relation, valid_from, valid_to FROM bank.relations WHERE customer_id = ? "
    "ORDER BY ALL",
    "Konten": "SELECT a.account_id, a.iban, a.kind, h.role, a.opened_on, a.closed_on, count(t.transaction_id) AS "
    "bookings, min(t.booking_date) AS first_booking, max(t.booking_date) AS last_booking FROM bank.accounts a "
    "JOIN bank.account_holders h USING (account_id) LEFT JOIN bank.transactions t USING (account_id) "
    "WHERE h.customer_id = ? GROUP BY ALL ORDER BY a.account_id",
    "Verträge": "SELECT * EXCLUDE (_file, _line) FROM bank.contracts WHERE customer_id = ? ORDER BY opened_on",
    "Kontakte": "SELECT occurred_at, channel, kind, topic FROM bank.interactions WHERE customer_id = ? "
    "ORDER BY occurred_at",
    "Einwilligungen und Widersprüche": "SELECT purpose, channel, status, valid_from, valid_to FROM bank.consents "
    "WHERE customer_id = ? ORDER BY valid_from",
    "Selbst mitgeteilte Lebensmomente": "SELECT moment, occurred_on, source, state, note FROM bank.declared_moments "
    "WHERE customer_id = ? ORDER BY occurred_on",
}
_SERIES = """
SELECT signal, payer_name, bookings, first_on, last_on FROM evidence.series WHERE customer_id = ? ORDER BY first_on
"""


@dataclass(frozen=True)
class Disclosure:
    """Everything to be told to one customer; `inferred` are moments with their reasons."""

    customer_id: str
    on: date
    records: dict[str, list[dict[str, Any]]]
    recognised: list[dict[str, Any]]
    inferred: tuple[Explanation, ...]
    purposes: list[dict[str, str]]
    asked: list[dict[str, Any]]
    withheld: str = WITHHELD.de

    def to_dict(self) -> dict[str, Any]:
        """Return the disclosure as plain data."""
        return asdict(self)

    def html(self) -> str:
        """Return the disclosure as a page in German."""
        return "\n".join(_page(self))


def disclose(directory: DataDirectory, customer: str, *, access: Access) -> Disclosure:
    """Return what a customer is to be told about their data.

    What rests on another person's data is told only where that person has agreed. Raises `NotPermitted` where the
    door is closed to the access, `NotFound` for an unknown customer.
    """
    with last_run(directory) as run:
        standings = list(standings_of(run.connection, customer))
        gate = run.gate(access, DISCLOSURE, {customer}.union(*(standing.others for standing in standings)))
        records = {name: _rows(run.connection, sql, customer) for name, sql in _RECORDS.items()}
        if not records["Stammdaten"]:
            raise no_customer()
        run.note(access, DISCLOSURE, customer, "disclosure", None)
        return Disclosure(
            customer_id=customer,
            on=access.at,
            records=records,
            recognised=list(_recognised(run, customer)),
            inferred=tuple(_inferred(run, gate, access, standings)),
            purposes=list(_purposes(run)),
            asked=list(_asked(directory, customer)),
        )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, customer: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, [customer])
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{name: shown(value) for name, value in row.items() if value is not None} for row in rows]


def _recognised(run: LastRun, customer: str) -> Iterator[dict[str, Any]]:
    for row in _rows(run.connection, _SERIES, customer):
        signal = run.content.signal(str(row["signal"]))
        yield row | {"signal": signal.label.de if signal and signal.label else row["signal"]}


def _inferred(run: LastRun, gate: Gate, access: Access, standings: list[Standing]) -> Iterator[Explanation]:
    explainer = run.explainer()
    for standing in standings:
        released = all(gate.consents.given(other, RELEASE, access.at) for other in standing.others)
        if released or (standing.milder is not None and not standing.milder.others):
            told = explainer.moment(standing.moment_id, milder=None if released else standing.milder)
            named = Consents.read(run.connection, persons_in(told))
            yield redacted(told, partial(_released, named, access.at, standing.customer_id))


def _released(consents: Consents, at: date, customer: str, person: str) -> bool:
    """Whether a customer may be told of a person: themselves, or one who has released the bank from secrecy."""
    return person == customer or consents.given(person, RELEASE, at)


def _purposes(run: LastRun) -> Iterator[dict[str, str]]:
    policy = read_policy(run.in_force)
    told: set[tuple[str, str]] = set()
    for (_, purpose, _), rule in policy.rules.items():
        key = (purpose, rule.name)
        if rule.permits and key not in told:
            told.add(key)
            yield {"Zweck": policy.purposes[purpose].de, "Grund": rule.reason.de, "Rechtsgrundlage": rule.source}


def _asked(directory: DataDirectory, customer: str) -> Iterator[dict[str, Any]]:
    for entry in AuditLog(directory.path).entries(subject=customer):
        yield {"wann": entry.asked_at, "Rolle": entry.role, "Zweck": entry.purpose, "Entscheidung": entry.outcome}


def _page(told: Disclosure) -> Iterator[str]:
    yield "<!doctype html>\n<html lang='de'><head><meta charset='utf-8'><title>Auskunft nach Art. 15 DSGVO</title>"
    yield "<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    yield "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2rem .5rem;text-align:left}"
    yield "pre{white-space:pre-wrap}</style></head><body>"
    yield f"<h1>Auskunft nach Art. 15 DSGVO</h1><p>Kundennummer {_text(told.customer_id)}, Stand {told.on:%d.%m.%Y}</p>"
    yield "<h2>Was wir über Sie gespeichert haben</h2>"
    for name, rows in told.records.items():
        yield from _table(name, rows)
    yield "<h2>Was wir in Ihren Buchungen erkannt haben</h2>"
    yield from _table("Regelmäßige Zahlungen", told.recognised)
    yield "<h2>Was wir daraus geschlossen haben, und warum</h2>"
    for explanation in told.inferred:
        yield f"<pre>{_text(render(explanation, 'de'))}</pre>"
    yield f"<p>{_text(told.withheld)}</p>"
    yield "<h2>Wozu wir es verwenden</h2>"
    yield from _table("Zwecke und Rechtsgrundlagen", told.purposes)
    yield "<h2>Wer danach gefragt hat</h2>"
    yield from _table("Anfragen", told.asked)
    yield "<h2>Ihre Rechte</h2><p>Sie können Angaben berichtigen (Art. 16 DSGVO) oder löschen lassen (Art. 17), der"
    yield "Verwendung widersprechen (Art. 21), Einwilligungen jederzeit widerrufen (Art. 7) und sich bei der"
    yield "Aufsichtsbehörde beschweren (Art. 77). Keine dieser Schlussfolgerungen entscheidet allein über Sie"
    yield "(Art. 22).</p></body></html>"


def _table(name: str, rows: list[Any]) -> Iterator[str]:
    yield f"<h3>{_text(name)}</h3>"
    if not rows:
        yield "<p>Nichts.</p>"
        return
    columns = list(dict.fromkeys(column for row in rows for column in row))
    yield "<table><tr>" + "".join(f"<th>{_text(column)}</th>" for column in columns) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_text(row.get(column, ''))}</td>" for column in columns) + "</tr>"
    yield "</table>"


def _text(value: object) -> str:
    return html.escape(str(value))
