"""RDF terms as 64-bit integers: what the id of a term is, in Python and in SQL.

A negative id *is* a value: seven bits of kind, 56 bits of payload, order-preserving inside a kind. Only
canonical lexical forms live there, so a term has exactly one id. All other terms are hashed; the hash of an
IRI fills 62 bits, that of other terms 59 bits below three bits of kind. What a hash means stands in the
dictionary (`graph.terms`), which refuses two terms with one hash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import IntEnum

from rdflib import XSD, BNode, Literal, URIRef
from sqlglot import exp

from augenblick.reason.fragment import number, q

Term = URIRef | BNode | Literal
"""What has an id."""


class Kind(IntEnum):
    """How a term is stored; 1 to 7 live in the id, the others in the dictionary."""

    IRI = 0
    INTEGER = 1
    DECIMAL = 2
    BOOLEAN = 3
    DATE = 4
    DATETIME = 5
    DAYS = 6
    MONTHS = 7
    BNODE = 8
    STRING = 9
    LANG = 10
    NUMBER = 11
    INSTANT = 12
    OTHER = 13

    @property
    def inline(self) -> bool:
        """Whether the value lives in the id."""
        return Kind.INTEGER <= self <= Kind.MONTHS

    @property
    def bit(self) -> int:
        """The kind's place in a mask of kinds."""
        return 1 << int(self)


ANY = (1 << 14) - 1
"""The mask of all kinds."""

RESOURCE = Kind.IRI.bit | Kind.BNODE.bit
"""The mask of what is no literal."""

PAYLOAD = 2**55
"""Payloads lie in [-PAYLOAD, PAYLOAD)."""

DECIMAL_SCALE = 100_000
"""Inline decimals have up to five digits after the point, as the amounts of bank contracts do."""

NUMERIC_TYPES = frozenset(
    str(XSD[name])
    for name in [
        "integer",
        "decimal",
        "double",
        "float",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "unsignedByte",
    ]
)
INTEGER_TYPES = NUMERIC_TYPES - {str(XSD.decimal), str(XSD.double), str(XSD.float)}
INLINE_TYPES: dict[Kind, URIRef] = {
    Kind.INTEGER: XSD.integer,
    Kind.DECIMAL: XSD.decimal,
    Kind.BOOLEAN: XSD.boolean,
    Kind.DATE: XSD.date,
    Kind.DATETIME: XSD.dateTime,
    Kind.DAYS: XSD.dayTimeDuration,
    Kind.MONTHS: XSD.yearMonthDuration,
}
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{0,4}[1-9])?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,5}[1-9])?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?")
_DAYS = re.compile(r"(-)?P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,3}))?S)?)?")
_MONTHS = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_EPOCH = date(1970, 1, 1)


def base(kind: Kind) -> int:
    """Return the id of the payload 0 of an inline kind."""
    return -(2**63) + int(kind) * 2**56 + PAYLOAD


def kind_of_id(term_id: int) -> Kind:
    """Return how the term of this id is stored."""
    if term_id < 0:
        return Kind((term_id >> 56) + 128)
    return Kind.IRI if term_id < 2**62 else Kind(8 + ((term_id - 2**62) >> 59))


def kinds_of(ids: Iterable[int]) -> int:
    """Return the mask of the kinds of some terms."""
    mask = 0
    for term_id in ids:
        mask |= kind_of_id(term_id).bit
    return mask


def kind_sql(term_id: exp.Expr) -> exp.Expr:
    """Return SQL for the kind of an id, as a small integer."""
    return q(
        "CASE WHEN :x < 0 THEN (:x >> 56) + 128 WHEN :x < 4611686018427387904 THEN 0 "
        "ELSE 8 + ((:x - 4611686018427387904) >> 59) END",
        x=term_id,
    )


