"""Whether the line finds what the cases expect and nothing else: those that an edit can affect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from augenblick.content import Content
from augenblick.content.cases import NOT_FOUND, Case, Found
from augenblick.content.finding import Finding
from augenblick.model.progress import Progress, silent
from augenblick.model.shelf import Shelf
from augenblick.pipeline import case_evidence
from augenblick.pipeline.case_digest import Digests, digests
from augenblick.pipeline.case_line import CaseLine

_ALONE = 25
"""So many cases that differ among all others are run again by themselves: cases may see when the bank's data begin."""


def findings(
    content: Content,
    cases: Sequence[Case],
    *,
    passed: Shelf,
    before: Callable[[], Content | None] = lambda: None,
    progress: Progress = silent,
) -> Iterator[Finding]:
    """Give a finding for each difference between what a case expects and what the line finds in it.

    Drafts and moments in shadow are held against their own cases only. Cases that `passed` remembers are not run again
    where the content is the same, where signals find the same in them, or where they have no indication of what is
    weighed otherwise. `before` gives the content in force, against which a few that differ are explained. Raises what
    the line raises.
    """
    line = CaseLine(content, progress)
    known = _Known(digests(line.shown), passed)
    waiting = [case for case in cases if not known.whole(case)]
    past = _Past(before, progress)
    for day in sorted({case.as_of for case in waiting}):
        of_day = [case for case in waiting if case.as_of == day]
        with line.evidence(of_day, day) as evidence:
            told = line.digests(evidence, of_day)
            others = [case for case in of_day if not known.by_evidence(case, told[case.identity])]
            differing = _differing(line, evidence, others, content, day, _first_booking(cases, day)) if others else {}
        few = len(differing) <= _ALONE
        for case in others:
            found = differing.get(case.identity)
            if found is not None:
                yield from _told(case, found, line, past if few else None)
            else:
                known.keep(case, told[case.identity], line.indicated[case.identity])


class _Past:
    """What counted in a case by the content in force."""

    def __init__(self, content: Callable[[], Content | None], progress: Progress) -> None:
        self._content = content
        self._progress = progress

    @cached_property
    def _line(self) -> CaseLine | None:
        content = self._content()
        return CaseLine(content, self._progress) if content else None

    def counted(self, case: Case) -> Mapping[tuple[str, str], Mapping[str, float]] | None:
        """Return by customer and moment type what counted; None where no content is known."""
        if self._line is None:
            return None
        with self._line.evidence([case], case.as_of) as evidence:
            self._line.found(evidence, [case], case.as_of, None)
        return self._line.counted[case.identity]


def _told(case: Case, found: list[Found], line: CaseLine, past: _Past | None) -> Iterator[Finding]:
    """Give a finding for each difference of a case, with what of its evidence makes it."""
    before = past.counted(case) if past else None
    mine = case.own(found)
    for how, each in _told_once(case.differing(found)):
        key = each.customer, each.moment
        was = None if before is None else before.get(key, {})
        beside = case_evidence.told(each, mine, line.counted[case.identity].get(key, {}), was, line.shown)
        yield Finding(
            *(str(case.file), case.identity, "case", f"{how}: {each}"),
            label=case.title.en,
            german_label=case.title.de,
            beside=beside.en,
            german_beside=beside.de,
        )


def _told_once(differing: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """Return the differences without what is found in place of what is expected: that is told with it."""
    missing = {(each.customer, each.moment) for how, each in differing if how == NOT_FOUND}
    return [(how, each) for how, each in differing if how == NOT_FOUND or (each.customer, each.moment) not in missing]


class _Known:
    """Which cases passed, by all that their outcome hangs on.

    A case of the same content hangs on nothing else. One of another content hangs on the evidence found in it, on what
    follows from evidence, and on how the moment types of which it has indications are weighed.
    """

    def __init__(self, digests: Digests, passed: Shelf) -> None:
        self._digests = digests
        self._passed = passed

    def whole(self, case: Case) -> bool:
        """Whether it passed with signals that find the same everywhere."""
        evidence = self._passed.get(self._found(case))
        return evidence is not None and self._passes(case, evidence)

    def by_evidence(self, case: Case, evidence: str) -> bool:
        """Whether it passed with the same evidence (its digest), which is then remembered for these signals, too."""
        passes = self._passes(case, evidence)
        if passes:
            self._passed.put(self._found(case), evidence)
        return passes

    def keep(self, case: Case, evidence: str, indicated: Iterable[str]) -> None:
        """Remember that a case passed, with the moment types (IRIs) of which indications were found."""
        types = tuple(sorted(indicated))
        self._passed.put(self._found(case), evidence)
        self._passed.put(self._derived(case, evidence), types)
        self._passed.put(self._weighed(case, evidence, types), value=True)

    def _passes(self, case: Case, evidence: str) -> bool:
        types = self._passed.get(self._derived(case, evidence))
        return types is not None and self._passed.get(self._weighed(case, evidence, types)) is not None

    def _found(self, case: Case) -> str:
        return f"found\0{self._digests.finding}\0{_said(case)}"

    def _derived(self, case: Case, evidence: str) -> str:
        return f"run\0{self._digests.derived}\0{evidence}\0{_said(case)}"

    def _weighed(self, case: Case, evidence: str, types: Iterable[str]) -> str:
        weighed = self._digests.weighed
        return "\0".join(["weighed", self._derived(case, evidence), *(f"{iri} {weighed[iri]}" for iri in types)])


def _said(case: Case) -> str:
    return f"{case.identity}\0{case.file.read_bytes()!r}"


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
) -> dict[str, list[Found]]:
    """Return what is found in the cases that differ from what they expect, by the case's identity.

    All see the bank's data begin with the first booking of any case of the day, whichever are run. Of a few that
    differ, each is right as well if it is in a bank of its own.
    """
    differing = _found_otherwise(cases, content, line.found(evidence, cases, day, data_from))
    if not 0 < len(differing) <= _ALONE:
        return differing
    told: dict[str, list[Found]] = {}
    for case in cases:
        if case.identity in differing:
            told |= _found_otherwise([case], content, line.found(evidence, [case], day, None))
    return told


def _found_otherwise(cases: Sequence[Case], content: Content, found: list[Found]) -> dict[str, list[Found]]:
    own = {case.identity: list(concerning(case, content, found)) for case in cases}
    return {case.identity: own[case.identity] for case in cases if case.differences(own[case.identity])}


def _first_booking(cases: Iterable[Case], day: date) -> date | None:
    booked = (
        row.get("booking_date") for case in cases if case.as_of == day for row in case.given.get("transactions", ())
    )
    return min((each for each in booked if isinstance(each, date)), default=None)
