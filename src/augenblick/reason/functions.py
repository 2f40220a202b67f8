"""The built-in functions of SPARQL in SQL."""

from __future__ import annotations

from collections.abc import Callable

from rdflib import XSD
from sqlglot import exp

from augenblick.reason.fragment import both, q, text
from augenblick.reason.scalar import NUMERIC, Alternative, Value, choose, double_lexical, encode, kind_test, single
from augenblick.reason.terms import INLINE_TYPES, Kind

Function = Callable[[list[Value]], Value]


def lexical(value: Value, *, resources: bool = False) -> exp.Expr:
    """Return SQL for the lexical form of a value (STR); of IRIs only where asked for."""
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for alternative in value.alternatives:
        if alternative.type == "bnode" or (alternative.type == "iri" and not resources):
            continue
        branches.append((alternative.guard, written(alternative)))
    return choose(branches)


def written(alternative: Alternative) -> exp.Expr:
    """Return SQL for the lexical form of one alternative."""
    sql = alternative.sql
    match alternative.type:
        case "integer":
            return q("CAST(:x AS VARCHAR)", x=sql)
        case "decimal":
            return q("regexp_replace(regexp_replace(CAST(:x AS VARCHAR), '0+$', ''), '[.]$', '')", x=sql)
        case "double":
            return double_lexical(sql)
        case "boolean" if alternative.ext is not None:
            return alternative.ext
        case "boolean":
            return q("CASE WHEN :x THEN 'true' WHEN NOT :x THEN 'false' END", x=sql)
        case "date":
            return q("CAST(CAST(DATE '1970-01-01' + CAST(:x AS INTEGER) AS DATE) AS VARCHAR)", x=sql)
        case "datetime":
            return alternative.ext if alternative.ext is not None else datetime_text(sql)
        case "days":
            return days_text(sql)
        case "months":
            return months_text(sql)
        case _:
            return sql


def datetime_text(microseconds: exp.Expr) -> exp.Expr:
    """Return SQL for the canonical xsd:dateTime of microseconds since 1970."""
    return q("CASE WHEN :x % 1000000 = 0 THEN strftime(make_timestamp(:x), '%Y-%m-%dT%H:%M:%S') "
             "ELSE rtrim(strftime(make_timestamp(:x), '%Y-%m-%dT%H:%M:%S.%f'), '0') END", x=microseconds)  # fmt: skip


def days_text(milliseconds: exp.Expr) -> exp.Expr:
    """Return SQL for the canonical xsd:dayTimeDuration of milliseconds."""
    return q(
        "CASE WHEN :x = 0 THEN 'PT0S' ELSE CASE WHEN :x < 0 THEN '-P' ELSE 'P' END "
        "|| CASE WHEN abs(:x) >= 86400000 THEN (abs(:x) // 86400000) || 'D' ELSE '' END "
        "|| CASE WHEN abs(:x) % 86400000 <> 0 THEN 'T' ELSE '' END "
        "|| CASE WHEN abs(:x) % 86400000 >= 3600000 THEN (abs(:x) % 86400000 // 3600000) || 'H' ELSE '' END "
        "|| CASE WHEN abs(:x) % 3600000 >= 60000 THEN (abs(:x) % 3600000 // 60000) || 'M' ELSE '' END "
        "|| CASE WHEN abs(:x) % 60000 = 0 THEN '' WHEN abs(:x) % 1000 = 0 THEN (abs(:x) % 60000 // 1000) || 'S' "
        "ELSE (abs(:x) % 60000 // 1000) || '.' "
        "|| rtrim(lpad(CAST(abs(:x) % 1000 AS VARCHAR), 3, '0'), '0') || 'S' END END",
        x=milliseconds,
    )


def months_text(months: exp.Expr) -> exp.Expr:
    """Return SQL for the canonical xsd:yearMonthDuration of months."""
    return q(
        "CASE WHEN :x = 0 THEN 'P0M' ELSE CASE WHEN :x < 0 THEN '-P' ELSE 'P' END "
        "|| CASE WHEN abs(:x) >= 12 THEN (abs(:x) // 12) || 'Y' ELSE '' END "
        "|| CASE WHEN abs(:x) % 12 <> 0 THEN (abs(:x) % 12) || 'M' ELSE '' END END",
        x=months,
    )


def _strings(value: Value) -> list[Alternative]:
    return [alternative for alternative in value.alternatives if alternative.type in ("string", "lang")]


def plain(value: Value) -> exp.Expr:
    """Return SQL for the text of a string literal, with or without language; NULL for everything else."""
    return choose([(alternative.guard, alternative.sql) for alternative in _strings(value)])


