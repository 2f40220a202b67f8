"""Milestones: life events of `events.yaml` that show in a few single bookings, contacts or master-data changes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.budget import plate
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.stock import stock

Event = dict[str, Any]


def write_milestones(scene: Scene) -> None:
    """Let every customer with a current account pass some of the milestones."""
    if scene.story:
        return
    shared: set[int] = set()
    for person in scene.clan.customers():
        if not person.giro or person.died is not None or not scene.lived(person):
            continue
        for name, event in stock("events")["milestones"].items():
            if event.get("shared") and (id(person) in shared or not _couple(person, event)):
                continue
            least, most = event["ages"]
            if least <= person.age(scene.window.end) <= most and scene.likely(event["chance"]):
                shared.update((id(person), id(person.partner)) if event.get("shared") else ())
                _pass(scene, person, name, event)


def _couple(person: Person, event: Event) -> bool:
    """Whether both partners live and stand as the event finds them."""
    partner = person.partner
    before = {change[1] for change in event["changes"]}
    return partner is not None and partner.died is None and {person.civil_status, partner.civil_status} == before


def _pass(scene: Scene, person: Person, name: str, event: Event) -> None:
    when = scene.some_day()
    truth = None
    if event.get("trap"):
        scene.ledger.trap(person, name, when, when + timedelta(days=60 + 30 * event.get("months", 1)))
    else:
        truth = scene.ledger.happened(person, name, when, event["form"])
    number = plate(scene, person) if event.get("plate") else person.plate
    for payment in event["pay"]:
        shows = (
            [truth]
            if truth is not None and payment[0] == event.get("shown_by", event["form"].replace("-", "_"))
            else []
        )
        _pay(scene, person, event, payment, when, number, shows)
    _records(scene, person, event, when, truth)
    partner = person.partner
    if event.get("shared") and partner is not None:
        theirs = scene.ledger.happened(partner, name, when, event["form"]) if partner.is_customer else None
        _records(scene, partner, event, when, theirs)
    if event.get("declare"):
        moment = stock("events")["moments"][name]
        scene.ledger.record("declared_moments", person.customer_id, moment, when, "customer", "confirmed", None)


def _pay(
    scene: Scene, person: Person, event: Event, payment: list[Any], when: date, number: str, shows: list[Truth]
) -> None:
    """One payment of a milestone, repeated monthly if the event says so."""
    kind, after, least, most = payment
    day, months = when + timedelta(days=after), event.get("months", 1)
    words = _words(scene, person, number)
    if "parties" not in stock("wordings")["kinds"][kind]:
        words["party"] = words["relative"]
    line = scene.ledger.line(scene.dice, kind, **words)
    amount, returned = scene.dice.amount(least, most), 1.0 if event.get("returned") else 0.0
    scene.ledger.pay(person.giro, line, amount, day, add_months(day, months - 1), returned=returned, shows=shows)


def _words(scene: Scene, person: Person, number: str) -> dict[str, str]:
    dice = scene.dice
    families = stock("names")["family"]["de"]
    return {
        "person": formal(person),
        "city": person.home.city,
        "street": person.home.street,
        "plate": number,
        "name": person.family,
        "relative": f"{dice.pick(('Jutta', 'Bernd', 'Katrin', 'Jan'))} {dice.pick(families)}",
        "child": dice.pick(("Paul", "Emma", "Mia")),
        "tenant": f"{dice.pick(('Herr', 'Frau'))} {dice.pick(families)}",
        "fk": f"{dice.whole(100_000, 999_999)}FK{dice.whole(100_000, 999_999)}",
        "vsnr": f"{dice.whole(10_000_000, 99_999_999)}",
    }


def _records(scene: Scene, person: Person, event: Event, when: date, truth: Truth | None) -> None:
    """Master-data changes, contacts and declarations; each shows the event on its day."""
    shown = [when] if event.get("declare") else []
    for attribute, before, after, lag in event.get("changes", ()):
        if person.is_customer and scene.window.holds(when + timedelta(days=lag)):
            shown.append(when + timedelta(days=lag))
            scene.ledger.record("customer_changes", person.customer_id, shown[-1], attribute, before, after)
            setattr(person, attribute, after)
    for channel, kind, topic, lag in event.get("contacts", ()):
        if scene.window.holds(when + timedelta(days=lag)):
            shown.append(when + timedelta(days=lag))
            contact(scene, person, shown[-1], channel, kind, topic)
    if truth is not None and shown:
        truth.show(min(shown))


def contact(scene: Scene, person: Person, day: date, channel: str, kind: str, topic: str) -> None:
    """Record an interaction at some hour of a day."""
    moment = datetime.combine(day, time(scene.dice.whole(7, 20), scene.dice.whole(0, 59)))
    number = f"I{scene.ledger.chunk:04d}{len(scene.ledger.tables.get('interactions', ())):06d}"
    scene.ledger.record("interactions", number, person.customer_id, moment, channel, kind, topic)
