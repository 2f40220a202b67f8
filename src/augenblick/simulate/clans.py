"""Clans: grandparents, their grown and growing children, and those children's partners and children."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.dice import Dice
from augenblick.simulate.ledger import Window
from augenblick.simulate.people import Clan, Home, Person, given_name, new_home
from augenblick.simulate.stock import stock

_PARTNER_RATE = 0.72
_SHARES_NAME = 0.72
_SIBLINGS = {1: 0.34, 2: 0.44, 3: 0.22}
_SIBLINGS_IN_YOUNG_FAMILY = {0: 0.15, 1: 0.35, 2: 0.38, 3: 0.12}


class ClanMaker:
    """Builds one clan as it stands on `start`; the dice decide everything."""

    def __init__(self, number: int, dice: Dice, start: date) -> None:
        self.dice = dice
        self.start = start
        self.clan = Clan(number)
        self.origin = str(dice.weighted(stock("names")["origins"]))

    def build(self) -> Clan:
        """A clan of some three to fifteen persons; the first one is always the elder."""
        elder = self._founders()
        mother_age = self.dice.whole(20, 29)
        for _ in range(self.dice.weighted(_SIBLINGS)):
            self._grown_child(elder, mother_age)
            mother_age += self.dice.whole(2, 5)
        return self.clan

    def build_story(self) -> Clan:
        """A clan with a plain line of generations: an elder couple, their grown son, his wife; all are customers."""
        self.origin = "de"
        elder = self._person("f", date(self.start.year - 57, 3, 9), new_home(self.dice), origin="de")
        self._couple(elder, self._person("m", date(self.start.year - 59, 8, 21), elder.home, origin="de"))
        son = self._person("m", date(self.start.year - 31, 5, 14), new_home(self.dice, elder.home.city), parents=elder)
        son.home.owned = False
        self._couple(son, self._person("f", date(self.start.year - 29, 11, 2), son.home, origin="de"))
        for person in self.clan.persons:
            person.is_customer = True
        return self.clan

    def _person(
        self, sex: str, born: date, home: Home, *, origin: str | None = None, parents: Person | None = None
    ) -> Person:
        origin = origin or self.origin
        family = parents.family if parents else self.dice.pick(stock("names")["family"][origin])
        person = Person(sex, born, given_name(self.dice, sex, born.year, origin), family, origin, home)
        if parents:
            self._adopt(person, parents)
        home.residents.append(person)
        self.clan.persons.append(person)
        return person

    @staticmethod
    def _adopt(child: Person, parent: Person) -> None:
        for one in (parent, parent.partner):
            if one is not None:
                child.parents.append(one)
                one.children.append(child)

    def _birthday(self, years_ago: float) -> date:
        return self.start - timedelta(days=int(years_ago * 365.25) + self.dice.whole(0, 364))

    def _couple(self, one: Person, other: Person) -> None:
        one.partner, other.partner = other, one
        if not self.dice.chance(_SHARES_NAME):
            one.civil_status = other.civil_status = "single" if self.dice.chance(0.6) else "married"
            return
        taker, giver = (one, other) if one.sex == "f" and self.dice.chance(0.9) else (other, one)
        if taker.family != giver.family:
            taker.birth_name, taker.family = taker.family, giver.family
        one.civil_status = other.civil_status = "married"

    def _spouse_for(self, person: Person) -> None:
        age = (self.start - person.born).days / 365.25
        older = 2.2 if person.sex == "f" else -2.2
        born = self._birthday(max(19.0, self.dice.bell(age + older, 2.6)))
        sex = ("m" if person.sex == "f" else "f") if self.dice.chance(0.97) else person.sex
        origin = self.origin if self.dice.chance(0.8) else str(self.dice.weighted(stock("names")["origins"]))
        self._couple(person, self._person(sex, born, person.home, origin=origin))

    def _founders(self) -> Person:
        elder = self._person("f", self._birthday(self.dice.whole(47, 86)), new_home(self.dice))
        self._spouse_for(elder)
        for one in (elder, elder.partner):
            if one is not None:
                self._maybe_dead(one)
        if elder.died is None and elder.partner and elder.partner.died is None and self.dice.chance(0.12):
            self._part(elder)
        return elder

    def _maybe_dead(self, person: Person) -> None:
        age = person.age(self.start)
        if age >= 64 and self.dice.chance((age - 60) / 55):
            person.died = self.start - timedelta(days=self.dice.whole(200, 2500))
            if person.partner is not None:
                person.partner.civil_status = "widowed"
            person.home.residents.remove(person)

    def _part(self, elder: Person) -> None:
        other = elder.partner
        if other is None:
            return
        elder.partner = other.partner = None
        elder.civil_status = other.civil_status = "divorced"
        elder.home.residents.remove(other)
        other.home = new_home(self.dice, elder.home.city)
        other.home.residents.append(other)

    def _grown_child(self, elder: Person, mother_age: int) -> None:
        years = elder.age(self.start) - mother_age - 1
        youngest = min(p.age(self.start) for p in (elder, elder.partner) if p is not None)
        if years < 0 or youngest - years < 18:
            return
        home, city = elder.home, elder.home.city if self.dice.chance(0.6) else None
        child = self._child_of(elder, years, home)
        age = child.age(self.start)
        if age >= 25 or (age >= 19 and self.dice.chance(0.4)):
            self._leave(child, new_home(self.dice, city))
        if child.home is not elder.home and age >= 22 and self.dice.chance(_PARTNER_RATE):
            self._spouse_for(child)
        if age >= 24:
            self._offspring(child)

    def _child_of(self, parent: Person, years: int, home: Home) -> Person:
        born = self._birthday(years)
        return self._person(self.dice.pick("fm"), born, home, parents=parent)

    @staticmethod
    def _leave(person: Person, home: Home) -> None:
        person.home.residents.remove(person)
        person.home = home
        home.residents.append(person)

    def _offspring(self, parent: Person) -> None:
        if parent.partner is None and not self.dice.chance(0.2):
            return
        mother = next((p for p in (parent, parent.partner) if p is not None and p.sex == "f"), parent)
        wanted = self.dice.weighted(_SIBLINGS_IN_YOUNG_FAMILY)
        mother_age = self.dice.whole(21, 34)
        for _ in range(wanted):
            years = mother.age(self.start) - mother_age - 1
            youngest = min((p.age(self.start) for p in (parent, parent.partner) if p is not None), default=0)
            if years < 0 or youngest - years < 18 or mother_age > 43:
                break
            self._grandchild(parent, years)
            mother_age += self.dice.whole(2, 4)

    def _grandchild(self, parent: Person, years: int) -> None:
        child = self._child_of(parent, years, parent.home)
        age = child.age(self.start)
        if age >= 25 or (age >= 19 and self.dice.chance(0.45)):
            self._leave(child, new_home(self.dice, parent.home.city if self.dice.chance(0.4) else None))


def settle(clan: Clan, window: Window) -> None:
    """Shift birthdays so that nobody comes of age or reaches the age of retirement in a window."""
    for person in clan.persons:
        for turning in (18, 63, 64, 65, 66, 67):
            if person.age(window.start) < turning <= person.age(window.end):
                years = window.end.year - window.start.year + 1
                person.born = person.born.replace(year=person.born.year + (years if turning == 18 else -years), day=1)


def choose_customers(clan: Clan, dice: Dice, start: date) -> None:
    """Who of the living banks here: grown persons mostly, couples alike, children where a parent does."""
    for person in clan.persons:
        if person.is_customer or (person.died is not None and person.died <= start):
            continue
        if person.age(start) >= 18:
            settled = person.partner is not None and person.partner.is_customer
            person.is_customer = dice.chance(0.88 if settled else 0.74)
        else:
            banked = any(parent.is_customer for parent in person.parents)
            person.is_customer = banked and dice.chance(0.65)
