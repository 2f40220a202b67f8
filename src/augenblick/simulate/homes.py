"""Homes: what a household pays for where it lives, moves, and what looks like a move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Home, Person, landlord_name, new_home
from augenblick.simulate.scene import Scene, formal

_DAY = timedelta(days=1)
_BEFORE = timedelta(days=400)


def write_homes(scene: Scene) -> None:
    """Plan the housing costs of every home of the clan, with its moves."""
    homes = list({id(p.home): p.home for p in scene.clan.persons if p.home.residents}.values())
    for home in homes:
        payer = _payer(scene, home)
        if payer is not None:
            _home_life(scene, home, payer)


def _payer(scene: Scene, home: Home) -> Person | None:
    grown = [p for p in home.residents if p.giro and p.age(scene.window.start) >= 18]
    elder = sorted(grown, key=lambda p: p.born)
    return next((p for p in elder if p.died is None), elder[0] if elder else None)


def _home_life(scene: Scene, home: Home, payer: Person) -> None:
    account = payer.joint or payer.giro
    first = scene.window.start - _BEFORE
    settled = scene.story or payer.died is not None or scene.births_in(home)
    if not settled and scene.happens(0.03 if home.owned else 0.17):
        _move(scene, home, payer, account, first)
        return
    if not settled and not home.owned and scene.likely(0.05):
        _landlord_sells(scene, home, payer, account, first)
    else:
        dwelling(scene, home, payer, account, first, None)
    energy(scene, home, account, first, None)
    if not settled and scene.likely(0.04):
        _second_home(scene, payer, account)


def dwelling(
    scene: Scene, home: Home, payer: Person, account: str, first: date, last: date | None, shows: Sequence[Truth] = ()
) -> None:
    """Rent, or mortgage and property tax, of a home from one day to another."""
    dice, ledger = scene.dice, scene.ledger
    words = {"street": home.street, "city": home.city, "person": formal(payer), "ref": home.reference}
    if not home.owned:
        kind = "rent_debit" if home.landlord.endswith(("eG", "mbH", "SE")) and dice.chance(0.4) else "rent"
        line = ledger.line(dice, kind, party=home.landlord, **words)
        ledger.pay(
            account, line, -home.rent, first, last, day=dice.pick((1, 1, 1, 3)), rise=0.01, rise_month=5, shows=shows
        )
        return
    if payer.age(scene.window.start) < 66:
        ledger.pay(account, ledger.line(dice, "mortgage"), -dice.amount(620, 1900), first, last, day=30, forward=False)
    tax = ledger.line(dice, "property_tax", **words)
    ledger.pay(account, tax, -dice.amount(45, 210), date(first.year, 2, 15), last, every=3)


def energy(scene: Scene, home: Home, account: str, first: date, last: date | None, shows: Sequence[Truth] = ()) -> None:
    """Electricity, perhaps gas, naming the supply address as the supplier does."""
    dice, ledger = scene.dice, scene.ledger
    line = ledger.line(dice, "electricity", street=home.street, city=home.city)
    due = dice.pick((1, 5, 15, 28))
    ledger.pay(account, line, -dice.amount(48, 160, 1), first, last, day=due, rise=0.03, shows=shows)
    if dice.chance(0.4):
        gas = ledger.line(dice, "gas", street=home.street, city=home.city)
        ledger.pay(account, gas, -dice.amount(60, 210, 1), first, last, day=due)


def _move(scene: Scene, old: Home, payer: Person, account: str, first: date) -> None:
    dice = scene.dice
    when = scene.month_start(margin=1)
    new = new_home(dice, old.city if dice.chance(0.7) else None)
    new.owned = False
    movers = [p for p in old.residents if p.died is None]
    reported = dice.chance(0.85)
    truths = {}
    for person in movers:
        truths[id(person)] = scene.ledger.happened(
            person, "moves", when, "payees-only" if reported is False else "address-change"
        )
        person.recorded_home = old
        if reported and person.is_customer:
            report(scene, person, new, when, [truths[id(person)]])
        if not reported and not (person.giro and account in (person.giro, person.joint)):
            truths[id(person)].form = "unreported"
        person.home = new
    old.residents, new.residents = [p for p in old.residents if p not in movers], movers
    seen = [truths[id(p)] for p in movers if account in (p.giro, p.joint)]
    dwelling(scene, old, payer, account, first, when - _DAY)
    energy(scene, old, account, first, when + timedelta(days=dice.whole(0, 25)))
    dwelling(scene, new, payer, account, when, None, seen)
    energy(scene, new, account, when + timedelta(days=dice.whole(2, 30)), None, seen)
    moving_costs(scene, new, payer, account, when)


def report(scene: Scene, person: Person, new: Home, when: date, truths: Sequence[Truth] = ()) -> None:
    """Let the bank learn of a new address some days before or weeks after the move."""
    told, old = when + timedelta(days=scene.dice.whole(-8, 45)), person.recorded_home or person.home
    if not scene.window.holds(told):
        return
    person.recorded_home = new
    for truth in truths:
        truth.show(told, by="address")
    for attribute in ("street", "postal_code", "city"):
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            scene.ledger.record("customer_changes", person.customer_id, told, attribute, before, after)


def moving_costs(scene: Scene, new: Home, payer: Person, account: str, when: date) -> None:
    """Deposit, movers, forwarded mail: each for some."""
    dice, ledger = scene.dice, scene.ledger
    words = {"street": new.street, "city": new.city, "person": formal(payer)}
    if dice.chance(0.65):
        line = ledger.line(dice, "rent_deposit", party=new.landlord, **words)
        ledger.once(account, line, -3 * round(new.rent * 0.8), when - timedelta(days=dice.whole(-5, 30)))
    if dice.chance(0.4):
        ledger.once(
            account,
            ledger.line(dice, "movers", **words),
            -dice.amount(180, 2400),
            when + timedelta(days=dice.whole(0, 9)),
        )
    if dice.chance(0.3):
        ledger.once(account, ledger.line(dice, "mail_forwarding"), -31.9, when - timedelta(days=dice.whole(0, 14)))


def _landlord_sells(scene: Scene, home: Home, payer: Person, account: str, first: date) -> None:
    when = scene.month_start(margin=2)
    dwelling(scene, home, payer, account, first, when - _DAY)
    home.landlord = landlord_name(scene.dice, home.city)
    dwelling(scene, home, payer, account, when, None)
    scene.ledger.trap(payer, "landlord_sold", when, when + timedelta(days=62))


def _second_home(scene: Scene, payer: Person, account: str) -> None:
    other, when = new_home(scene.dice), scene.month_start(margin=1)
    words = {"street": other.street, "city": other.city, "ref": other.reference}
    line = scene.ledger.line(scene.dice, "second_home_rent", party=other.landlord, **words)
    scene.ledger.pay(account, line, -scene.dice.amount(290, 720, 5), when, scene.until(payer))
    if scene.dice.chance(0.5):
        energy(scene, other, account, when, scene.until(payer))
    scene.ledger.trap(payer, "second_home", when, when + timedelta(days=92))
