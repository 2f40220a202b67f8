"""Edits of cases: what is expected of made-up people, where an edit of the content means it to be another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from augenblick.content.cases import Found, expected
from augenblick.content.entry import nearest
from augenblick.editing.edition import Edition
from augenblick.editing.values import needed
from augenblick.model import terms
from augenblick.model.errors import BadParameter


def expecting(text: str, expect: Iterable[Found]) -> str:
    """Return a case's text with other expected moments, all else as it is written."""
    lines = text.rstrip("\n").splitlines()
    begun = next((n for n, line in enumerate(lines) if line.startswith("expect:")), len(lines))
    after = next((n for n, line in enumerate(lines) if n > begun and line[:1].isalpha()), len(lines))
    listed = [f"  - {_as_yaml(each)}" for each in expect]
    return "\n".join([*lines[:begun], *(["expect:", *listed] if listed else ["expect: []"]), *lines[after:], ""])


def with_expected(edition: Edition, expect: Mapping[str, Iterable[Found]]) -> Edition:
    """Return the edition whose cases, by their paths, expect these moments."""
    return Edition({**edition.texts, **{path: expecting(edition.texts[path], found) for path, found in expect.items()}})


def expect_of_case(edition: Edition, subject: str, given: Mapping[str, Any]) -> Edition:
    """Return the edition in which a `case` of a moment expects what `expect` lists, each as a case's file has it.

    Raises BadParameter where the moment has no such case, ContentError where what is listed is no expectation.
    """
    folder = f"ontology/moments/{subject.removeprefix(terms.MOMENT)}/cases/"
    cases = {PurePosixPath(path).stem: path for path in edition.texts if path.startswith(folder)}
    name = str(needed(given, "case"))
    if name not in cases:
        hint = nearest(name, cases) or f"its cases are {', '.join(sorted(cases)) or 'none'}"
        raise BadParameter(f"the moment has no case '{name}'", hint=hint)
    rows = [_dated(row) for row in given.get("expect") or ()]
    return with_expected(edition, {cases[name]: expected(rows, where=Path(cases[name]))})


def _dated(row: object) -> object:
    """Return a row of JSON as YAML would have read it, with days for their texts."""
    if not isinstance(row, dict) or not isinstance(row.get("occurred_between"), list):
        return row
    return row | {"occurred_between": [_day(each) for each in row["occurred_between"]]}


def _day(value: object) -> object:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return value


def _as_yaml(found: Found) -> str:
    row = {
        "customer": found.customer,
        "moment": found.moment,
        "occurred_between": [found.occurred_from, found.occurred_to],
        "state": found.state,
    }
    return str(yaml.safe_dump(row, default_flow_style=True, sort_keys=False, width=1000, allow_unicode=True)).strip()
