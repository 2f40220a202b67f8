"""What an event leaves in the records: payments, master-data changes, contacts, contracts, accounts, declarations."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.ledger import Truth
from augenblick.simulate.lives import Form, Trace
from augenblick.simulate.people import Home, Person, new_home
from augenblick.simulate.phrases import phrases, respelled
from augenblick.simulate.scene import Scene
from augenblick.simulate.stock import stock

#: Fields of the master data whose attribute of a person is called otherwise.
_FIELDS = {"family_name": "family", "given_name": "given", "employment_status": "status"}
_MISSED = timedelta(days=45)  # a monthly payment that has not come again
_EVERY = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(slots=True)
class _Passing:
    """One person's passing of one event."""

    scene: Scene
    person: Person
    partner: Person | None
    moment: str
    day: date
    truths: dict[int, Truth]
    words: dict[str, str]
    new_home: Home
    parties: dict[str, str] = field(default_factory=dict)

    def on(self, trace: Trace) -> date:
        """The day of a trace, by chance within its span."""
        return self.day + timedelta(days=self.scene.dice.whole(int(trace.after[0]), int(trace.after[1])))

    def shown(self, trace: Trace, *, both: bool = False) -> list[Truth]:
        """The truths a trace shows: the person's, and the partner's where it stands for both."""
        if not trace.shows:
            return []
        both = both or "both" in trace.flags
        return [truth for key, truth in self.truths.items() if both or key == id(self.person)]

    def people(self, trace: Trace) -> list[Person]:
        """Whom a trace concerns: the person, and the partner where it stands for both."""
        both = [self.person, self.partner] if "both" in trace.flags else [self.person]
        return [person for person in both if person is not None and person.is_customer]


def leave_traces(
    scene: Scene, person: Person, partner: Person | None, moment: str, form: Form, day: date, truths: dict[int, Truth]
) -> None:
    """Write everything a form of an event leaves; traces that show it are noted in the truths."""
    home = new_home(scene.dice, person.home.city if scene.dice.chance(0.5) else None)
    passing = _Passing(scene, person, partner, moment, day, truths, phrases(scene, person, home, day), home)
    for trace in form.pays:
        _pay(passing, trace)
    for trace in form.changes:
        _change(passing, trace)
    for trace in form.contacts:
        _contact(passing, trace)
    for trace in form.contracts:
        _contract(passing, trace)
    for trace in form.accounts:
        _account(passing, trace)
    for trace in form.declarations:
        _declare(passing, trace)


def _pay(passing: _Passing, trace: Trace) -> None:
    """A payment, once or repeated (`monthly=6`, `quarterly=4`, `yearly`), perhaps returned."""
    scene, kind = passing.scene, trace.what[0]
    first, last, every = passing.on(trace), None, 1
    for name, months in _EVERY.items():
        times = trace.value(name)
        if times:
            every, last = months, add_months(first, months * (int(times) - 1))
        elif name in trace.flags:
            every, last = months, date(2058, 12, 31)
    account = passing.person.joint if "joint" in trace.flags and passing.person.joint else passing.person.giro
    party = _party(passing, kind, trace)
    line = scene.ledger.line(scene.dice, kind, scene.named(passing.person), party=party, **passing.words)
    if "stops" in trace.flags and last is not None and scene.window.holds(last + _MISSED):
        for truth in passing.truths.values():
            truth.show(last + _MISSED, by=f"{kind} stops")
    amount = scene.dice.amount(*trace.amount, 1.0 if "round" in trace.flags else 0.01)
    scene.ledger.pay(
        account, line, amount, first, last or first, every=every, returned=1.0 if "returned" in trace.flags else 0.0,
        shows=passing.shown(trace, both=scene.named(passing.person)), by=trace.value("by", kind),
    )  # fmt: skip


def _party(passing: _Passing, kind: str, trace: Trace) -> str:
    """Who is paid or pays: the same party for the same kind all through an event."""
    kind = trace.value("from", kind)
    if kind not in passing.parties:
        parties = stock("wordings")[kind].get("parties", ["{relative}"])
        passing.parties[kind] = passing.scene.dice.pick(parties).format_map(defaultdict(str, passing.words))
    return passing.parties[kind]


def _change(passing: _Passing, trace: Trace) -> None:
    """A field of the master data changes: `old` and `new` may name words; `address` changes to a new home."""
    attribute, old, new = trace.what
    day = passing.on(trace)
    if not passing.scene.window.holds(day):
        return
    people = [passing.partner] if "partner" in trace.flags else passing.people(trace)
    for person in people:
        if person is not None and person.is_customer:
            _write_change(passing, person, day, attribute, old, new)
    for truth in passing.shown(trace):
        truth.show(day, by=attribute)


