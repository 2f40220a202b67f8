"""Raw values as typed columns, and what is wrong with those that cannot be: SQL expressions per field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from augenblick.ingest import sql
from augenblick.ingest.contract import Field, Table, contract
from augenblick.ingest.source import Source

ZONE = "Europe/Berlin"
_DAYS = {"P0D": 0, "P1Y": 366, "P2Y": 731}
_OFFSET = r".*\d(Z|[+-]\d\d(:?\d\d)?)"
_HINTS = {
    "date": "write dates as 2026-01-31",
    "datetime": "write times as 2026-01-31T14:30:00",
    "number": "write amounts as -1234.56, with at most 13 digits before the point",
}
_REASONS = {"date": "bad date", "datetime": "bad time", "number": "bad amount"}


@dataclass(frozen=True)
class Column:
    """One field over a raw column: the value as given, the typed value, and its bounds.

    `begins` is the SQL of the day it must not lie before; `forgiven` says whether a fault leaves the row in.
    """

    field: Field
    given: str
    typed: str
    latest: date | None
    begins: str | None = None
    forgiven: str = "false"

    @property
    def sound(self) -> str:
        """The condition that the value may be loaded."""
        conditions = [self._readable()]
        if bounds := self._bounds():
            conditions.append(f"coalesce({self.typed} BETWEEN {bounds[0]} AND {bounds[1]}, true)")
        if self.begins:
            conditions.append(f"coalesce({self.typed} >= {self.begins}, true)")
        if member := self._member():
            conditions.append(f"coalesce({member}, true)")
        return " AND ".join(condition for condition in conditions if condition) or "true"

    @property
    def loaded(self) -> str:
        """The value that is loaded: the typed one, or what stands for a faulty one that does not cost the row."""
        if self.forgiven == "false":
            return self.typed
        return f"CASE WHEN {self.sound} THEN {self.typed} ELSE {sql.text(self.field.otherwise)} END"

    @property
    def fault(self) -> str:
        """A struct {field, reason, hint, forgiven} for a value that may not be loaded, else NULL."""
        cases = []
        if self.field.required:
            cases.append(self._case(f"{self.given} IS NULL", "missing value", sql.text("the field must not be empty")))
        if self.field.type != "string":
            cases.append(self._case(f"{self.given} IS NOT NULL AND {self.typed} IS NULL", *self._unreadable()))
        if bounds := self._bounds():
            hint = f"CASE WHEN {self.typed} < {bounds[0]} THEN {sql.text(f'not before {self._earliest}')} "
            hint += f"ELSE {sql.text(f'not after {self.latest}')} END" if self.latest else "END"
            cases.append(
                self._case(f"NOT ({self.typed} BETWEEN {bounds[0]} AND {bounds[1]})", "date out of range", hint)
            )
        if self.begins:
            hint = sql.text(f"not before the day of {self.field.not_before}; leave it empty where there is none")
            cases.append(self._case(f"{self.typed} < {self.begins}", "ends before it begins", hint))
        if member := self._member():
            reason = "unknown code" if self.field.codes else "bad value"
            cases.append(self._case(f"NOT ({member})", reason, self._code_hint()))
        return f"CASE {' '.join(cases)} END" if cases else "NULL"

    def _case(self, condition: str, reason: str, hint: str) -> str:
        told = {"field": sql.text(self.field.name), "reason": sql.text(reason), "hint": hint, "forgiven": self.forgiven}
        fault = "{" + ", ".join(f"'{name}': {value}" for name, value in told.items()) + "}"
        return f"WHEN {condition} THEN {fault}"

    def _readable(self) -> str:
        if self.field.required:
            return f"{self.typed} IS NOT NULL"
        return "" if self.field.type == "string" else f"({self.typed} IS NOT NULL OR {self.given} IS NULL)"

    def _unreadable(self) -> tuple[str, str]:
        hint = sql.text(_HINTS[self.field.type])
        if self.field.type == "number":
            comma = sql.text("use a decimal point: 12.50")
            hint = f"CASE WHEN contains({self.given}, ',') THEN {comma} ELSE {hint} END"
        return _REASONS[self.field.type], hint

    @property
    def _earliest(self) -> str:
        return (self.field.earliest or "0001-01-01")[:10]

    def _bounds(self) -> tuple[str, str] | None:
        if self.field.type not in ("date", "datetime"):
            return None
        last = self.latest or date(9999, 12, 31)
        if self.field.type == "datetime":
            return f"TIMESTAMP '{self._earliest}'", f"TIMESTAMP '{last.isoformat()} 23:59:59.999999'"
        return f"DATE '{self._earliest}'", f"DATE '{last.isoformat()}'"

    def _member(self) -> str | None:
        if self.field.codes:
            return f"{self.given} IN ({', '.join(sql.text(code) for code in self.field.codes)})"
        if self.field.pattern:
            return f"regexp_full_match({self.given}, {sql.text(self.field.pattern)})"
        return None

    def _code_hint(self) -> str:
        if not self.field.codes:
            return sql.text(f"expected the form {self.field.pattern}")
        known = ", ".join(sql.text(code) for code in self.field.codes)
        distance = f"damerau_levenshtein(lower({self.given}), c)"
        ranked = f"list_min(list_transform([{known}], lambda c: {{'d': {distance}, 'c': c}}))"
        listed = sql.text(f"known: {', '.join(self.field.codes)}")
        return f"CASE WHEN {ranked}.d <= 3 THEN 'did you mean ''' || {ranked}.c || '''?' ELSE {listed} END"


def columns(source: Source, table: Table, loaded_on: date) -> list[Column]:
    """Return the typed column of each field of the table that the source has."""
    found = {
        field.name: _column(field, source.columns[field.name], loaded_on)
        for field in table.fields
        if field.name in source.columns
    }
    return [_beside(column, found) for column in found.values()]


def typed_rows(source: Source, table: Table, loaded_on: date) -> str:
    """Return a SELECT of the table's typed columns, `_file` and `_line` over a source."""
    by_name = {column.field.name: column.loaded for column in columns(source, table, loaded_on)}
    selected = ", ".join(
        f"{by_name.get(f.name, f'CAST(NULL AS {f.sql_type})')} AS {sql.name(f.name)}" for f in table.fields
    )
    rows = f"SELECT {selected}, _file, _line FROM ({source.relation})"
    changed = ", ".join(f"{_of_attribute(f)} AS {sql.name(f.name)}" for f in table.fields if f.codes_by)
    return f"SELECT * REPLACE ({changed}) FROM ({rows})" if changed else rows


