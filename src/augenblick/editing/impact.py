"""What an edit of the content would change for the bank's customers, before anybody publishes it.

The new content runs beside the last run, on a temporary copy of what that derived; nothing published is touched and
nothing is left behind, whatever ends it. Only what the edit can touch is derived anew (`editing.reach`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from augenblick import evaluation
from augenblick.content import Content, Words, default_root, load_content
from augenblick.editing import comparison, saved_answers
from augenblick.editing.comparison import Count, Judged, Moved
from augenblick.editing.edition import Edition, laid_out
from augenblick.editing.edits import edits, file_edits
from augenblick.editing.reach import reach
from augenblick.editing.saved_answers import Answers, Counts
from augenblick.explain import Explanation, WhyNot
from augenblick.lookup import Lookup
from augenblick.model.errors import NotFound, NotPermitted, Outdated
from augenblick.model.progress import Progress, silent
from augenblick.model.tables import has_table
from augenblick.pipeline.detection import Clock
from augenblick.pipeline.reading import LastRun, absent, explained, last_run
from augenblick.pipeline.release import confirm_release
from augenblick.pipeline.rerun import Reach, rerun
from augenblick.policy import Access
from augenblick.store import DataDirectory

Basis = tuple[str, ...]
Told = Explanation | WhyNot
Seen = tuple[bool, Told | None]
"""Whether the access may know, and what it is told; nothing of a moment type that the content does not show."""


@dataclass(frozen=True)
class Example:
    """A moment that changes, and why it was believed (or not) before and is (or is not) after."""

    moved: Moved
    before: Told | None
    """None where the content does not know the moment type, or does not show it."""
    after: Told | None


@dataclass(frozen=True)
class Accuracy:
    """Hits, false alarms and misses of a moment type before and after, by a labelled export."""

    moment: str
    hits: tuple[int, int]
    false: tuple[int, int]
    missed: tuple[int, int]

    @property
    def moves(self) -> bool:
        """Whether any of them is another."""
        return any(before != after for before, after in (self.hits, self.false, self.missed))


@dataclass
class Impact:
    """What an edit would change, and how long it took to find out (seconds by stage)."""

    reach: Reach
    labels: dict[str, Words]
    moments: tuple[Count, ...] = ()
    products: tuple[Count, ...] = ()
    examples: list[Example] = field(default_factory=list)
    withheld: int = 0
    """Examples that the role and purpose may not see."""
    feedback: tuple[Judged, Judged] | None = None
    accuracy: tuple[Accuracy, ...] = ()
    queries: tuple[Answers, ...] = ()
    """Those that read anything which is another."""
    seconds: dict[str, float] = field(default_factory=dict)
    basis: Basis | None = None
    """What it was worked out from; another now: it may be another, too."""

    def to_dict(self) -> dict[str, Any]:
        """Return the impact as plain data."""
        return {
            "whole_run_because": self.reach.whole.en if self.reach.whole else None,
            "moments": [asdict(count) | self._label(count.iri) for count in self.moments],
            "products": [asdict(count) | self._label(count.iri) for count in self.products],
            "examples": [asdict(example) for example in self.examples],
            "examples_withheld": self.withheld,
            "feedback": [asdict(side) | {"precision": side.precision, "recall": side.recall} for side in self.feedback]
            if self.feedback
            else None,
            "accuracy": [asdict(score) for score in self.accuracy],
            "queries": [asdict(answers) for answers in self.queries],
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
        }

    def _label(self, iri: str) -> dict[str, str]:
        words = self.labels[iri]
        return {"de": words.de, "en": words.en}


def basis(directory: DataDirectory) -> Basis:
    """Return what tells content and data of the last run from any other: version, day, what was derived since.

    Raises `NotLoaded` without a run.
    """
    found = Lookup(directory.path)
    told = found.meta()
    return (directory.published_version or "", told["as_of"], told["version"], found.written)


def impact(
    directory: DataDirectory,
    edited: Callable[[Edition], Edition],
    *,
    access: Access,
    most: int = 1,
    truth: Path | None = None,
    progress: Progress = silent,
) -> Impact:
    """Return what the content that `edited` makes of the published one would change, over the data of the last run.

    Up to `most` examples per moment type and way of changing are told, as far as the access may know; `truth` is the
    folder of a labelled export that was loaded. Raises `NotLoaded` without a run, `Outdated` where the last run was
    made with another content than the published one or by another release, `BadOntology` where the new content cannot
    be read.
    """
    begun = time.perf_counter()
    clock = Clock(progress)
    rests_on = basis(directory)
    root = directory.published_content or default_root()
    with last_run(directory) as run:
        _current(directory, run)
        confirm_release(run.connection, directory)
        old, as_of, base = run.content, run.as_of, run.base
    with clock.stage("content"):
        before = Edition.read(root)
        after = edited(before)
    with laid_out(after) as folder:
        new = load_content(folder)
        found = reach(edits(before, after), file_edits(before, after), (before, after), old, new)
        result = Impact(found, _labels(old, new), basis=rests_on)
        with directory.aside(fresh=bool(found.whole)) as connection:
            clock.seconds |= rerun(connection, old, new, found, as_of=as_of, base=base, progress=progress)
            side = LastRun(connection, new, as_of, base, directory.path, old)
            with clock.stage("compare"):
                told, queries, scores = _new_side(side, result, access, most, truth)
        with clock.stage("compare before"), last_run(directory, old) as run:
            _old_side(run, result, access, told, queries, scores, truth)
    result.seconds = {**clock.seconds, "all": time.perf_counter() - begun}
    return result


def _current(directory: DataDirectory, run: LastRun) -> None:
    if run.content.version != (directory.published_version or ""):
        raise Outdated(
            "The last run was made with another version of the content than the published one.",
            where=str(directory.path),
            hint="run `augenblick detect` first",
        )


def _labels(old: Content, new: Content) -> dict[str, Words]:
    contents = (old, new)
    moments = {moment.iri: moment.label for content in contents for moment in content.moments}
    return moments | {product.iri: product.label for content in contents for product in content.products}


_Scores = dict[str, tuple[int, int, int]]


def _new_side(
    side: LastRun, result: Impact, access: Access, most: int, truth: Path | None
) -> tuple[list[tuple[Moved, Seen]], Counts, _Scores]:
    """Fill in what both runs are needed for; return what must be told of the new one for the other side."""
    connection = side.connection
    result.moments = comparison.moments_compared(connection)
    result.products = comparison.products_compared(connection)
    if has_table(connection, "feedback", database="bank"):
        result.feedback = comparison.said(connection)
    chosen = comparison.examples(connection, most=most)
    told = [(moved, _told(side, moved, access, there=moved.after is not None)) for moved in chosen]
    names = saved_answers.that_may_move(connection, side.in_force, side.content)
    return told, saved_answers.counted(side, names), _scored(side, truth)


def _old_side(
    run: LastRun,
    result: Impact,
    access: Access,
    told: list[tuple[Moved, Seen]],
    queries: Counts,
    scores: _Scores,
    truth: Path | None,
) -> None:
    for moved, (may_after, after) in told:
        may_before, before = _told(run, moved, access, there=moved.before is not None)
        if may_before and may_after:
            result.examples.append(Example(moved, before, after))
        else:
            result.withheld += 1
    result.queries = saved_answers.compared(saved_answers.counted(run, frozenset(queries)), queries)
    old_scores = _scored(run, truth)
    nothing = (0, 0, 0)
    result.accuracy = tuple(
        Accuracy(slug, *zip(old_scores.get(slug, nothing), scores.get(slug, nothing), strict=True))
        for slug in sorted({*old_scores, *scores})
    )


def _told(run: LastRun, moved: Moved, access: Access, *, there: bool) -> Seen:
    found = run.content.moment(moved.moment_type)
    if found is None or not found.is_live:
        return True, None
    try:
        if there:
            return True, explained(run, moved.moment_id, access)
        return True, absent(run, moved.customer_id, moved.moment_type, access)
    except (NotFound, NotPermitted):
        return False, None


def _scored(run: LastRun, truth: Path | None) -> _Scores:
    if truth is None:
        return {}
    report = evaluation.evaluate(run.connection, truth, as_of=run.as_of)
    return {score.moment: (score.hits, score.false, score.truths - score.hits) for score in report.moments}
