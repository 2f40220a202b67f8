"""Values of SPARQL expressions in SQL: a sum of alternatives, one per type a value may have at run time.

What a variable can be is known from statistics, so mostly one alternative is left and the SQL is plain arithmetic
on ids. NULL is both "unbound" and "error", which gives SPARQL's three-valued logic for free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from rdflib import XSD, Variable
from sqlglot import exp

from augenblick.reason.fragment import both, case, column, number, q, text
from augenblick.reason.terms import (
    ANY,
    DECIMAL_SCALE,
    INTEGER_TYPES,
    PAYLOAD,
    RESOURCE,
    Kind,
    Term,
    base,
    hash_sql,
    inline_sql,
    kind_sql,
    payload_sql,
    stored_as,
)

NUMERIC = ("integer", "decimal", "double")
"""Types whose values compare and add with each other."""


@dataclass(frozen=True)
class Alternative:
    """One type a value may have: when (`guard`, None: always), its native SQL, its language or datatype."""

    type: str
    guard: exp.Expr | None
    sql: exp.Expr
    ext: exp.Expr | None = None
    small: bool = False
    """An integer known to fit into an id."""


class Value:
    """What an expression yields; `term` is the id where the value is a whole term, of the kinds in `mask`.

    The alternatives are made when first asked for: what compares by id alone needs no text from the dictionary.
    """

    def __init__(
        self,
        alternatives: tuple[Alternative, ...] | Callable[[], tuple[Alternative, ...]],
        term: exp.Expr | None = None,
        mask: int = ANY,
        lexical: exp.Expr | None = None,
        ext: exp.Expr | None = None,
    ) -> None:
        self._make = alternatives
        self.term, self.mask, self.lexical, self.ext = term, mask, lexical, ext

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The types the value may have."""
        return self._make() if callable(self._make) else self._make


@dataclass
class Column:
    """What is known of a variable's column: kinds, whether it may be unbound, whether text travels beside it."""

    mask: int = ANY
    nullable: bool = False
    carried: bool = False


@dataclass
class Scope:
    """Variables an expression can see: per variable its table alias and column; and what text it asked for."""

    columns: dict[Variable, tuple[str, Column]]
    wanted: set[Variable] = field(default_factory=set)

    def term(self, variable: Variable) -> exp.Expr | None:
        """Return the id column of a variable, None when it is never bound here."""
        found = self.columns.get(variable)
        return column(column_name(variable), found[0]) if found else None

    def text(self, variable: Variable, part: str) -> exp.Expr:
        """Return the column with the lexical form (`lex`) or language/datatype (`ext`); it will be looked up."""
        alias, known = self.columns[variable]
        if not known.carried:
            self.wanted.add(variable)
        return column(f"{column_name(variable)}__{part}", alias)


def column_name(variable: Variable) -> str:
    """Return a column name for a variable (SQL's names know no case, SPARQL's do)."""
    name = str(variable)
    if name == name.lower():
        return f"v_{name}"
    flags = "".join("1" if letter != letter.lower() else "0" for letter in name)
    return f"v_{name}_{int(flags, 2):x}"


def variable_value(variable: Variable, scope: Scope) -> Value:
    """Return the value of a variable: an alternative for each kind the statistics leave possible."""
    term = scope.term(variable)
    if term is None:
        return Value((), exp.null(), 0)
    known = scope.columns[variable][1]
    texts = _Texts(scope, variable)

    def alternatives() -> tuple[Alternative, ...]:
        kinds = [kind for kind in Kind if known.mask & kind.bit]
        several = len(kinds) > 1
        found = [_stored(kind, kind_test(term, kind) if several else None, term, texts) for kind in kinds]
        return tuple(alternative for some in found for alternative in some)

    if not known.carried:
        return Value(alternatives, term, known.mask)
    return Value(alternatives, term, known.mask, texts.lex, texts.ext)


