"""A difference as people read it: Markdown, or a simple page of HTML, in German or English."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from augenblick.content.model import Words
from augenblick.editing.difference import Difference, FieldChange, Shown, TermChange, place_of
from augenblick.editing.edition import Edition, Field
from augenblick.editing.edits import Conflict, FileEdit
from augenblick.explain.words import Language
from augenblick.model import terms

KINDS = {
    "moment": Words("Lebensmoment", "life moment"),
    "pattern": Words("Beweismuster", "pattern"),
    "need": Words("Bedarf", "need"),
    "dialogue": Words("Dialog", "dialogue"),
    "signal": Words("Signal", "signal"),
    "product": Words("Produkt", "product"),
    "shape": Words("Form", "shape"),
    "file": Words("Datei", "file"),
    "class": Words("Klasse", "class"),
    "property": Words("Eigenschaft", "property"),
    "term": Words("Begriff", "term"),
}
_STATUS = {"added": Words("neu", "new"), "removed": Words("entfernt", "removed")}
_SAID = {terms.RDFS + "label", terms.RDF + "type"}
"""Not told of terms that are new or gone: their label stands in the line, their kind before it."""
_NOTHING = Words("Keine Änderung.", "Nothing changed.")
_RULES = Words("Regeln, Fälle, Abfragen", "rules, cases, queries")
_LONGEST = 40


@dataclass(frozen=True)
class _Form:
    """How a form writes a text, a label, a value, a heading with its lines, and a text's changed lines."""

    plain: Callable[[str], str]
    label: Callable[[str], str]
    value: Callable[[str], str]
    section: Callable[[str, list[str]], str]
    lines: Callable[[list[str]], str]


def markdown(found: Difference, language: Language) -> str:
    """Return the difference as Markdown, a heading for each moment, signal or product."""
    form = _Form(
        plain=_escaped,
        label=lambda text: f"*{_escaped(text)}*",
        value=_code,
        section=lambda heading, items: f"## {heading}\n\n" + "\n".join(f"- {item}" for item in items),
        lines=lambda lines: "\n\n  ```diff\n" + "\n".join(f"  {line}" for line in lines) + "\n  ```",
    )
    return "\n\n".join(_sections(found, language, form)) + "\n"


def page(found: Difference, language: Language, *, title: str) -> str:
    """Return the difference as a whole page of HTML."""
    form = _Form(
        plain=html.escape,
        label=lambda text: f"<em>{html.escape(text)}</em>",
        value=lambda text: f"<code>{html.escape(text)}</code>",
        section=lambda heading, items: (
            f"<h2>{heading}</h2>\n<ul>\n" + "\n".join(f"<li>{i}</li>" for i in items) + "\n</ul>"
        ),
        lines=lambda lines: "<pre>" + html.escape("\n".join(lines)) + "</pre>",
    )
    body = "\n".join(_sections(found, language, form))
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>{head}</head>\n'
        f"<body>\n<h1>{html.escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def _sections(found: Difference, language: Language, form: _Form) -> Iterator[str]:
    if found.empty:
        yield form.plain(_NOTHING.in_language(language))
    for _, group in groupby(found.terms, key=lambda term: term.owner):
        members = list(group)
        heading = form.plain(capitalised(members[0].owner_label.in_language(language)))
        yield form.section(heading, [line for term in members for line in _lines(term, language, form)])
    if found.files:
        heading = form.plain(capitalised(_RULES.in_language(language)))
        yield form.section(heading, [_file(edit, language, form) for edit in found.files])


