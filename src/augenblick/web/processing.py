"""The record of processing (Art. 30 GDPR): what for, on which legal base, which data, how long, and what never."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from augenblick.content import Content, MomentType, Words
from augenblick.explain.build import label_of
from augenblick.explain.words import Language
from augenblick.model.terms import AUG
from augenblick.policy import Policy, Role
from augenblick.policy.retention import read_periods
from augenblick.web.desk import Desk, PageRoute, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Desk, Depends(seated())]


@dataclass(frozen=True)
class Activity:
    """What is done for one purpose: by which roles, with data of which classes, on which legal bases."""

    purpose: Words
    roles: tuple[Role, ...]
    classes: tuple[Words, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """Which signals and relatives' moments a moment is inferred from; `others` are those at other persons."""

    moment: MomentType
    legal_class: Words
    own: tuple[Words, ...]
    others: tuple[Words, ...]


@router.get("/policy/processing")
def processing(desk: Reader) -> Response:
    """Show the record of processing activities as it follows from the ontology."""
    content, policy = desk.content, desk.policy
    moments = sorted(content.moments, key=lambda each: each.label.in_language(desk.language))
    names = {each.iri: each.label for each in content.signals if each.label}
    names |= {each.iri: each.label for each in moments}
    return desk.page(
        "processing.html",
        activities=list(_activities(content, policy)),
        forbidden=list(_forbidden(content, policy)),
        inputs=[_inputs(content, each, names, desk.language) for each in moments],
        declared=[each for each in moments if {pattern.kind for pattern in each.patterns} == {"Declared"}],
        periods=read_periods(content),
        channels=sorted(policy.channels.values(), key=lambda each: (not each.own_consent, each.code)),
    )


def _activities(content: Content, policy: Policy) -> Iterator[Activity]:
    for code, words in policy.purposes.items():
        rules = {cell: rule for cell, rule in policy.rules.items() if cell[1] == code and rule.permits}
        roles = {role for role, _, _ in rules}
        classes = sorted({name for _, _, name in rules}, key=lambda name: policy.strictness[name])
        if rules:
            yield Activity(
                words,
                tuple(role for role in policy.roles.values() if role.code in roles),
                tuple(label_of(content, AUG + name) for name in classes),
                tuple(sorted({rule.source for rule in rules.values()})),
            )


def _forbidden(content: Content, policy: Policy) -> Iterator[tuple[Words, Words, Words, str]]:
    """Yield purpose, class, reason and source of what the policy forbids by name, each once."""
    told = set()
    for (_, purpose, name), rule in policy.rules.items():
        if not rule.permits and (purpose, name, rule.reason) not in told:
            told.add((purpose, name, rule.reason))
            yield policy.purposes[purpose], label_of(content, AUG + name), rule.reason, rule.source


def _inputs(content: Content, moment: MomentType, names: Mapping[str, Words], language: Language) -> Inputs:
    """Return what the moment's patterns look at by name, by their kind where they name nothing."""
    own: dict[str, Words] = {}
    others: dict[str, Words] = {}
    for pattern in moment.patterns:
        given = [str(value) for values in pattern.parameters.values() for value in values]
        kind = AUG + pattern.kind
        found = {iri: names[iri] for iri in given if iri in names} or {kind: label_of(content, kind)}
        (others if pattern.looks_at_relatives else own).update(found)
    told = [tuple(sorted(each.values(), key=lambda words: words.in_language(language))) for each in (own, others)]
    return Inputs(moment, label_of(content, AUG + moment.legal_class), *told)
