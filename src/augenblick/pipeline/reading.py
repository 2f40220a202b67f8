"""Answers from the last run: explanations, why-nots, offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from augenblick.content import Content, Words, load_content
from augenblick.content.model import Pattern
from augenblick.explain import Explainer, Explanation, PatternVerdict, WhyNot
from augenblick.explain import why_not as explain_why_not
from augenblick.explain.redaction import persons_in, redacted
from augenblick.model.errors import NotFound, NotLoaded, NotPermitted
from augenblick.model.odds import probability
from augenblick.model.terms import AUG
from augenblick.moments import layers
from augenblick.pipeline.advice import CustomerOffers, customer_offers
from augenblick.pipeline.release import of_this_release
from augenblick.pipeline.rules import rules_of
from augenblick.policy import (
    Access,
    AuditLog,
    Consents,
    Decision,
    Gate,
    Outcome,
    Part,
    Policy,
    Role,
    View,
    read_policy,
    sees_both,
    sees_others,
    standing_of,
    standings_of,
    view,
)
from augenblick.policy.carrying import OF_RELATIVES
from augenblick.policy.model import THIRD_PARTY
from augenblick.reason import FactBase
from augenblick.store import DataDirectory

EXPLAIN, OFFERS = "explain", "offers"
WITHHELD = Words(
    "Hinweise aus Daten anderer Personen, die der Offenlegung nicht zugestimmt haben, werden zurückgehalten.",
    "Indications from data of other persons who have not agreed to disclosure are withheld.",
)

_GUARDING = """
SELECT DISTINCT unnest(g.others) FROM offers.guards g JOIN offers.offers o USING (offer_id) WHERE o.customer_id = ?
"""
NOTHING = Decision(Outcome.WITHHELD, Words("Nichts zu zeigen.", "Nothing to show."), "")


@dataclass(frozen=True)
class LastRun:
    """What the last `detect` left behind, open for reading."""

    connection: duckdb.DuckDBPyConnection
    content: Content
    as_of: date
    base: str
    folder: Path
    """Where the audit log lies."""
    in_force: Content
    """The content whose policy holds now; another than the run's where a version was published since."""

    @cached_property
    def policy(self) -> Policy:
        """The policy that holds now."""
        return read_policy(self.in_force)

    def explainer(self) -> Explainer:
        """Return what explains this run's moments."""
        facts = FactBase(self.connection)
        return Explainer(self.connection, facts, rules_of(self.content), self.content, self.as_of, self.base)

    def gate(self, access: Access, door: str, customers: Iterable[str], *, about: str | None = None) -> Gate:
        """Return the gate with the customers' consents as they are now, the access admitted through the door.

        Raises what `Gate.admit` raises; a door that is closed, to whom and `about` whom, enters the audit log.
        """
        gate = Gate(self.policy, Consents.read(self.connection, customers))
        self.admit(gate, access, door, about)
        return gate

    def admit(self, gate: Gate, access: Access, door: str, about: str | None = None) -> Role:
        """Return the role, as `Gate.admit` does, with a note of who is not admitted."""
        try:
            return gate.admit(access, door)
        except NotPermitted:
            AuditLog(self.folder).refused(access, door, subject=about)
            raise

    def note(self, access: Access, door: str, subject: str | None, question: str, decision: Decision | None) -> None:
        """Write the question and what was decided into the audit log."""
        AuditLog(self.folder).record(access, door, subject=subject, question=question, decision=decision)


@contextmanager
def last_run(directory: DataDirectory, content: Content | None = None) -> Iterator[LastRun]:
    """Give the last run of the data directory.

    Raises `NotLoaded` when there is none, `Outdated` where what another release derived lacks something that is read.
    """
    if not directory.derived_file.exists():
        raise _nothing(directory)
    connection = directory.connect(read_only=True)
    try:
        run = _run_row(connection)
        if run is None:
            raise _nothing(directory)
        as_of, base, version = run
        of_run = content or load_content(directory.content_root(version))
        same = content is not None or version == (directory.published_version or "")
        in_force = of_run if same else load_content(directory.published_content)
        with of_this_release(directory):
            yield LastRun(connection, of_run, as_of, base, directory.home, in_force)
    finally:
        connection.close()


def derived_with(directory: DataDirectory) -> str | None:
    """Return the version of the content the last run was made with, empty for the shipped one; None without a run."""
    if not directory.derived_file.exists():
        return None
    connection = directory.connect(read_only=True)
    try:
        run = _run_row(connection)
        return run[2] if run else None
    finally:
        connection.close()


