"""Budgets: what adults pay month by month and day by day, and what goes between family members."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.stock import stock

#: kind of `wordings/`, chance, least and most euros, months between, chance to come back unpaid
_STANDING = (
    ("phone", 0.92, 9, 60, 1, 0.003),
    ("broadcasting", 0.55, 1, 1, 3, 0.0),
    ("insurance_liability", 0.75, 6, 22, 3, 0.002),
    ("insurance_life", 0.35, 20, 160, 1, 0.002),
    ("insurance_health", 0.12, 180, 640, 1, 0.001),
    ("streaming", 0.6, 5, 18, 1, 0.004),
    ("streaming", 0.35, 5, 25, 1, 0.004),
    ("gym", 0.22, 20, 60, 1, 0.008),
    ("club", 0.3, 24, 120, 12, 0.004),
    ("donation", 0.16, 5, 60, 3, 0.0),
    ("loan_rate", 0.14, 60, 420, 1, 0.006),
    ("tax_refund", 0.4, -1400, -120, 12, 0.0),
)


def write_budgets(scene: Scene) -> None:
    """Plan spending and standing payments of all customers with a current account."""
    for person in scene.clan.customers():
        if not person.giro or not scene.lived(person):
            continue
        if person.age(scene.window.end) < 18:
            _young_spending(scene, person)
            continue
        _standing(scene, person)
        _car(scene, person)
        _spending(scene, person)
        _within_family(scene, person)


def _standing(scene: Scene, person: Person) -> None:
    dice, ledger, last = scene.dice, scene.ledger, scene.until(person)
    first = scene.window.start - timedelta(days=500)
    for kind, chance, least, most, every, unpaid in _STANDING:
        if not dice.chance(chance):
            continue
        line = ledger.line(dice, kind, city=person.home.city, person=formal(person), year=str(first.year + 1))
        due = first + timedelta(days=dice.whole(0, 364))
        rate = "broadcasting" if kind == "broadcasting" else ""
        amount = -1 if rate else -dice.amount(least, most)
        ledger.pay(person.giro, line, amount, due, last, every=every, rate=rate, returned=unpaid)
    if person.savings and dice.chance(0.7):
        own = {"person": formal(person)}
        line = ledger.line(dice, "savings_plan", party=person.full_name, iban=ledger.ibans[person.savings], **own)
        back = ledger.line(dice, "savings_plan_in", party=person.full_name, iban=ledger.ibans[person.giro], **own)
        amount = dice.amount(25, 400, 5)
        ledger.pay(person.giro, line, -amount, first, last)
        ledger.pay(person.savings, back, amount, first, last)


def _car(scene: Scene, person: Person) -> None:
    person.drives = person.age(scene.window.start) >= 20 and scene.dice.chance(0.62)
    if not person.drives:
        return
    dice, ledger, last = scene.dice, scene.ledger, scene.until(person)
    person.plate = plate(scene, person)
    first = scene.window.start - timedelta(days=dice.whole(370, 730))
    tax = ledger.line(dice, "car_tax", plate=person.plate)
    ledger.pay(person.giro, tax, -dice.amount(48, 380, 1), first, last, every=12, returned=0.004)
    insurance = ledger.line(dice, "insurance_car", plate=person.plate)
    every = dice.pick((1, 3, 12))
    ledger.pay(person.giro, insurance, -dice.amount(22, 60) * every, date(first.year, 1, 2), last, every=every)


def plate(scene: Scene, person: Person) -> str:
    """A number plate that looks like the city's."""
    letters = "".join(scene.dice.pick("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(2))
    return f"{person.home.city[0].upper()} {letters} {scene.dice.whole(10, 9999)}"


def _spending(scene: Scene, person: Person) -> None:
    level = max(0.45, scene.dice.bell(1.0, 0.22))
    last = scene.until(person, scene.window.end) or scene.window.end
    for name, category in stock("spending").items():
        if category.get("per") != "car" or person.drives:
            rate = category["rate"] * level
            scene.ledger.spend(person.giro, name, person.home.city, scene.window.start, last, rate, 1.0)


def _young_spending(scene: Scene, person: Person) -> None:
    for name, rate in (("groceries", 0.7), ("bakery", 0.8), ("cash", 0.7), ("clothes", 0.4)):
        city, window = person.home.city, scene.window
        scene.ledger.spend(person.giro, name, city, window.start, window.end, rate, 0.4)


def _within_family(scene: Scene, person: Person) -> None:
    """Pocket money, support for students, the household's purse."""
    partner = person.partner
    if person.joint and person.giro != person.joint:
        _transfer(scene, person, person.joint, "household_share", scene.dice.amount(400, 1500, 50), "")
    elif (
        partner is not None
        and partner.giro
        and partner.giro != person.giro
        and person.sex == "m"
        and partner.died is None
    ):
        _transfer(scene, person, partner.giro, "household_share", scene.dice.amount(200, 1100, 50), "")
    if person.sex == "f" and any(p.is_customer for p in person.children) and scene.dice.chance(0.8):
        for child in person.children:
            _for_child(scene, person, child)
    if scene.dice.chance(0.5):
        friend = f"Alex {scene.dice.pick(stock('names')['family']['de'])}"
        line = scene.ledger.line(scene.dice, "transfer_friends", party=friend)
        amount, first = -scene.dice.amount(10, 90, 5), scene.some_day()
        scene.ledger.pay(person.giro, line, amount, first, scene.until(person), every=4, spread=0.5)


def _for_child(scene: Scene, person: Person, child: Person) -> None:
    age = child.age(scene.window.start)
    account = child.giro or child.savings
    if not account or account == person.giro or child.died is not None:
        return
    if 6 <= age < 18:
        _transfer(scene, person, account, "pocket_money", scene.dice.amount(10, 70, 5), child.given)
    elif child.status == "student":
        _transfer(scene, person, account, "child_support_student", scene.dice.amount(150, 700, 10), child.given)
    elif age < 6 and child.savings and child.born < scene.window.start:
        _transfer(scene, person, account, "pocket_money", scene.dice.pick((25.0, 50.0, 100.0)), child.given)


def _transfer(scene: Scene, payer: Person, target: str, kind: str, amount: float, child: str) -> None:
    """A standing order as both sides' accounts show it."""
    ledger, first = scene.ledger, scene.window.start - timedelta(days=90)
    names = {"child": child, "person": formal(payer)}
    seed = scene.dice.whole(2, 26)
    out = ledger.line(scene.dice, kind, party=child or payer.full_name, iban=ledger.ibans[target], **names)
    into = ledger.line(scene.dice, f"{kind}_in", party=payer.full_name, iban=ledger.ibans[payer.giro], **names)
    last = scene.until(payer)
    ledger.pay(payer.giro, out, -amount, first, last, day=seed)
    ledger.pay(target, into, amount, first, last, day=seed)