class _Texts:
    """The text columns of a variable, asked for only when used."""

    def __init__(self, scope: Scope, variable: Variable) -> None:
        self._scope, self._variable = scope, variable

    @property
    def lex(self) -> exp.Expr:
        return self._scope.text(self._variable, "lex")

    @property
    def ext(self) -> exp.Expr:
        return self._scope.text(self._variable, "ext")


def kind_test(term: exp.Expr, kind: Kind) -> exp.Expr:
    """Return SQL for whether an id is of a kind."""
    if kind.inline:
        low, high = base(kind) - PAYLOAD, base(kind) + PAYLOAD - 1
        return q("(:x BETWEEN :low AND :high)", x=term, low=number(low), high=number(high))
    if kind is Kind.IRI:
        return q("(:x BETWEEN 0 AND 4611686018427387903)", x=term)
    return q("(:k = :n)", k=kind_sql(term), n=number(int(kind)))


def _stored(kind: Kind, guard: exp.Expr | None, term: exp.Expr, texts: _Texts) -> list[Alternative]:
    match kind:
        case Kind.INTEGER:
            return [Alternative("integer", guard, payload_sql(term))]
        case Kind.DECIMAL:
            return [Alternative("decimal", guard, unscaled(payload_sql(term)))]
        case Kind.BOOLEAN:
            return [Alternative("boolean", guard, q("(:x = 1)", x=payload_sql(term)))]
        case Kind.DATE | Kind.DATETIME | Kind.DAYS | Kind.MONTHS:
            return [Alternative(kind.name.lower(), guard, payload_sql(term))]
        case Kind.NUMBER:
            return _dictionary_numbers(guard, texts)
        case Kind.INSTANT:
            return [Alternative("datetime", guard, instant_sql(texts.lex), texts.lex)]
        case Kind.OTHER:
            return _other(guard, texts)
        case Kind.LANG:
            return [Alternative(kind.name.lower(), guard, texts.lex, texts.ext)]
        case _:
            return [Alternative(kind.name.lower(), guard, texts.lex)]


def _other(guard: exp.Expr | None, texts: _Texts) -> list[Alternative]:
    """Return the alternatives of what is no known value, but for booleans written `1` and `0`."""
    is_boolean = q(
        "COALESCE(:x = :y AND :l IN ('true', '1', 'false', '0'), FALSE)",
        x=texts.ext, y=text(str(XSD.boolean)), l=texts.lex,
    )  # fmt: skip
    value = q("(:x IN ('true', '1'))", x=texts.lex)
    return [
        Alternative("boolean", both(guard, is_boolean), value, texts.lex),
        Alternative("other", guard, texts.lex, texts.ext),
    ]


def _dictionary_numbers(guard: exp.Expr | None, texts: _Texts) -> list[Alternative]:
    types = exp.In(this=texts.ext, expressions=[text(name) for name in sorted(INTEGER_TYPES)])
    is_decimal = q(":x = :y", x=texts.ext, y=text(str(XSD.decimal)))
    is_double = q("NOT :a AND NOT :b", a=exp.Paren(this=types), b=exp.Paren(this=is_decimal))
    return [
        Alternative("integer", both(guard, types), q("TRY_CAST(:x AS BIGINT)", x=texts.lex)),
        Alternative("decimal", both(guard, is_decimal), q("TRY_CAST(:x AS DECIMAL(38, 10))", x=texts.lex)),
        Alternative("double", both(guard, is_double), q("TRY_CAST(:x AS DOUBLE)", x=texts.lex), texts.ext),
    ]


def unscaled(payload: exp.Expr) -> exp.Expr:
    """Return the exact decimal of an inline decimal's payload."""
    return q("CAST(CAST(:p AS DECIMAL(28, 0)) * 0.00001 AS DECIMAL(38, 10))", p=payload)


