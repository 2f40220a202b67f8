"""An edit tried on made-up people: one case of a moment runs through the whole line by the edited content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyoxigraph as ox

from augenblick.content import Content, load_content
from augenblick.content.cases import Case, Found, load_case
from augenblick.content.model import DRAFT, SHADOW
from augenblick.editing.edition import Edition, laid_out
from augenblick.editing.edits import Edit
from augenblick.explain import Explainer, Explanation, WhyNot, why_not
from augenblick.model.errors import NotFound
from augenblick.model.odds import probability
from augenblick.model.progress import Progress, silent
from augenblick.model.terms import AUG, DATA_BASE
from augenblick.pipeline import case_check, case_line
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
    with laid_out(edition) as folder:
        content = load_content(folder)
        with case_line.line(content, case.given, case.as_of, progress) as (connection, facts):
            return _told(connection, facts, content, case, moment)


def outcomes(edition: Edition, paths: Iterable[str], *, progress: Progress = silent) -> dict[str, tuple[Found, ...]]:
    """Return by the case's path what each would have to expect to be right with an edition.

    Raises NotFound for a path that is no case's, and what reading the content and deriving raise.
    """
    with laid_out(edition) as folder:
        content = load_content(folder)
        known = {file.relative_to(folder).as_posix(): file for moment in content.moments for file in moment.cases}
        wanted = sorted(set(paths))
        if missing := next((path for path in wanted if path not in known), None):
            raise NotFound(f"There is no case {missing}.", hint="the check names the cases that fail")
        found = case_check.outcomes(content, [load_case(known[path]) for path in wanted], progress)
        return {path: found[known[path]] for path in wanted}


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
    ids = connection.execute(
        "SELECT moment_id FROM moments.moments WHERE moment_type = ? ORDER BY 1", [moment]
    ).fetchall()
    shown = content.with_live(DRAFT, SHADOW)
    explainer = Explainer(connection, facts, rules_of(shown), shown, case.as_of, DATA_BASE)
    found = tuple(_without_rows(explainer.moment(iri)) for (iri,) in ids)
    people = {str(row["customer_id"]) for row in case.given.get("customers", ())}
    tried_type = shown.moment(moment)
    without = sorted(people - {each.customer_id for each in found}) if tried_type and tried_type.is_live else []
    outcome = case_check.concerning(case, content, case_line.found_in(connection, of=f"{case.identity}."))
    return Trial(
        case,
        float(tried_type.tentative_from) if tried_type else 0.0,
        float(tried_type.confirmed_from) if tried_type else 0.0,
        found,
        tuple(why_not(connection, facts, shown, each, moment, base=DATA_BASE) for each in without),
        tuple(case.differences(outcome)),
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