def compatible(first: Alternative, second: Value) -> exp.Expr:
    """Return SQL for the text of a second argument; NULL where its language does not go with that of the first."""
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for a in _strings(second):
        if a.type == "string":
            branches.append((a.guard, a.sql))
        elif first.type == "lang":
            same = q("(:a = :b)", a=first.ext or exp.null(), b=a.ext or exp.null())
            branches.append((both(a.guard, same), a.sql))
    return choose(branches)


def simple(value: Value) -> exp.Expr:
    """Return SQL for the text of a literal without language; NULL for everything else."""
    return choose([(a.guard, a.sql) for a in value.alternatives if a.type == "string"])


def _kept(template: str, value: Value, **more: exp.Expr) -> Value:
    """Return a string function of the first argument that keeps its language."""
    found = [
        Alternative(alternative.type, alternative.guard, q(template, x=alternative.sql, **more), alternative.ext)
        for alternative in _strings(value)
    ]
    return Value(tuple(found))


def _test(template: str) -> Function:
    def test(args: list[Value]) -> Value:
        found = [(a.guard, q(template, x=a.sql, y=compatible(a, args[1]))) for a in _strings(args[0])]
        return single("boolean", choose(list(found)))

    return test


def _digest(name: str) -> Function:
    return lambda args: single("string", q(f"{name}(:x)", x=plain(args[0])))


def _str(args: list[Value]) -> Value:
    return single("string", lexical(args[0], resources=True))


def _iri(args: list[Value]) -> Value:
    """Return the IRI of a text; relative ones are put behind the folder of the query's BASE, where it has one."""
    template = ":x"
    if len(args) > 1:
        template = "CASE WHEN regexp_matches(:x, '^[A-Za-z][A-Za-z0-9+.-]*:') THEN :x ELSE :base || :x END"
    base = plain(args[1]) if len(args) > 1 else exp.null()
    found = [
        Alternative("iri", alternative.guard, q(template, x=alternative.sql, base=base))
        for alternative in args[0].alternatives
        if alternative.type in ("iri", "string")
    ]
    if [alternative.type for alternative in args[0].alternatives] == ["iri"]:
        return args[0]
    return Value(tuple(found))


def _concat(args: list[Value]) -> Value:
    sql: exp.Expr = text("")
    for arg in args:
        sql = q(":a || :b", a=sql, b=plain(arg)) if not _empty(sql) else q("(:b)", b=plain(arg))
    tagged = [[a for a in arg.alternatives if a.type == "lang"] for arg in args]
    if not args or not all(tagged):
        return single("string", sql)
    exts = [choose([(a.guard, a.ext or exp.null()) for a in some]) for some in tagged]
    same = both(*(q("COALESCE(:a = :b, FALSE)", a=exts[0], b=ext) for ext in exts)) or exp.true()
    return Value((Alternative("lang", same, sql, exts[0]), Alternative("string", None, sql)))


def _empty(sql: exp.Expr) -> bool:
    return isinstance(sql, exp.Literal) and sql.this == ""


def _lang(args: list[Value]) -> Value:
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for alternative in args[0].alternatives:
        if alternative.type in ("iri", "bnode"):
            continue
        tag = alternative.ext if alternative.type == "lang" and alternative.ext is not None else _blank_if(alternative)
        branches.append((alternative.guard, tag))
    return single("string", choose(branches))


def _blank_if(alternative: Alternative) -> exp.Expr:
    return q("CASE WHEN :x IS NOT NULL THEN '' END", x=alternative.sql)


def _langmatches(args: list[Value]) -> Value:
    tag, wanted = plain(args[0]), plain(args[1])
    return single("boolean", q("CASE WHEN :r = '*' THEN :t <> '' ELSE lower(:t) = lower(:r) OR "
                               "starts_with(lower(:t), lower(:r) || '-') END", t=tag, r=wanted))  # fmt: skip


