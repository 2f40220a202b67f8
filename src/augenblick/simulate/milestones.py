"""Milestones: life events of `events.yaml` that show in a few single bookings, contacts or master-data changes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.budget import plate
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.stock import stock


def write_milestones(scene: Scene) -> None:
    """Let every customer with a current account pass some of the milestones."""
    if scene.story:
        return
    for person in scene.clan.customers():
        if not person.giro or person.died is not None or not scene.lived(person):
            continue
        for name, event in stock("events")["milestones"].items():
            least, most = event["ages"]
            if least <= person.age(scene.window.end) <= most and _fits(person, event) and scene.likely(event["chance"]):
                _pass(scene, person, name, event)


def _fits(person: Person, event: dict[str, Any]) -> bool:
    return all(
        person.civil_status == before
        for attribute, before, _, _ in event.get("changes", ())
        if attribute == "civil_status"
    )


def _pass(scene: Scene, person: Person, name: str, event: dict[str, Any]) -> None:
    when = scene.some_day()
    truth = None
    if event.get("trap"):
        scene.ledger.trap(person, name, when, when + timedelta(days=60 + 30 * event.get("months", 1)))
    else:
        truth = scene.ledger.happened(person, name, when, event["form"])
    number = plate(scene, person) if event.get("plate") else person.plate
    for kind, after, least, most in event["pay"]:
        day = when + timedelta(days=after)
        words = {
            "person": formal(person), "city": person.home.city, "plate": number, "street": person.home.street,
            "name": person.family, "child": scene.dice.pick(("Paul", "Emma", "Mia")),
            "tenant": f"{scene.dice.pick(('Herr', 'Frau'))} {scene.dice.pick(stock('names')['family']['de'])}",
            "until": add_months(day, 12).strftime("%d.%m.%Y"),
            "fk": f"{scene.dice.whole(100_000, 999_999)}FK{scene.dice.whole(100_000, 999_999)}",
        }  # fmt: skip
        if kind in ("jeweller", "notary") or "parties" in stock("wordings")["kinds"][kind]:
            line = scene.ledger.line(scene.dice, kind, **words)
        else:
            line = scene.ledger.line(scene.dice, kind, party=person.full_name, **words)
        last = add_months(day, event.get("months", 1) - 1)
        shows = [truth] if truth is not None and kind == event.get("shown_by") else []
        amount, returned = scene.dice.amount(least, most), 1.0 if event.get("returned") else 0.0
        scene.ledger.pay(person.giro, line, amount, day, last, returned=returned, shows=shows)
    _records(scene, person, name, event, when)
    _evidence(scene, event, when, truth)


def _records(scene: Scene, person: Person, name: str, event: dict[str, Any], when: date) -> None:
    for attribute, before, after, lag in event.get("changes", ()):
        changed = when + timedelta(days=lag)
        if scene.window.holds(changed):
            scene.ledger.record("customer_changes", person.customer_id, changed, attribute, before, after)
            setattr(person, attribute, after)
    for channel, kind, topic, lag in event.get("contacts", ()):
        told = when + timedelta(days=lag)
        if scene.window.holds(told):
            contact(scene, person, told, channel, kind, topic)
    if event.get("declare"):
        moment = stock("events")["moments"][name]
        scene.ledger.record("declared_moments", person.customer_id, moment, when, "customer", "confirmed", None)


def _evidence(scene: Scene, event: dict[str, Any], when: date, truth: Any) -> None:
    """Contacts, changes and declarations show an event on their day."""
    lags = [entry[3] for entry in (*event.get("contacts", ()), *event.get("changes", ()))]
    if event.get("declare"):
        lags.append(0)
    for lag in lags:
        day = when + timedelta(days=lag)
        if truth is not None and scene.window.holds(day):
            truth.show(day)


def contact(scene: Scene, person: Person, day: date, channel: str, kind: str, topic: str) -> None:
    """Record an interaction at some hour of a day."""
    moment = datetime.combine(day, time(scene.dice.whole(7, 20), scene.dice.whole(0, 59)))
    number = f"I{scene.ledger.chunk:04d}{len(scene.ledger.tables.get('interactions', ())):06d}"
    scene.ledger.record("interactions", number, person.customer_id, moment, channel, kind, topic)