def instant_sql(lexical: exp.Expr) -> exp.Expr:
    """Return microseconds since 1970 of an xsd:dateTime's lexical form, in UTC where it names its offset."""
    local = q("epoch_us(TRY_CAST(regexp_replace(:x, '(Z|[+-][0-9]{2}:[0-9]{2})$', '') AS TIMESTAMP))", x=lexical)
    hours = q("COALESCE(TRY_CAST(regexp_extract(:x, 'T.*([+-][0-9]{2}):[0-9]{2}$', 1) AS BIGINT), 0)", x=lexical)
    minutes = q("COALESCE(TRY_CAST(regexp_extract(:x, 'T.*([+-])[0-9]{2}:([0-9]{2})$', 1) || "
                "regexp_extract(:x, 'T.*([+-])[0-9]{2}:([0-9]{2})$', 2) AS BIGINT), 0)", x=lexical)  # fmt: skip
    return q(":l - (:h * 60 + :m) * 60000000", l=local, h=hours, m=minutes)


def constant_value(term: Term) -> Value:
    """Return the value of a fixed term; its id is computed by the database where it is a hash."""
    kind, payload, lexical, ext = stored_as(term)
    if payload is not None:
        term_id: exp.Expr = number(base(kind) + payload)
        alternatives = _inline_constant(kind, payload)
        return Value((alternatives,), term_id, kind.bit)
    lex, tail = text(lexical), text(ext) if ext else None
    term_id = exp.Paren(this=hash_sql(kind, lex, tail))
    known = Column(kind.bit, carried=True)
    return Value(tuple(_constant_alternatives(kind, lex, tail)), term_id, known.mask, lex, tail)


def _inline_constant(kind: Kind, payload: int) -> Alternative:
    match kind:
        case Kind.DECIMAL:
            return Alternative("decimal", None, unscaled(number(payload)))
        case Kind.BOOLEAN:
            return Alternative("boolean", None, exp.true() if payload else exp.false())
        case _:
            return Alternative(kind.name.lower(), None, q("CAST(:p AS BIGINT)", p=number(payload)))


def _constant_alternatives(kind: Kind, lex: exp.Expr, ext: exp.Expr | None) -> list[Alternative]:
    class Fixed:
        def __init__(self) -> None:
            self.lex, self.ext = lex, ext if ext is not None else exp.null()

    return _stored(kind, None, exp.null(), Fixed())  # type: ignore[arg-type]


def single(type_: str, sql: exp.Expr, ext: exp.Expr | None = None, *, small: bool = False) -> Value:
    """Return a computed value of one type."""
    return Value((Alternative(type_, None, sql, ext, small),))


def truth(value: Value) -> exp.Expr:
    """Return SQL for the effective boolean value: NULL is an error."""
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for alternative in value.alternatives:
        if alternative.type == "boolean":
            branches.append((alternative.guard, alternative.sql))
        elif alternative.type == "string":
            branches.append((alternative.guard, q("(:x <> '')", x=alternative.sql)))
        elif alternative.type in NUMERIC:
            branches.append((alternative.guard, q("(:x <> 0 AND NOT isnan(CAST(:x AS DOUBLE)))", x=alternative.sql)))
    return choose(branches)


def choose(branches: list[tuple[exp.Expr | None, exp.Expr]], default: exp.Expr | None = None) -> exp.Expr:
    """Return SQL for the first branch whose guard holds; a branch without guard always does."""
    guarded: list[tuple[exp.Expr, exp.Expr]] = []
    for guard, sql in branches:
        if guard is None:
            return case(guarded, sql) if guarded else sql
        guarded.append((guard, sql))
    if not guarded:
        return default if default is not None else exp.null()
    return case(guarded, default)


@dataclass(frozen=True)
class Encoded:
    """A value as a term: its id, the kinds it may have, and the text beside it where it may be new."""

    term: exp.Expr
    mask: int
    lexical: exp.Expr | None = None
    ext: exp.Expr | None = None