def _datatype(args: list[Value]) -> Value:
    names = {kind.name.lower(): str(name) for kind, name in INLINE_TYPES.items()}
    names |= {"string": str(XSD.string), "lang": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"}
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for alternative in args[0].alternatives:
        if alternative.type in ("iri", "bnode"):
            continue
        if alternative.type in ("other", "double") and alternative.ext is not None:
            branches.append((alternative.guard, alternative.ext))
        else:
            name = text(names.get(alternative.type, str(XSD.double)))
            branches.append((alternative.guard, q("CASE WHEN :x IS NOT NULL THEN :n END", x=alternative.sql, n=name)))
    return single("iri", choose(branches))


def _is_kind(*kinds: Kind) -> Function:
    def test(args: list[Value]) -> Value:
        encoded = encode(args[0])
        possible = [kind for kind in Kind if encoded.mask & kind.bit]
        hits = [kind for kind in possible if kind in kinds]
        sql: exp.Expr = exp.true() if len(hits) == len(possible) else exp.false()
        if hits and len(hits) < len(possible):
            sql = exp.or_(*(kind_test(encoded.term, kind) for kind in hits), copy=False)
        return single("boolean", q("CASE WHEN :x IS NOT NULL THEN :s END", x=encoded.term, s=exp.Paren(this=sql)))

    return test


def _same_numeric(template: str) -> Function:
    def apply(args: list[Value]) -> Value:
        found = []
        for a in args[0].alternatives:
            if a.type in NUMERIC:
                sql = a.sql if a.type == "integer" and template != "abs(:x)" else q(template, x=a.sql)
                sql = q("CAST(:x AS DECIMAL(38, 10))", x=sql) if a.type == "decimal" else sql
                found.append(Alternative(a.type, a.guard, sql))
        return Value(tuple(found))

    return apply


def _part(name: str) -> Function:
    def apply(args: list[Value]) -> Value:
        branches: list[tuple[exp.Expr | None, exp.Expr]] = []
        for a in args[0].alternatives:
            if a.type == "date":
                branches.append((a.guard, q(f"{name}(CAST(DATE '1970-01-01' + CAST(:x AS INTEGER) AS DATE))", x=a.sql)))
            elif a.type == "datetime":
                branches.append((a.guard, q(f"{name}(make_timestamp(:x))", x=_local(a))))
        return single("integer", q("CAST(:x AS BIGINT)", x=choose(branches)), small=True)

    return apply


def _local(a: Alternative) -> exp.Expr:
    """Return SQL for the microseconds an xsd:dateTime shows, whatever its offset."""
    shown = q("epoch_us(TRY_CAST(regexp_replace(:x, '(Z|[+-][0-9]{2}:[0-9]{2})$', '') AS TIMESTAMP))", x=a.ext or a.sql)
    return shown if a.ext is not None else a.sql


def _seconds(args: list[Value]) -> Value:
    times = [
        (a.guard, q("CAST((:x % 60000000) AS DECIMAL(38, 10)) * 0.000001", x=_local(a)))
        for a in args[0].alternatives
        if a.type == "datetime"
    ]
    return single("decimal", q("CAST(:x AS DECIMAL(38, 10))", x=choose(list(times))))


def _tz(args: list[Value]) -> Value:
    return single("string", _offset(args[0]))


def _timezone(args: list[Value]) -> Value:
    """Return the offset as xsd:dayTimeDuration; an error where the time has none."""
    offset = _offset(args[0])
    hours = q("CAST(CASE WHEN :z = 'Z' THEN 0 ELSE CAST(substring(:z, 2, 2) AS BIGINT) * 60 "
              "+ CAST(substring(:z, 5, 2) AS BIGINT) END AS BIGINT)", z=offset)  # fmt: skip
    signed = q("CASE WHEN :z <> '' THEN :m * CASE WHEN :z[1] = '-' THEN -60000 ELSE 60000 END END", z=offset, m=hours)
    return single("days", signed)


def _offset(value: Value) -> exp.Expr:
    branches: list[tuple[exp.Expr | None, exp.Expr]] = []
    for a in value.alternatives:
        if a.type == "datetime" and a.ext is not None:
            branches.append((a.guard, q("regexp_extract(:x, '(Z|[+-][0-9]{2}:[0-9]{2})$', 1)", x=a.ext)))
        elif a.type == "datetime":
            branches.append((a.guard, q("CASE WHEN :x IS NOT NULL THEN '' END", x=a.sql)))
    return choose(branches)


def _substr(args: list[Value]) -> Value:
    start = _integer(args[1])
    if len(args) == 2:
        return _kept("substring(:x, CAST(greatest(:s, 1) AS BIGINT))", args[0], s=start)
    until = q("(:s + :n)", s=start, n=_integer(args[2]))
    return _kept(
        "substring(:x, CAST(greatest(:s, 1) AS BIGINT), CAST(greatest(:u - greatest(:s, 1), 0) AS BIGINT))",
        args[0],
        s=start,
        u=until,
    )


def _new_node(args: list[Value]) -> Value:
    """Return the blank node of a solution: named by a digest of all its terms."""
    shown = [q("COALESCE(CAST(:x AS VARCHAR), '')", x=encode(arg).term) for arg in args]
    digest = q("md5(:x)", x=exp.Anonymous(this="concat_ws", expressions=[text(" "), *shown]))
    return single("bnode", q("'n' || :x", x=digest))


def _integer(value: Value) -> exp.Expr:
    return choose([(a.guard, q("CAST(round(:x) AS BIGINT)", x=a.sql)) for a in value.alternatives if a.type in NUMERIC])


def _regex(args: list[Value]) -> Value:
    flags = plain(args[2]) if len(args) > 2 else text("")
    return single("boolean", q("regexp_matches(:x, :p, :f)", x=plain(args[0]), p=plain(args[1]), f=_flags(flags)))


def _replace(args: list[Value]) -> Value:
    flags = plain(args[3]) if len(args) > 3 else text("")
    replacement = q("regexp_replace(:r, '\\$([0-9])', '\\\\\\1', 'g')", r=plain(args[2]))
    return _kept("regexp_replace(:x, :p, :r, :f)", args[0], p=plain(args[1]), r=replacement, f=_flags(flags, "g"))


def _flags(flags: exp.Expr, more: str = "") -> exp.Expr:
    """Return DuckDB's flags for XPath's."""
    if isinstance(flags, exp.Literal):
        given = str(flags.this)
        return text(more + "".join(letter for letter in given if letter in "ims"))
    return q(":more || :f", more=text(more), f=flags)


def _strlang(args: list[Value]) -> Value:
    return single("lang", simple(args[0]), q("lower(:x)", x=simple(args[1])))


def _before(args: list[Value]) -> Value:
    return _found_part("left(:x, strpos(:x, :y) - 1)", args)


def _after(args: list[Value]) -> Value:
    return _found_part("substring(:x, strpos(:x, :y) + length(:y))", args)


def _found_part(template: str, args: list[Value]) -> Value:
    """Return a part of the first argument that keeps its language, the plain empty string where nothing is found."""
    found: list[Alternative] = []
    for a in _strings(args[0]):
        wanted = compatible(a, args[1])
        there = q("strpos(:x, :y) > 0", x=a.sql, y=wanted)
        if a.type == "lang":
            found.append(Alternative("lang", both(a.guard, there), q(template, x=a.sql, y=wanted), a.ext))
        part = q(f"CASE WHEN :there THEN {template} WHEN :y IS NOT NULL THEN '' END", x=a.sql, y=wanted, there=there)
        found.append(Alternative("string", a.guard, part))
    return Value(tuple(found))


def _encoded(args: list[Value]) -> Value:
    return single("string", q("url_encode(:x)", x=plain(args[0])))


_LITERALS = tuple(kind for kind in Kind if kind not in (Kind.IRI, Kind.BNODE))

FUNCTIONS: dict[str, Function] = {
    "STR": _str,
    "NEWNODE": _new_node,
    "IRI": _iri,
    "URI": _iri,
    "CONCAT": _concat,
    "LANG": _lang,
    "LANGMATCHES": _langmatches,
    "DATATYPE": _datatype,
    "CONTAINS": _test("contains(:x, :y)"),
    "STRSTARTS": _test("starts_with(:x, :y)"),
    "STRENDS": _test("suffix(:x, :y)"),
    "STRBEFORE": _before,
    "STRAFTER": _after,
    "STRLEN": lambda args: single("integer", q("length(:x)", x=plain(args[0])), small=True),
    "UCASE": lambda args: _kept("upper(:x)", args[0]),
    "LCASE": lambda args: _kept("lower(:x)", args[0]),
    "SUBSTR": _substr,
    "REGEX": _regex,
    "REPLACE": _replace,
    "ENCODE_FOR_URI": _encoded,
    "MD5": _digest("md5"),
    "SHA1": _digest("sha1"),
    "SHA256": _digest("sha256"),
    "STRLANG": _strlang,
    "ABS": _same_numeric("abs(:x)"),
    "CEIL": _same_numeric("ceil(:x)"),
    "FLOOR": _same_numeric("floor(:x)"),
    "ROUND": _same_numeric("floor(:x + 0.5)"),
    "YEAR": _part("year"),
    "MONTH": _part("month"),
    "DAY": _part("day"),
    "HOURS": _part("hour"),
    "MINUTES": _part("minute"),
    "SECONDS": _seconds,
    "TZ": _tz,
    "TIMEZONE": _timezone,
    "ISIRI": _is_kind(Kind.IRI),
    "ISURI": _is_kind(Kind.IRI),
    "ISBLANK": _is_kind(Kind.BNODE),
    "ISLITERAL": _is_kind(*_LITERALS),
    "ISNUMERIC": _is_kind(Kind.INTEGER, Kind.DECIMAL, Kind.NUMBER),
}
"""Functions whose value depends on the values of their arguments only."""
