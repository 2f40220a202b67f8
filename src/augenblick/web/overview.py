"""The analyst's overview: moments by week and type, how right and how useful they were, where customers stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Response

from augenblick import pipeline
from augenblick.api.writer import GLANCE_SECONDS
from augenblick.content import Words
from augenblick.explain.build import label_of
from augenblick.model import terms
from augenblick.model.errors import Busy
from augenblick.model.progress import Progress
from augenblick.model.tables import has_table
from augenblick.readiness import ReadinessReport
from augenblick.store import DataDirectory
from augenblick.web.charts import bars, spark, weekly
from augenblick.web.desk import Desk, PageRoute, progressing, seated
from augenblick.web.inputs_told import told
from augenblick.web.questions import rows

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Analyst = Annotated[Desk, Depends(seated("sparql"))]
WEEKS = 52
MOST_JUDGED = 2000
"""The latest words on moments that precision is told from."""
TRUTHS = ("ZeroMomentOfTruth", "FirstMomentOfTruth", "SecondMomentOfTruth", "ThirdMomentOfTruth")
"""The moments of truth in the order they follow one another."""

_FOUND = """SELECT ?type ?day (COUNT(?moment) AS ?n) (COUNT(DISTINCT ?person) AS ?people) WHERE {
  ?moment a aug:Moment ; aug:momentType ?type ; aug:detectedOn ?day ; aug:person ?person .
} GROUP BY ?type ?day"""
_OFFERS = """SELECT ?type ?verdict (COUNT(?offer) AS ?n) WHERE {
  ?offer a aug:OfferCandidate ; aug:verdict ?verdict ; aug:moment ?moment . ?moment aug:momentType ?type .
} GROUP BY ?type ?verdict"""
_PATHS = """SELECT ?phases (COUNT(*) AS ?n) WHERE {
  SELECT ?person ?need (GROUP_CONCAT(DISTINCT STR(?phase)) AS ?phases) WHERE {
    ?seen a aug:PhaseObservation ; aug:person ?person ; aug:forNeed ?need ; aug:inPhase ?phase . }
  GROUP BY ?person ?need
} GROUP BY ?phases"""
_TYPES = "SELECT ?moment ?type WHERE { VALUES ?moment { %s } ?moment a aug:Moment ; aug:momentType ?type . }"
_SAID = """
SELECT moment_id, last(action ORDER BY feedback_id) FILTER (action IN ('confirmed', 'dismissed', 'acted')),
       bool_or(action = 'acted'), bool_or(action = 'outcome')
FROM bank.feedback GROUP BY moment_id ORDER BY max(feedback_id) DESC LIMIT ?
"""


@dataclass
class Line:
    """One moment type: what was found, what people said of it, what was offered."""

    iri: str
    label: Words
    days: dict[date, int] = field(default_factory=dict)
    true: int = 0
    false: int = 0
    acted: int = 0
    outcomes: int = 0
    offered: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    weeks: list[int] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many moments there are."""
        return sum(self.days.values())

    @property
    def precision(self) -> float | None:
        """The share of judged moments that people said are so."""
        return self.true / (self.true + self.false) if self.true + self.false else None

    @property
    def verdicts(self) -> list[tuple[str, float, float]]:
        """What became of its offers as parts of a bar of 100: kind, where it begins, how long it is."""
        counts = {"offered": self.offered, **dict(sorted(self.refused.items()))}
        total, parts, begin = sum(counts.values()), [], 0.0
        for kind, count in counts.items():
            length = 100 * count / total if total else 0.0
            parts.append((kind.replace(" ", "-"), round(begin, 1), round(length, 1)))
            begin += length
        return [part for part in parts if part[2]]

    @property
    def points(self) -> str:
        """The small line of its weeks."""
        return spark(self.weeks)


@dataclass(frozen=True)
class Stage:
    """A moment of truth: how many stand or stood there with a need, how many of them also reached the next one."""

    label: Words
    count: int
    reached_next: int | None
    share: float


