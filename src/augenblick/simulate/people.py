"""Persons, homes and clans (three generations that belong together) as they stand when the window opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from augenblick.simulate.dice import Dice
from augenblick.simulate.stock import stock


@dataclass(slots=True, eq=False)
class Home:
    """An address and who pays whom for it."""

    street: str
    postal_code: str
    city: str
    owned: bool = False
    landlord: str = ""
    reference: str = ""
    rent: float = 0.0
    residents: list[Person] = field(default_factory=list, repr=False)


@dataclass(slots=True, eq=False)
class Person:
    """One human being; `customer_id` is empty for those who bank elsewhere."""

    sex: str
    born: date
    given: str
    family: str
    origin: str
    home: Home
    birth_name: str = ""
    died: date | None = None
    customer_id: str = ""
    is_customer: bool = False
    civil_status: str = "single"
    occupation: str = ""
    status: str = ""
    parents: list[Person] = field(default_factory=list, repr=False)
    children: list[Person] = field(default_factory=list, repr=False)
    partner: Person | None = field(default=None, repr=False)
    giro: str = ""
    owner: bool = True
    employer: str = ""
    joint: str = ""
    savings: str = ""
    drives: bool = False
    plate: str = ""
    recorded_home: Home | None = field(default=None, repr=False)
    customer_since: date | None = None

    def age(self, day: date) -> int:
        """Completed years on a day (negative before birth)."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def alive(self, day: date) -> bool:
        """Whether born and not dead on a day."""
        return self.born <= day and (self.died is None or day < self.died)

    @property
    def full_name(self) -> str:
        """Given and family name as a bank writes them."""
        return f"{self.given} {self.family}"


@dataclass(slots=True)
class Clan:
    """Persons of up to three generations, in the order they were thought of."""

    number: int
    persons: list[Person] = field(default_factory=list)

    def customers(self) -> list[Person]:
        """Those who are customers of the bank."""
        return [person for person in self.persons if person.is_customer]


def given_name(dice: Dice, sex: str, year: int, origin: str) -> str:
    """A given name usual for the cohort and origin."""
    cohorts = stock("names")["given"][origin][sex]
    first = max(start for start in cohorts if start <= max(year, 1900))
    return str(dice.pick(cohorts[first]))


def new_home(dice: Dice, city: str | None = None) -> Home:
    """An address, in the city or anywhere, rented or owned."""
    places = stock("places")
    cities = {tuple(entry[:2]): entry[2] for entry in places["cities"]}
    if city is None:
        city, prefix = dice.weighted(cities)
    else:
        prefix = next(code for name, code in cities if name == city)
    street = f"{dice.pick(places['streets'])} {dice.whole(1, 148)}{'a' if dice.chance(0.06) else ''}"
    return Home(
        street=street,
        postal_code=f"{prefix}{dice.whole(10, 99)}",
        city=city,
        owned=dice.chance(0.38),
        landlord=landlord_name(dice, city),
        reference=f"{dice.whole(10_000, 99_999)}.{dice.whole(1, 90):03d}",
        rent=dice.amount(420, 1650, 5),
    )


def landlord_name(dice: Dice, city: str) -> str:
    """A made-up landlord: a company or a private person."""
    names = stock("names")
    family = dice.pick(names["family"]["de"])
    given = given_name(dice, dice.pick("fm"), 1965, "de")
    pattern: str = dice.pick(stock("places")["landlords"])
    return pattern.format(city=city, family=family, given=given)
