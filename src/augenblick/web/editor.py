"""Pages on which experts edit moments, signals and products: a form, its difference, and the change set it becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from augenblick.api.editors import EDITS
from augenblick.content import MomentType, Words
from augenblick.content.cases import Case, identity_of, load_case
from augenblick.editing import difference, publication
from augenblick.editing.edition import Field
from augenblick.editing.product_trial import examples
from augenblick.editing.versions import Versions
from augenblick.explain.words import Language
from augenblick.model import terms
from augenblick.model.errors import AugenblickError, NotFound, NotPermitted
from augenblick.store import DataDirectory
from augenblick.web.desk import Desk, PageRoute, own_form, seated
from augenblick.web.drafts import HAS_PATTERN, Draft, Group, declarations_of, draft_of, slug
from augenblick.web.form_fields import Part, parted
from augenblick.web.sentences import Sentence, sentence

router = APIRouter(include_in_schema=False, route_class=PageRoute)
MOST_INPUTS = 6000
SPACES = {"moments": terms.MOMENT, "signals": terms.SIGNAL, "products": terms.PRODUCT}
_PATTERN = terms.AUG + "EvidencePattern"
_IN_PATTERNS = {terms.RDFS + "label", terms.AUG + "weight", terms.AUG + "reason"}
"""What is asked of each pattern before its sentence."""
_NOT_TRIED = {"example": "", "agreed": True, "holds": False}
"""Which example an edit is tried on, and what is assumed there, as a form begins."""


async def _submitted(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=MOST_INPUTS)


async def _expert(desk: Annotated[Desk, Depends(seated())]) -> Desk:
    if desk.session.role not in EDITS:
        raise NotPermitted("Your role does not edit the content.", hint="sign in as a domain expert")
    return desk


Expert = Annotated[Desk, Depends(_expert)]
Submitted = Annotated[FormData, Depends(_submitted)]


def directory_of(desk: Desk) -> DataDirectory:
    """Return the data directory the service runs on."""
    return DataDirectory(Path(desk.request.app.state.settings.data))


def amounts_of(desk: Desk) -> dict[str, str]:
    """Return the properties that hold amounts of money, each with its currency."""
    return declarations_of(directory_of(desk)).amounts


def form_of(iri: str) -> str | None:
    """Return where the form of a moment, signal or product stands."""
    return next((f"/{room}/{iri[len(space) :]}/edit" for room, space in SPACES.items() if iri.startswith(space)), None)


@router.get("/{room}/{name}/edit")
def form(desk: Expert, room: str, name: str) -> Response:
    """Show the form of a moment, signal or product."""
    return _form(desk, room, name, draft_of(declarations_of(directory_of(desk)), _iri(desk, room, name)))


@router.post("/{room}/{name}/edit")
def submit(desk: Expert, room: str, name: str, form: Submitted) -> Response:
    """Show what the form amounts to, add a pattern to it, or propose it."""
    own_form(desk, str(form.get("token", "")))
    draft = draft_of(declarations_of(directory_of(desk)), _iri(desk, room, name), form)
    step, reason = str(form.get("step", "preview")), str(form.get("reason", "")).strip()
    if step == "add" and (kind := str(form.get("kind", ""))):
        draft.new = (*draft.new, kind)
    problem: AugenblickError | None = None
    no_reason = step == "propose" and not reason
    if step == "propose" and reason and not draft.problems():
        try:
            return RedirectResponse(f"/changes/{_proposed(desk, draft, reason)}", 303)
        except AugenblickError as error:
            problem = error
    opened = {str(each) for each in form.getlist("opened")} | {str(form.get("open", ""))}
    found = difference(draft.base, draft.edited(draft.base)) if step != "add" and not draft.problems() else None
    given = {"opened": opened, "found": found, "reason": reason, "problem": problem, "no_reason": no_reason}
    tried = {"example": str(form.get("example", "")), **{each: bool(form.get(each)) for each in ("agreed", "holds")}}
    return _form(desk, room, name, draft, **tried, **given)


@router.get("/{room}/{name}/edit/conditions")
def conditions(desk: Expert, room: str, name: str, of: Annotated[str, Query(max_length=100)]) -> Response:
    """Return the further conditions of a pattern, as a part of the form."""
    draft = draft_of(declarations_of(directory_of(desk)), _iri(desk, room, name))
    group = next((each for each in draft.patterns() if _part(each) == of), None)
    if group is None:
        raise NotFound("There is no such pattern.")
    return desk.page("_conditions.html", found=_rest(group, said(draft, group, desk.language)), part=of)


def _form(desk: Desk, room: str, name: str, draft: Draft, **values: Any) -> Response:
    patterns = [
        (each, _part(each), told := said(draft, each, desk.language), _rest(each, told)) for each in draft.patterns()
    ]
    given = {"opened": set(), "found": None, "reason": "", "problem": None, "no_reason": False, **_NOT_TRIED, **values}
    return desk.page(
        "edit.html",
        status=422 if given["problem"] or given["no_reason"] or draft.problems() else 200,
        room=room,
        name=name,
        own=draft.own(),
        patterns=patterns,
        others=draft.others(),
        kinds=[(iri, words, _blank(desk, draft, iri, words)) for iri, words in draft.declarations.kinds_of(_PATTERN)]
        if Field(draft.owner, HAS_PATTERN) in draft.base.fields
        else [],
        new=draft.new,
        amounts=draft.declarations.amounts,
        problems=draft.problems(),
        examples=_examples(desk, room, name),
        **given,
    )


def _examples(desk: Desk, room: str, name: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the cases an edit can be tried on, each by what the form names it and its title, by moment."""
    content, found = desk.content, []
    for moment in content.moments:
        if room == "moments" and moment.slug == name:
            chosen = {file.stem: file for file in sorted(moment.cases)}
        elif room == "signals" and rests_on(moment, terms.SIGNAL + name):
            chosen = {identity_of(file): file for file in sorted(moment.cases)}
        elif room == "products":
            offered = examples(content, terms.PRODUCT + name)
            chosen = {identity_of(file): file for file in offered if file in moment.cases}
        else:
            continue
        titles = [each.title.in_language(desk.language) for each in cases_of(tuple(chosen.values()))]
        found.append((moment.label.in_language(desk.language), list(zip(chosen, titles, strict=True))))
    return [(label, cases) for label, cases in found if cases]


