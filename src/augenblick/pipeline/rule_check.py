"""Whether every rule can be parsed and compiled to SQL, and the rules together are stratified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

import duckdb
from rdflib import RDFS, Literal, URIRef

from augenblick.content import Content, Words
from augenblick.content.finding import Finding
from augenblick.content.finding_words import title_of
from augenblick.content.sources import short
from augenblick.model.errors import AugenblickError, NotStratified
from augenblick.model.shelf import Shelf
from augenblick.pipeline.rules import axioms_of
from augenblick.reason import FactBase, Reasoner, Rule, RuleSet, load_rule
from augenblick.reason.compiler import Compiler
from augenblick.reason.ir import relation_of
from augenblick.reason.stratify import reads
from augenblick.reason.terms import ANY, RESOURCE


def findings(content: Content, *, passed: Shelf | None = None) -> tuple[list[Finding], RuleSet]:
    """Return what is wrong with the rules of the content, and those that could be parsed.

    Rules that `passed` remembers to compile together are not compiled again.
    """
    axioms = axioms_of(content)
    found: list[Finding] = []
    parsed: list[Rule] = []
    for path in content.rules:
        origin = path.relative_to(content.root).as_posix()
        try:
            parsed.append(load_rule(path, origin=origin))
        except AugenblickError as error:
            found.append(_finding(error, origin))
    rules = axioms + RuleSet(tuple(parsed))
    key = "rules\0" + hashlib.sha256("\0".join(map(repr, rules)).encode()).hexdigest()
    if passed is None or passed.get(key) is None:
        with duckdb.connect() as connection:
            uncompiled = list(_uncompiled(rules, pretending(connection, rules), content))
        found += uncompiled
        if passed is not None and not uncompiled:
            passed.put(key, value=True)
    return found, rules


def pretending(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> FactBase:
    """Return a fact base that claims to hold facts of every kind in each relation the rules read.

    The compiler leaves out what reads an empty relation; here it can leave out nothing.
    """
    facts = FactBase(connection)
    for key in sorted({read.key for rule in rules for read in reads(rule.body)}, key=str):
        if key.predicate is not None:
            facts.ensure(key)
            facts.note(key, added=1, s_kinds=RESOURCE, o_kinds=ANY)
    return facts


def _uncompiled(rules: RuleSet, facts: FactBase, content: Content) -> Iterator[Finding]:
    try:
        Reasoner(facts, rules)
    except NotStratified as error:
        beside = _circle(error, rules, content)
        yield replace(_finding(error, str(error.where)), beside=beside.en, german_beside=beside.de)
    for rule in rules:
        try:
            Compiler(facts).plan(rule.body)
        except AugenblickError as error:
            yield _finding(error, rule.name)


def _circle(error: NotStratified, rules: RuleSet, content: Content) -> Words:
    """Return in words what the rule asks the absence of, and which rule that rests on it makes that; else nothing."""
    circle = error.message.rpartition(": ")[2].removesuffix(".").split(" → ")
    reader, maker = circle[0], circle[-2]
    made = [relation_of(head) for rule in rules if rule.name == maker for head in rule.heads]
    asked = {read.key for rule in rules if rule.name == reader for read in reads(rule.body) if read.settled}
    absent = sorted(str(key) for key in asked if any(each.overlaps(key) for each in made))
    if not absent:
        return Words("", "")
    what = _called(absent[0], content)
    if maker == reader:
        return Words(
            f"Sie verlangt, dass {what.de} fehlt, und stellt es selbst fest.",
            f"It asks that {what.en} is absent and establishes it itself.",
        )
    title = _titled(maker, content)
    return Words(
        f"Sie verlangt, dass {what.de} fehlt; das aber stellt die Regel {title.de} fest, gestützt auf diese.",
        f"It asks that {what.en} is absent; but the rule {title.en} establishes that, resting on this one.",
    )


def _called(key: str, content: Content) -> Words:
    """Return what people call a class or property, with its name."""
    said = content.graph.objects(URIRef(key), RDFS.label)
    labels = {each.language: str(each) for each in said if isinstance(each, Literal)}
    if {"de", "en"} <= labels.keys():
        return Words(f"„{labels['de']}“ ({short(key)})", f"“{labels['en']}” ({short(key)})")
    return Words(short(key), short(key))


def _titled(rule: str, content: Content) -> Words:
    """Return the title of a rule in a file, and where it stands; an axiom's by its name."""
    file, line = _place(rule)
    path = content.root / file
    if not line or not path.is_file():
        return Words(rule, rule)
    title = title_of(path.read_text(encoding="utf-8"))
    return Words(f"„{title.de or title.en}“ ({file}, Zeile {line})", f"“{title.en}” ({file}, line {line})")


def _place(name: str) -> tuple[str, int]:
    """Return the file and the line (0 where none is named) of a rule's name, `file.rq:7`."""
    file, _, line = name.partition(".rq:")
    return (f"{file}.rq", int(line)) if line.isdigit() else (name, 0)


def _finding(error: AugenblickError, place: str) -> Finding:
    """Return the finding placed at the rule's file; `place` is the file or the rule's name, `file.rq:7`."""
    kind = "stratification" if isinstance(error, NotStratified) else "rule"
    where, line = _place(place)
    return Finding(where, kind, kind, error.message, error.hint or "", line=line)
