"""Expressions worked out in Python for one binding after the other; what is not plain is left to the tables.

Functions of SPARQL 1.1 section 17 on IRIs, strings without language, numbers, dates and durations, as far as they are
those of the compiled rules (`functions`) bit for bit; anything else raises `TooWide`: then the tables are asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from rdflib import RDF, XSD, URIRef, Variable

from augenblick.reason.calculator import (
    _SIGNS,
    FALSE,
    TRUE,
    Calculator,
    Row,
    _comparable,
    _difference,
    _Failed,
    _NotPlain,
    _opposite,
    _packed,
    _payload,
    _same,
)
from augenblick.reason.ir import Aggregate, Call, Expression, Group, Ref, expression_variables
from augenblick.reason.live import TooWide
from augenblick.reason.terms import (
    DECIMAL_SCALE,
    INLINE_TYPES,
    PAYLOAD,
    Kind,
    Term,
    inline_payload,
    kind_of_id,
    term_of_id,
)
from augenblick.reason.terms import base as base_of

if TYPE_CHECKING:
    from augenblick.reason.factbase import FactBase
    from augenblick.reason.memory_terms import MemoryDictionary

_STRANGE = re.compile(r"\\[0-9A-Za-z]|\(\?|\[\[|\[:|\$(?!$)")
"""What in a regular expression may mean something else to Python than to RE2."""
_CANONICAL = re.compile(r"[+-]?[0-9]+(\.[0-9]{0,5}0*)?")
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)
_AGGREGATES = ("Count", "Sum")


class _Results:
    """What a function's arguments, of one place in a rule, gave by the values of their variables."""

    def __init__(self, args: Sequence[Expression]) -> None:
        self.args = args  # kept, so that no others come to have their id
        named = frozenset().union(*map(expression_variables, args))
        self.variables: tuple[Variable, ...] = tuple(sorted(named))
        self.values: dict[tuple[int | None, ...], int] = {}


