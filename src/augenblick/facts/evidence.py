"""Mappings of the evidence tables: occurrences and their bookings, series, steps; and of the run."""

from __future__ import annotations

from augenblick.facts.mapping import Form, Mapping, Property, tail_sql
from augenblick.model.marks import shown_sql
from augenblick.model.terms import AUG

CHOSEN = "chosen_occurrences"
"""The temporary table of the occurrences that become RDF."""

_BOOKINGS = "SELECT DISTINCT t.* FROM bank.transactions t JOIN evidence.occurrences o USING (transaction_id)"
_MEMBERS = (
    f"{_BOOKINGS} JOIN evidence.series s ON s.signal = o.signal AND s.customer_id = o.customer_id "
    "AND coalesce(s.payer, '') = coalesce(o.payer, '') AND o.occurred_on BETWEEN s.first_on AND s.last_on"
)


def evidence_mappings(base: str, as_of: str, *, occurrences: str = CHOSEN) -> list[Mapping]:
    """Return the mappings of `evidence.*`; `base` heads data IRIs, `as_of` is an SQL date."""
    person = Property("person", tail_sql(f"{base}customer/", "customer_id"), Form.IRI)
    account = Property("account", tail_sql(f"{base}account/", "account_id"), Form.IRI)
    payer = (Property("payer", "nullif(payer, '')"), Property("payerName", "payer_name"))
    return [
        *_occurrences(base, occurrences, (person, account, *payer)),
        _bookings(occurrences),
        _series(base, (person, account, *payer)),
        _steps(base),
        _run(as_of),
    ]


def choose_occurrences_sql(signals: str) -> str:
    """Return SQL for the occurrences that become RDF: of the signals listed (SQL), and those a series names."""
    named = (
        "SELECT unnest([first_occurrence, last_occurrence]) FROM evidence.series "
        "UNION SELECT occurrence_id FROM evidence.steps"
    )
    return f"SELECT * FROM evidence.occurrences WHERE signal IN ({signals}) OR occurrence_id IN ({named})"


def _occurrences(base: str, occurrences: str, common: tuple[Property, ...]) -> list[Mapping]:
    """Occurrences rest on a booking or on an interaction."""
    common = (*common, Property("signal", "signal", Form.IRI), Property("occurredOn", "occurred_on", Form.DATE))
    booking = Property("booking", tail_sql(f"{base}booking/", "transaction_id"), Form.IRI)
    interaction = Property("interaction", tail_sql(f"{base}interaction/", "interaction_id"), Form.IRI)
    talks = "SELECT i.* FROM bank.interactions i JOIN evidence.occurrences o USING (interaction_id)"
    return [
        Mapping(
            klass="Occurrence", graph="evidence", table="bank.transactions", prefix="occurrence/", key="occurrence_id",
            rows=f"SELECT * FROM {occurrences} WHERE transaction_id IS NOT NULL",
            origin=f"{_BOOKINGS} WHERE o.occurrence_id = $key",
            properties=(*common, booking, Property("amount", "amount", Form.DECIMAL)),
        ),
        Mapping(
            klass="Occurrence", graph="evidence", table="bank.interactions", prefix="occurrence/", key="occurrence_id",
            rows=f"SELECT * FROM {occurrences} WHERE interaction_id IS NOT NULL",
            origin=f"{talks} WHERE o.occurrence_id = $key",
            properties=(*common, interaction),
        ),
    ]  # fmt: skip


def _bookings(occurrences: str) -> Mapping:
    return Mapping(
        klass="Booking", graph="evidence", table="bank.transactions", prefix="booking/", key="transaction_id",
        rows="SELECT * FROM bank.transactions WHERE transaction_id IN "
        f"(SELECT transaction_id FROM {occurrences} WHERE transaction_id IS NOT NULL)",
        origin="SELECT * FROM bank.transactions WHERE transaction_id = $key",
        properties=(
            Property("bookingDate", "booking_date", Form.DATE), Property("amount", "amount", Form.DECIMAL),
            Property("counterpartyName", "counterparty_name"), Property("purposeText", shown_sql("purpose")),
        ),
    )  # fmt: skip


def _series(base: str, common: tuple[Property, ...]) -> Mapping:
    return Mapping(
        klass="Series", graph="evidence", table="bank.transactions", prefix="series/", key="series_id",
        rows="SELECT * FROM evidence.series", origin=f"{_MEMBERS} WHERE s.series_id = $key",
        properties=(
            *common,
            Property("signal", "signal", Form.IRI), Property("cadence", "cadence_days::BIGINT", Form.DAYS),
            Property("level", "level", Form.DECIMAL), Property("bookings", "bookings", Form.INTEGER),
            Property("firstOn", "first_on", Form.DATE), Property("lastOn", "last_on", Form.DATE),
            Property("firstOccurrence", tail_sql(f"{base}occurrence/", "first_occurrence"), Form.IRI),
            Property("lastOccurrence", tail_sql(f"{base}occurrence/", "last_occurrence"), Form.IRI),
            Property("history", "history_days::BIGINT", Form.DAYS),
        ),
    )  # fmt: skip


def _steps(base: str) -> Mapping:
    return Mapping(
        klass="AmountStep", graph="evidence", table="bank.transactions", prefix="step/", key="step_id",
        rows="SELECT * FROM evidence.steps",
        origin=f"{_BOOKINGS} JOIN evidence.steps s USING (occurrence_id) WHERE s.step_id = $key",
        properties=(
            Property("ofSeries", tail_sql(f"{base}series/", "series_id"), Form.IRI),
            Property("atOccurrence", tail_sql(f"{base}occurrence/", "occurrence_id"), Form.IRI),
            Property("steppedOn", "stepped_on", Form.DATE), Property("oldLevel", "old_level", Form.DECIMAL),
            Property("newLevel", "new_level", Form.DECIMAL),
        ),
    )  # fmt: skip


def _run(as_of: str) -> Mapping:
    return Mapping(
        klass="Run", graph="facts", table="evidence.account_spans", prefix="", key="run",
        rows=f"SELECT '{AUG}thisRun' AS run, {as_of} AS as_of, min(first_on) AS data_from FROM evidence.account_spans",
        origin="SELECT NULL AS _file, NULL AS _line WHERE $key IS NULL",
        properties=(Property("asOf", "as_of", Form.DATE), Property("dataFrom", "data_from", Form.DATE)),
    )  # fmt: skip
