"""A new pattern as an operation: what kind it is of, what it weighs and why, and the parameters of its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from augenblick.content.entry import nearest
from augenblick.content.reading import REQUIRED
from augenblick.editing.edition import Edition, Field, Value
from augenblick.editing.edits import Edit
from augenblick.editing.values import decimal_value, needed, term_named, term_value, text_value, typed_value
from augenblick.model import terms
from augenblick.model.errors import BadParameter

_TYPE = terms.RDF + "type"
_RANGES = (terms.RDFS + "range", "https://schema.org/rangeIncludes")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MONTHS = re.compile(r"P\d+[YM](?:\d+M)?")
_DURATIONS = {terms.XSD + name for name in ("duration", "dayTimeDuration", "yearMonthDuration")}


def add_pattern(edition: Edition, moment: str, given: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that give a moment a pattern of its own.

    `name` (of its IRI: lower case, digits, hyphens), `kind` (its class, such as SignalOccurs), `weight`, `label` and
    `reason` ({de, en}), `parameters` ({name: value or values}). Raises BadParameter for what is missing or unknown.
    """
    name, kind = str(needed(given, "name")), _kind(edition, str(needed(given, "kind")))
    if not _NAME.fullmatch(name):
        raise BadParameter(f"'{name}' is no name", hint="lower case, digits and hyphens, like first-child-benefit")
    pattern = f"{moment}#{name}"
    if pattern in edition.places:
        raise BadParameter(f"there is a pattern '{name}' already", hint="choose another name, or edit that one")
    parameters = given.get("parameters", {})
    missing = [each for each in REQUIRED.get(kind, ()) if each not in parameters]
    if missing:
        raise BadParameter(f"a pattern of the kind {kind} lacks {', '.join(missing)}", hint="add to `parameters`")
    return [
        Edit(Field(moment, terms.AUG + "hasPattern"), (), (term_value(pattern),)),
        Edit(Field(pattern, _TYPE), (), (term_value(terms.AUG + kind),)),
        Edit(Field(pattern, terms.AUG + "weight"), (), (decimal_value(needed(given, "weight"), "weight"),)),
        *_both_languages(pattern, terms.RDFS + "label", given, "label"),
        *_both_languages(pattern, terms.AUG + "reason", given, "reason"),
        *(_parameter(edition, pattern, key, values) for key, values in parameters.items()),
    ]


def add_kin_view(edition: Edition, moment: str, given: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that let a moment rest on one of a relative: `kinProperty`, `kinMoment`, else as a pattern."""
    seen = {key: needed(given, key) for key in ("kinProperty", "kinMoment")}
    return add_pattern(
        edition, moment, {**given, "kind": "KinMoment", "parameters": given.get("parameters", {}) | seen}
    )


def _kind(edition: Edition, given: str) -> str:
    kind = given.removeprefix("aug:").removeprefix(terms.AUG)
    known = {*REQUIRED, "Declared"}
    if kind not in known or terms.AUG + kind not in edition.places:
        raise BadParameter(
            f"there is no kind of pattern '{given}'", hint=nearest(kind, known) or ", ".join(sorted(known))
        )
    return kind


def _both_languages(subject: str, predicate: str, given: Mapping[str, Any], name: str) -> list[Edit]:
    words = needed(given, name)
    if not isinstance(words, Mapping) or {"de", "en"} - words.keys():
        raise BadParameter(f"'{name}' is not said in both languages", hint='write {"de": "…", "en": "…"}')
    return [Edit(Field(subject, predicate, lang), (), (text_value(str(words[lang]), lang),)) for lang in ("de", "en")]


def _parameter(edition: Edition, pattern: str, name: str, given: object) -> Edit:
    predicate = terms.AUG + name.removeprefix("aug:")
    ranges = {iri for about in _RANGES for iri in edition.values(predicate, about)}
    if predicate not in edition.places:
        raise BadParameter(f"there is no parameter '{name}'", hint=nearest(predicate, edition.places))
    values = given if isinstance(given, list) else [given]
    return Edit(Field(pattern, predicate), (), tuple(_value(edition, ranges, name, each) for each in values))


def _value(edition: Edition, ranges: set[str], name: str, given: object) -> Value:
    datatypes = sorted(iri for iri in ranges if iri.startswith(terms.XSD))
    if not datatypes:
        return term_value(term_named(edition, str(given), name))
    if isinstance(given, bool):
        return typed_value(str(given).lower(), terms.XSD + "boolean")
    if terms.XSD + "decimal" in datatypes:
        return decimal_value(given, name)
    if _DURATIONS & set(datatypes):
        months = _MONTHS.fullmatch(str(given)) and terms.XSD + "dayTimeDuration" not in datatypes
        return typed_value(str(given), terms.XSD + ("yearMonthDuration" if months else "dayTimeDuration"))
    return text_value(str(given)) if terms.XSD + "string" in datatypes else typed_value(str(given), datatypes[0])
