"""Births in the window: the child, the parents' leave, what grandparents see."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.banking import child_account
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Person, given_name
from augenblick.simulate.scene import Leave, Scene, formal
from augenblick.simulate.work import hire, with_line

_BIRTH_RATE = 0.24


def write_births(scene: Scene) -> None:
    """Let children be born to couples of the clan; the parents' truths are kept for the benefit and the leave."""
    for mother in [p for p in scene.clan.persons if p.sex == "f" and p.partner is not None]:
        father = mother.partner
        fertile = 20 <= mother.age(scene.window.start) <= 39 and father is not None and father.sex == "m"
        alive = father is not None and father.died is None and mother.died is None
        spaced = all(child.age(scene.window.start) >= 1 for child in mother.children)
        if fertile and alive and spaced and (scene.story or scene.happens(_BIRTH_RATE)):
            _birth(scene, mother)


def _birth_day(scene: Scene) -> date:
    start, end = scene.window.start, scene.window.end
    if scene.story:
        return max(start + timedelta(days=5), end - timedelta(days=112))
    return scene.dice.day(start - timedelta(days=20), end - timedelta(days=15))


def _birth(scene: Scene, mother: Person) -> None:
    father, dice = mother.partner, scene.dice
    if father is None:
        return
    sex, born = dice.pick("fm"), _birth_day(scene)
    child = Person(sex, born, given_name(dice, sex, 2020, mother.origin), father.family, mother.origin, mother.home)
    for parent in (mother, father):
        child.parents.append(parent)
        parent.children.append(child)
    mother.home.residents.append(child)
    scene.clan.persons.append(child)
    truths = {}
    for parent in (mother, father):
        truths[id(parent)] = scene.ledger.happened(parent, "baby", born, "benefit-elsewhere")
    scene.births.append((child, truths))
    _leave(scene, mother, child, truths[id(mother)])
    for parent in (mother, father):
        for elder in parent.parents:
            _new_grandparent(scene, elder, parent, child, truths[id(parent)])


def _leave(scene: Scene, mother: Person, child: Person, truth: Truth) -> None:
    if not mother.is_customer or scene.story or not scene.dice.chance(0.75):
        return
    first = child.born - timedelta(days=42)
    last = add_months(child.born, scene.dice.pick((10, 12, 12, 14, 24)), on=1)
    scene.leaves[id(mother)] = Leave(first, last, truth)


def _new_grandparent(scene: Scene, elder: Person, parent: Person, child: Person, truth: Truth) -> None:
    if not (elder.is_customer and elder.alive(child.born)):
        return
    seen = parent.is_customer and scene.knows(elder, parent)
    form = "through-child" if seen else "unrecorded"
    scene.grandparents.append(
        (elder, child, scene.ledger.happened(elder, "new_grandchild", child.born, form, truth if seen else None))
    )


def write_newborns(scene: Scene) -> None:
    """Everything about newborns that needs accounts: own accounts, allowances, purchases, gifts."""
    for child, truths in scene.births:
        receiver = next((p for p in child.parents if p.is_customer and p.giro), None)
        if receiver is None:
            continue
        if scene.dice.chance(0.35) and not scene.story:
            _child_becomes_customer(scene, child, truths)
        for _ in range(scene.dice.whole(0, 4)):
            bought = child.born + timedelta(days=scene.dice.whole(-60, 150))
            line = scene.ledger.line(scene.dice, "infants_wear", city=child.home.city)
            scene.ledger.once(receiver.giro, line, -scene.dice.amount(15, 260), bought)
        mother = child.parents[0]
        if id(mother) in scene.leaves and mother.giro:
            _allowances(scene, mother, child, truths[id(mother)])
    for elder, child, truth in scene.grandparents:
        _gift(scene, elder, child, truth)


def _child_becomes_customer(scene: Scene, child: Person, truths: dict[int, Truth]) -> None:
    opened = child.born + timedelta(days=scene.dice.whole(25, 110))
    if not scene.window.holds(opened):
        return
    child.is_customer, child.customer_id = True, scene.next_customer_id()
    child_account(scene, child, opened)
    for parent in child.parents:
        if parent.is_customer:
            scene.ledger.record(
                "relations", parent.customer_id, child.customer_id, "child", child.born, None, "account_opening"
            )
            scene.know(parent, child)
            truths[id(parent)].show(opened)
            truths[id(parent)].form = "child-account"
    for elder, newborn, truth in scene.grandparents:
        if newborn is child and scene.dice.chance(0.2):
            scene.ledger.record(
                "relations", elder.customer_id, child.customer_id, "grandchild", child.born, None, "adviser"
            )
            truth.form = "recorded-grandchild"
            truth.show(opened)


def _allowances(scene: Scene, mother: Person, child: Person, truth: Truth) -> None:
    dice, ledger, leave = scene.dice, scene.ledger, scene.leaves[id(mother)]
    line = ledger.line(dice, "maternity_pay", person=formal(mother))
    expecting = ledger.happened(mother, "expects_child", child.born - timedelta(days=240), "maternity-pay")
    ledger.once(mother.giro, line, 546.0, leave.first + timedelta(days=4), shows=[expecting])
    ledger.once(mother.giro, line, 728.0, child.born + timedelta(days=12), shows=[expecting])
    topup = with_line(scene, mother, hire(scene, mother), "maternity_topup").line
    ledger.pay(
        mother.giro, topup, dice.amount(500, 1300), leave.first, child.born + timedelta(days=56), day=30, forward=False,
        shows=[expecting],
    )  # fmt: skip
    truth.form = "parental-allowance" if truth.form == "benefit-elsewhere" else truth.form
    allowance = ledger.line(dice, "parental_allowance", person=formal(mother), city=child.home.city)
    begin = add_months(child.born, dice.whole(2, 3))
    ledger.pay(mother.giro, allowance, dice.amount(300, 1800), begin, leave.last, shows=[truth])


def _gift(scene: Scene, elder: Person, child: Person, truth: Truth) -> None:
    dice, ledger = scene.dice, scene.ledger
    if not elder.giro or not dice.chance(0.4):
        return
    when = child.born + timedelta(days=dice.whole(5, 80))
    target = ledger.ibans.get(child.savings or child.giro, "")
    if dice.chance(0.5):
        line = ledger.line(dice, "gift_to_grandchild", party=child.full_name, iban=target, child=child.given)
        ledger.once(elder.giro, line, -dice.pick((50.0, 100.0, 200.0, 500.0)), when)
    else:
        line = ledger.line(dice, "gift_order_grandchild", party=child.full_name, iban=target, child=child.given)
        ledger.pay(elder.giro, line, -dice.pick((10.0, 25.0, 30.0, 50.0)), when, scene.until(elder), day=1)
    truth.form = "weak-gift" if truth.form == "unrecorded" else truth.form
