"""Youth: pupils, trainees and students up to 25, how they leave school and start to work, and what only looks so."""

from __future__ import annotations

from datetime import date, timedelta

from augenblick.simulate.bankdays import add_months
from augenblick.simulate.ledger import Truth
from augenblick.simulate.lives import moment_of
from augenblick.simulate.people import Person
from augenblick.simulate.scene import Scene
from augenblick.simulate.work import hire, net_pay, salary, short_work, student_grant, term_fees, with_line

_DAY = timedelta(days=1)
_ABSENT = timedelta(days=214)  # seven months: a fee that is due twice a year has not come
_NEVER = 99


def write_youth(scene: Scene, person: Person) -> None:
    """Plan the income of a person under 25 who is at school, in training or studying when the window opens."""
    age = person.age(scene.window.start)
    weights = {"pupil": 1.0} if age < 16 else {"pupil": 0.5, "apprentice": 0.35, "student": 0.15}
    weights = weights if age < 19 else {"student": 0.55, "apprentice": 0.35, "pupil": 0.1}
    person.status = scene.dice.weighted(weights)
    if person.status == "student":
        _student(scene, person)
    elif person.status == "apprentice":
        _trainee(scene, person)
    else:
        _pupil(scene, person)


def _pupil(scene: Scene, person: Person) -> None:
    """A pupil who stays one, perhaps with a summer job, or leaves school in one of the window's summers."""
    summer = _summer(scene, person)
    if summer is None or scene.quiet or not scene.dice.chance(0.75):
        if scene.likely(0.4) and person.age(scene.window.end) >= 16:
            short_work(scene, person, "holiday_job")
        return
    ways = {"training": 0.45, "study": 0.4, "work": 0.15} if person.age(summer) >= 18 else {"training": 1.0}
    way = scene.dice.weighted(ways)
    if way == "training":
        _starts_training(scene, person, summer)
    elif way == "study":
        _starts_studies(scene, person, summer)
    else:
        scene.ledger.happened(person, "leaves_school", summer, "first-salary-only").needs = _NEVER
        first_work(scene, person, add_months(summer, scene.dice.whole(2, 4), on=1), "after-school")


def _summer(scene: Scene, person: Person) -> date | None:
    """The early July in which a person of 16 to 19 leaves school, if the window shows what follows."""
    start, end = scene.window.start, scene.window.end
    summers = [date(year, 7, scene.dice.whole(1, 14)) for year in range(start.year, end.year + 1)]
    fit = [day for day in summers if start < day < end - timedelta(days=95) and 16 <= person.age(day) <= 19]
    return scene.dice.pick(fit) if fit else None


def _starts_training(scene: Scene, person: Person, summer: date) -> None:
    dice, when = scene.dice, date(summer.year, scene.dice.pick((8, 9)), 1)
    person.status = "apprentice"
    school = scene.ledger.happened(person, "leaves_school", summer, "training-pay")
    job = scene.ledger.happened(person, "starts_training", when, "training-pay")
    company = with_line(scene, person, hire(scene, person), "training_pay")
    salary(scene, person, company, dice.amount(640, 1080), when, shows=[school, job], extras=False, rise=0.09)


def _starts_studies(scene: Scene, person: Person, summer: date) -> None:
    """The first semester fee after school; a grant that begins then is no first salary."""
    person.status = "student"
    truth = scene.ledger.happened(person, "leaves_school", summer, "semester-fee")
    term_fees(scene, person, summer + _DAY, None, shows=[truth])
    if scene.dice.chance(0.5):
        begins = add_months(summer, scene.dice.whole(3, 5), on=1)
        student_grant(scene, person, begins, None)
        scene.ledger.trap(person, "student_grant_starts", begins, begins + timedelta(days=62))


def first_work(scene: Scene, person: Person, when: date, form: str) -> None:
    """The first full employment of a young person."""
    truth = scene.ledger.happened(person, "starts_work", when, form)
    person.status = "employed"
    salary(scene, person, hire(scene, person), scene.dice.amount(1650, 2900), when, shows=[truth])