def _write_change(passing: _Passing, person: Person, day: date, attribute: str, old: str, new: str) -> None:
    """Record one field's change and let the person have it; addresses change as a whole, a street its spelling."""
    if attribute in ("address", "street"):
        home = person.recorded_home or person.home
        _readdress(passing, person, day, passing.new_home if attribute == "address" else respelled(home))
        return
    field_name = _FIELDS.get(attribute, attribute)
    before = getattr(person, field_name)
    partner_name = passing.partner.family if passing.partner else ""
    after = new.format_map(defaultdict(str, passing.words | {"partner_name": partner_name}))
    if after == before:
        after = f"{before}-{passing.words['tenant'].split()[-1]}"
    passing.scene.ledger.record("customer_changes", person.customer_id, day, attribute, old or before or None, after)
    setattr(person, field_name, after)


def _readdress(passing: _Passing, person: Person, day: date, new: Home) -> None:
    home = person.recorded_home or person.home
    for attribute in ("street", "postal_code", "city"):
        before, after = getattr(home, attribute), getattr(new, attribute)
        if before != after:
            passing.scene.ledger.record("customer_changes", person.customer_id, day, attribute, before, after)
    person.recorded_home = new


def _contact(passing: _Passing, trace: Trace) -> None:
    channel, kind, topic = trace.what
    day = passing.on(trace)
    if passing.scene.window.holds(day):
        contact(passing.scene, passing.person, day, channel, kind, topic.format_map(defaultdict(str, passing.words)))
        for truth in passing.shown(trace):
            truth.show(day, by=f"contact {kind}")


def _contract(passing: _Passing, trace: Trace) -> None:
    day, scene = passing.on(trace), passing.scene
    if scene.window.holds(day):
        number = f"V{scene.ledger.chunk:04d}{len(scene.ledger.tables.get('contracts', ())):06d}"
        amount = Decimal(f"{scene.dice.amount(*trace.amount, 1):.2f}") if any(trace.amount) else None
        scene.ledger.record("contracts", number, passing.person.customer_id, trace.what[0], day, None, amount)
        for truth in passing.shown(trace):
            truth.show(day, by=f"contract {trace.what[0]}")


def _account(passing: _Passing, trace: Trace) -> None:
    """`open joint`: a current account of both; `close joint`: theirs ends, if not all their money is there."""
    person, partner, day, scene = passing.person, passing.partner, passing.on(trace), passing.scene
    if partner is None or not partner.is_customer or not scene.window.holds(day):
        return
    if trace.what[0] == "open joint" and not person.joint:
        account = scene.ledger.open_account(scene.dice, "giro", day)
        person.joint = partner.joint = account
        scene.ledger.record("account_holders", account, person.customer_id, "owner")
        scene.ledger.record("account_holders", account, partner.customer_id, "co_owner")
    elif trace.what[0] == "close joint" and person.joint and person.joint not in (person.giro, partner.giro):
        scene.ledger.close_account(person.joint, day)
    else:
        return
    for truth in passing.shown(trace):
        truth.show(day, by=trace.what[0])


def _declare(passing: _Passing, trace: Trace) -> None:
    """A statement of the customer or an adviser; `dismissed` takes it back, `note=` and `consent=` are kept with it."""
    day, scene = passing.on(trace), passing.scene
    if scene.window.holds(day):
        state = "dismissed" if "dismissed" in trace.flags else "confirmed"
        note = trace.value("note") or None
        scene.ledger.record(
            "declared_moments", passing.person.customer_id, passing.moment, day, trace.what[0], state, note
        )
        if purpose := trace.value("consent"):
            scene.ledger.record("consents", passing.person.customer_id, purpose, None, "given", day, None)
        for truth in passing.shown(trace):
            truth.show(day, by="declared")


def contact(scene: Scene, person: Person, day: date, channel: str, kind: str, topic: str) -> None:
    """Record an interaction at some hour of a day."""
    at = datetime.combine(day, time(scene.dice.whole(7, 20), scene.dice.whole(0, 59)))
    number = f"I{scene.ledger.chunk:04d}{len(scene.ledger.tables.get('interactions', ())):06d}"
    scene.ledger.record("interactions", number, person.customer_id, at, channel, kind, topic)
