"""Income: employers and how they pay, training, study, benefits, pensions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.checkdigits import iban_of
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene, formal
from augenblick.simulate.stock import stock

_PAY_DAYS = {31: 0.45, 30: 0.15, 28: 0.12, 27: 0.1, 15: 0.12, 10: 0.06}
_PAYROLL_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Employer:
    """Who pays a salary, from which account, through whom, when and how it reads."""

    name: str
    iban: str
    provider: str
    pay_day: int
    line: int = -1


def hire(scene: Scene, person: Person) -> Employer:
    """A made-up employer near the person's home."""
    places, dice = stock("places"), scene.dice
    family = dice.pick(stock("names")["family"]["de"])
    name = dice.pick(places["employers"]).format(family=family, city=person.home.city)
    provider = dice.pick(places["payroll"]) if dice.chance(_PAYROLL_SHARE) else ""
    return with_line(scene, person, Employer(name, iban_of(name), provider, dice.weighted(_PAY_DAYS)))


def with_line(scene: Scene, person: Person, employer: Employer, kind: str = "salary") -> Employer:
    """The employer with a line of bookings for this person."""
    kind = "salary_unmarked" if kind == "salary" and scene.dice.chance(0.05) else kind
    party = employer.provider or employer.name
    line = scene.ledger.line(
        scene.dice, kind, scene.named(person), party=party,
        iban=iban_of(employer.provider) if employer.provider else employer.iban,
        ultimate=employer.name if employer.provider else "", person=formal(person), city=person.home.city,
    )  # fmt: skip
    return replace(employer, line=line)


def net_pay(scene: Scene, person: Person) -> float:
    """A monthly net salary usual for the age, euros."""
    age = person.age(scene.window.start)
    return round(max(1250.0, scene.dice.bell(1700 + 32 * min(max(age - 20, 0), 25), 520)), 2)


def salary(
    scene: Scene, person: Person, employer: Employer, net: float, first: date, last: date | None = None,
    *, shows: Iterable[Truth] = (), extras: bool = True, rise: float | None = None,
) -> None:  # fmt: skip
    """Monthly pay from the first pay day on or after `first` until `last`."""
    last = scene.until(person, last)
    if not person.giro or (last is not None and last < first):
        return
    dice = scene.dice
    person.employer = person.employer or employer.name
    varies = 0.06 if dice.chance(0.25) else 0.0
    usual = dice.amount(0.012, 0.045, 0.001) if dice.chance(0.7) else 0.0
    scene.ledger.pay(
        person.giro, employer.line, net, first, last, day=employer.pay_day, forward=False, spread=varies,
        rise=usual if rise is None else rise, rise_month=dice.pick((1, 3, 4, 7)) if rise is None else 9, shows=shows,
    )  # fmt: skip
    if extras:
        _extras(scene, person, employer, net, first, last)


def _extras(scene: Scene, person: Person, employer: Employer, net: float, first: date, last: date | None) -> None:
    dice, ledger = scene.dice, scene.ledger
    if dice.chance(0.3):
        month = 11 if dice.chance(0.8) else 6
        due = date(first.year + (first.month > month), month, 25)
        line = with_line(scene, person, employer, "extra_salary" if month == 11 else "holiday_pay").line
        ledger.pay(person.giro, line, round(net * dice.amount(0.35, 0.95), 2), due, last, every=12, forward=False)
        paid = date(scene.window.start.year + (scene.window.start.month > month), month, 25)
        if due <= paid <= min(last or paid, scene.window.end):
            ledger.trap(person, "extra_salary", paid)
    if dice.chance(0.18):
        line = with_line(scene, person, employer, "saving_scheme").line
        ledger.pay(person.giro, line, dice.pick((26.59, 39.88, 40.0)), first, last, day=employer.pay_day, forward=False)


