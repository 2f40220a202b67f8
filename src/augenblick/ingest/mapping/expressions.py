"""The small language of mapping files, compiled to SQL text: no more can be said than what stands here.

A value is a column (`client_id`, `district.A2`) or one function with its named parts:

- `{constant: CZ}`
- `{concat: [a, b], separator: " "}` (empty parts are left out)
- `{substr: a, from: 1, length: 2}`
- `{lookup: a, in: list-name or {A: x}, otherwise: value}` (without `otherwise` unknown values stay as they are)
- `{date: a, format: YYMMDD, pivot: 30}` (two-digit years below the pivot are 20xx; `century: 19` fixes them;
  `plus_months: b` moves the date)
- `{number: a, decimal: ",", thousands: "."}`
- `{signed: a, by: b, negative: [..], positive: [..]}`
- `{birth_number: a, gives: birth_date or sex, century: 19}` (YYMMDD, women's month + 50)
- `{case: [{when: {column: value}, then: value}], else: value}`
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from augenblick.ingest import sql
from augenblick.ingest.contract import did_you_mean
from augenblick.ingest.mapping.document import Node

_DATE_PARTS = {"YYYY": 4, "YY": 2, "MM": 2, "DD": 2, "hh": 2, "mm": 2, "ss": 2}


@dataclass(frozen=True)
class Scope:
    """The columns an expression may name: per file alias, the first being the one read row by row."""

    columns: dict[str, tuple[str, ...]]
    codes: dict[str, dict[str, str | None]]

    def column(self, node: Node) -> str:
        """Return the SQL of a column, `name` or `alias.name`; upper and lower case are one."""
        text = node.text()
        alias, dot, name = text.partition(".")
        if not dot:
            alias, name = next(iter(self.columns)), text
        if alias not in self.columns:
            raise node.error(f"there is no file '{alias}' here", did_you_mean(alias, list(self.columns)))
        if name.lower() not in self.columns[alias]:
            known = self.columns[alias]
            hint = did_you_mean(name, known) or f"its columns: {', '.join(known[:30])}"
            raise node.error(f"there is no column '{name}' in {alias}", hint)
        return f"{sql.name(alias)}.{sql.name(name.lower())}"


def expression(node: Node, scope: Scope) -> str:
    """Return the SQL (VARCHAR, empty is NULL) of a value; `BadMapping` if it cannot be understood."""
    if not isinstance(node.value, dict):
        return f"nullif(CAST({scope.column(node)} AS VARCHAR), '')"
    name = next((part for part in node.value if part in FUNCTIONS), None)
    if name is None:
        given = next(iter(node.value), "")
        hint = did_you_mean(given, list(FUNCTIONS)) or f"known: {', '.join(FUNCTIONS)}"
        raise node.error(f"there is no function '{given}'", hint)
    return FUNCTIONS[name](node, scope)


def condition(node: Node, scope: Scope) -> str:
    """Return the SQL of `{column: value, …}`: all hold; a list means any of them, `{not: …}` none of them."""
    parts = node.parts()
    return " AND ".join(_compared(column, wanted, scope) for column, wanted in parts.items()) or "true"


def _compared(column: str, wanted: Node, scope: Scope) -> str:
    left = f"coalesce(CAST({scope.column(Node(column, wanted.line, wanted.file, wanted.path))} AS VARCHAR), '')"
    negated = isinstance(wanted.value, dict)
    members = wanted.parts(("not",), ("not",))["not"] if negated else wanted
    listed = ", ".join(sql.text(member.text() if member.value is not None else "") for member in members.list())
    return f"{left} {'NOT ' if negated else ''}IN ({listed})"


def _constant(node: Node, _scope: Scope) -> str:
    value = node.parts(("constant",))["constant"]
    return sql.text(None if value.value is None else value.text())


def _concat(node: Node, scope: Scope) -> str:
    parts = node.parts(("concat", "separator"))
    separator = parts["separator"].text() if "separator" in parts else ""
    pieces = ", ".join(expression(piece, scope) for piece in parts["concat"].list())
    return f"nullif(concat_ws({sql.text(separator)}, {pieces}), '')"


def _substr(node: Node, scope: Scope) -> str:
    parts = node.parts(("substr", "from", "length"), ("from",))
    length = f", {parts['length'].whole_number()}" if "length" in parts else ""
    return f"nullif(substr({expression(parts['substr'], scope)}, {parts['from'].whole_number()}{length}), '')"


def _lookup(node: Node, scope: Scope) -> str:
    parts = node.parts(("lookup", "in", "otherwise"), ("in",))
    value = expression(parts["lookup"], scope)
    codes = _codes(parts["in"], scope)
    otherwise = value
    if "otherwise" in parts:
        otherwise = "NULL" if parts["otherwise"].value is None else expression(parts["otherwise"], scope)
    cases = " ".join(f"WHEN {sql.text(code)} THEN {sql.text(meaning)}" for code, meaning in codes.items())
    return f"CASE coalesce({value}, '') {cases} ELSE {otherwise} END"


def _codes(node: Node, scope: Scope) -> dict[str, str | None]:
    if isinstance(node.value, dict):
        return code_list(node)
    if node.text() not in scope.codes:
        raise node.error(f"there is no code list '{node.text()}'", did_you_mean(node.text(), list(scope.codes)))
    return scope.codes[node.text()]


def code_list(node: Node) -> dict[str, str | None]:
    """Return a code list: the bank's code → the contract's, or None for nothing."""
    found = {code: None if m.value is None else m.text() for code, m in node.parts().items()}
    if not found:
        raise node.error("the code list is empty")
    return found


def _date(node: Node, scope: Scope) -> str:
    parts = node.parts(("date", "format", "pivot", "century", "plus_months"), ("format",))
    value = expression(parts["date"], scope)
    iso = _iso_date(value, parts["format"], _century(parts, "substr(v, {}, 2)"))
    if "plus_months" in parts:
        months = f"TRY_CAST({expression(parts['plus_months'], scope)} AS INTEGER)"
        iso = f"CAST(TRY_CAST({iso} AS DATE) + to_months({months}) AS DATE)::VARCHAR"
    return iso


def _century(parts: dict[str, Node], year: str) -> str:
    """SQL of the century's two digits; `{}` in `year` stands for the position of the two-digit year."""
    if "century" in parts:
        return sql.text(f"{parts['century'].whole_number():02d}")
    pivot = parts["pivot"].whole_number() if "pivot" in parts else None
    return "" if pivot is None else f"CASE WHEN {year} < '{pivot:02d}' THEN '20' ELSE '19' END"


