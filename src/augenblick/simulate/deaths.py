"""Deaths in the window: what the bank learns, what survivors and children pay and receive."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene
from augenblick.simulate.work import pension


def choose_deaths(scene: Scene) -> None:
    """Let some elder persons die in the window."""
    for person in scene.clan.persons:
        age = person.age(scene.window.start)
        if scene.story or scene.quiet or person.died is not None or age < 35:
            continue
        rate = 0.004 if age < 58 else 0.05 if age < 70 else 0.11 if age < 80 else 0.2
        if scene.likely(rate):
            margin = timedelta(days=30)
            person.died = scene.dice.day(
                scene.window.start + margin, max(scene.window.start + margin, scene.window.end - margin)
            )


def write_deaths(scene: Scene) -> None:
    """Write what deaths, in the window and before it, leave in the records."""
    for person in scene.clan.persons:
        if person.died is None:
            continue
        survivor = person.partner
        recent = scene.window.holds(person.died)
        if survivor is not None and survivor.is_customer and survivor.alive(person.died) and survivor.giro:
            if recent:
                _widowed(scene, person, survivor, person.died)
            elif survivor.age(scene.window.start) >= 60:
                pension(scene, survivor, scene.long_ago(), kind="widows_pension")
        elif recent:
            _children_bury(scene, person, person.died)
        if recent and person.is_customer:
            _recorded(scene, person, person.died)


def _recorded(scene: Scene, person: Person, died: date) -> None:
    """The bank learns of most deaths after some weeks, then they stand in the master data."""
    reported = died + timedelta(days=scene.dice.whole(4, 35))
    if scene.dice.chance(0.88) and reported <= scene.window.end:
        scene.reported_deaths[id(person)] = reported
        scene.ledger.record("customer_changes", person.customer_id, reported, "death_date", None, died.isoformat())
        partner = person.partner
        if partner is not None and partner.is_customer and scene.knows(person, partner):
            for truth in scene.widowed.get(id(partner), ()):
                truth.show(reported)
                truth.form = "recorded-death"


def _widowed(scene: Scene, person: Person, survivor: Person, died: date) -> None:
    dice = scene.dice
    truth = scene.ledger.happened(survivor, "widowed", died, "unrecorded")
    scene.widowed.setdefault(id(survivor), []).append(truth)
    if dice.chance(0.5):
        changed = died + timedelta(days=dice.whole(15, 90))
        if changed <= scene.window.end:
            scene.ledger.record(
                "customer_changes", survivor.customer_id, changed, "civil_status", survivor.civil_status, "widowed"
            )
            survivor.civil_status = "widowed"
            truth.form = "civil-status"
            truth.show(changed)
    if dice.chance(0.75):
        _funeral(scene, survivor, person, died, truth)
    if dice.chance(0.75):
        _survivors_pension(scene, survivor, died, truth)
    if dice.chance(0.25):
        line = scene.ledger.line(dice, "insurance_payout")
        scene.ledger.once(survivor.giro, line, dice.amount(3000, 60000, 1), died + timedelta(days=dice.whole(30, 80)))


def _survivors_pension(scene: Scene, survivor: Person, died: date, truth: Truth) -> None:
    if scene.dice.chance(0.5):
        line = scene.ledger.line(scene.dice, "quarter_of_death", vsnr=str(scene.dice.whole(10_000_000, 99_999_999)))
        amount, when = scene.dice.amount(1900, 4800), died + timedelta(days=scene.dice.whole(14, 35))
        scene.ledger.once(survivor.giro, line, amount, when, shows=[truth])
    first = add_months(died, scene.dice.whole(2, 4), on=1)
    pension(scene, survivor, first, kind="widows_pension", shows=[truth])
    truth.form = "widows-pension"
    if first <= scene.window.end:
        scene.ledger.trap(survivor, "widows_pension", first, first + timedelta(days=92))


def _funeral(scene: Scene, payer: Person, dead: Person, died: date, truth: Truth | None) -> None:
    dice, ledger = scene.dice, scene.ledger
    if truth is not None and truth.form == "unrecorded":
        truth.form = "weak-funeral"
    bill = ledger.line(dice, "funeral", city=payer.home.city, name=dead.full_name)
    ledger.once(payer.giro, bill, -dice.amount(2400, 7200), died + timedelta(days=dice.whole(9, 30)))
    grave = ledger.line(dice, "cemetery", city=payer.home.city, name=dead.full_name)
    ledger.once(payer.giro, grave, -dice.amount(600, 2300), died + timedelta(days=dice.whole(30, 70)))


def _children_bury(scene: Scene, person: Person, died: date) -> None:
    payer = next(
        (child for child in person.children if child.giro and child.alive(died) and child.age(died) >= 18), None
    )
    if payer is not None and scene.dice.chance(0.8):
        _funeral(scene, payer, person, died, None)
        scene.ledger.trap(payer, "parents_funeral", died, died + timedelta(days=90))