def capitalised(text: str) -> str:
    """Return the text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def _lines(term: TermChange, language: Language, form: _Form) -> Iterator[str]:
    if term.status == "changed":
        for field in term.fields:
            step = _step(field, language, form) + _why(field, language, form)
            yield f"{_field_name(term, field, language, form)} {step}"
        return
    kind, status = (words.in_language(language) for words in (KINDS[term.kind], _STATUS[term.status]))
    label = form.label(term.label.in_language(language))
    told = [
        f"{form.plain(field.name.in_language(language))} {_values(field.added or field.removed, language, form)}"
        for field in term.fields
        if field.predicate not in _SAID and field.language in ("", language) and not _nested(field)
    ]
    yield f"{status}: {kind} {label}" + (f" ({'; '.join(told)})" if told else "")


def _nested(field: FieldChange) -> bool:
    return any(value.en.startswith(("[ ", "( [")) for value in field.added + field.removed)


def _field_name(term: TermChange, field: FieldChange, language: Language, form: _Form) -> str:
    name = form.plain(field.name.in_language(language)) + (f" ({field.language})" if field.language else "")
    if term.iri == term.owner:
        return f"{name}:"
    joint = "von" if language == "de" else "of"
    return f"{name} {joint} {form.label(term.label.in_language(language))}:"


def _step(field: FieldChange, language: Language, form: _Form) -> str:
    if len(field.removed) == 1 and len(field.added) == 1:
        return f"{_values(field.removed, language, form)} → {_values(field.added, language, form)}"
    parts = [f"− {_values(field.removed, language, form)}"] if field.removed else []
    parts += [f"+ {_values(field.added, language, form)}"] if field.added else []
    return ", ".join(parts)


def _why(field: FieldChange, language: Language, form: _Form) -> str:
    if field.reason is None:
        return ""
    return f" ({'Grund' if language == 'de' else 'reason'}: {form.plain(field.reason.in_language(language))})"


def _values(values: tuple[Shown, ...], language: Language, form: _Form) -> str:
    return ", ".join(
        form.label(v.in_language(language)) if v.iri else form.value(v.in_language(language)) for v in values
    )


def _file(edit: FileEdit, language: Language, form: _Form) -> str:
    if edit.old is None or edit.new is None:
        status = _STATUS["added" if edit.old is None else "removed"].in_language(language)
        return f"{status}: {form.value(edit.path)}"
    shown = edit.lines[:_LONGEST] + (["…"] if len(edit.lines) > _LONGEST else [])
    return form.value(edit.path) + form.lines(shown)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _code(text: str) -> str:
    """Return the text as it is where it is a number or a span, else as code."""
    if re.fullmatch(r"[-+]?[0-9.]+|true|false", text):
        return text
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("\n", " ")


_SIDES = (Words("eins", "one"), Words("zwei", "other"))


def conflicts(
    found: Iterable[Conflict], base: Edition, language: Language, *, sides: tuple[Words, Words] = _SIDES
) -> str:
    """Return each conflict as Markdown: the field, and what it says in the three editions, two of them named."""
    names = [head.in_language(language) for head in (Words("vorher", "before"), *sides)]
    return "\n".join(
        f"- {_place(conflict, base, language)}\n"
        + "\n".join(
            f"  - {name}: {', '.join(_brief(text) for text in texts) or '–'}"
            for name, texts in zip(names, (conflict.base, conflict.ours, conflict.theirs), strict=True)
        )
        for conflict in found
    )


@dataclass(frozen=True)
class Disagreement:
    """A field that two people changed differently: what it is called, and what it said and says on either side.

    `owner` and `predicate` are IRIs: the moment, signal or product it belongs to and the property; empty for a file.
    """

    place: Words
    before: tuple[str, ...]
    published: tuple[str, ...]
    proposed: tuple[str, ...]
    owner: str = ""
    predicate: str = ""


def disagreements(found: Iterable[Conflict], base: Edition) -> tuple[Disagreement, ...]:
    """Return conflicts as people read them, where `ours` is what is published and `theirs` what is proposed."""
    return tuple(_disagreement(each, base) for each in found)


def _disagreement(conflict: Conflict, base: Edition) -> Disagreement:
    place = Words(*(_place(conflict, base, language) for language in ("de", "en")))
    before, published, proposed = (
        tuple(map(_first_line, texts)) for texts in (conflict.base, conflict.ours, conflict.theirs)
    )
    return Disagreement(place, before, published, proposed, *_belongs(conflict.place, base))


def _belongs(place: Field | str, base: Edition) -> tuple[str, str]:
    if not isinstance(place, Field):
        return "", ""
    return base.owners.get(place.subject, (place.subject, ""))[0], place.predicate


def _place(conflict: Conflict, base: Edition, language: Language) -> str:
    place = conflict.place
    return place_of(place, base).in_language(language) if isinstance(place, Field) else _code(place)


def _brief(text: str) -> str:
    return _code(_first_line(text))


def _first_line(text: str) -> str:
    first, _, rest = text.partition("\n")
    return first + (" …" if rest else "")