class PlainCalculator(Calculator):
    """Evaluates expressions and aggregates on bindings of a fact base in memory."""

    def __init__(self, facts: FactBase) -> None:
        super().__init__(facts)
        self._results: dict[tuple[str, int], _Results] = {}
        self._asked: dict[int, tuple[Expression, tuple[Variable, ...]]] = {}
        self._verdicts: dict[tuple[int, tuple[Variable, ...]], dict[tuple[int | None, ...], bool]] = {}

    @property
    def _dictionary(self) -> MemoryDictionary:
        return self._facts.dictionary  # type: ignore[return-value]

    # -- terms ---------------------------------------------------------------------------------------------------

    def text(self, term: int) -> tuple[str, str | None]:
        """Return lexical form and language or datatype of a term that is kept as text."""
        return self._dictionary.texts[term]

    def _borrowed(self, *_: object, **__: object) -> list[Row]:
        raise TooWide  # the ids of the tables' terms are others

    def iris(self, texts: Sequence[str]) -> list[int]:
        """Return the ids of IRIs."""
        return [self._dictionary.text_id(Kind.IRI, text) for text in texts]

    # -- conditions ----------------------------------------------------------------------------------------------

    def kept(self, rows: list[Row], condition: Expression, seen: frozenset[Variable]) -> list[Row]:
        """Return the rows for which a condition is true; it is judged once for what its variables stand for."""
        asked = self._asked.get(id(condition))  # the condition is kept, so that no other comes to have its id
        if asked is None:
            asked = self._asked[id(condition)] = condition, tuple(expression_variables(condition))
        named = tuple([variable for variable in asked[1] if variable in seen])
        known = self._verdicts.setdefault((id(condition), named), {})
        found = []
        for row in rows:
            key = tuple([row.get(variable) for variable in named])
            verdict = known.get(key)
            if verdict is None:
                verdict = known[key] = self._judged(condition, dict(zip(named, key, strict=True)))
            if verdict:
                found.append(row)
        return found

    def _judged(self, condition: Expression, given: dict[Variable, int | None]) -> bool:
        try:
            return self._true(condition, {v: term for v, term in given.items() if term is not None})
        except _NotPlain:
            raise TooWide from None

    # -- aggregates ----------------------------------------------------------------------------------------------

    def grouped(self, rows: list[Row], node: Group) -> list[Row]:
        """Return one row per group with its keys and aggregates."""
        if any(a.function not in _AGGREGATES or not isinstance(a.argument, Ref | None) for a in node.aggregates):
            raise TooWide
        groups: dict[tuple[int | None, ...], list[Row]] = {} if node.keys else {(): []}
        for row in rows:
            groups.setdefault(tuple(row.get(key) for key in node.keys), []).append(row)
        found = []
        for values, members in groups.items():
            made = {k: v for k, v in zip(node.keys, values, strict=True) if v is not None}
            for aggregate in node.aggregates:
                made[aggregate.variable] = self._aggregated(aggregate, members)
            found.append(made)
        return found

    def _aggregated(self, aggregate: Aggregate, members: list[Row]) -> int:
        if aggregate.function == "Count":
            return base_of(Kind.INTEGER) + _count(members, aggregate.argument, aggregate)
        try:
            return self._sum(aggregate, members)
        except (_NotPlain, _Failed):  # what is no number or not bound makes the sum an error
            raise TooWide from None

    def _sum(self, aggregate: Aggregate, members: list[Row]) -> int:
        """Return the sum of integers, or of decimals; of nothing it is the integer 0."""
        values = [self._value(aggregate.argument or Ref(aggregate.variable), row) for row in members]
        kinds = {kind_of_id(value) for value in values}
        if len(kinds) > 1 or not kinds <= set(_NUMBERS):
            raise _NotPlain
        payloads = [_payload(value)[1] for value in (set(values) if aggregate.distinct else values)]
        return _packed(kinds.pop() if kinds else Kind.INTEGER, sum(payloads))

    # -- expressions ---------------------------------------------------------------------------------------------

    def _string(self, expression: Expression, row: Row) -> str:
        term = self._term(expression, row)
        if kind_of_id(term) is not Kind.STRING:
            raise _NotPlain
        return self.text(term)[0]

    def _text_made(self, text: str) -> int:
        return self._dictionary.text_id(Kind.STRING, text)

    def _constant(self, term: Term) -> int:
        return self._dictionary.id(term)

    def _called(self, name: str, args: Sequence[Expression], row: Row) -> int:
        known = _VALUES.get(name)
        if known is not None:
            return self._remembered(name, known, args, row) if name in _DEAR else known(self, args, row)
        return TRUE if self._truth(Call(name, tuple(args)), row) else FALSE

    def _remembered(self, name: str, made: _Made, args: Sequence[Expression], row: Row) -> int:
        """Return a value that is made of texts, worked out once for what its variables stand for."""
        found = self._results.get((name, id(args)))
        if found is None:
            found = self._results[name, id(args)] = _Results(args)
        key = tuple([row.get(variable) for variable in found.variables])
        if key not in found.values:
            found.values[key] = made(self, args, row)
        return found.values[key]

    def forget(self) -> None:
        """Let go of all values worked out: the ids of made terms are about to be given up."""
        self._results.clear()
        self._asked.clear()
        self._verdicts.clear()

    def _replaced(self, args: Sequence[Expression], row: Row) -> str:
        if len(args) != 3:
            raise _NotPlain
        text, pattern, by = (self._string(arg, row) for arg in args)
        if "\\" in by or re.search("[$](?![0-9])", by):
            raise _NotPlain
        return _compiled(pattern).sub(re.sub("[$]([0-9])", r"\\g<\1>", by), text)

    def _hashed(self, args: Sequence[Expression], row: Row) -> str:
        return hashlib.md5(self._string(args[0], row).encode(), usedforsecurity=False).hexdigest()

    def _iri(self, args: Sequence[Expression], row: Row) -> int:
        return self._dictionary.text_id(Kind.IRI, self._written(self._term(args[0], row)))

    def _written(self, term: int) -> str:
        kind = kind_of_id(term)
        if kind.inline:
            return str(term_of_id(term))
        if kind is Kind.BNODE:
            raise _Failed
        return self.text(term)[0]

    def _value(self, expression: Expression, row: Row) -> int:
        """Return the id of a value; a decimal that is written otherwise than its canonical form as that."""
        term = self._term(expression, row)
        if kind_of_id(term) is not Kind.NUMBER:
            return term
        lexical, datatype = self.text(term)
        found = _CANONICAL.fullmatch(lexical) if datatype == str(XSD.decimal) else None
        if found is None:
            raise _NotPlain
        return _packed(Kind.DECIMAL, int(Decimal(lexical) * DECIMAL_SCALE))

    def _whole(self, expression: Expression, row: Row) -> int:
        kind, value = _payload(self._term(expression, row))
        if kind is not Kind.INTEGER:
            raise _NotPlain
        return value

    def _day(self, term: int) -> int:
        if kind_of_id(term) is Kind.DATE:
            return term
        if kind_of_id(term) is not Kind.STRING:
            raise _NotPlain
        found = inline_payload(self.text(term)[0], str(XSD.date))
        if found is None:
            raise _NotPlain
        return base_of(Kind.DATE) + found[1]

    def _datatype(self, term: int) -> int:
        kind = kind_of_id(term)
        if kind in (Kind.IRI, Kind.BNODE):
            raise _Failed
        if kind.inline:
            return self._dictionary.id(INLINE_TYPES[kind])
        named = {Kind.STRING: XSD.string, Kind.LANG: RDF.langString}.get(kind)
        return self._dictionary.id(named if named is not None else URIRef(self.text(term)[1] or ""))

    def _first(self, args: Sequence[Expression], row: Row) -> int:
        for arg in args:
            try:
                return self._term(arg, row)
            except _Failed:
                continue
        raise _Failed

    def _made_iri(self, expression: Expression, row: Row) -> int | str:
        return self._term(expression, row)

    def _truth(self, condition: Expression, row: Row) -> bool:
        if not isinstance(condition, Call):
            return self._effective(self._term(condition, row))
        known = _TRUTHS.get(condition.name)
        if known is not None:
            return known(self, condition.args, row)
        if condition.name not in _VALUES:
            raise _NotPlain
        return self._effective(self._called(condition.name, condition.args, row))

    def _found(self, args: Sequence[Expression], row: Row) -> bool:
        text, pattern, *flags = (self._string(arg, row) for arg in args)
        return _compiled(pattern, *flags).search(text) is not None

    def _kind(self, args: Sequence[Expression], row: Row) -> Kind:
        return kind_of_id(self._term(args[0], row))

    def _same_value(self, args: Sequence[Expression], row: Row) -> bool:
        return _equal(self._value(args[0], row), self._value(args[1], row))

    def _bound(self, args: Sequence[Expression], row: Row) -> bool:
        return isinstance(args[0], Ref) and args[0].variable in row

    def _compared(self, sign: str, args: Sequence[Expression], row: Row) -> bool:
        if any(isinstance(arg, Call) and arg.name in ("+", "*") for arg in args):
            one, other = (self._amount(arg, row) for arg in args)
            return _SIGNS[sign](one, other)  # type: ignore[arg-type]  # exact, and never kept as a term
        return self._ordered(sign, *self._pair(args, row))

    def _amount(self, expression: Expression, row: Row) -> Decimal:
        """Return a number that is reckoned from others, however many digits it has."""
        match expression:
            case Call("+", (left, right)):
                return self._amount(left, row) + self._amount(right, row)
            case Call("-", (left, right)):
                return self._amount(left, row) - self._amount(right, row)
            case Call("*", (left, right)):
                return self._amount(left, row) * self._amount(right, row)
        kind, value = _payload(self._value(expression, row))
        if kind not in _NUMBERS:
            raise _NotPlain
        return Decimal(value) if kind is Kind.INTEGER else Decimal(value) / DECIMAL_SCALE

    def _pair(self, args: Sequence[Expression], row: Row) -> tuple[int, int]:
        return self._value(args[0], row), self._value(args[1], row)

    def _ordered(self, sign: str, left: int, right: int) -> bool:
        if kind_of_id(left) is Kind.STRING and kind_of_id(right) is Kind.STRING:
            a, b = self.text(left)[0].encode(), self.text(right)[0].encode()
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]
        return _SIGNS[sign](*_comparable(left, right))

    def _one_of(self, args: Sequence[Expression], row: Row) -> bool:
        sought = self._term(args[0], row)
        return any(_equal(sought, self._term(item, row)) for item in args[1:])

    @staticmethod
    def _effective(term: int) -> bool:
        if kind_of_id(term) is not Kind.BOOLEAN:
            raise _NotPlain
        return term == TRUE


