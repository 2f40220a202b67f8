"""A person's right of access (GDPR 15): what is known, inferred, why and what for; other persons' secrets left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any

import duckdb

from augenblick.content.citing import cited
from augenblick.explain import Explanation, what_if
from augenblick.explain.redaction import persons_in, redacted
from augenblick.model.marks import shown
from augenblick.model.tables import has_table
from augenblick.pipeline.disclosure_page import page
from augenblick.pipeline.reading import WITHHELD, LastRun, last_run, no_customer
from augenblick.policy import Access, AuditLog, Consents, Gate, Standing, standings_of
from augenblick.policy.retention import read_periods
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
    "Buchungen": "SELECT t.booking_date, t.account_id, t.amount, t.currency, t.counterparty_name, "
    "t.purpose AS remittance FROM bank.transactions t SEMI JOIN (SELECT account_id "
    "FROM bank.account_holders WHERE customer_id = ? AND role IN ('owner', 'co_owner')) USING (account_id) "
    "ORDER BY t.booking_date, t.transaction_id",
    "Verträge": "SELECT * EXCLUDE (_file, _line) FROM bank.contracts WHERE customer_id = ? ORDER BY opened_on",
    "Kontakte": "SELECT occurred_at, channel, kind, topic FROM bank.interactions WHERE customer_id = ? "
    "ORDER BY occurred_at",
    "Einwilligungen und Widersprüche": "SELECT purpose, channel, status, valid_from, valid_to FROM bank.consents "
    "WHERE customer_id = ? ORDER BY valid_from",
    "Selbst mitgeteilte Lebensmomente": "SELECT moment, occurred_on, source, state, note FROM bank.declared_moments "
    "WHERE customer_id = ? ORDER BY occurred_on",
}
TABLES = {
    "Stammdaten": "customers",
    "Änderungen der Stammdaten": "customer_changes",
    "Angegebene Beziehungen": "relations",
    "Konten": "accounts",
    "Buchungen": "transactions",
    "Verträge": "contracts",
    "Kontakte": "interactions",
    "Einwilligungen und Widersprüche": "consents",
    "Selbst mitgeteilte Lebensmomente": "declared_moments",
    "Was zu Ihren Momenten vermerkt wurde": "feedback",
}
"""Which of the bank's tables each part of the records is from."""
_FEEDBACK = """
SELECT moment_id, action, reason, note, given_at FROM bank.feedback WHERE customer_id = ? ORDER BY feedback_id
"""
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
    kept: list[dict[str, str]]
    changes: dict[str, list[str]]
    """Of each moment told, which smallest change of data would have changed the conclusion."""
    meanings: dict[str, str]
    """What the codes of purposes, channels, roles and moments mean, in German."""
    withheld: str = WITHHELD.de

    def to_dict(self) -> dict[str, Any]:
        """Return the disclosure as plain data."""
        return asdict(self)

    def html(self) -> str:
        """Return the disclosure as a page in German."""
        return page(self)


def disclose(directory: DataDirectory, customer: str, *, access: Access) -> Disclosure:
    """Return what a customer is to be told about their data.

    What rests on another person's data is told only where that person has agreed. Raises `NotPermitted` where the
    door is closed to the access, `NotFound` for an unknown customer.
    """
    with last_run(directory) as run:
        standings = list(standings_of(run.connection, customer))
        gate = run.gate(access, DISCLOSURE, {customer}.union(*(s.others for s in standings)), about=customer)
        records = {name: _rows(run.connection, sql, customer) for name, sql in _RECORDS.items()}
        if not records["Stammdaten"]:
            raise no_customer()
        inferred = tuple(_inferred(run, gate, access, standings))
        if has_table(run.connection, "feedback", database="bank"):
            records["Was zu Ihren Momenten vermerkt wurde"] = list(_said(run, customer, inferred))
        run.note(access, DISCLOSURE, customer, "disclosure", None)
        return Disclosure(
            customer_id=customer,
            on=access.at,
            records=records,
            recognised=list(_recognised(run, customer)),
            inferred=inferred,
            purposes=list(_purposes(run)),
            asked=list(_asked(directory, customer)),
            kept=[
                {"Was": p.label.de, "Wie lange": _span(p.months), "Grund": cited(p.source).de}
                for p in read_periods(run.in_force)
            ],
            changes={told.moment_id: list(_changes(run, told, access)) for told in inferred},
            meanings=dict(_meanings(run)),
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


def _said(run: LastRun, customer: str, inferred: tuple[Explanation, ...]) -> Iterator[dict[str, Any]]:
    """Give what was said of the moments that are told; of others it would tell that they are there."""
    told = {explanation.moment_id: explanation.label.de for explanation in inferred}
    for row in _rows(run.connection, _FEEDBACK, customer):
        moment = row.pop("moment_id")
        if moment in told:
            yield {"moment": told[moment], **row}


def _changes(run: LastRun, told: Explanation, access: Access) -> Iterator[str]:
    for change in what_if(told, run.content, run.policy, access):
        if change.kind == "data":
            yield change.sentence.de


def _span(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [(years, "Jahr", "Jahre"), (rest, "Monat", "Monate")]
    return " ".join(f"{count} {one if count == 1 else many}" for count, one, many in parts if count)


def _meanings(run: LastRun) -> Iterator[tuple[str, str]]:
    policy = run.policy
    for labels in (policy.purposes, policy.consent_kinds):
        yield from ((code, label.de) for code, label in labels.items())
    yield from ((code, channel.label.de) for code, channel in policy.channels.items())
    yield from ((code, role.label.de) for code, role in policy.roles.items())
    yield from ((moment.slug, moment.label.de) for moment in run.content.moments)


def _released(consents: Consents, at: date, customer: str, person: str) -> bool:
    """Whether a customer may be told of a person: themselves, or one who has released the bank from secrecy."""
    return person == customer or consents.given(person, RELEASE, at)


def _purposes(run: LastRun) -> Iterator[dict[str, str]]:
    policy = run.policy
    told: set[tuple[str, str]] = set()
    for (_, purpose, _), rule in policy.rules.items():
        key = (purpose, rule.name)
        if rule.permits and key not in told:
            told.add(key)
            yield {
                "Zweck": policy.purposes[purpose].de,
                "Grund": rule.reason.de,
                "Rechtsgrundlage": cited(rule.source).de,
            }


def _asked(directory: DataDirectory, customer: str) -> Iterator[dict[str, Any]]:
    for entry in AuditLog(directory.path).entries(subject=customer):
        yield {"wann": entry.asked_at, "Rolle": entry.role, "Zweck": entry.purpose, "Entscheidung": entry.outcome}