def hash_sql(kind: Kind, lexical: exp.Expr, ext: exp.Expr | None = None) -> exp.Expr:
    """Return SQL for the id of a dictionary term: `lexical`, and `ext` its language or datatype.

    DuckDB hashes a text in words of eight bytes, and differences at the ends of two neighbouring words cancel out:
    `…/C00014402/holiday/2026-06-08` and `…/C00014403/holiday/2026-07-08` have one hash. So the text is hashed
    together with itself moved on by a byte, where they do not.
    """
    known = isinstance(lexical, exp.Literal)  # hash(NULL) is a number, an unbound term must stay NULL
    if kind is Kind.IRI:
        hashed = q("CAST(hash(:x, '~' || :x) >> 2 AS BIGINT)", x=lexical)
        return hashed if known else q("CASE WHEN :x IS NOT NULL THEN :h END", x=lexical, h=hashed)
    key = lexical
    if ext is not None:
        key = q("(:x || :mark || :e)", x=lexical, mark=exp.Literal.string("@" if kind is Kind.LANG else "^^"), e=ext)
    offset = number(2**62 + (int(kind) - 8) * 2**59)
    hashed = q("CAST(hash(:x, '~' || :x) >> 5 AS BIGINT) + :offset", x=key, offset=offset)
    return hashed if known else q("CASE WHEN :x IS NOT NULL THEN :h END", x=lexical, h=hashed)


def inline_sql(kind: Kind, payload: exp.Expr) -> exp.Expr:
    """Return SQL for the id of an inline payload that is known to fit."""
    return q("CAST(:p AS BIGINT) + :base", p=payload, base=number(base(kind)))


def payload_sql(term_id: exp.Expr) -> exp.Expr:
    """Return SQL for the payload of an inline id (of any id something, without overflow)."""
    return q("(:x & 72057594037927935) - 36028797018963968", x=term_id)