_Args = Sequence[Expression]
_Made = Callable[["PlainCalculator", Sequence[Expression], Row], int]
_DEAR = frozenset(("IRI", "URI", "MD5", "CONCAT", "REPLACE", "LCASE", "UCASE"))
"""Functions whose values are worth being kept."""
_C = PlainCalculator
TEXTS: dict[str, Callable[[PlainCalculator, _Args, Row], str]] = {
    "STR": lambda c, a, r: c._written(c._term(a[0], r)),
    "MD5": _C._hashed,
    "CONCAT": lambda c, a, r: "".join([c._string(arg, r) for arg in a]),
    "LCASE": lambda c, a, r: _lower(c._string(a[0], r)),
    "UCASE": lambda c, a, r: _upper(c._string(a[0], r)),
    "REPLACE": _C._replaced,
    "SUBSTR": lambda c, a, r: _part(c._string(a[0], r), *(c._whole(arg, r) for arg in a[1:])),
}
"""Functions whose values are texts."""


def _kept_as_term(text: Callable[[PlainCalculator, _Args, Row], str]) -> Callable[[PlainCalculator, _Args, Row], int]:
    return lambda c, a, r: c._text_made(text(c, a, r))


_VALUES: dict[str, Callable[[PlainCalculator, _Args, Row], int]] = {
    **{name: _kept_as_term(text) for name, text in TEXTS.items()},
    "STRLEN": lambda c, a, r: base_of(Kind.INTEGER) + len(c._string(a[0], r)),
    "IRI": _C._iri,
    "URI": _C._iri,
    "DATATYPE": lambda c, a, r: c._datatype(c._term(a[0], r)),
    "-": lambda c, a, r: _minus(*c._pair(a, r)),
    "+": lambda c, a, r: _reckoned("+", *c._pair(a, r)),
    "*": lambda c, a, r: _reckoned("*", *c._pair(a, r)),
    "NEG": lambda c, a, r: _opposite(c._value(a[0], r)),
    "ABS": lambda c, a, r: _absolute(c._value(a[0], r)),
    "FLOOR": lambda c, a, r: _floor(c._value(a[0], r)),
    "xsd:date": lambda c, a, r: c._day(c._term(a[0], r)),
    "COALESCE": _C._first,
}
_TRUTHS: dict[str, Callable[[PlainCalculator, _Args, Row], bool]] = {
    "&&": lambda c, a, r: c._connected(a, r, decisive=False),
    "||": lambda c, a, r: c._connected(a, r, decisive=True),
    "!": lambda c, a, r: not c._truth(a[0], r),
    "BOUND": _C._bound,
    "=": _C._same_value,
    "!=": lambda c, a, r: not c._same_value(a, r),
    "<": lambda c, a, r: c._compared("<", a, r),
    "<=": lambda c, a, r: c._compared("<=", a, r),
    ">": lambda c, a, r: c._compared(">", a, r),
    ">=": lambda c, a, r: c._compared(">=", a, r),
    "SAMETERM": lambda c, a, r: c._term(a[0], r) == c._term(a[1], r),
    "IN": _C._one_of,
    "ISLITERAL": lambda c, a, r: c._kind(a, r) not in (Kind.IRI, Kind.BNODE),
    "ISIRI": lambda c, a, r: c._kind(a, r) is Kind.IRI,
    "ISURI": lambda c, a, r: c._kind(a, r) is Kind.IRI,
    "ISBLANK": lambda c, a, r: c._kind(a, r) is Kind.BNODE,
    "ISNUMERIC": lambda c, a, r: kind_of_id(c._value(a[0], r)) in _NUMBERS,
    "CONTAINS": lambda c, a, r: c._string(a[1], r) in c._string(a[0], r),
    "STRSTARTS": lambda c, a, r: c._string(a[0], r).startswith(c._string(a[1], r)),
    "STRENDS": lambda c, a, r: c._string(a[0], r).endswith(c._string(a[1], r)),
    "REGEX": _C._found,
}


