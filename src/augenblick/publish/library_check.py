"""Whether the query library is complete: headers in both languages, parameters that are used, queries that parse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph

from augenblick.content.finding import Finding
from augenblick.model.errors import AugenblickError
from augenblick.publish.library import LibraryQuery, read_query
from augenblick.publish.query import PREFIXES, parameters_in, refuse_calls_outside, with_parameters

LANGUAGES = ("de", "en")
_SAMPLES = {"string": "x", "integer": "1", "decimal": "1.0", "date": "2026-01-01", "iri": "urn:x"}


def findings(folder: Path) -> Iterator[Finding]:
    """Give a finding for each fault of the folder's queries; `where` is the file's name."""
    for path in sorted(folder.glob("*.rq")):
        try:
            query = read_query(path)
        except AugenblickError as error:
            yield _finding(path, "header", error.message, error.hint)
            continue
        yield from _header(query)
        yield from _parameters(query)
        yield from _syntax(query)


def _finding(path: Path, term: str, message: str, hint: str | None = None) -> Finding:
    return Finding(path.name, term, "query", message, hint or "")


def _header(query: LibraryQuery) -> Iterator[Finding]:
    for name, texts in (("title", query.titles), ("answers", query.answers)):
        for language in LANGUAGES:
            if not texts.get(language):
                key = f"{name} ({language})"
                yield _finding(query.path, key, "is missing in the header", f"add the line `# {key}: …`")
    if not any(query.roles):
        yield _finding(query.path, "roles", "are missing in the header", "add the line `# roles: analyst`")


def _parameters(query: LibraryQuery) -> Iterator[Finding]:
    named = [parameter.name for parameter in query.parameters]
    used = parameters_in(query.text)
    for name in sorted({name for name in named if named.count(name) > 1}):
        yield _finding(query.path, f"${name}", "has two parameter lines", "keep one of them")
    for name in sorted(set(named) - used):
        yield _finding(query.path, f"${name}", "is a parameter the query does not use", "use it or drop its line")
    for name in sorted(used - set(named)):
        hint = f"add `# parameter: {name} (string) — what it is`, or write ?{name} for a variable"
        yield _finding(query.path, f"${name}", "is used without a parameter line", hint)


def _syntax(query: LibraryQuery) -> Iterator[Finding]:
    samples = {parameter.name: (parameter.kind, _SAMPLES[parameter.kind]) for parameter in query.parameters}
    try:
        refuse_calls_outside(query.text)
        pyoxigraph.Store().query(with_parameters(query.text, samples), prefixes=PREFIXES)
    except AugenblickError as error:
        yield _finding(query.path, "query", error.message, error.hint)
    except SyntaxError as error:
        yield _finding(query.path, "query", f"cannot be parsed: {error}", "mend the place named")
