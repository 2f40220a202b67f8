"""Milestones: the life events of `data/life/`, who passes which, when and in which form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from augenblick.simulate.ledger import Truth
from augenblick.simulate.lives import Form, LifeEvent, events
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene
from augenblick.simulate.traces import leave_traces

_CONDITIONS: dict[str, Callable[[Scene, Person], bool]] = {
    "driver": lambda _, p: p.drives,
    "no car": lambda _, p: not p.drives,
    "renter": lambda _, p: not p.home.owned,
    "owner": lambda _, p: p.home.owned,
    "partnered": lambda _, p: p.partner is not None and p.partner.died is None,
    "unpartnered": lambda _, p: p.partner is None,
    "married": lambda _, p: p.civil_status == "married",
    "unmarried": lambda _, p: p.civil_status == "single",
    "no benefit": lambda _, p: not any(child.born.year > 1999 for child in p.children),
    "parent of a schoolchild": lambda s, p: any(6 <= c.age(s.window.start) <= 13 for c in p.children),
    "parent of a teenager": lambda s, p: any(16 <= c.age(s.window.start) <= 18 for c in p.children),
    "parent of a grown child": lambda s, p: any(20 <= c.age(s.window.start) <= 30 for c in p.children),
    "employed": lambda _, p: p.status == "employed",
    "pensioner": lambda _, p: p.status == "retired",
    "at school": lambda _, p: p.status == "pupil",
    "woman": lambda _, p: p.sex == "f",
    "joint account": lambda _, p: bool(p.joint) and p.joint != p.giro,
    "not expecting": lambda s, p: id(p) not in s.leaves and not s.births_in(p.home),
}


def write_milestones(scene: Scene) -> None:
    """Let every customer with a current account pass some of the milestones, one of a kind each."""
    if scene.story:
        return
    lived: set[tuple[int, str]] = set()
    for person in scene.clan.customers():
        if person.giro and person.died is None and scene.lived(person):
            for event in events().values():
                _perhaps(scene, person, event, lived)


def _perhaps(scene: Scene, person: Person, event: LifeEvent, lived: set[tuple[int, str]]) -> None:
    """Let the person pass an event by chance, unless something of the same moment has happened to them or a partner."""
    if scene.quiet and not event.is_trap:
        return
    least, most = event.ages
    forms = {form: form.weight for form in event.forms if _fits(scene, person, form)}
    key = (id(person), event.moment)
    for slot in range(event.times):
        if (key in lived and event.times == 1) or not forms or not scene.likely(event.chance):
            continue
        form = scene.dice.weighted(forms)
        day = _day(scene, form, slot, event.times)
        if not least <= person.age(day) <= most or not _all(scene, person, event.conditions):
            continue
        lived.add(key)
        if event.shared and person.partner is not None:
            lived.add((id(person.partner), event.moment))
        _pass(scene, person, event, form, day)


def _all(scene: Scene, person: Person, conditions: tuple[str, ...]) -> bool:
    return all(_CONDITIONS[condition](scene, person) for condition in conditions)


def _fits(scene: Scene, person: Person, form: Form) -> bool:
    """Whether a form can show at a person: bookings of an account's second owner would be taken for the first's."""
    return (person.owner or not form.pays) and _all(scene, person, form.conditions)


def _day(scene: Scene, form: Form, slot: int, slots: int) -> date:
    """A day of the slot-th part of the window, in the form's season if it has one."""
    whole = (scene.window.end - scene.window.start).days
    first = scene.window.start + timedelta(days=whole * slot // slots)
    last = scene.window.start + timedelta(days=whole * (slot + 1) // slots - (40 if slots > 1 else 0))
    day = scene.dice.day(first, last)
    for _ in range(8 if form.season else 0):
        if day.month in form.season:
            break
        day = scene.dice.day(first, last)
    return day


def _pass(scene: Scene, person: Person, event: LifeEvent, form: Form, day: date) -> None:
    partner = person.partner if event.shared else None
    truths: dict[int, Truth] = {}
    if event.is_trap:
        scene.ledger.trap(person, event.name, day, day + timedelta(days=event.days))
    else:
        truths[id(person)] = _label(scene, person, event, form, day)
        if partner is not None and partner.is_customer:
            seen = event.shared == "both" or (event.shared == "household" and scene.named(person))
            truths[id(partner)] = _label(scene, partner, event, form, day, seen=seen)
    leave_traces(scene, person, partner, event.moment, form, day, truths)


def _label(scene: Scene, person: Person, event: LifeEvent, form: Form, day: date, *, seen: bool = True) -> Truth:
    """The truth of an event; of a partner who only took part in it, it shows nowhere."""
    truth = scene.ledger.happened(person, event.name, day, form.name if seen else f"{form.name}-of-partner")
    truth.needs = form.needs if seen else 99
    return truth
