"""Accounts: who has which, with whom, since when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene
from augenblick.simulate.stock import stock

_ARRANGEMENTS = {"joint only": 0.33, "joint and own": 0.35, "own": 0.32}
_FRESH = 0.05
PLAIN = 0  # the first style of `banks.yaml`


def open_accounts(scene: Scene) -> None:
    """Give every customer of the clan the accounts their age and partnership suggest."""
    for person in scene.clan.customers():
        if person.age(scene.window.start) < 18:
            child_account(scene, person, None)
        elif not person.giro:
            _couple_or_single(scene, person)
        _holdings(scene, person)
    if scene.story:
        # The first clan's story is shown to readers: its statements are written plainly.
        scene.ledger.styles[:] = [PLAIN] * len(scene.ledger.styles)


def _couple_or_single(scene: Scene, person: Person) -> None:
    partner = person.partner
    together = partner is not None and partner.is_customer and partner.alive(scene.window.start) and not partner.giro
    if partner is None or not together:
        person.giro = own_giro(scene, person)
        return
    arrangement = "own" if scene.story else scene.dice.weighted(_ARRANGEMENTS)
    if arrangement != "own":
        person.joint = partner.joint = _joint_giro(scene, person, partner)
    for one in (person, partner):
        one.giro = one.joint if arrangement == "joint only" else own_giro(scene, one)


def _opening(scene: Scene, person: Person) -> date:
    grown = add_months(person.born, 12 * 18)
    start = scene.window.start
    if scene.dice.chance(_FRESH) and not scene.story:
        opened = scene.dice.day(start + timedelta(days=30), scene.window.end - timedelta(days=60))
        ledger_trap(scene, person, opened)
        return opened
    earliest = max(grown, start - timedelta(days=9000))
    return scene.dice.day(min(earliest, start - timedelta(days=200)), start - timedelta(days=120))


def ledger_trap(scene: Scene, person: Person, opened: date) -> None:
    """Label what a new account makes look new though it is not."""
    last = opened + timedelta(days=90)
    scene.ledger.trap(person, "account_opened_recently", opened, last)
    if any(child.age(opened) < 18 for child in person.children):
        scene.ledger.trap(person, "account_opened_recently_benefit", opened, last)


def own_giro(scene: Scene, person: Person) -> str:
    """A current account of one owner (sometimes with the partner's authority), perhaps with savings beside it."""
    opened = _opening(scene, person)
    account = scene.ledger.open_account(scene.dice, "giro", opened, _closing(scene, person))
    person.owner = True
    scene.ledger.record("account_holders", account, person.customer_id, "owner")
    partner = person.partner
    if partner is not None and partner.is_customer and scene.dice.chance(0.3):
        scene.ledger.record("account_holders", account, partner.customer_id, "authorised")
    _contract(scene, person, "giro", opened)
    person.customer_since = min(person.customer_since or opened, opened)
    if scene.dice.chance(0.4):
        person.savings = scene.ledger.open_account(scene.dice, "savings", opened, _closing(scene, person))
        scene.ledger.record("account_holders", person.savings, person.customer_id, "owner")
        _contract(scene, person, "savings", opened)
    return account


def _joint_giro(scene: Scene, one: Person, other: Person) -> str:
    first, second = (one, other) if scene.dice.chance(0.5) else (other, one)
    opened = max(_opening(scene, first), add_months(max(one.born, other.born), 12 * 18))
    account = scene.ledger.open_account(scene.dice, "giro", opened)
    scene.ledger.record("account_holders", account, first.customer_id, "owner")
    scene.ledger.record("account_holders", account, second.customer_id, "co_owner")
    second.owner = False
    for person in (first, second):
        person.customer_since = min(person.customer_since or opened, opened)
    _contract(scene, first, "giro_joint", opened)
    return account


def child_account(scene: Scene, child: Person, opened: date | None) -> str:
    """A youth or savings account of a child, its parents as guardians."""
    kind = "youth" if child.age(scene.window.end) >= 10 or scene.dice.chance(0.3) else "savings"
    youngest = child.born + timedelta(days=20)
    opened = opened or scene.dice.day(youngest, scene.window.start - timedelta(days=30))
    account = scene.ledger.open_account(scene.dice, kind, opened)
    scene.ledger.record("account_holders", account, child.customer_id, "owner")
    for parent in child.parents:
        if parent.is_customer and (parent.died is None or parent.died > scene.window.start):
            scene.ledger.record("account_holders", account, parent.customer_id, "guardian")
    _contract(scene, child, "youth_giro" if kind == "youth" else "childrens_account", opened)
    child.customer_since = opened
    child.giro = account if kind == "youth" else ""
    child.savings = account if kind == "savings" else ""
    return account


def _closing(scene: Scene, person: Person) -> date | None:
    if person.died is None:
        return None
    closed = person.died + timedelta(days=scene.dice.whole(60, 200))
    return closed if closed <= scene.window.end else None


def _holdings(scene: Scene, person: Person) -> None:
    """Contracts beside the accounts, opened since the person is a customer."""
    start, since = scene.window.start, person.customer_since
    if scene.story or since is None or since >= start or person.died is not None:
        return
    for product, held in stock("holdings").items():
        least, most = held["ages"]
        if least <= person.age(start) <= most and scene.dice.chance(held["chance"]):
            opened = scene.dice.day(max(since, start - timedelta(days=3000)), start)
            amount = scene.dice.amount(held["amount"][0], held["amount"][1], 1) if "amount" in held else None
            _contract(scene, person, product, opened, amount)


def _contract(scene: Scene, person: Person, product: str, opened: date, amount: float | None = None) -> None:
    worth = Decimal(f"{amount:.2f}") if amount is not None else None
    number = f"V{scene.ledger.chunk:04d}{len(scene.ledger.tables.get('contracts', ())):06d}"
    scene.ledger.record("contracts", number, person.customer_id, product, opened, None, worth)