def rests_on(moment: MomentType, signal: str) -> bool:
    """Whether some pattern of a moment type names a signal (its IRI)."""
    return any(signal in values for pattern in moment.patterns for values in pattern.parameters.values())


@lru_cache(maxsize=64)
def cases_of(files: tuple[Path, ...]) -> tuple[Case, ...]:
    """Return cases by their files; a version's files are not written again."""
    return tuple(map(load_case, files))


def _proposed(desk: Desk, draft: Draft, reason: str) -> str:
    versions = Versions(directory_of(desk))
    now = datetime.now(UTC)
    return publication.propose(versions, draft.edited, author=desk.session.name, reason=reason, at=now).name


def _iri(desk: Desk, room: str, name: str) -> str:
    iri = SPACES.get(room, "") + name
    if room not in SPACES or iri not in declarations_of(directory_of(desk)).edition.places or slug(name) != name:
        raise NotFound("There is nothing of that name to edit.")
    return iri


def _part(group: Group) -> str:
    """Return by which name the form knows a pattern."""
    return group.subject.partition("#")[2] or group.subject


def said(draft: Draft, group: Group, language: Language) -> Sentence:
    """Return a pattern of a draft as a sentence."""
    label, told_only = group.kind_label.in_language(language), draft.declarations.told_only
    return sentence(group.kind, label, group.fields, language, told_only)


def _rest(group: Group, told: Sentence) -> list[Part]:
    """Return the fields that neither stand before the sentence nor in it, under their headings."""
    there = {each.predicate for each in told.fields} | _IN_PATTERNS
    return parted([each for each in group.fields if each.predicate not in there])


def _blank(desk: Desk, draft: Draft, kind: str, label: Words) -> str:
    """Return a kind's sentence with gaps, as one chooses it."""
    fields = draft.declarations.fields_of_new("+", kind)
    told = sentence(kind, label.in_language(desk.language), fields, desk.language)
    return "".join(part if isinstance(part, str) else "…" for part in told.main)
