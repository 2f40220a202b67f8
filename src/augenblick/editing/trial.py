"""An edit tried on made-up people: one case of a moment runs through the whole line by the edited content."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyoxigraph as ox

from augenblick.content import Content, load_content
from augenblick.content.cases import Case, Found, load_case
from augenblick.editing.edition import Edition, laid_out
from augenblick.editing.edits import Edit
from augenblick.explain import Explainer, Explanation, WhyNot, why_not
from augenblick.model.odds import probability
from augenblick.model.progress import Progress, silent
from augenblick.model.terms import AUG, DATA_BASE
from augenblick.pipeline.case_check import bank
from augenblick.pipeline.detection import detect_in
from augenblick.pipeline.rules import rules_of
from augenblick.reason import FactBase

_WEIGHT, _PRIOR = AUG + "weight", AUG + "prior"


@dataclass(frozen=True)
class Trial:
    """What the edited content finds of a moment in a case's people, with reasons; or why it finds nothing.

    `differences` tell where the outcome as a whole is not what the case's author expects.
    """

    case: Case
    tentative_from: float
    confirmed_from: float
    found: tuple[Explanation, ...]
    absent: tuple[WhyNot, ...]
    differences: tuple[str, ...]


def tried(edition: Edition, case_file: Path, moment: str, *, progress: Progress = silent) -> Trial:
    """Return what comes of a case of a moment type (its IRI) by the content of an edition.

    Nothing is written but to a temporary folder. Raises what reading the content and deriving raise.
    """
    case = load_case(case_file)
    progress("content", 0, 1)
    with laid_out(edition) as folder, closing(bank(case.given)) as connection:
        content = load_content(folder)
        _, facts = detect_in(connection, content, as_of=case.as_of, progress=progress)
        return _told(connection, facts, content, case, moment)


def only_scores(edits: Iterable[Edit]) -> bool:
    """Whether edits change no more than weights and the prior: what is seen stays the same then."""
    return all(each.field.predicate in (_WEIGHT, _PRIOR) for each in edits)


def rescored(trial: Trial, edits: Iterable[Edit]) -> Trial:
    """Return a trial as it comes out with other weights or another prior, without running anything."""
    given = {(each.field.subject, each.field.predicate): _number(each) for each in edits if each.added}
    prior = next((value for (_, predicate), value in given.items() if predicate == _PRIOR), None)
    weights = {subject: value for (subject, predicate), value in given.items() if predicate == _WEIGHT}
    found = tuple(_reweighed(each, weights, prior, trial) for each in trial.found)
    return replace(trial, found=found, differences=())


def _number(edit: Edit) -> float:
    term = edit.added[0].term
    return float(term.value) if isinstance(term, ox.Literal) else 0.0


def _reweighed(told: Explanation, weights: dict[str, float], prior: float | None, trial: Trial) -> Explanation:
    contributions = tuple(replace(each, weight=weights.get(each.pattern, each.weight)) for each in told.contributions)
    before = told.prior if prior is None else prior
    confidence = probability(before + sum(each.weight for each in contributions if each.counted))
    state = "confirmed" if confidence >= trial.confirmed_from else "tentative"
    state = state if confidence >= trial.tentative_from else "expired"
    return replace(told, contributions=contributions, prior=before, confidence=confidence, state=state)


def _told(connection: duckdb.DuckDBPyConnection, facts: FactBase, content: Content, case: Case, moment: str) -> Trial:
    rows = connection.execute(
        "SELECT moment_id, moment_type, customer_id, slug, occurred_from, occurred_to, state FROM moments.moments"
    ).fetchall()
    explainer = Explainer(connection, facts, rules_of(content), content, case.as_of, DATA_BASE)
    found = tuple(_without_rows(explainer.moment(row[0])) for row in rows if row[1] == moment)
    people = {str(row["customer_id"]) for row in case.given.get("customers", ())}
    shown = content.moment(moment)
    without = sorted(people - {each.customer_id for each in found}) if shown and shown.is_live else []
    return Trial(
        case,
        float(shown.tentative_from) if shown else 0.0,
        float(shown.confirmed_from) if shown else 0.0,
        found,
        tuple(why_not(connection, facts, content, each, moment, base=DATA_BASE) for each in without),
        tuple(case.differences(Found(f"{case.identity}.{row[2]}", *row[3:]) for row in rows)),
    )


def _without_rows(told: Explanation) -> Explanation:
    """Return an explanation without rows of a bank's files: a case has none."""
    contributions = (
        replace(
            each,
            premises=tuple(
                replace(p, sources=(), moment=_without_rows(p.moment) if p.moment else None) for p in each.premises
            ),
        )
        for each in told.contributions
    )
    return replace(told, contributions=tuple(contributions))
