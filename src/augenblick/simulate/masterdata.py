"""Master data as the bank knows it: customers with gaps, relations partly recorded, consents, contacts."""

from __future__ import annotations

from datetime import date
from zlib import crc32

from augenblick.simulate.dice import Dice
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene
from augenblick.simulate.stock import stock
from augenblick.simulate.traces import contact

_RECORDED = {"partner": 0.75, "child": 0.72, "minor": 0.93, "grandchild": 0.08, "sibling": 0.08}
_TOPICS = ("Konto", "Baufinanzierung", "Geldanlage", "Versicherung", "Karte", "Online-Banking", "Kredit")
DISCLOSING = 0.35
"""Share of people who let their relatives be told of them."""
_SOURCES = ("account_opening", "adviser", "kyc", None)


def record_relations(scene: Scene) -> None:
    """Record some of the clan's kinship among customers, in either direction."""
    for person in scene.clan.customers():
        partner = person.partner
        if partner is not None and partner.is_customer and person.born <= partner.born:
            _partners(scene, person, partner)
        for child in person.children:
            if child.is_customer:
                minor = child.age(scene.window.start) < 18
                if _known(scene, "minor" if minor else "child"):
                    _relate(scene, person, child, "child", "parent", child.born)
                if minor and scene.dice.chance(0.6):
                    scene.ledger.record(
                        "relations", child.customer_id, person.customer_id, "guardian", child.born, None, "kyc"
                    )
            for grandchild in child.children:
                if grandchild.is_customer and _known(scene, "grandchild"):
                    _relate(scene, person, grandchild, "grandchild", "grandparent", None)
        _siblings(scene, person)


def _partners(scene: Scene, one: Person, other: Person) -> None:
    if (one.civil_status == "married" or scene.dice.chance(0.6)) and _known(scene, "partner"):
        _relate(scene, one, other, "partner", "partner", None)


def _known(scene: Scene, kind: str) -> bool:
    return scene.story or scene.dice.chance(_RECORDED[kind])


def _siblings(scene: Scene, person: Person) -> None:
    for parent in person.parents[:1]:
        for other in parent.children:
            if other.is_customer and other.born > person.born and _known(scene, "sibling"):
                _relate(scene, person, other, "sibling", "sibling", None)


def _relate(scene: Scene, one: Person, other: Person, there: str, back: str, since: date | None) -> None:
    source = scene.dice.pick(_SOURCES)
    both = scene.dice.chance(0.12)
    forward = scene.story or scene.dice.chance(0.6)
    since = since if scene.dice.chance(0.6) else None
    if forward or both:
        scene.ledger.record("relations", one.customer_id, other.customer_id, there, since, None, source)
    if both or not forward:
        scene.ledger.record("relations", other.customer_id, one.customer_id, back, since, None, source)
    scene.know(one, other)


def record_coming_of_age(scene: Scene) -> None:
    """Label eighteenth birthdays in the window; they show at once where the birth date is recorded."""
    for person in scene.clan.customers():
        day = eighteenth(person.born)
        if scene.window.holds(day) and person.died is None:
            truth = scene.ledger.happened(person, "turns_adult", day, "birth-date")
            if _has(scene, person, "birth_date"):
                truth.show(day)


def eighteenth(born: date) -> date:
    """The eighteenth birthday; those born on 29 February come of age on 1 March (BGB §§ 187, 188)."""
    leap = (born.month, born.day) == (2, 29)
    return date(born.year + 18, 3, 1) if leap else born.replace(year=born.year + 18)


def _has(scene: Scene, person: Person, attribute: str) -> bool:
    """Whether a field of the master data is filled; decided once per person and field."""
    gaps = {
        "birth_date": 0.03,
        "given_name": 0.01,
        "address": 0.03,
        "sex": 0.08,
        "civil_status": 0.2,
        "nationality": 0.1,
    }
    key = (id(person), attribute)
    if key not in scene.gaps:
        scene.gaps[key] = not scene.story and scene.dice.chance(gaps[attribute])
    return not scene.gaps[key]


def record_customers(scene: Scene) -> None:
    """Record customers as they stand at the window's end."""
    nations = stock("names")["nationality"]
    for person in scene.clan.customers():
        home = person.recorded_home or person.home
        address = (home.street, home.postal_code, home.city, "DE") if _has(scene, person, "address") else (None,) * 4
        died = person.died if id(person) in scene.reported_deaths else None
        named = (person.given, person.family) if _has(scene, person, "given_name") else (None, person.family)
        language = scene.dice.weighted({"de": 0.93, "en": 0.07})
        scene.ledger.record(
            "customers", person.customer_id, person.born if _has(scene, person, "birth_date") else None, died, *named,
            person.birth_name or None, {"f": "female", "m": "male"}[person.sex] if _has(scene, person, "sex") else None,
            person.civil_status if _has(scene, person, "civil_status") and person.age(scene.window.end) >= 18 else None,
            *address, nations[person.origin] if _has(scene, person, "nationality") else None,
            person.occupation or None, person.status or None, person.customer_since, language,
            _adviser(scene),
        )  # fmt: skip
        _consents(scene, person)
        _contacts(scene, person)


def _adviser(scene: Scene) -> str:
    """Who looks after the whole clan: three share some 1,200 customers, the next ones bear the same names and a number.

    By the clan's number, so that this decides nothing else.
    """
    names: list[str] = stock("names")["advisers"]
    number = str(scene.ledger.chunk + 1) if scene.ledger.chunk else ""
    return names[scene.clan.number % len(names)] + number


def _consents(scene: Scene, person: Person) -> None:
    _disclosure(scene, person)
    if person.age(scene.window.end) < 18:
        return
    since = person.customer_since or scene.window.start
    for channel, chance in (("email", 0.45), ("phone", 0.3), ("post", 0.6), ("app", 0.4)):
        status = "given" if scene.story or scene.dice.chance(chance) else "refused"
        if scene.story or scene.dice.chance(0.8):
            scene.ledger.record("consents", person.customer_id, "advertising", channel, status, since, None)
    for purpose, chance in (("service", 0.98), ("advice", 0.75), ("analysis", 0.6)):
        status = "given" if scene.story or scene.dice.chance(chance) else "refused"
        scene.ledger.record("consents", person.customer_id, purpose, None, status, since, None)


def _disclosure(scene: Scene, person: Person) -> None:
    """Let some agree, or their parents for them, that relatives may be told of them.

    By a die of each person's own, so that this decides nothing else.
    """
    own = Dice(crc32(person.customer_id.encode()))
    if scene.story or own.chance(DISCLOSING):
        since = person.customer_since or scene.window.start
        scene.ledger.record("consents", person.customer_id, "disclosure", None, "given", since, None)


def _contacts(scene: Scene, person: Person) -> None:
    if person.age(scene.window.start) < 18 or person.died is not None:
        return
    for _ in range(scene.dice.whole(0, 3)):
        channel = scene.dice.weighted({"app": 0.4, "web": 0.3, "branch": 0.15, "phone": 0.15})
        kind = {"branch": "visit", "phone": "call"}.get(channel) or scene.dice.pick(("search", "calculator", "quote"))
        contact(scene, person, scene.some_day(), channel, kind, scene.dice.pick(_TOPICS))
