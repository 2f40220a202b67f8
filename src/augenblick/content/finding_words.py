"""What a finding says to a person: in German and English, at its line, with the term's name for people.

The checks speak English and by short names; how each of their sentences reads for an expert stands in
`finding_words.toml`, first match first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from augenblick.content.canonical_turtle import HOUSE_PREFIXES
from augenblick.content.finding import Finding
from augenblick.content.model import Words
from augenblick.model.states import STATE_WORDS
from augenblick.model.terms import AUG, MOMENT

Labels = Callable[[str], Words]
"""Gives what people call a term (by its IRI); empty words where it has no name."""

_FILE = Path(__file__).with_name("finding_words.toml")
_NAMED_IN_MESSAGE = re.compile(r"“(?P<label>[^”]*)” \((?P<local>[^)]*)\): (?P<rest>.*)", re.DOTALL)
_CALLED = re.compile(r"(?P<term>\S+) “[^”]*”")
_LINE_IN_MESSAGE = re.compile(r"\b(?:at )?line[ :](\d+)")
_OUTSIDE = re.compile(r"(\S+) lies outside what the compiler takes")
_STATED = re.compile(r"(aug:\w+) (?:is|names|has)\b(?! missing)|(?P<text>\w+) in (?:German|English) is ")
_SHAPE = re.compile(r"^The shape <([^>]*)>")
_UNREADABLE = ("no Turtle: ", "is not UTF-8")
_SAID = re.compile(r"“([^”]+)”")
_GIVEN = re.compile(r"`(?P<given>.*)` is no regular expression")
_ALONE = re.compile(r"(?<!\\)\\[bfnrt]")
_CASE = re.compile(r"(?:expected and not found|found and not expected): (?P<who>.*): (?P<moment>\S+) ")
_QUOTED = re.compile(r"`(\w+)`")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WORDS = {
    "language": {"de": Words("Deutsch", "German"), "en": Words("Englisch", "English")},
    "text": {"label": Words("Bezeichnung", "label"), "definition": Words("Definition", "definition")},
}
"""What people call what a sentence names, by what it is."""
_LIKELY = re.compile(r"did you mean `?(?P<likely>[^`?]+)`?\?")


class Wording(NamedTuple):
    """How a sentence of a check reads in both languages; an empty mend leaves the hint as it is."""

    match: re.Pattern[str]
    kinds: tuple[str, ...]
    problem: Words
    mend: Words


def worded(finding: Finding, root: Path, labels: Labels) -> Finding:
    """Return the finding as it is told to people; `root` is the content's folder."""
    finding = _named(finding)
    text = _text(root / finding.where)
    found = replace(finding, line=finding.line or _line(finding, text))
    if not found.german_label:
        called = _called(found, text, labels)
        found = replace(found, label=called.en or found.label, german_label=called.de)
    if found.german:
        return found
    found = _with_beside(_translated(found, labels))
    return _surrounded(found, text, labels) if found.kind == "reference" else found


def unreadable(message: str, hint: str) -> Finding | None:
    """Return what people are told of a file that is no Turtle or not in UTF-8, with its line; None of other faults."""
    if not message.startswith(_UNREADABLE):
        return None
    found = Finding("", "turtle", "turtle", message, hint)
    return replace(_translated(found, lambda _: Words("", "")), line=_line(found, ""))


def _with_beside(finding: Finding) -> Finding:
    return replace(
        finding,
        message=" ".join(filter(None, (finding.message, finding.beside))),
        german=" ".join(filter(None, (finding.german, finding.german_beside))),
        beside="",
        german_beside="",
    )


def _surrounded(finding: Finding, text: str, labels: Labels) -> Finding:
    """Return the finding of a name with the term it is said of, where that has a label."""
    before = text.splitlines()[: finding.line]
    begun = next((line.split()[0] for line in reversed(before) if re.match(r"<|\w+:", line)), "")
    around = labels(_iri(begun))
    if not (around.de and around.en):
        return finding
    return replace(
        finding,
        message=f"{finding.message} It is named at “{around.en}”.",
        german=f"{finding.german} Genannt wird er bei „{around.de}“.",
    )


def _called(finding: Finding, text: str, labels: Labels) -> Words:
    """Return what people call the term: a rule by its title, another by its label."""
    if finding.where.endswith(".rq") and finding.term == finding.kind:
        return title_of(text)
    called = labels(_iri(finding.term))
    if called.en or called.de or ":" in finding.term:
        return called
    begun = next((begun for form in _forms(re.escape(finding.term)) if (begun := _begun(form, text))), "")
    return labels(_iri(begun))


def title_of(text: str) -> Words:
    """Return the title in the header of a rule or query; empty where it has none."""
    titles = (re.search(rf"^# title{language}: *(.*)$", text, re.MULTILINE) for language in (r" \(de\)", ""))
    return Words(*(title[1].strip() if title else "" for title in titles))


def _begun(form: str, text: str) -> str:
    """Return the name, in a form, that statements begin with; empty where none do."""
    found = re.search(rf"^({form})(?:\s|$)", text, re.MULTILINE)
    return found[1] if found else ""


def _named(finding: Finding) -> Finding:
    """Return the finding with term and label apart, wherever the check put them."""
    if called := _CALLED.fullmatch(finding.term):
        return replace(finding, term=called["term"])
    named = _NAMED_IN_MESSAGE.fullmatch(finding.message)
    if named is None:
        return finding
    return replace(finding, term=named["local"], message=named["rest"], label=named["label"])


