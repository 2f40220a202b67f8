"""Whether every rule can be parsed and compiled to SQL, and the rules together are stratified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import duckdb

from augenblick.content import Content
from augenblick.content.finding import Finding
from augenblick.model.errors import AugenblickError, NotStratified
from augenblick.model.shelf import Shelf
from augenblick.pipeline.rules import axioms_of
from augenblick.reason import FactBase, Reasoner, Rule, RuleSet, load_rule
from augenblick.reason.compiler import Compiler
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
            uncompiled = list(_uncompiled(rules, pretending(connection, rules)))
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


def _uncompiled(rules: RuleSet, facts: FactBase) -> Iterator[Finding]:
    try:
        Reasoner(facts, rules)
    except NotStratified as error:
        yield _finding(error, str(error.where))
    for rule in rules:
        try:
            Compiler(facts).plan(rule.body)
        except AugenblickError as error:
            yield _finding(error, rule.name)


def _finding(error: AugenblickError, place: str) -> Finding:
    """Return the finding placed at the rule's file; `place` is the file or the rule's name, `file.rq:7`."""
    kind = "stratification" if isinstance(error, NotStratified) else "rule"
    file, _, line = place.partition(".rq:")
    where = f"{file}.rq" if line else file
    return Finding(where, kind, kind, error.message, error.hint or "", line=int(line) if line.isdigit() else 0)
