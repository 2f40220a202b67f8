"""The words wordings may use for one event of one person; the same in all its bookings and contacts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.budget import plate
from augenblick.simulate.people import Home, Person, given_name
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.stock import stock

_ABROAD = ("ES PALMA", "GR RHODOS", "IT RIMINI", "HR SPLIT", "FR NICE", "TR ANTALYA", "NL AMSTERDAM", "AT VILLACH")
_RELATIVES = ("Jutta", "Bernd", "Katrin", "Jan", "Ayse", "Marek")


def phrases(scene: Scene, person: Person, home: Home, day: date) -> dict[str, str]:
    """Words by name, for an event on a day that may lead to a new home."""
    return _own(scene, person) | _others(scene, person) | _new(scene, person, home) | _dates(day)


def _own(scene: Scene, person: Person) -> dict[str, str]:
    families = stock("names")["family"]["de"]
    return {
        "person": formal(person), "given": person.given, "name": person.family, "city": person.home.city,
        "street": person.home.street, "plate": person.plate or plate(scene, person),
        "employer": person.employer or f"{scene.dice.pick(families)} GmbH", "year": str(scene.window.start.year + 1),
    }  # fmt: skip


def _others(scene: Scene, person: Person) -> dict[str, str]:
    """A child (their own where they have one), a grown child, a relative, a friend, a tenant."""
    dice, families = scene.dice, stock("names")["family"]["de"]
    ages = {child.given: child.age(scene.window.start) for child in person.children}
    return {
        "child": next((name for name, age in ages.items() if age < 19), dice.pick(("Paul", "Emma", "Mia"))),
        "grown": next((name for name, age in ages.items() if age >= 18), "Jonas"),
        "relative": f"{dice.pick(_RELATIVES)} {dice.pick(families)}",
        "friend": f"{given_name(dice, dice.pick('fm'), 1985, 'de')} {dice.pick(families)}",
        "tenant": f"{dice.pick(('Herr', 'Frau'))} {dice.pick(families)}",
    }


def _new(scene: Scene, person: Person, home: Home) -> dict[str, str]:
    """Numbers and names the event brings: a plate, an address, file numbers."""
    dice = scene.dice
    return {
        "newplate": plate(scene, person), "newstreet": home.street, "newcity": home.city,
        "ref": str(dice.whole(100_000, 99_999_999)), "vsnr": f"{dice.whole(10_000_000, 99_999_999)}",
        "fk": f"{dice.whole(100_000, 999_999)}FK{dice.whole(100_000, 999_999)}", "abroad": dice.pick(_ABROAD),
    }  # fmt: skip


def _dates(day: date) -> dict[str, str]:
    """The day as a date to print, and the ends of the year and the next that begin with it."""
    first, second, third = day, add_months(day, 12), add_months(day, 24)
    said = {
        "registered": first, "registered_until": second - timedelta(days=1),
        "registered_next": second, "registered_next_until": third - timedelta(days=1),
    }  # fmt: skip
    return {name: f"{each:%d.%m.%Y}" for name, each in said.items()}


def respelled(home: Home) -> Home:
    """The same address in the other usual spelling of its street: abbreviated or in full."""
    for short, full in (("str.", "straße"), ("Str.", "Straße")):
        if short in home.street:
            return replace(home, street=home.street.replace(short, full))
        if full in home.street:
            return replace(home, street=home.street.replace(full, short))
    return replace(home, street=home.street.upper())