def days_lexical(milliseconds: int) -> str:
    """Return the canonical xsd:dayTimeDuration of a span in milliseconds."""
    sign, rest = ("-" if milliseconds < 0 else ""), abs(milliseconds)
    days, rest = divmod(rest, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, fraction = divmod(rest, 1000)
    spoken = f"{seconds}.{fraction:03d}".rstrip("0") if fraction else str(seconds)
    time = "".join(
        (f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{spoken}S" if seconds or fraction else "")
    )
    if not days and not time:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


def months_lexical(months: int) -> str:
    """Return the canonical xsd:yearMonthDuration of a span in months."""
    years, rest = divmod(abs(months), 12)
    body = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return f"{'-' if months < 0 else ''}P{body or '0M'}"


def inline_payload(lexical: str, datatype: str) -> tuple[Kind, int] | None:
    """Return kind and payload of a literal that lives in its id; None when it belongs in the dictionary."""
    for kind, name in INLINE_TYPES.items():
        if str(name) == datatype:
            payload = _READERS[kind](lexical)
            return (kind, payload) if payload is not None and -PAYLOAD <= payload < PAYLOAD else None
    return None


def _integer(lexical: str) -> int | None:
    return int(lexical) if _INTEGER.fullmatch(lexical) else None


def _decimal(lexical: str) -> int | None:
    if not _DECIMAL.fullmatch(lexical) or lexical == "-0":
        return None
    whole, _, fraction = lexical.partition(".")
    return int(whole + fraction.ljust(5, "0"))


def _boolean(lexical: str) -> int | None:
    return {"true": 1, "false": 0}.get(lexical)


def _date(lexical: str) -> int | None:
    if not _DATE.fullmatch(lexical):
        return None
    try:
        return (date.fromisoformat(lexical) - _EPOCH).days
    except ValueError:
        return None


def _datetime(lexical: str) -> int | None:
    if not _DATETIME.fullmatch(lexical):
        return None
    try:
        moment = datetime.fromisoformat(lexical)
    except ValueError:
        return None
    span = moment - datetime(1970, 1, 1)  # noqa: DTZ001 (an xsd:dateTime without timezone)
    return span // timedelta(microseconds=1)


def _days(lexical: str) -> int | None:
    payload = _span_days(lexical)
    return payload if payload is not None and days_lexical(payload) == lexical else None


def _span_days(lexical: str) -> int | None:
    match = _DAYS.fullmatch(lexical)
    if not match or lexical.endswith(("P", "T")):
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups(default="")
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    payload = whole * 1000 + int(fraction.ljust(3, "0"))
    return -payload if sign else payload


def _months(lexical: str) -> int | None:
    payload = _span_months(lexical)
    return payload if payload is not None and months_lexical(payload) == lexical else None


def _span_months(lexical: str) -> int | None:
    if lexical == "P0D":  # how rdflib writes no months
        return 0
    match = _MONTHS.fullmatch(lexical)
    if not match or lexical.endswith("P"):
        return None
    sign, years, months = match.groups(default="")
    payload = int(years or 0) * 12 + int(months or 0)
    return -payload if sign else payload


def canonical_span(term: Literal) -> Literal:
    """Return a span of days or months in its canonical form (`P0D` is `PT0S`, `P18M` is `P1Y6M`), others as they are.

    Only canonical spans live in their ids, where rules can compare them (XML Schema 1.1 part 2, 3.4.26 and 3.4.27).
    """
    for kind, read, write in ((Kind.DAYS, _span_days, days_lexical), (Kind.MONTHS, _span_months, months_lexical)):
        if term.datatype == INLINE_TYPES[kind]:
            payload = read(str(term))
            return term if payload is None else Literal(write(payload), datatype=term.datatype, normalize=False)
    return term


_READERS: dict[Kind, Callable[[str], int | None]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.DAYS: _days,
    Kind.MONTHS: _months,
}


def stored_as(term: Term) -> tuple[Kind, int | None, str, str | None]:
    """Return kind, payload (inline only), lexical form and ext (language or datatype) of a term."""
    if isinstance(term, URIRef):
        return Kind.IRI, None, str(term), None
    if isinstance(term, BNode):
        return Kind.BNODE, None, str(term), None
    lexical = str(term)
    if term.language:
        return Kind.LANG, None, lexical, term.language.lower()
    datatype = str(term.datatype or XSD.string)
    if datatype == str(XSD.string):
        return Kind.STRING, None, lexical, None
    inline = inline_payload(lexical, datatype)
    if inline:
        return inline[0], inline[1], lexical, datatype
    if datatype in NUMERIC_TYPES and _DOUBLE.fullmatch(lexical):
        return Kind.NUMBER, None, lexical, datatype
    if datatype == str(XSD.dateTime) and _INSTANT.fullmatch(lexical):
        return Kind.INSTANT, None, lexical, datatype
    return Kind.OTHER, None, lexical, datatype


def term_of_id(term_id: int, lexical: str | None = None, ext: str | None = None) -> Term:
    """Return the RDF term of an id; lexical form and ext are the dictionary's, of one that is a hash."""
    kind = kind_of_id(term_id)
    if kind.inline:
        return Literal(_WRITERS[kind](term_id - base(kind)), datatype=INLINE_TYPES[kind], normalize=False)
    text = lexical or ""
    if kind is Kind.IRI:
        return URIRef(text)
    if kind is Kind.BNODE:
        return BNode(text)
    if kind is Kind.LANG:
        return Literal(text, lang=ext)
    if kind is Kind.STRING:
        return Literal(text)
    return Literal(text, datatype=URIRef(ext or str(XSD.string)), normalize=False)


def _decimal_lexical(scaled: int) -> str:
    whole, fraction = divmod(abs(scaled), DECIMAL_SCALE)
    tail = f".{fraction:05d}".rstrip("0") if fraction else ""
    return f"{'-' if scaled < 0 else ''}{whole}{tail}"


def _datetime_lexical(microseconds: int) -> str:
    moment = datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001
    return moment.isoformat().rstrip("0") if moment.microsecond else moment.isoformat()


_WRITERS: dict[Kind, Callable[[int], str]] = {
    Kind.INTEGER: str,
    Kind.DECIMAL: _decimal_lexical,
    Kind.BOOLEAN: lambda payload: "true" if payload else "false",
    Kind.DATE: lambda payload: (_EPOCH + timedelta(days=payload)).isoformat(),
    Kind.DATETIME: _datetime_lexical,
    Kind.DAYS: days_lexical,
    Kind.MONTHS: months_lexical,
}


def literal_parts(literal: Literal) -> tuple[type[Literal], tuple[object, ...]]:
    """Return what makes a literal again with the lexical form it has; rdflib would write some in another way."""
    return Literal, (str(literal), literal.language, literal.datatype, False)
