"""The scene in which a clan's life is written: its ledger, dice and window, and who knows whom at the bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.dice import Dice
from augenblick.simulate.ledger import Ledger, Truth, Window
from augenblick.simulate.people import Clan, Home, Person

_KEEP = timedelta(days=1)


@dataclass(slots=True)
class Leave:
    """A parent's leave from work: from, until, and what it tells."""

    first: date
    last: date
    truth: Truth


@dataclass(slots=True)
class Scene:
    """Everything the writers of a clan's life share."""

    ledger: Ledger
    dice: Dice
    window: Window
    clan: Clan
    story: bool = False
    quiet: bool = False
    related: set[frozenset[int]] = field(default_factory=set)
    leaves: dict[int, Leave] = field(default_factory=dict)
    births: list[tuple[Person, dict[int, Truth]]] = field(default_factory=list)
    grandparents: list[tuple[Person, Person, Truth]] = field(default_factory=list)
    widowed: dict[int, list[Truth]] = field(default_factory=dict)
    reported_deaths: dict[int, date] = field(default_factory=dict)
    customer_count: int = 0
    gaps: dict[tuple[int, str], bool] = field(default_factory=dict)

    def next_customer_id(self) -> str:
        """The next customer id of the clan."""
        self.customer_count += 1
        return f"C{self.clan.number:06d}{self.customer_count:02d}"

    def named(self, person: Person) -> bool:
        """Whether a payer names the person: so where the account has another owner too; nobody could tell else."""
        return person.giro != "" and person.giro == person.joint

    def births_in(self, home: Home) -> bool:
        """Whether a child is born into a home in the window."""
        return any(child.home is home for child, _ in self.births)

    def know(self, one: Person, other: Person) -> None:
        """Note that the bank has recorded how two customers are related."""
        self.related.add(frozenset((id(one), id(other))))

    def knows(self, one: Person, other: Person) -> bool:
        """Whether the bank has recorded how two customers are related."""
        return frozenset((id(one), id(other))) in self.related

    def likely(self, probability: float) -> bool:
        """Chance of something that has the probability over two years, scaled to the window."""
        return self.dice.chance(probability * self.window.share)

    def month_start(self, *, margin: int = 0) -> date:
        """The first of a month inside the window, `margin` months away from its ends if it is long enough."""
        months = (self.window.end.year - self.window.start.year) * 12 + self.window.end.month - self.window.start.month
        margin = margin if months > 3 * margin else 0
        return add_months(self.window.start, self.dice.whole(1 + margin, max(1 + margin, months - margin)), on=1)

    def happens(self, probability: float) -> bool:
        """Like `likely`, of a moment in a life: never in a quiet population."""
        return not self.quiet and self.likely(probability)

    def some_day(self) -> date:
        """Any day of the window."""
        return self.dice.day(self.window.start, self.window.end)

    def long_ago(self) -> date:
        """The first of some month before the window."""
        return add_months(self.window.start, -self.dice.whole(2, 60), on=1)

    def until(self, person: Person, last: date | None = None) -> date | None:
        """The last day of something that ends with the person's life at the latest."""
        if person.died is None:
            return last
        return min(last or person.died, person.died - _KEEP)

    def adults(self) -> list[Person]:
        """Customers of age at the window's end who lived in it."""
        return [p for p in self.clan.customers() if p.age(self.window.end) >= 18 and self.lived(p)]

    def lived(self, person: Person) -> bool:
        """Whether the person lived on some day of the window."""
        return person.born <= self.window.end and (person.died is None or person.died > self.window.start)


def formal(person: Person) -> str:
    """Name as payroll offices write it."""
    return f"{person.family}, {person.given}"
