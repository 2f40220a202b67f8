"""The analysts' query library: `queries/<slug>.rq`, each with its title, parameters and roles in the header.

A header is the run of `#` lines a file begins with:

    # title (de): Offene Momente eines Kunden
    # title (en): A customer's open moments
    # answers (en): …one sentence
    # parameter: customer (string) — the customer's id [default: …]
    # roles: analyst, adviser
    # customers: customers      (of aggregates: the column that counts each group's customers)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyoxigraph

from augenblick.model.errors import BadParameter, BadRule, NotFound

_PARAMETER = re.compile(
    r"^(?P<name>\w+) \((?P<kind>string|integer|decimal|date|iri)\)\s*[-—–]\s*(?P<text>.*?)"
    r"(?:\s*\[default:\s*(?P<default>[^\]]*)\])?$"
)


_KINDS: dict[str, tuple[Callable[[str], object], str]] = {
    "string": (str, "any text"),
    "date": (date.fromisoformat, "2026-06-30"),
    "integer": (int, "18"),
    "decimal": (Decimal, "12.50"),
    "iri": (pyoxigraph.NamedNode, "https://bank.example/id/customer/C00000001"),
}


@dataclass(frozen=True)
class Parameter:
    """One value a query asks for; `default` is None where it must be given."""

    name: str
    kind: str
    text: str
    default: str | None


@dataclass(frozen=True)
class LibraryQuery:
    """One query of the library, with its header read."""

    slug: str
    path: Path
    text: str
    titles: dict[str, str]
    answers: dict[str, str]
    parameters: tuple[Parameter, ...]
    roles: tuple[str, ...]
    customers: str = ""
    """The column that counts each group's customers, where the query gives aggregates."""

    def title(self, language: str) -> str:
        """Return the title in the language, else in English."""
        return self.titles.get(language) or self.titles["en"]

    def values(self, given: dict[str, str]) -> dict[str, tuple[str, str]]:
        """Return name → (kind, text value) for every parameter.

        Raises `BadParameter` for one that is missing or that the query does not have.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in given:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(sorted(known)) or 'none'}"
                raise BadParameter(f"The query has no parameter '{name}'.", where=self.slug, hint=hint)
        values = {}
        for parameter in self.parameters:
            value = given.get(parameter.name, parameter.default)
            if value is None:
                raise BadParameter(
                    f"The parameter '{parameter.name}' is missing ({parameter.text}).",
                    where=self.slug,
                    hint=f"add `--set {parameter.name}=…`",
                )
            _check_kind(parameter, value, self.slug)
            values[parameter.name] = (parameter.kind, value)
        return values


def _check_kind(parameter: Parameter, value: str, where: str) -> None:
    """Refuse what is no value of the parameter's kind: a store would answer it with nothing, and no word why."""
    test, example = _KINDS[parameter.kind]
    try:
        test(value)
    except (ValueError, ArithmeticError) as error:
        raise BadParameter(
            f"'{value}' is no {parameter.kind} for the parameter '{parameter.name}'.",
            where=where,
            hint=f"write it like {example}",
        ) from error


def load_library(folder: Path) -> dict[str, LibraryQuery]:
    """Return every query of the folder by its slug."""
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.rq"))}


def find_query(folder: Path, name: str) -> LibraryQuery:
    """Return the library's query of that name.

    Raises `NotFound` with the nearest name.
    """
    library = load_library(folder)
    if name not in library:
        close = difflib.get_close_matches(name, library, 1)
        hint = f"did you mean {close[0]}?" if close else "`augenblick query` lists them"
        raise NotFound(f"There is no query '{name}' and no such file.", hint=hint)
    return library[name]


def read_query(path: Path) -> LibraryQuery:
    """Return one query file with its header read.

    Raises `BadRule` where a header line cannot be read or a title is missing.
    """
    text = path.read_text(encoding="utf-8")
    titles: dict[str, str] = {}
    answers: dict[str, str] = {}
    parameters: list[Parameter] = []
    roles: tuple[str, ...] = ()
    customers = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        key, _, value = line.lstrip("# ").partition(":")
        value = value.strip()
        if match := re.fullmatch(r"(title|answers) \((de|en)\)", key):
            (titles if match[1] == "title" else answers)[match[2]] = value
        elif key == "parameter":
            parameters.append(_parameter(value, f"{path.name}, line {number}"))
        elif key == "roles":
            roles = tuple(role.strip() for role in value.split(","))
        elif key == "customers":
            customers = value.lstrip("?$")
    return LibraryQuery(path.stem, path, text, titles, answers, tuple(parameters), roles, customers)


def _parameter(value: str, where: str) -> Parameter:
    match = _PARAMETER.match(value)
    if not match:
        raise BadRule(
            f"The parameter line cannot be read: {value}",
            where=where,
            hint="write it as `name (string) — what it is [default: …]`",
        )
    return Parameter(match["name"], match["kind"], match["text"], match["default"])