def encode(value: Value) -> Encoded:
    """Return a value as term id, with lexical form and ext where the term may not be in the dictionary yet."""
    if value.term is not None:
        return Encoded(value.term, value.mask, value.lexical, value.ext)
    if not value.alternatives:
        return Encoded(q("CAST(NULL AS BIGINT)"), 0)
    parts = [(alternative, _encoded(alternative)) for alternative in value.alternatives]
    mask = 0
    for _, part in parts:
        mask |= part.mask
    term = choose([(alternative.guard, part.term) for alternative, part in parts])
    lexicals = [(alternative.guard, part.lexical) for alternative, part in parts if part.lexical is not None]
    if not lexicals:
        return Encoded(term, mask)
    lexical = choose([(alternative.guard, part.lexical or exp.null()) for alternative, part in parts])
    ext = choose([(alternative.guard, part.ext or exp.null()) for alternative, part in parts])
    return Encoded(term, mask, lexical, ext)


def _encoded(alternative: Alternative) -> Encoded:
    sql, ext = alternative.sql, alternative.ext
    match alternative.type:
        case "integer" if alternative.small:
            return Encoded(inline_sql(Kind.INTEGER, sql), Kind.INTEGER.bit)
        case "integer":
            return _inline_or_text(Kind.INTEGER, sql, sql, q("CAST(:x AS VARCHAR)", x=sql), str(XSD.integer))
        case "decimal":
            scaled = q(":x * :scale", x=sql, scale=number(DECIMAL_SCALE))
            fits = q("(:x = trunc(:x, 5))", x=sql)
            plain = q("regexp_replace(regexp_replace(CAST(:x AS VARCHAR), '0+$', ''), '[.]$', '')", x=sql)
            return _inline_or_text(Kind.DECIMAL, scaled, sql, plain, str(XSD.decimal), fits)
        case "boolean":
            return Encoded(inline_sql(Kind.BOOLEAN, q("CAST(:x AS INTEGER)", x=sql)), Kind.BOOLEAN.bit)
        case "date" | "datetime" | "days" | "months":
            kind = Kind[alternative.type.upper()]
            return Encoded(inline_sql(kind, sql), kind.bit)
        case "double":
            datatype = ext if ext is not None else text(str(XSD.double))
            lexical = double_lexical(sql)
            return Encoded(hash_sql(Kind.NUMBER, lexical, datatype), Kind.NUMBER.bit, lexical, datatype)
        case "iri" | "bnode" | "string":
            kind = Kind[alternative.type.upper()]
            return Encoded(hash_sql(kind, sql), kind.bit, sql)
        case _:
            kind = Kind[alternative.type.upper()]
            return Encoded(hash_sql(kind, sql, ext), kind.bit, sql, ext)


def _inline_or_text(
    kind: Kind, payload: exp.Expr, _value: exp.Expr, lexical: exp.Expr, datatype: str, fits: exp.Expr | None = None
) -> Encoded:
    limit = number(PAYLOAD - 1)
    inside = both(q("abs(:p) < :limit", p=payload, limit=limit), fits)
    condition = inside if inside is not None else exp.true()
    ext = text(datatype)
    term = case([(condition, inline_sql(kind, payload))], hash_sql(Kind.NUMBER, lexical, ext))
    return Encoded(
        q("CASE WHEN :x IS NULL THEN NULL ELSE :t END", x=_value, t=term),
        kind.bit | Kind.NUMBER.bit,
        case([(exp.Not(this=exp.Paren(this=condition)), lexical)]),
        ext,
    )


def double_lexical(sql: exp.Expr) -> exp.Expr:
    """Return a lexical form of a double: short decimal, INF or NaN."""
    spoken = q("upper(CAST(CAST(:x AS DOUBLE) AS VARCHAR))", x=sql)
    return q("CASE WHEN isinf(:x) THEN CASE WHEN :x > 0 THEN 'INF' ELSE '-INF' END "
             "WHEN isnan(:x) THEN 'NaN' ELSE regexp_replace(:s, '[.]0$', '') END", x=sql, s=spoken)  # fmt: skip


def resource_only(mask: int) -> bool:
    """Return whether only IRIs and blank nodes are possible."""
    return not mask & ~RESOURCE