def _translated(finding: Finding, labels: Labels) -> Finding:
    for wording in _wordings():
        found = wording.match.search(finding.message)
        if found and (not wording.kinds or finding.kind in wording.kinds):
            said = {name: text or "" for name, text in found.groupdict().items()}
            ids = {f"{name}_id": text for name, text in said.items()}
            parts, parts_de = (
                ids | {n: _in(t, language, labels, n) for n, t in said.items()} for language in ("en", "de")
            )
            likely = _LIKELY.search(finding.hint)
            mend, hint = wording.mend, (finding.hint, finding.hint)
            if likely:
                hint = (f"Meinten Sie {likely['likely']}?", f"Did you mean {likely['likely']}?")
            elif mend.de:
                hint = (mend.de.format(**said), mend.en.format(**said))
            problem = wording.problem
            return replace(
                finding,
                message=problem.en.format(**parts),
                german=problem.de.format(**parts_de),
                hint=hint[1],
                german_hint=hint[0],
            )
    return replace(finding, german=f"Die Prüfung meldet: {finding.message}")


def _in(said: str, language: str, labels: Labels, of: str) -> str:
    """Return what people call what is said: a term, a moment by its slug, a state, a day; else what is said."""
    if of == "moment":
        return labels(MOMENT + said).in_language(language) or said
    if said in STATE_WORDS:
        return STATE_WORDS[said][language]
    if said in _WORDS.get(of, {}):
        return _WORDS[of][said].in_language(language)
    if language == "de" and _DAY.fullmatch(said):
        return ".".join(reversed(said.split("-")))
    iri = AUG + said if of == "what" and said.isalpha() else _iri(said)
    return labels(iri).in_language(language) or said


@lru_cache(maxsize=1)
def _wordings() -> tuple[Wording, ...]:
    stated = tomllib.loads(_FILE.read_text(encoding="utf-8"))["wording"]
    return tuple(
        Wording(
            re.compile(each["match"], re.DOTALL),
            tuple(each.get("kinds", ())),
            Words(each["de"], each["en"]),
            Words(each.get("mend_de", ""), each.get("mend_en", "")),
        )
        for each in stated
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    except OSError:
        return ""


def _line(finding: Finding, text: str) -> int:
    """Return the line named, else where the term is used wrongly, else where its statements begin."""
    for said in (finding.term, finding.message, finding.hint):
        if named := _LINE_IN_MESSAGE.search(said):
            return min(int(named[1]), text.count("\n") or int(named[1]))
    lines = text.splitlines()
    if outside := _OUTSIDE.match(finding.message):
        return _first(lines, re.compile(rf"(?i)\b{re.escape(outside[1])}\b"))
    if shape := _SHAPE.search(finding.message):
        return _first(lines, re.compile(rf"<{re.escape(shape[1])}>|^\w*:{re.escape(shape[1].rpartition('/')[2])}\s*$"))
    if finding.kind == "case":
        return _line_of_case(finding, lines)
    if finding.kind == "reference":
        return _first(
            lines, re.compile(rf"(?<![\w:-]){re.escape(finding.term)}(?![\w-])|<{re.escape(_iri(finding.term))}>")
        )
    if "single backslash" in finding.message:
        return _first(lines, _ALONE)
    if given := _GIVEN.match(finding.message):
        return _first(lines, re.compile(re.escape(f'"{given["given"]}"'.replace("\\", "\\\\"))))
    local = finding.term.rpartition(":")[2]
    begins = (re.compile(rf"^{form}(?:\s|$)") for form in _forms(re.escape(local)))
    begun = next((line for sign in begins if (line := _first(lines, sign))), 0)
    return begun + (_within(finding, lines[begun:]) if begun else 0)


def _within(finding: Finding, lines: list[str]) -> int:
    """Return in which of the lines after a term's first one its statement stands; 0 where that is not known."""
    about = lines[: next((number for number, line in enumerate(lines) if not line.strip()), len(lines))]
    if stated := _STATED.match(finding.message):
        return _first(about, re.compile(rf"\s{stated[1] or 'aug:' + stated['text']}(?:\s|$)"))
    said = (_first(about, re.compile(rf'"{re.escape(each)}"')) for each in _SAID.findall(finding.message))
    return next(filter(None, said), 0)


def _line_of_case(finding: Finding, lines: list[str]) -> int:
    """Return the line of what is expected, or of the word that is wrong; where `expect` begins if there is none."""
    said = [finding.term, *_QUOTED.findall(finding.message)[::-1]]
    if told := _CASE.match(finding.message):
        said = [f"customer: {told['who']}, moment: {told['moment']}"]
    places = (_first(lines, re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")) for word in said)
    return next(filter(None, places), 0) or _first(lines, re.compile(r"^expect\b"))


def _forms(local: str) -> tuple[str, ...]:
    """Return how Turtle may name the term at the beginning of its statements; a file's own name comes last."""
    return rf"\w+:{local}", rf"<[^>]*#{local}>", rf"<[^>]*/{local}>"


def _first(lines: list[str], sign: re.Pattern[str]) -> int:
    return next((number for number, line in enumerate(lines, 1) if sign.search(line)), 0)


def _iri(term: str) -> str:
    prefix, _, local = term.partition(":")
    return HOUSE_PREFIXES[prefix] + local if prefix in HOUSE_PREFIXES else term.strip("<>")
