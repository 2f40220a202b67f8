"""Careers: what adults live on through the window, and the turns and near-turns in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months, day_number
from augenblick.simulate.checkdigits import iban_of
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.schooling import write_youth
from augenblick.simulate.stock import stock
from augenblick.simulate.work import (
    Employer,
    hire,
    irregular_fees,
    net_pay,
    pension,
    salary,
    unemployment_benefit,
    with_line,
)  # fmt: skip

_DAY = timedelta(days=1)
_UNPAID = timedelta(days=45)
_TURNS = {
    "changes_employer": 0.13, "loses_work": 0.09, "employer_renamed": 0.025, "payroll_provider_changed": 0.025,
    "employer_iban_changed": 0.025, "salary_elsewhere": 0.03, "side_job_started": 0.03, "returns_from_leave": 0.015,
}  # fmt: skip
_MOMENTS = ("changes_employer", "loses_work")


def write_career(scene: Scene, person: Person) -> None:
    """Plan the income of a person with a current account."""
    age = person.age(scene.window.start)
    if not person.giro or person.age(scene.window.end) < 15:
        return
    if age < 25 and scene.dice.chance(1.0 if age < 18 else 0.62):
        write_youth(scene, person)
    elif age >= 67 or (age >= 63 and scene.dice.chance(0.5)):
        _pensioner(scene, person)
    elif id(person) in scene.leaves:
        _on_leave(scene, person)
    else:
        _working_age(scene, person)


def _working_age(scene: Scene, person: Person) -> None:
    kinds = {"employed": 0.84, "self_employed": 0.06, "homemaker": 0.06, "unemployed": 0.04}
    person.status = "employed" if scene.story else scene.dice.weighted(kinds)
    if person.status == "self_employed":
        irregular_fees(scene, person)
    elif person.status == "unemployed":
        _long_unemployed(scene, person)
    elif person.status == "employed":
        person.occupation = scene.dice.pick(stock("places")["occupations"][person.sex])
        _employed(scene, person)


def _long_unemployed(scene: Scene, person: Person) -> None:
    line = scene.ledger.line(scene.dice, "basic_security", city=person.home.city)
    amount, first = scene.dice.amount(563, 1150), scene.long_ago()
    scene.ledger.pay(person.giro, line, amount, first, scene.until(person), day=31, forward=False)


def _employed(scene: Scene, person: Person) -> None:
    if person.age(scene.window.end) >= 63 and person.died is None and scene.likely(0.7):
        (_works_on if scene.quiet or scene.dice.chance(0.14) else _retires)(scene, person)
        return
    turns = {name: weight * scene.window.share for name, weight in _TURNS.items()}
    if scene.quiet:
        turns = {name: weight for name, weight in turns.items() if name not in _MOMENTS}
    if person.giro == person.joint:
        turns.pop("salary_elsewhere")
    turns["stays"] = 1 - sum(turns.values())
    turn = "stays" if scene.story or person.died else scene.dice.weighted(turns)
    employer, net = hire(scene, person), net_pay(scene, person)
    if turn == "stays":
        salary(scene, person, employer, net, scene.long_ago())
        if person.died is not None and scene.window.holds(person.died):
            scene.ledger.trap(person, "death_stops_salary", person.died, person.died + timedelta(days=90))
        return
    when = scene.month_start(margin=2)
    writers: dict[str, Callable[[Scene, Person, Employer, float, date], None]] = {
        "changes_employer": _changes_employer, "loses_work": _loses_work, "salary_elsewhere": _salary_elsewhere,
        "side_job_started": _takes_side_job, "returns_from_leave": _returns_from_leave,
    }  # fmt: skip
    if turn in writers:
        writers[turn](scene, person, employer, net, when)
    else:
        _same_work(scene, person, employer, net, when, turn)


def _changes_employer(scene: Scene, person: Person, old: Employer, net: float, when: date) -> None:
    gap = scene.dice.weighted({0: 0.72, 1: 0.22, 2: 0.06})
    new = hire(scene, person)
    form = "through-payroll-office" if new.provider else "direct"
    start = add_months(when, gap)
    truth = scene.ledger.happened(person, "changes_employer", start, f"{form}{'-with-gap' if gap else ''}")
    raise_by = scene.dice.amount(0.93, 1.25)
    salary(scene, person, old, net, scene.long_ago(), when - _DAY)
    salary(scene, person, new, round(net * raise_by, 2), start, shows=[truth])
    partner = person.partner
    if partner is not None and partner.is_customer and partner.alive(start):
        seen = scene.knows(person, partner) or person.giro == partner.giro
        form = "joint-account" if person.giro == partner.giro else "recorded-partner" if seen else "unrecorded"
        if person.giro == partner.giro:
            scene.ledger.trap(partner, "joint_account_salary", start, start + timedelta(days=62))
        scene.ledger.happened(partner, "spouse_changes_employer", start, form, follows=truth if seen else None)


def _loses_work(scene: Scene, person: Person, old: Employer, net: float, when: date) -> None:
    forms = {"benefit": 0.4, "silent": 0.33, "severance-and-benefit": 0.14, "severance": 0.09, "told-by-adviser": 0.04}
    form = scene.dice.weighted(forms)
    last = when - _DAY
    truth = scene.ledger.happened(person, "loses_work", when, form)
    salary(scene, person, old, net, scene.long_ago(), last)
    if "severance" in form:
        line = with_line(scene, person, old, "severance").line
        scene.ledger.once(person.giro, line, round(net * scene.dice.amount(2, 9), 2), when - timedelta(days=2))
    if "told" in form:
        scene.ledger.record("declared_moments", person.customer_id, "job-loss", when, "adviser", "confirmed", None)
        truth.show(when, by="declared")
    idle = scene.dice.whole(3, 14)
    if "benefit" in form:
        late = 1 if scene.dice.chance(0.2) else 0
        unemployment_benefit(scene, person, add_months(when, late), add_months(when, idle) - _DAY, [truth])
    if when + _UNPAID <= scene.window.end:
        truth.show(when + _UNPAID)
    back = add_months(when, idle)
    if back <= scene.window.end:
        new = hire(scene, person)
        scene.ledger.trap(person, "works_again", back, back + timedelta(days=62))
        salary(scene, person, new, net, back)


def _salary_elsewhere(scene: Scene, person: Person, old: Employer, net: float, when: date) -> None:
    """The salary goes to another bank, and with it, three weeks later, everything else."""
    salary(scene, person, old, net, scene.long_ago(), when - _DAY)
    scene.ledger.trap(person, "salary_elsewhere", when, when + timedelta(days=90))
    account = scene.ledger.index[person.giro]
    scene.ledger.closed_on[account] = min(scene.ledger.closed_on[account], day_number(when) + 20)


def _takes_side_job(scene: Scene, person: Person, old: Employer, net: float, when: date) -> None:
    """A second, small income beside the work that goes on."""
    salary(scene, person, old, net, scene.long_ago())
    side = with_line(scene, person, hire(scene, person), "side_job")
    salary(scene, person, side, scene.dice.amount(150, 556), when, extras=False)
    scene.ledger.trap(person, "side_job_started", when, when + timedelta(days=62))


def _returns_from_leave(scene: Scene, person: Person, old: Employer, net: float, when: date) -> None:
    """The allowance for a child born long before the window ends, and the same employer pays again."""
    line = scene.ledger.line(scene.dice, "parental_allowance", person=formal(person), city=person.home.city)
    scene.ledger.pay(person.giro, line, scene.dice.amount(300, 1400), scene.long_ago(), when - _DAY, day=12)
    salary(scene, person, old, round(net * scene.dice.amount(0.5, 0.9), 2), when)
    scene.ledger.trap(person, "returns_from_leave", when, when + timedelta(days=62))


def _same_work(scene: Scene, person: Person, old: Employer, net: float, when: date, turn: str) -> None:
    """The same employment under another name, provider or account: one salary, two lines."""
    dice = scene.dice
    if turn == "employer_renamed":
        stem = " ".join(old.name.split()[:2]).removesuffix(" GmbH").removesuffix(" AG")
        name = dice.pick(stock("places")["renamed"]).format(stem=stem)
        new = replace(old, name=name, iban=old.iban if dice.chance(0.7) else iban_of(name))
    elif turn == "payroll_provider_changed":
        others = [name for name in stock("places")["payroll"] if name != old.provider]
        new = replace(old, provider=dice.pick(others))
    else:
        new = replace(old, provider="", iban=iban_of(f"{old.name} neu"))
        old = with_line(scene, person, replace(old, provider=""))
    scene.ledger.trap(person, turn, when, when + timedelta(days=62))
    salary(scene, person, old, net, scene.long_ago(), when - _DAY, extras=False)
    salary(scene, person, with_line(scene, person, new), net, when, extras=False)


def _on_leave(scene: Scene, person: Person) -> None:
    """Work interrupted by a parent's leave; the allowance is written with the birth."""
    leave, employer, net = scene.leaves[id(person)], hire(scene, person), net_pay(scene, person)
    person.status = "employed"
    salary(scene, person, employer, net, scene.long_ago(), leave.first - _DAY)
    salary(scene, person, employer, round(net * scene.dice.amount(0.55, 1.0), 2), leave.last)
    scene.ledger.trap(person, "parental_leave", leave.first, leave.last)