def _run_row(connection: duckdb.DuckDBPyConnection) -> tuple[date, str, str] | None:
    try:
        return connection.execute("SELECT as_of, base, content FROM run").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):  # no run, or one of an older release
        return None


def no_customer() -> NotFound:
    """Return the error of a customer who is not there, or of whom nothing may be known."""
    return NotFound("There is no such customer.", hint="customer ids are those of the bank's export")


def _nothing(directory: DataDirectory) -> NotLoaded:
    return NotLoaded(
        "No moments have been detected yet.",
        where=str(directory.path),
        hint="run `augenblick ingest FOLDER` and `augenblick detect` first",
    )


def explain(directory: DataDirectory, moment: str, *, access: Access, content: Content | None = None) -> Explanation:
    """Return why a moment is believed, as far as the access may know.

    `moment` is its IRI, or the part after the data base; `content` (default: the run's) need not be read again.
    Raises `NotFound` when there is no such moment or it is withheld (nobody can tell which), `NotPermitted` when the
    door is closed to the access.
    """
    with last_run(directory, content) as run:
        return explained(run, moment, access)


def explained(run: LastRun, moment: str, access: Access) -> Explanation:
    """Return why a moment of an open run is believed; see `explain`."""
    name = moment if "://" in moment else run.base + moment
    standing = standing_of(run.connection, name)
    gate = run.gate(
        access,
        EXPLAIN,
        [standing.customer_id, *standing.others] if standing else [],
        about=standing.customer_id if standing else None,
    )
    seen = view(gate, access, standing) if standing else None
    subject = standing.customer_id if standing else None
    run.note(access, EXPLAIN, subject, "moment", seen.decision if seen else NOTHING)
    if standing is None or seen is None or name != (seen.milder or standing).moment_id:
        raise _no_moment(run.as_of)
    explanation = run.explainer().moment(standing.moment_id, milder=seen.milder)
    explanation = redacted(explanation, _told_of(run, access, standing.customer_id, persons_in(explanation)))
    hidden = _looks_at_kin(run.content, explanation.slug) and not sees_others(gate, access, standing.customer_id)
    return replace(explanation, withheld=WITHHELD) if hidden else explanation


def _told_of(run: LastRun, access: Access, customer: str, persons: Iterable[str]) -> Callable[[str], bool]:
    """Return who may be told of to whom asks about the customer: themselves, and who has agreed, as in the family."""
    gate = Gate(run.policy, Consents.read(run.connection, [customer, *persons]))

    def told_of(person: str) -> bool:
        decision = gate.decide(access, customer, THIRD_PARTY, frozenset({person}))
        return person == customer or decision.outcome is Outcome.PERMITTED

    return told_of


def _no_moment(as_of: date) -> NotFound:
    return NotFound(
        "There is no such moment.",
        hint=f"the last run is as of {as_of}; `augenblick query customer-moments` lists a customer's moments",
    )


def _looks_at_kin(content: Content, slug: str) -> bool:
    found = content.moment(slug)
    return found is not None and found.looks_at_relatives


def why_not(
    directory: DataDirectory, customer: str, moment: str, *, access: Access, content: Content | None = None
) -> WhyNot:
    """Return why the customer does not have a moment of the type, as far as the access may know.

    Raises `NotPermitted` where moments of the type's class are withheld from the access.
    """
    with last_run(directory, content) as run:
        return absent(run, customer, moment, access)


def absent(run: LastRun, customer: str, moment: str, access: Access) -> WhyNot:
    """Return why the customer does not have a moment of the type in an open run; see `why_not`."""
    gate = run.gate(access, EXPLAIN, [customer], about=customer)
    found = run.content.moment(moment)
    if found is not None:
        decision = gate.decide(access, customer, found.legal_class)
        run.note(access, EXPLAIN, customer, f"why not {found.slug}", decision)
        if not decision.shown:
            raise NotPermitted(decision.reason.en, hint=decision.source)
    facts = FactBase(run.connection)
    told = explain_why_not(run.connection, facts, run.content, customer, moment, base=run.base)
    return _as_seen(run, gate, access, told)


