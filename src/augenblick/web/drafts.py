"""What somebody has filled into the form of a moment, signal or product, and the edits it amounts to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import FormData

from augenblick.content import Words, default_root
from augenblick.content.entry import local
from augenblick.editing.applying import applied
from augenblick.editing.difference import label_of
from augenblick.editing.edition import LINKS, Edition, Field
from augenblick.editing.edits import Edit
from augenblick.editing.values import term_value
from augenblick.model import terms
from augenblick.model.errors import BadParameter
from augenblick.store import DataDirectory
from augenblick.web.form_edits import SHOWN, edits_of, filled
from augenblick.web.form_fields import Declarations, FormField, Part, parted

NEW, REMOVE = "new", "remove"
"""The names of the inputs that say which patterns (by kind) are new, and which (by IRI) go."""
MOST_NEW = 20
HAS_PATTERN = next(iri for iri, kind in LINKS.items() if kind == "pattern")
_LABEL, _TYPE = terms.RDFS + "label", terms.RDF + "type"


@dataclass(frozen=True)
class Group:
    """The fields of one term: the moment itself, one of its patterns, its dialogue; `kind` is its class."""

    subject: str
    kind: str
    label: Words
    kind_label: Words
    fields: tuple[FormField, ...]
    new: bool = False
    removed: bool = False

    @property
    def parts(self) -> list[Part]:
        """The fields under their headings."""
        return parted(list(self.fields))

    @property
    def named(self) -> dict[str, FormField]:
        """The fields by the last part of their property's IRI."""
        return {local(each.predicate): each for each in self.fields}


@dataclass
class Draft:
    """A term and what belongs to it, as a form shows it and as it was filled in."""

    declarations: Declarations
    owner: str
    filled: dict[str, FormField] = field(default_factory=dict)
    new: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()

    @property
    def base(self) -> Edition:
        """The content the draft starts from."""
        return self.declarations.edition

    def own(self) -> Group:
        """Return the fields of the term itself."""
        return self._group(self.owner)

    def patterns(self) -> list[Group]:
        """Return the patterns, the weightiest first, those that are new last."""
        found = [self._group(iri) for iri in self.base.values(self.owner, HAS_PATTERN)]
        found.sort(key=lambda group: -_weight(group))
        return [*found, *(self._new_group(number, kind) for number, kind in enumerate(self.new))]

    def others(self) -> list[Group]:
        """Return what else belongs to the term: needs and dialogues."""
        linked = (iri for iri, kind in LINKS.items() if kind != "pattern")
        return [self._group(iri) for link in linked for iri in self.base.values(self.owner, link)]

    def problems(self) -> list[FormField]:
        """Return the fields that are not as they must be; of what goes none has to be."""
        return [each for each in self.filled.values() if each.problem and each.subject not in self.removed]

    def edited(self, edition: Edition) -> Edition:
        """Return an edition with the draft's edits made."""
        return applied(edition, list(self.edits()))

    def edits(self) -> Iterator[Edit]:
        """Give every edit."""
        for each in self.filled.values():
            if not _is_new(each.subject) and each.subject not in self.removed:
                yield from edits_of(each, self.base)
        for number, kind in enumerate(self.new):
            if _new_subject(number) not in self.removed:
                yield from self._birth(number, kind)
        for iri in self.removed:
            if not _is_new(iri):
                yield from self._end(iri)

    def _birth(self, number: int, kind: str) -> Iterator[Edit]:
        """Give the edits that add a pattern."""
        iri = self._named(number)
        named = [f for f in self.filled.values() if f.subject == _new_subject(number)]
        yield Edit(Field(self.owner, HAS_PATTERN), (), (term_value(iri),))
        yield Edit(Field(iri, _TYPE), (), (term_value(kind),))
        for each in named:
            for edit in edits_of(each, self.base):
                yield Edit(edit.field._replace(subject=iri), edit.removed, edit.added)

    def _end(self, iri: str) -> Iterator[Edit]:
        """Give the edits that take a pattern out."""
        links = self.base.fields[Field(self.owner, HAS_PATTERN)].values()
        yield Edit(Field(self.owner, HAS_PATTERN), tuple(v for v in links if v.iri == iri), ())
        for place in self.base.of_subject[iri]:
            yield Edit(place, tuple(self.base.fields[place].values()), ())

    def _named(self, number: int) -> str:
        """Return the IRI of a new pattern, after its English name."""
        name = self.filled.get(f"{_new_subject(number)}|{_LABEL}")
        wanted = slug(name.values[1] if name and name.values[1] else f"pattern-{number + 1}")
        iri = f"{self.owner}#{wanted}"
        return iri if iri not in self.base.places else f"{iri}-{number + 2}"

    def _group(self, iri: str) -> Group:
        kind = next((each for each in self.base.values(iri, _TYPE) if each != terms.OWL + "Class"), "")
        fields = tuple(self.filled.get(each.name, each) for each in self.declarations.fields(iri))
        return Group(
            iri, kind, label_of(iri, self.base), label_of(kind, self.base), fields, removed=iri in self.removed
        )

    def _new_group(self, number: int, kind: str) -> Group:
        fields = self.declarations.fields_of_new(_new_subject(number), kind)
        shown = tuple(self.filled.get(each.name, each) for each in fields)
        name = label_of(kind, self.base)
        subject = _new_subject(number)
        return Group(subject, kind, name, name, shown, new=True, removed=subject in self.removed)


def draft_of(declarations: Declarations, owner: str, form: FormData | None = None) -> Draft:
    """Return the draft of a term, empty or as the form was filled in.

    Raises BadParameter for a form that names what is not the term's own.
    """
    draft = Draft(declarations, owner)
    if form is None:
        return draft
    kinds = {iri for iri, _ in declarations.kinds_of(terms.AUG + "EvidencePattern")}
    draft.new = tuple(str(each) for each in form.getlist(NEW) if str(each) in kinds)[:MOST_NEW]
    own = {iri for link in LINKS for iri in draft.base.values(owner, link)}
    there = {*draft.base.values(owner, HAS_PATTERN), *map(_new_subject, range(len(draft.new)))}
    draft.removed = frozenset(map(str, form.getlist(REMOVE))) & there
    known = {each.name: each for group in _groups(draft, own) for each in group.fields}
    for name in map(str, form.getlist(SHOWN)):
        if name not in known:
            raise BadParameter("The form names a field there is not.", hint="load the page again")
        draft.filled[name] = filled(known[name], form)
    return draft


def _groups(draft: Draft, own: set[str]) -> Iterator[Group]:
    yield draft.own()
    yield from (draft._group(iri) for iri in own)
    yield from (draft._new_group(number, kind) for number, kind in enumerate(draft.new))


def declarations_of(directory: DataDirectory) -> Declarations:
    """Return what terms of the content in force may say, read once for each version."""
    return _declarations(directory.published_content or default_root())


@lru_cache(maxsize=2)
def _declarations(root: Path) -> Declarations:
    return Declarations(Edition.read(root))


def slug(text: str) -> str:
    """Return a text as the last part of an IRI: small letters, digits, hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "pattern"


def _new_subject(number: int) -> str:
    return f"+{number}"


def _is_new(subject: str) -> bool:
    return subject.startswith("+")


def _weight(group: Group) -> float:
    weights = [f.values for f in group.fields if f.predicate == terms.AUG + "weight" and f.values and not f.problem]
    return float(weights[0][0]) if weights else 0.0