@router.get("/overview")
async def overview(desk: Analyst) -> Response:
    """Show what is found, how right it is, what comes of it."""
    as_of = desk.as_of()
    first = as_of - timedelta(weeks=WEEKS)
    by_type = await _lines(desk)
    judged, lines = await _judge(desk, by_type), by_type.values()
    total: dict[date, int] = defaultdict(int)
    for line in lines:
        for day, count in line.days.items():
            total[day] += count
        line.weeks = [count for _, count in weekly(line.days, first, as_of)]
    weeks = weekly(total, first, as_of)
    paths = [(set(row["phases"].split()), int(row["n"])) for row in await rows(desk, "overview: phases", _PATHS)]
    values: dict[str, Any] = {
        "as_of": as_of,
        "lines": sorted(lines, key=lambda line: -line.found),
        "weeks": weeks,
        "chart": bars(weeks),
        "stages": _stages(desk, paths),
        "judged": judged,
    }
    return desk.page("overview.html", **values)


@router.get("/overview/readiness")
def readiness(desk: Analyst) -> Response:
    """Show for how many customers each moment can work, and which further data would add most, or how far that is.

    It looks at every booking: it is worked out beside the requests, once for each run and version of the content.
    """
    state, content = desk.request.app.state, desk.content

    def work(progress: Progress) -> ReadinessReport:
        progress("readiness", 0, 1)
        read = partial(pipeline.readiness, content=content, smallest=pipeline.SMALLEST_GROUP)
        return state.writer.reading(read)  # type: ignore[no-any-return]

    about = ("readiness", state.graphs.view().version, content.version)
    piece = desk.works.look(about)
    if piece is None or (piece.state in ("failed", "stopped") and not desk.by_script):
        piece = desk.works.begin(about, work)
    found = piece

    def said(names: Iterable[str]) -> dict[str, list[str]]:
        inputs = {each.name: each.of for each in found.outcome.inputs}
        return told((inputs[name] for name in names), content, desk.policy, desk.language)

    return progressing(desk, piece, "_readiness.html") or desk.page("readiness.html", piece=piece, said=said)


async def _lines(desk: Desk) -> dict[str, Line]:
    found = await rows(desk, "overview: moments", _FOUND)
    lines: dict[str, Line] = {row["type"]: Line(row["type"], label_of(desk.content, row["type"])) for row in found}
    for row in found:
        lines[row["type"]].days[date.fromisoformat(row["day"][:10])] = int(row["n"])
    for row in await rows(desk, "overview: offers", _OFFERS):
        line = lines[row["type"]]
        if row["verdict"] == "offered":
            line.offered = int(row["n"])
        else:
            line.refused[row["verdict"]] = int(row["n"])
    return lines


async def _judge(desk: Desk, lines: Mapping[str, Line]) -> int | None:
    """Count what people said of moments, of those only that the graph shows the person, and return how many words.

    None: what they said cannot be read while something is written.
    """
    state = desk.request.app.state
    try:
        said = await to_thread.run_sync(lambda: state.writer.reading(_said, patience=GLANCE_SECONDS))
    except Busy:
        return None
    if not said:
        return 0
    names = " ".join(f"<{moment}>" for moment, *_ in said)
    types = {row["moment"]: row["type"] for row in await rows(desk, "overview: judged moments", _TYPES % names)}
    for moment, word, acted, outcome in said:
        if (line := lines.get(types.get(moment, ""))) is not None:
            line.true += word in ("confirmed", "acted")
            line.false += word == "dismissed"
            line.acted += bool(acted)
            line.outcomes += bool(outcome)
    return sum(line.true + line.false for line in lines.values())


def _said(directory: DataDirectory) -> list[tuple[str, str, bool, bool]]:
    with directory.connect(read_only=True) as connection:
        if not has_table(connection, "feedback", database="bank"):
            return []
        return connection.execute(_SAID, [MOST_JUDGED]).fetchall()


def _stages(desk: Desk, paths: list[tuple[set[str], int]]) -> list[Stage]:
    """Return the moments of truth; `paths` are the phases each customer went through with a need, and how many did."""
    names = [terms.AUG + name for name in TRUTHS]
    most = max(sum(n for phases, n in paths if name in phases) for name in names) or 1
    found = []
    for name, following in zip(names, (*names[1:], ""), strict=True):
        count = sum(n for phases, n in paths if name in phases)
        both = sum(n for phases, n in paths if {name, following} <= phases)
        found.append(Stage(label_of(desk.content, name), count, both if following else None, count / most))
    return found if any(stage.count for stage in found) else []