def faults(source: Source, table: Table, loaded_on: date) -> str:
    """Return a SELECT of (file, line, field, reason, hint, forgiven), a row for each value that may not be loaded."""
    checked = columns(source, table, loaded_on)
    sound = " AND ".join(f"({column.sound})" for column in checked)
    listed = ", ".join(column.fault for column in checked if column.fault != "NULL")
    return (
        "SELECT _file, _line, fault.field, fault.reason, fault.hint, fault.forgiven FROM ("
        f"SELECT _file, _line, unnest([{listed}]) AS fault FROM ({source.relation}) WHERE NOT ({sound})"
        ") WHERE fault IS NOT NULL"
    )


def _column(field: Field, raw_type: str, loaded_on: date) -> Column:
    latest = loaded_on + timedelta(days=_DAYS[field.latest]) if field.latest else None
    raw = sql.name(field.name)
    given = raw if raw_type == "VARCHAR" else f"CAST({raw} AS VARCHAR)"
    plain_text = field.type == "string" and not (field.required or field.codes or field.pattern)
    given = f"nullif({given}, '')" if plain_text else f"nullif(trim({given}), '')"
    if field.codes:
        given = _code(field, given)
    if field.digits:
        bare = f"lpad(regexp_replace({given}, '[.]0+$', ''), {field.digits}, '0')"
        given = f"CASE WHEN length({given}) = {field.digits} THEN {given} ELSE {bare} END"
    return Column(field, given, _typed(field, raw, raw_type, given), latest)


def _beside(column: Column, others: dict[str, Column]) -> Column:
    """Return the column with what other columns of the row say of its values."""
    field = column.field
    forgiven = "false" if field.costs_row else "true"
    if field.forgiven_where is not None and (other := others.get(field.forgiven_where[0])) is not None:
        forgiven = f"coalesce({other.given} IN ({', '.join(map(sql.text, field.forgiven_where[1]))}), false)"
    first = others.get(field.not_before or "")
    return replace(column, begins=first.typed if first else None, forgiven=forgiven)


def _code(field: Field, given: str) -> str:
    """Return the code a value means: in other letters, or by a synonym; the value itself where it means none."""
    meanings = {code.lower(): code for code in field.codes} | field.synonyms
    return f"coalesce({sql.mapping(meanings)}[lower({given})], {given})"


def _of_attribute(field: Field) -> str:
    """Return a changed value as the codes of the customers' field that changed would write it."""
    coded = [each for each in contract().table("customers").fields if each.codes]
    value, attribute = sql.name(field.name), sql.name(str(field.codes_by))
    cases = " ".join(f"WHEN {sql.text(each.name)} THEN {_code(each, f'trim({value})')}" for each in coded)
    return f"CASE {attribute} {cases} ELSE {value} END"


def _typed(field: Field, raw: str, raw_type: str, given: str) -> str:
    if field.type == "string":
        return given
    if field.type == "number":
        numeric = raw_type.startswith("DECIMAL") or raw_type in ("DOUBLE", "FLOAT", "INTEGER", "BIGINT")
        return f"TRY_CAST({raw if numeric else given} AS {field.sql_type})"
    if raw_type == "TIMESTAMP WITH TIME ZONE":
        return f"CAST({raw} AT TIME ZONE '{ZONE}' AS {field.sql_type})"
    if raw_type == "DATE" or raw_type.startswith("TIMESTAMP"):
        return f"CAST({raw} AS {field.sql_type})"
    if field.type == "date":
        return f"CASE WHEN {given} LIKE '____-__-__' THEN TRY_CAST({given} AS DATE) END"
    return (
        f"CASE WHEN regexp_full_match({given}, '{_OFFSET}') "
        f"THEN TRY_CAST({given} AS TIMESTAMPTZ) AT TIME ZONE '{ZONE}' "
        f"WHEN {given} LIKE '____-__-__%' THEN TRY_CAST({given} AS TIMESTAMP) END"
    )
