"""Child benefit: one series per family whose level follows the children entitled and the public rate."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months, booked_on
from augenblick.simulate.ledger import Truth
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene

_DAY = timedelta(days=1)
_ALWAYS = date(2059, 1, 1)


def write_benefits(scene: Scene) -> None:
    """Plan the child benefit of every family of the clan with a parent who banks here."""
    done: set[int] = set()
    for parent in scene.clan.customers():
        if parent.children and id(parent) not in done:
            done.update({id(parent), id(parent.partner)})
            _family(scene, parent)


def _entitled(scene: Scene, child: Person) -> tuple[date, date] | None:
    """First and last month of a child's benefit as booked, or nothing."""
    if child.died is not None:
        return None
    newborn = child.born > scene.window.start - timedelta(days=40)
    delay = 1 if scene.story else scene.dice.whole(1, 3) if newborn else 1
    years = 18 if scene.dice.chance(0.45) else scene.dice.whole(19, 24)
    first, last = add_months(child.born, delay, on=1), add_months(child.born, 12 * years, on=28)
    return None if last < scene.window.start else (first, last)


def _family(scene: Scene, parent: Person) -> None:
    spans = [span for child in parent.children if (span := _entitled(scene, child))]
    receiver = _receiver(scene, parent)
    if not spans or receiver is None:
        return
    days = {first for first, _ in spans} | {last + _DAY for _, last in spans}
    changes = sorted(day for day in days if scene.window.start < day <= scene.window.end)
    edges = [add_months(scene.window.start, -2, on=1), *changes]
    words = {"fk": f"{scene.dice.whole(100, 999)}{scene.dice.whole(100, 999)}FK{scene.dice.whole(100_000, 999_999)}"}
    kind = "child_benefit" if scene.dice.chance(0.93) or scene.story else "child_benefit_public_employer"
    line, pay_day = scene.ledger.line(scene.dice, kind, **words), scene.dice.whole(3, 24)
    heir, moved = _recipient_change(scene, receiver, changes)
    for begin, end in zip(edges, [*(edge - _DAY for edge in edges[1:]), _ALWAYS], strict=True):
        count = sum(first <= begin <= last for first, last in spans)
        if count:
            shows = _shown(scene, receiver, begin, spans, count)
            _segment(scene, (receiver, heir, moved), line, count, begin, end, pay_day, shows)
    _surprises(scene, receiver, spans, words, changes, pay_day)


def _receiver(scene: Scene, parent: Person) -> Person | None:
    """The parent who receives the benefit, if the money arrives at this bank."""
    pair = [p for p in (parent, parent.partner) if p is not None and p.died is None]
    if scene.story:
        return next((p for p in pair if p.sex == "m"), None)
    mothers_first = sorted(pair, key=lambda p: p.sex != ("f" if scene.dice.chance(0.75) else "m"))
    chosen = mothers_first[0] if mothers_first else None
    return chosen if chosen is not None and chosen.is_customer and chosen.giro and scene.dice.chance(0.95) else None


def _recipient_change(scene: Scene, receiver: Person, changes: list[date]) -> tuple[Person, date]:
    """Who receives the benefit after when: another parent's account now and then, else always the same."""
    other = receiver.partner
    two = other is not None and other.is_customer and other.giro and other.giro != receiver.giro and other.died is None
    if other is None or not two or changes or scene.story or not scene.likely(0.12):
        return receiver, _ALWAYS
    moved = scene.month_start(margin=2)
    scene.ledger.trap(other, "benefit_recipient_changed", moved, moved + timedelta(days=60))
    return other, moved


def _shown(scene: Scene, receiver: Person, begin: date, spans: list[tuple[date, date]], count: int) -> list[Truth]:
    """The truths that a segment's first booking shows: births whose benefit begins with it."""
    shown = []
    for child, truths in scene.births:
        starts = any(first == begin and first > child.born and (first - child.born).days < 100 for first, _ in spans)
        if id(receiver) not in truths or not starts:
            continue
        for parent in child.parents:
            if parent is receiver or (parent.giro and parent.giro == receiver.giro):
                truths[id(parent)].form = "benefit-first" if count == 1 else "benefit-step"
                shown.append(truths[id(parent)])
    return shown


def _segment(
    scene: Scene,
    who: tuple[Person, Person, date],
    line: int,
    count: int,
    begin: date,
    end: date,
    day: int,
    shows: list[Truth],
) -> None:
    receiver, heir, moved = who
    for person, first, last in ((receiver, begin, min(end, moved - _DAY)), (heir, max(begin, moved), end)):
        if first <= last:
            scene.ledger.pay(
                person.giro, line, count, first, last, day=day, forward=False, rate="child_benefit", shows=shows
            )


def _surprises(
    scene: Scene, receiver: Person, spans: list[tuple[date, date]], words: dict[str, str], changes: list[date], day: int
) -> None:
    """Rate rises (labelled), refunds and corrections."""
    for year in range(scene.window.start.year + 1, scene.window.end.year + 1):
        january = date(year, 1, day)
        raised = year in (2023, 2025, 2026) and scene.window.holds(january)
        if raised and any(first < january < last for first, last in spans) and not changes:
            scene.ledger.trap(receiver, "benefit_rate_rise", booked_on(january, forward=False))
    if scene.story or changes or not scene.likely(0.06):
        return
    refund, when = scene.dice.chance(0.5), scene.some_day()
    kind = "child_benefit_refund" if refund else "child_benefit_correction"
    line = scene.ledger.line(scene.dice, kind, **words)
    amount = scene.dice.pick((250.0, 255.0, 500.0, 765.0))
    scene.ledger.once(receiver.giro, line, -amount if refund else amount, when)
    scene.ledger.trap(receiver, kind.removeprefix("child_"), when, when + timedelta(days=31))
