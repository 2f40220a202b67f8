"""Children who leave their parents' home, and children who only move."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.homes import dwelling, energy, moving_costs, report
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Home, Person, new_home
from augenblick.simulate.scene import Scene, formal

_NEVER = 99


def write_leaving(scene: Scene) -> None:
    """Let some grown children move out, and some minors move with one parent or to a boarding school."""
    for person in list(scene.clan.persons):
        with_parents = any(parent in person.home.residents for parent in person.parents)
        if scene.story or scene.quiet or not with_parents or person.died is not None or not person.is_customer:
            continue
        age = person.age(scene.window.start)
        if person.giro and 18 <= age <= 27 and scene.happens(0.45):
            _moves_out(scene, person)
        elif 8 <= age <= 15 and scene.happens(0.05):
            _moves_as_a_minor(scene, person)


def _moves_out(scene: Scene, person: Person) -> None:
    """A grown child takes a first flat; parents see it where the bank knows they belong together."""
    old, when = person.home, scene.month_start(margin=1)
    new = new_home(scene.dice, old.city if scene.dice.chance(0.5) else None)
    new.owned, new.rent = False, min(new.rent, 640.0)
    told, helped = scene.dice.chance(0.65), scene.dice.chance(0.4)
    flat = scene.ledger.happened(person, "moves", when, "first-flat" if told else "first-flat-unreported")
    parents = [p for p in person.parents if p.is_customer and p.alive(when)]
    seen = [_parent_truth(scene, parent, person, when, told=told, helped=helped) for parent in parents]
    if told:
        report(scene, person, new, when, [flat, *seen])
    person.recorded_home, person.home = person.recorded_home or old, new
    old.residents.remove(person)
    _first_rent(scene, new, person, when, flat, seen)
    payer = next((parent for parent in parents if parent.giro and parent.giro != person.giro), None)
    if helped and payer is not None:
        _support(scene, payer, person, when, seen)


def _parent_truth(scene: Scene, parent: Person, child: Person, when: date, *, told: bool, helped: bool) -> Truth:
    """What a parent's records can tell: an address that left theirs, or a first rent together with a standing order."""
    if not scene.knows(parent, child):
        form, needs = "weak-unrecorded-child", _NEVER
    elif told:
        form, needs = "address-leaves", 1
    else:
        form, needs = ("rent-and-support", 2) if helped else ("weak-first-rent", _NEVER)
    truth = scene.ledger.happened(parent, "leaves_home", when, form)
    truth.needs = needs
    return truth


def _first_rent(scene: Scene, new: Home, person: Person, when: date, flat: Truth, seen: list[Truth]) -> None:
    """Rent, energy and the costs of moving, from the child's own account."""
    indirect = [truth for truth in seen if truth.needs == 2]
    dwelling(scene, new, person, person.giro, when, None, [flat, *indirect])
    energy(scene, new, person.giro, when + timedelta(days=scene.dice.whole(2, 30)), None)
    moving_costs(scene, new, person, person.giro, when)


def _support(scene: Scene, payer: Person, child: Person, when: date, seen: list[Truth]) -> None:
    """A standing order from a parent, from the month of the move on."""
    ledger, dice = scene.ledger, scene.dice
    words = {"child": child.given, "person": formal(payer)}
    amount, first = dice.amount(100, 650, 10), when + timedelta(days=dice.whole(0, 12))
    out = ledger.line(dice, "child_support_student", party=child.full_name, iban=ledger.ibans[child.giro], **words)
    into = ledger.line(dice, "child_support_student_in", party=payer.full_name, iban=ledger.ibans[payer.giro], **words)
    ledger.pay(payer.giro, out, -amount, first, shows=[t for t in seen if t.needs == 2], by="support")
    ledger.pay(child.giro, into, amount, first)


def _moves_as_a_minor(scene: Scene, child: Person) -> None:
    """A minor's address changes: with one parent's, after a separation, or to a boarding school."""
    when = scene.month_start(margin=1)
    new = new_home(scene.dice, child.home.city)
    parents = [p for p in child.parents if p.is_customer and p.alive(when)]
    along = parents[:1] if len(parents) > 1 and scene.dice.chance(0.6) else []
    for mover in (child, *along):
        scene.ledger.happened(mover, "moves", when, "with-a-parent" if along else "boarding-school").needs = _NEVER
        report(scene, mover, new, when)
    for parent in parents:
        scene.ledger.trap(
            parent, "moves_with_a_parent" if along else "boarding_school", when, when + timedelta(days=90)
        )