def _trainee(scene: Scene, person: Person) -> None:
    """A trainee, whose pay rises a little each year, and who may end the training in the window."""
    start, dice = scene.window.start, scene.dice
    begun = max(scene.long_ago(), add_months(person.born, 12 * 16, on=1))
    company = hire(scene, person)
    training = with_line(scene, person, company, "training_pay")
    pay = dice.amount(720, 1080)
    if scene.quiet or person.age(start) < 17 or not scene.likely(0.75):
        salary(scene, person, training, pay, begun, extras=False, rise=0.09)
        for year in range(start.year, scene.window.end.year + 1):
            if scene.window.holds(date(year, 8, 28)):
                scene.ledger.trap(person, "trainee_pay_rise", date(year, 8, 28), date(year, 10, 5))
        return
    when = scene.month_start(margin=3)
    salary(scene, person, training, pay, begun, when - _DAY, extras=False)
    same = dice.chance(0.55)
    form = f"{'same' if same else 'other'}-employer{_chamber_exam(scene, person, when)}"
    truth = scene.ledger.happened(person, "ends_training", when, form)
    for event in ("first_pay", *(() if same else ("first_pay_elsewhere",))):
        scene.ledger.happened(person, event, when, "after-training").needs = _NEVER
    person.status = "employed"
    employer = with_line(scene, person, company) if same else hire(scene, person)
    salary(scene, person, employer, dice.amount(1600, 2350), when, shows=[truth])


def _chamber_exam(scene: Scene, person: Person, when: date) -> str:
    """For some, the exam fee of a chamber some weeks before the training ends."""
    if not scene.dice.chance(0.3):
        return ""
    line = scene.ledger.line(scene.dice, "chamber_exam", city=person.home.city)
    scene.ledger.once(person.giro, line, -scene.dice.amount(60, 260), when - timedelta(days=scene.dice.whole(30, 100)))
    return "-and-exam-fee"


def _student(scene: Scene, person: Person) -> None:
    begun = max(scene.long_ago(), add_months(person.born, 12 * 18, on=1))
    if not scene.quiet and scene.likely(0.6):
        _graduates(scene, person, begun)
    elif scene.likely(0.4):
        _stops_paying(scene, person, begun)
    else:
        _side_job(scene, person, begun)
        term_fees(scene, person, begun, None)
        student_grant(scene, person, begun, None, chance=0.35)
        if scene.likely(0.35):
            short_work(scene, person, "internship")


def _side_job(scene: Scene, person: Person, begun: date, last: date | None = None) -> None:
    if scene.dice.chance(0.4):
        job = with_line(scene, person, hire(scene, person), "side_job")
        salary(scene, person, job, scene.dice.amount(260, 550), begun, last, extras=False)


def _graduates(scene: Scene, person: Person, begun: date) -> None:
    """The fees of two terms or more, then none for over seven months, and a first salary."""
    months = (scene.window.end - scene.window.start).days // 30
    earliest = min(9, months - 1)
    when = add_months(scene.window.start, scene.dice.whole(earliest, max(earliest, months - 4)), on=1)
    _side_job(scene, person, begun, when - _DAY)
    fees = [day for day in term_fees(scene, person, begun, when - _DAY) if scene.window.holds(day)]
    grant = student_grant(scene, person, begun, when - _DAY, chance=0.35)
    form = "fees-end-and-salary" + ("-and-grant-ends" if grant else "")
    truth = scene.ledger.happened(person, "ends_studies", when, form)
    truth.not_before = max(fees) + _ABSENT if fees else None
    if len(fees) < 2 or (truth.not_before and truth.not_before > scene.window.end):
        truth.needs = _NEVER
    job = scene.ledger.happened(person, "starts_work", when, "after-studies")
    person.status = "employed"
    salary(scene, person, hire(scene, person), net_pay(scene, person), when, shows=[truth, job])
    if scene.dice.chance(0.12) and scene.window.holds(when):
        _declares(scene, person, truth, when)


def _declares(scene: Scene, person: Person, truth: Truth, when: date) -> None:
    said = (person.customer_id, moment_of(truth.event), when, "customer", "confirmed", None)
    scene.ledger.record("declared_moments", *said)
    truth.needs, truth.not_before, truth.form = 1, None, "told-by-customer"
    truth.show(when, by="declared")


def _stops_paying(scene: Scene, person: Person, begun: date) -> None:
    """Fees that are not seen for a while, or never again: a term abroad, no degree, or parents who pay."""
    trap = scene.dice.weighted({"semester_abroad": 0.4, "drops_out": 0.35, "parents_pay_fees": 0.25})
    when = scene.month_start(margin=8)
    term_fees(scene, person, begun, when - _DAY)
    scene.ledger.trap(person, trap, when, when + timedelta(days=300))
    if trap == "semester_abroad":
        term_fees(scene, person, add_months(when, 7), None)
    if trap == "parents_pay_fees":
        student_grant(scene, person, begun, None)
