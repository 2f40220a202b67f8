"""Whether the line finds what the cases expect and nothing else: those that an edit can affect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb

from augenblick.content import Content
from augenblick.content.cases import Case, Found
from augenblick.content.finding import Finding
from augenblick.model.progress import Progress, silent
from augenblick.model.shelf import Shelf
from augenblick.pipeline.case_digest import digests
from augenblick.pipeline.case_line import CaseLine

_ALONE = 25
"""So many cases that differ among all others are run again by themselves: cases may see when the bank's data begin."""


def findings(
    content: Content, cases: Sequence[Case], *, passed: Shelf, progress: Progress = silent
) -> Iterator[Finding]:
    """Give a finding for each difference between what a case expects and what the line finds in it.

    Drafts and moments in shadow are held against their own cases only. Cases that `passed` remembers to have been run
    with the same content are not run again, nor those with no indication of what is weighed otherwise. Raises what the
    line raises.
    """
    line = CaseLine(content, progress)
    known, weighed = digests(line.shown)
    keys = {case.identity: f"run\0{known}\0{case.identity}\0{case.file.read_bytes()!r}" for case in cases}

    def weighing(case: Case, types: Iterable[str]) -> str:
        return "\0".join(["weighed", keys[case.identity], *(f"{iri} {weighed[iri]}" for iri in types)])

    def is_known(case: Case) -> bool:
        types = passed.get(keys[case.identity])
        return types is not None and passed.get(weighing(case, types)) is not None

    waiting = [case for case in cases if not is_known(case)]
    for day in sorted({case.as_of for case in waiting}):
        of_day = [case for case in waiting if case.as_of == day]
        with line.evidence(of_day, day) as evidence:
            differing = _differing(line, evidence, of_day, content, day, _first_booking(cases, day))
        for case in of_day:
            said = differing.get(case.identity, [])
            yield from (Finding(str(case.file), case.identity, "case", each) for each in said)
            if not said:
                types = tuple(sorted(line.indicated[case.identity]))
                passed.put(keys[case.identity], types)
                passed.put(weighing(case, types), value=True)


def outcomes(content: Content, cases: Sequence[Case], progress: Progress = silent) -> dict[Path, tuple[Found, ...]]:
    """Return by the case's file what each would have to expect to be right with the content; raises as the line does.

    Each runs by itself, as one that fails among others does before it is told.
    """
    line = CaseLine(content, progress)
    told = {}
    for case in cases:
        with line.evidence([case], case.as_of) as evidence:
            found = line.found(evidence, [case], case.as_of, None)
        told[case.file] = case.outcome(concerning(case, content, found))
    return told


def concerning(case: Case, content: Content, found: Iterable[Found]) -> Iterator[Found]:
    """Give what counts for a case: moments that are live, and those of the case's own type in any state."""
    live = {moment.slug for moment in content.live}
    own = case.file.parent.parent.name
    return (each for each in found if each.moment in live or each.moment == own)


def _differing(
    line: CaseLine,
    evidence: duckdb.DuckDBPyConnection,
    cases: Sequence[Case],
    content: Content,
    day: date,
    data_from: date | None,
) -> dict[str, list[str]]:
    """Return the differences of the cases that have any, by the case's identity.

    All see the bank's data begin with the first booking of any case of the day, whichever are run. Of a few that
    differ, each is right as well if it is in a bank of its own.
    """
    differing = _differences(cases, content, line.found(evidence, cases, day, data_from))
    if not 0 < len(differing) <= _ALONE:
        return differing
    told: dict[str, list[str]] = {}
    for case in cases:
        if case.identity in differing:
            told |= _differences([case], content, line.found(evidence, [case], day, None))
    return told


def _differences(cases: Iterable[Case], content: Content, found: Iterable[Found]) -> dict[str, list[str]]:
    known = list(found)
    told = {case.identity: case.differences(concerning(case, content, known)) for case in cases}
    return {name: differences for name, differences in told.items() if differences}


def _first_booking(cases: Iterable[Case], day: date) -> date | None:
    booked = (
        row.get("booking_date") for case in cases if case.as_of == day for row in case.given.get("transactions", ())
    )
    return min((each for each in booked if isinstance(each, date)), default=None)