def irregular_fees(scene: Scene, person: Person) -> None:
    """The income of a self-employed person: invoices paid by a few clients."""
    for _ in range(scene.dice.whole(2, 4)):
        client = hire(scene, person).name
        line = scene.ledger.line(scene.dice, "fees_income", party=client, iban=iban_of(client))
        first = add_months(scene.long_ago(), 0, on=scene.dice.whole(2, 27))
        amount = scene.dice.amount(400, 1900, 10)
        scene.ledger.pay(person.giro, line, amount, first, scene.until(person), spread=0.4)


def pension(scene: Scene, person: Person, first: date, *, kind: str = "pension", shows: Iterable[Truth] = ()) -> None:
    """A statutory or civil servant's pension at each month's end, raised by the public index."""
    if not person.giro:
        return
    dice = scene.dice
    number = f"{dice.whole(10, 89)}{person.born:%d%m%y}{person.family[0].upper()}{dice.whole(100, 999)}"
    line = scene.ledger.line(dice, kind, scene.named(person), vsnr=number, person=formal(person), city=person.home.city)
    amount = dice.amount(880, 2100) if kind != "widows_pension" else dice.amount(420, 1100)
    scene.ledger.pay(
        person.giro, line, amount, first, scene.until(person), day=31, forward=False, rise=0.039, rise_month=7,
        shows=shows,
    )  # fmt: skip


def unemployment_benefit(scene: Scene, person: Person, first: date, last: date | None, shows: Iterable[Truth]) -> None:
    """Arbeitslosengeld I at the end of each month."""
    line = scene.ledger.line(scene.dice, "unemployment_benefit", scene.named(person), person=formal(person))
    amount = scene.dice.amount(860, 1900)
    last = scene.until(person, last)
    scene.ledger.pay(person.giro, line, amount, first, last, day=30, forward=False, shows=shows)


def term_fees(
    scene: Scene, person: Person, first: date, last: date | None, *, shows: Iterable[Truth] = ()
) -> list[date]:
    """Plan the fees of all terms whose fee is due between two days; returns when they are due."""
    dice, ledger, due = scene.dice, scene.ledger, []
    fee = dice.amount(110, 390)
    words = {"city": person.home.city, "person": formal(person), "ref": str(dice.whole(1_000_000, 9_999_999))}
    party = dice.pick(stock("wordings")["semester_fee"]["parties"]).format_map(words)
    for year in range(first.year, scene.window.end.year + 1):
        for month, term in ((2, f"SS {year}"), (8, f"WS {year}/{(year + 1) % 100:02d}")):
            day = date(year, month, dice.whole(1, 26))
            if day >= first and (last is None or day <= last):
                line = ledger.line(dice, "semester_fee", party=party, term=term, **words)
                ledger.once(person.giro, line, -fee, day, shows=shows)
                due.append(day)
    return due


def student_grant(scene: Scene, person: Person, first: date, last: date | None, *, chance: float = 1.0) -> bool:
    """Plan a monthly grant, by chance; returns whether there is one."""
    if not scene.dice.chance(chance):
        return False
    line = scene.ledger.line(scene.dice, "student_grant", city=person.home.city)
    scene.ledger.pay(person.giro, line, scene.dice.amount(280, 930, 1), first, last, day=31, forward=False)
    return True


def short_work(scene: Scene, person: Person, kind: str) -> None:
    """A summer job (one or two pays in summer) or an internship (three months): no first employment."""
    dice = scene.dice
    event = "holiday_work" if kind == "holiday_job" else "internship"
    if kind == "holiday_job":
        years = range(scene.window.start.year, scene.window.end.year + 1)
        first, months = date(dice.pick(years), 7, 1), dice.whole(1, 2)
    else:
        first, months = scene.month_start(margin=2), dice.whole(2, 3)
    last = add_months(first, months) - timedelta(days=1)
    if scene.window.start <= first and last <= scene.window.end and person.age(first) >= 15:
        employer = with_line(scene, person, hire(scene, person), event)
        salary(scene, person, employer, dice.amount(420, 1300), first, last, extras=False)
        scene.ledger.trap(person, kind, first, last)