def _iso_date(value: str, form: Node, century: str) -> str:
    """SQL of an ISO date or time; a value of another length stays as it is, so that it is rejected."""
    at = _positions(form)
    if "YYYY" not in at and not ("YY" in at and century):
        raise form.error("the year is not clear", "use YYYY, or YY with `pivot` or `century`")
    if "MM" not in at or "DD" not in at:
        raise form.error("the format needs a year, MM and DD", "as in YYMMDD or DD.MM.YYYY")

    def piece(part: str) -> str:
        return f"substr({value}, {at[part]}, {_DATE_PARTS[part]})"

    year = piece("YYYY") if "YYYY" in at else f"{century.replace('substr(v, {}, 2)', piece('YY'))} || {piece('YY')}"
    iso = f"({year}) || '-' || {piece('MM')} || '-' || {piece('DD')}"
    if "hh" in at:
        clock = " || ':' || ".join(piece(p) if p in at else "'00'" for p in ("hh", "mm", "ss"))
        iso += f" || 'T' || {clock}"
    return f"CASE WHEN length({value}) = {len(form.text())} THEN {iso} ELSE {value} END"


def _positions(form: Node) -> dict[str, int]:
    text, at, positions = form.text(), 0, {}
    while at < len(text):
        part = next((p for p in _DATE_PARTS if text.startswith(p, at)), None)
        if part is None and text[at].isalpha() and text[at] not in "TZ":
            raise form.error(f"'{text[at]}' means nothing in a date format", f"known: {', '.join(_DATE_PARTS)}")
        if part:
            positions[part] = at + 1
        at += _DATE_PARTS[part] if part else 1
    return positions


def _number(node: Node, scope: Scope) -> str:
    parts = node.parts(("number", "decimal", "thousands"))
    value = expression(parts["number"], scope)
    if "thousands" in parts:
        value = f"replace({value}, {sql.text(parts['thousands'].text())}, '')"
    if "decimal" in parts:
        value = f"replace({value}, {sql.text(parts['decimal'].text())}, '.')"
    return value


def _signed(node: Node, scope: Scope) -> str:
    parts = node.parts(("signed", "by", "negative", "positive"), ("by", "negative"))
    value, by = expression(parts["signed"], scope), expression(parts["by"], scope)
    negative = ", ".join(sql.text(code.text()) for code in parts["negative"].list())
    negated = f"CASE WHEN {value} LIKE '-%' THEN substr({value}, 2) ELSE '-' || {value} END"
    if "positive" not in parts:
        return f"CASE WHEN {by} IN ({negative}) THEN {negated} ELSE {value} END"
    positive = ", ".join(sql.text(code.text()) for code in parts["positive"].list())
    # An unknown sign must not pass as an amount: with words in it the row is rejected.
    unknown = f"coalesce({value}, '') || ' with unknown sign'"
    return f"CASE WHEN {by} IN ({negative}) THEN {negated} WHEN {by} IN ({positive}) THEN {value} ELSE {unknown} END"


def _birth_number(node: Node, scope: Scope) -> str:
    parts = node.parts(("birth_number", "gives", "pivot", "century"), ("gives",))
    value = expression(parts["birth_number"], scope)
    month = f"TRY_CAST(substr({value}, 3, 2) AS INTEGER)"
    gives = parts["gives"].text()
    if gives == "sex":
        return f"CASE WHEN {month} > 50 THEN 'female' WHEN {month} > 0 THEN 'male' END"
    if gives != "birth_date":
        raise parts["gives"].error(f"a birth number does not give '{gives}'", "birth_date or sex")
    year = f"substr({value}, 1, 2)"
    century = _century(parts, "substr(v, {}, 2)").replace("substr(v, {}, 2)", year)
    if not century:
        raise node.error("the century is not clear", "add `century: 19` or `pivot: 30`")
    iso = f"({century}) || {year} || '-' || lpad(CAST({month} % 50 AS VARCHAR), 2, '0') || '-' || substr({value}, 5, 2)"
    return f"CASE WHEN regexp_full_match({value}, '[0-9]{{6}}') THEN {iso} ELSE {value} END"


def _case(node: Node, scope: Scope) -> str:
    parts = node.parts(("case", "else"))
    cases = []
    for branch in parts["case"].list():
        pieces = branch.parts(("when", "then"), ("when", "then"))
        cases.append(f"WHEN {condition(pieces['when'], scope)} THEN {expression(pieces['then'], scope)}")
    otherwise = expression(parts["else"], scope) if "else" in parts else "NULL"
    return f"CASE {' '.join(cases)} ELSE {otherwise} END"


FUNCTIONS: dict[str, Callable[[Node, Scope], str]] = {
    "constant": _constant,
    "concat": _concat,
    "substr": _substr,
    "lookup": _lookup,
    "date": _date,
    "number": _number,
    "signed": _signed,
    "birth_number": _birth_number,
    "case": _case,
}
"""The functions of mapping files by name."""