def _count(rows: list[Row], argument: Expression | None, aggregate: object) -> int:
    if not isinstance(argument, Ref):
        values: list[object] = [tuple(sorted(row.items())) for row in rows]
    else:
        values = [row[argument.variable] for row in rows if argument.variable in row]
    return len(set(values)) if getattr(aggregate, "distinct", False) else len(values)


def _equal(left: int, right: int) -> bool:
    if left == right and kind_of_id(left) in (Kind.IRI, Kind.BNODE, Kind.STRING, Kind.DATE):
        return True
    resources = sum(kind_of_id(side) in (Kind.IRI, Kind.BNODE) for side in (left, right))
    return False if resources == 1 else _same(left, right)


def _minus(left: int, right: int) -> int:
    (one, a), (other, b) = _payload(left), _payload(right)
    if one is Kind.INTEGER and other is Kind.INTEGER:
        return _packed(Kind.INTEGER, a - b)
    return _difference(left, right)


def _reckoned(sign: str, left: int, right: int) -> int:
    (one, a), (other, b) = _payload(left), _payload(right)
    if one is Kind.INTEGER and other is Kind.INTEGER:
        return _packed(Kind.INTEGER, a + b if sign == "+" else a * b)
    if sign == "+" and one is Kind.DECIMAL and other is Kind.DECIMAL:
        return _packed(Kind.DECIMAL, a + b)
    if sign == "*" and {one, other} <= set(_NUMBERS):
        return _product(a, b, 2 if one is other else 1)
    raise _NotPlain