def _retires(scene: Scene, person: Person) -> None:
    eligible = add_months(person.born, 12 * scene.dice.whole(63, 67), on=1)
    when = eligible if scene.window.start < eligible <= scene.window.end else scene.month_start(margin=2)
    form = scene.dice.weighted({"statutory": 0.7, "civil-servant": 0.12, "statutory-and-company": 0.18})
    person.status = "retired"
    truth = scene.ledger.happened(person, "starts_pension", when, form)
    employer, net = hire(scene, person), net_pay(scene, person)
    salary(scene, person, employer, net, scene.long_ago(), when - _DAY)
    kind = "civil_pension" if form == "civil-servant" else "pension"
    pension(scene, person, when, kind=kind, shows=[truth])
    if "company" in form:
        company_pension(scene, person, employer.name, when)
    scene.ledger.trap(person, "pension_stops_salary", when, when + timedelta(days=90))
    scene.ledger.trap(person, "pension_start_as_pay", when, when + timedelta(days=62))
    if scene.dice.chance(0.3):
        reported = when + timedelta(days=scene.dice.whole(5, 60))
        if scene.window.holds(reported):
            scene.ledger.record(
                "customer_changes", person.customer_id, reported, "employment_status", "employed", "retired"
            )


def _works_on(scene: Scene, person: Person) -> None:
    """A partial pension beside a salary that goes on: work has not ended."""
    when = scene.month_start(margin=2)
    salary(scene, person, hire(scene, person), net_pay(scene, person), scene.long_ago())
    pension(scene, person, when)
    scene.ledger.trap(person, "partial_pension", when, when + timedelta(days=90))


def company_pension(scene: Scene, person: Person, company: str, first: date) -> None:
    """An employer's own pension beside the statutory one."""
    line = scene.ledger.line(scene.dice, "company_pension", party=f"Pensionskasse {company}", person=formal(person))
    scene.ledger.pay(person.giro, line, scene.dice.amount(90, 700), first, scene.until(person), day=1)


def _pensioner(scene: Scene, person: Person) -> None:
    person.status = "retired"
    kind = "civil_pension" if scene.dice.chance(0.12) else "pension"
    pension(scene, person, scene.long_ago(), kind=kind)
    if scene.dice.chance(0.25):
        company_pension(scene, person, hire(scene, person).name, scene.long_ago())