def _as_seen(run: LastRun, gate: Gate, access: Access, told: WhyNot) -> WhyNot:
    """Return the answer without what is withheld: relatives' data, patterns of a stricter class, moments."""
    found = run.content.moment(told.slug)
    withheld = set(_withheld_patterns(run, gate, access, told.customer_id, found.patterns if found else ()))
    silent = set(_silent_conditions(run, gate, access, told.customer_id, found.patterns if found else ()))
    own = tuple(
        _unseen(verdict) if silent.intersection((verdict.pattern, c) for c in verdict.conditions) else verdict
        for verdict in told.patterns
        if verdict.pattern not in withheld
    )
    views = [view(gate, access, standing) for standing in standings_of(run.connection, told.customer_id)]
    shown = {v.standing.moment_id: (v.milder or v.standing).moment_id for v in views if v is not None}
    told = replace(told, found=tuple(shown[iri] for iri in told.found if iri in shown), patterns=own)
    if not withheld:
        return told
    odds = float(found.prior if found else 0) + sum(v.weight for v in own if v.outcome == "counted")
    return replace(told, confidence=probability(odds), vetoed=False)


def _withheld_patterns(
    run: LastRun, gate: Gate, access: Access, customer: str, patterns: Iterable[Pattern]
) -> Iterator[str]:
    """Yield the patterns that look at relatives, or at signals of a class, that the access may not see."""
    kin = not sees_others(gate, access, customer)
    for pattern in patterns:
        looks_at = {name: values for name, values in pattern.parameters.items() if not name.startswith("unless")}
        if (kin and pattern.looks_at_relatives) or not _shown(run, gate, access, customer, looks_at):
            yield pattern.iri


def _silent_conditions(
    run: LastRun, gate: Gate, access: Access, customer: str, patterns: Iterable[Pattern]
) -> Iterator[tuple[str, str]]:
    """Yield which conditions of which patterns tell by excluding what the access may not see."""
    kin = not sees_others(gate, access, customer)
    for pattern in patterns:
        if kin:
            yield pattern.iri, AUG + OF_RELATIVES
        unless = {name: values for name, values in pattern.parameters.items() if name.startswith("unless")}
        if not _shown(run, gate, access, customer, unless):
            yield from ((pattern.iri, f"{AUG}U{name[1:]}") for name in unless)


def _shown(
    run: LastRun, gate: Gate, access: Access, customer: str, parameters: Mapping[str, tuple[object, ...]]
) -> bool:
    """Whether the access sees the classes of the signals that parameters name, and the class they state."""
    signals = (run.content.signal(str(value)) for values in parameters.values() for value in values)
    classes = {signal.legal_class for signal in signals if signal and signal.legal_class}
    classes |= {str(value).removeprefix(AUG) for value in parameters.get("legalClass", ())}
    return all(gate.decide(access, customer, name).shown for name in classes)


def _unseen(verdict: PatternVerdict) -> PatternVerdict:
    return replace(verdict, outcome="unseen", observed_on=None, because=None, conditions=())


def offers_of(directory: DataDirectory, customer: str, *, access: Access) -> CustomerOffers:
    """Return the customer's open moments with their offers and dialogues, as far as the access may know.

    Raises `NotFound` for an unknown customer.
    """
    with last_run(directory) as run:
        return advised(run, customer, access)


def advised(run: LastRun, customer: str, access: Access) -> CustomerOffers:
    """Return the offers of a customer of an open run; see `offers_of`."""
    standings = list(standings_of(run.connection, customer))
    guarding = run.connection.execute(_GUARDING, [customer]).fetchall()
    others = {customer, *(row[0] for row in guarding)}.union(*(standing.others for standing in standings))
    gate = run.gate(access, OFFERS, others, about=customer)
    if run.connection.execute("SELECT 1 FROM bank.customers WHERE customer_id = ?", [customer]).fetchone() is None:
        raise no_customer()
    views = [seen for standing in standings if (seen := view(gate, access, standing)) is not None]
    run.note(access, OFFERS, customer, "offers", None)

    def sees(seen: View, guard: Part) -> bool:
        return sees_both(gate, access, customer, seen.milder or seen.standing, guard)

    return customer_offers(run.connection, run.content, customer, views, sees)


def surest_kin_moment(directory: DataDirectory) -> str | None:
    """Return the surest open moment that rests on a relative's moment, one with an offer first; None without any."""
    with last_run(directory) as run:
        kin = [t.iri for layer in layers(run.content.moments)[1:] for t in layer]
        row = run.connection.execute(
            "SELECT moment_id FROM moments.moments WHERE moment_type IN (SELECT unnest($kin::VARCHAR[])) "
            "AND state IN ('confirmed', 'tentative') ORDER BY moment_id IN "
            "(SELECT moment_id FROM offers.offers WHERE verdict = 'offered') DESC, "
            "confidence DESC, occurred_to DESC, moment_id LIMIT 1",
            {"kin": kin},
        ).fetchone()
        return row[0] if row else None