def _product(a: int, b: int, decimals: int) -> int:
    value, rest = (a * b, 0) if decimals == 1 else divmod(a * b, DECIMAL_SCALE)
    if rest or not -PAYLOAD <= value < PAYLOAD:
        raise _NotPlain
    return base_of(Kind.DECIMAL) + value


def _absolute(term: int) -> int:
    kind, value = _payload(term)
    if kind not in _NUMBERS:
        raise _NotPlain
    return _packed(kind, abs(value))


def _floor(term: int) -> int:
    kind, value = _payload(term)
    if kind is Kind.INTEGER:
        return term
    if kind is not Kind.DECIMAL:
        raise _NotPlain
    return _packed(kind, value // DECIMAL_SCALE * DECIMAL_SCALE)


def _lower(text: str) -> str:
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


def _upper(text: str) -> str:
    return "".join(high if len(high := sign.upper()) == 1 else sign for sign in text)


@lru_cache(maxsize=500)
def _compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    if not pattern or _STRANGE.search(pattern) or flags not in ("", "i"):
        raise _NotPlain
    whole = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    return re.compile(whole, re.IGNORECASE if flags else 0)


def _part(text: str, start: int, length: int | None = None) -> str:
    if start < 1 or (length is not None and length < 0):
        raise _NotPlain
    return text[start - 1 :] if length is None else text[start - 1 : start - 1 + length]
