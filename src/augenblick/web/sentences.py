"""A pattern as a plain sentence, in which every value is a field that can be edited."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from augenblick.explain.words import Language
from augenblick.model import terms
from augenblick.web.form_fields import SPAN, FormField, priced, with_mark

_FILE = Path(__file__).parent / "sentences.toml"
_VALUE = re.compile(r"{(\w+)}")
_NONE: Mapping[str, bool] = MappingProxyType({})
_NO_TIME = re.compile(r"P0[DMY]")
_UNITS = {
    "D": {"de": ("Tag", "Tage"), "en": ("day", "days")},
    "M": {"de": ("Monat", "Monate"), "en": ("month", "months")},
    "Y": {"de": ("Jahr", "Jahre"), "en": ("year", "years")},
}

Part = str | FormField


@dataclass(frozen=True)
class Sentence:
    """What a pattern looks for, and each further condition: words, and fields where a value stands."""

    main: tuple[Part, ...]
    clauses: tuple[tuple[Part, ...], ...]

    @property
    def fields(self) -> Iterator[FormField]:
        """The fields that stand in it."""
        return (part for each in (self.main, *self.clauses) for part in each if isinstance(part, FormField))


def sentence(
    kind: str, label: str, fields: Iterable[FormField], language: Language, told_only: Mapping[str, bool] = _NONE
) -> Sentence:
    """Return the sentence of a pattern of the kind (a class's IRI, called `label`) with these fields.

    `told_only` are the signals (IRIs) that come up in talks, true where no booking carries them.
    """
    by_name = {each.predicate.removeprefix(terms.AUG): each for each in fields}
    stated = {name for name, each in by_name.items() if each.stated}
    name = kind.removeprefix(terms.AUG)
    written = _worded(name, "kind", by_name.get("signal"), told_only)
    main = tuple(_parts(written[language], by_name)) if written else (label,)
    told = {part.predicate for part in main if isinstance(part, FormField)}
    clauses = []
    for name, texts in _written()["clause"].items():
        if name in stated and by_name[name].predicate not in told and not _says_nothing(by_name[name]):
            before = texts.get("after")
            alone = before is not None and terms.AUG + before not in told
            worded = _written()["alone"][name] if alone else _worded(name, "clause", by_name[name], told_only) or texts
            clauses.append(tuple(_parts(worded[language], by_name)))
            told |= {part.predicate for part in clauses[-1] if isinstance(part, FormField)}
    return Sentence(main, tuple(clauses))


def _worded(name: str, room: str, signals: FormField | None, told_only: Mapping[str, bool]) -> Mapping[str, str] | None:
    """Return the words of a kind or clause, by whether its signals come up in bookings, in talks, or in both."""
    ways = {told_only.get(iri) for iri in signals.values} if signals else {None}
    other = {} if ways == {None} else _written()["told" if ways == {True} else "either"]
    return other.get(name) or _written()[room].get(name)


def _says_nothing(field: FormField) -> bool:
    """Whether a condition holds always: a least span of no days."""
    return (
        "minimum" in field.predicate.lower() and bool(field.values) and all(_NO_TIME.fullmatch(v) for v in field.values)
    )


def spoken(field: FormField, language: Language) -> str:
    """Return a field's value as it stands in a sentence."""
    if field.kind in ("code", "term", "terms"):
        names = {iri: words.in_language(language) for iri, words in field.choices}
        return _listed([names.get(iri, iri) for iri in field.values], language)
    if field.kind == "flag":
        yes = field.values == ("true",)
        return ("ja" if yes else "nein") if language == "de" else ("yes" if yes else "no")
    if field.kind == "span":
        return ", ".join(span(each, language) for each in field.values) or "…"
    if field.currency:
        return _listed([priced(each, field.currency, language) for each in field.values], language)
    return _listed([with_mark(each, language) for each in field.values], language)


def span(text: str, language: Language) -> str:
    """Return a span of time as people say it, as it is where it is no whole number of one unit."""
    found = SPAN.fullmatch(text)
    if not found:
        return text
    sign, number, unit = found.groups()
    one, many = _UNITS[unit][language]
    return f"{'−' if sign else ''}{number} {one if number == '1' else many}"


def _listed(names: list[str], language: Language) -> str:
    joint = " oder " if language == "de" else " or "
    return joint.join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "…"


def _parts(text: str, fields: dict[str, FormField]) -> Iterator[Part]:
    at = 0
    for found in _VALUE.finditer(text):
        if found[1] in fields:
            yield text[at : found.start()]
            yield fields[found[1]]
            at = found.end()
    yield text[at:]


@cache
def _written() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
