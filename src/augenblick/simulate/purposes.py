"""Purpose texts and codes of bookings in the styles of several banks, rendered column-wise."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from augenblick.simulate.bankdays import add_months, day_number, from_number
from augenblick.simulate.bookings import Bookings
from augenblick.simulate.dice import generator
from augenblick.simulate.ledger import Ledger
from augenblick.simulate.stock import stock
from augenblick.simulate.wording import DATE_TOKENS

_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
_SUBFIELD = 27
_OPTIONAL = ("gvc", "btc", "purpose_code", "mcc", "creditor_id", "mandate_id", "end_to_end_id", "ultimate_party")
_OPEN_MINUTES = 13 * 60
_FORMATS = {
    "MM": "%m", "YYYY": "%Y", "MMYY": "%m%y", "MM.YY": "%m.%y", "MM.YYYY": "%m.%Y", "MM/YYYY": "%m/%Y",
    "DD.MM": "%d.%m", "DD.MM.YYYY": "%d.%m.%Y", "DDMMYY": "%d%m%y", "ISO": "%Y-%m-%d",
}  # fmt: skip


def _dated(slot: str, number: int) -> str:
    day = from_number(number)
    if slot in _FORMATS:
        return day.strftime(_FORMATS[slot])
    if slot == "MONTH":
        return _MONTHS[day.month - 1]
    if slot == "DAYBEFORE":
        return f"{add_months(day, 12) - timedelta(days=1):%d.%m.%Y}"
    last = add_months(day.replace(day=1), 1 if slot == "SPAN" else 12) - timedelta(days=1)
    return f"{day.replace(day=1):%d.%m.%Y}-{last:%d.%m.%Y}"


@cache
def _vocabulary(low: int, high: int) -> tuple[pa.Array, dict[str, int], dict[str, int]]:
    """Every value a token can take; where each token's values begin; how many a random token has."""
    values, begins = [""], {"": 0}
    for slot in DATE_TOKENS:
        begins[slot] = len(values)
        values.extend(_dated(slot, number) for number in range(low, high + 1))
    sizes = {"TIME": _OPEN_MINUTES, "NNNN": 9000, "NNNNNN": 9000}
    begins["TIME"] = len(values)
    values.extend(f"{8 + n // 60:02d}:{n % 60:02d}" for n in range(_OPEN_MINUTES))
    for slot, factor in (("NNNN", 1), ("NNNNNN", 97)):
        begins[slot] = len(values)
        values.extend(f"{(1000 + n) * factor:0{len(slot)}d}" for n in range(9000))
    return pa.array(values), begins, sizes


def _take(values: list[str], rows: pa.Array) -> pa.Array:
    return pa.array(values, pa.string()).take(rows)


def purposes(ledger: Ledger, booked: Bookings, rows: pa.Array) -> pa.Array:
    """The wording of each booking, its tokens filled."""
    random = generator(ledger.seed, ledger.chunk, 2)
    low, high = day_number(ledger.window.start), day_number(ledger.window.end)
    values, begins, sizes = _vocabulary(low, high)
    said = np.where(booked.payment >= 0, booked.day, booked.value_day)
    parts = []
    for slot in range(3):
        parts.append(_take([line.pieces[slot] for line in ledger.lines], rows))
        tokens = [line.tokens[slot] for line in ledger.lines]
        begin = np.array([begins[token] for token in tokens], dtype=np.int64)[booked.line]
        size = np.array([sizes.get(token, 0) for token in tokens], dtype=np.int64)[booked.line]
        dated = np.array([token in DATE_TOKENS for token in tokens], dtype=np.bool_)[booked.line]
        offset = np.where(dated, np.maximum(said, low) - low, (random.random(len(booked)) * size).astype(np.int64))
        parts.append(values.take(pa.array(begin + offset)))
    parts.append(_take([line.pieces[3] for line in ledger.lines], rows))
    return pc.binary_join_element_wise(*parts, "")


def _references(mandates: pa.Array, booked: Bookings) -> pa.Array:
    """End-to-end references, which only direct debits carry: mandate and day."""
    day = pa.array(booked.day.astype(np.int32)).cast(pa.date32()).cast(pa.string())
    return pc.if_else(pc.equal(mandates, ""), "", pc.binary_join_element_wise(mandates, day, "-"))


def _nullable(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _prefixed(tag: str, column: pa.Array, gap: str) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), "", pc.binary_join_element_wise(tag, column, gap, ""))


_LETTERS = {
    "double": (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss")),
    "bare": (("ä", "a"), ("ö", "o"), ("ü", "u"), ("Ä", "A"), ("Ö", "O"), ("Ü", "U"), ("ß", "ss")),
    "capitals": (("Ä", "AE"), ("Ö", "OE"), ("Ü", "UE"), ("ß", "SS"), ("ẞ", "SS")),
}


def _lettered(column: pa.Array, letters: str) -> pa.Array:
    if letters == "capitals":
        column = pc.utf8_upper(column)
    for sign, plain in _LETTERS.get(letters, ()):
        column = pc.replace_substring(column, sign, plain)
    return column


def _tagged(columns: dict[str, pa.Array], gap: str) -> pa.Array:
    """SEPA sub-fields in front of the text, the ultimate party behind it."""
    text = pc.binary_join_element_wise("SVWZ+", columns["purpose"], "")
    fields = (("EREF+", "end_to_end_id"), ("MREF+", "mandate_id"), ("CRED+", "creditor_id"))
    head = [_prefixed(tag, columns[name], gap) for tag, name in fields]
    return pc.utf8_rtrim_whitespace(pc.binary_join_element_wise(*head, text, _tail(columns, gap), ""))


def _tail(columns: dict[str, pa.Array], gap: str) -> pa.Array:
    party = columns["ultimate_party"]
    return pc.if_else(pc.equal(party, ""), "", pc.binary_join_element_wise(f"{gap}ABWA+", party, ""))


def _cut(column: pa.Array) -> pa.Array:
    """Sub-fields of 27 characters, joined with a blank wherever they were cut."""
    return pc.utf8_rtrim_whitespace(pc.replace_substring_regex(column, f"(.{{{_SUBFIELD}}})", r"\1 "))


def texts_and_codes(ledger: Ledger, booked: Bookings) -> dict[str, pa.Array]:
    """The text and code columns of the contract's `transactions`, as the account's style writes them."""
    rows = pa.array(booked.line)
    names = (
        "counterparty_name",
        "counterparty_iban",
        "creditor_id",
        "mandate_id",
        "ultimate_party",
        "gvc",
        "btc",
        "purpose_code",
        "mcc",
    )
    columns = {name: _take([getattr(line, name) for line in ledger.lines], rows) for name in names}
    columns["purpose"] = purposes(ledger, booked, rows)
    columns["end_to_end_id"] = _references(columns["mandate_id"], booked)
    _mark_returns(booked, columns)
    style = np.array(ledger.styles)[booked.account]
    columns = _styled(columns, style)
    return {name: _nullable(column) for name, column in columns.items()}


def _mark_returns(booked: Bookings, columns: dict[str, pa.Array]) -> None:
    """Returned direct debits and recalled credits carry their own codes and say so."""
    returned = pa.array(booked.reverses >= 0)
    credit = pa.array((booked.reverses >= 0) & (booked.cents > 0))
    said = pc.binary_join_element_wise("Rückgabe/Retoure ", columns["purpose"], "")
    columns["purpose"] = pc.if_else(returned, said, columns["purpose"])
    columns["gvc"] = pc.if_else(returned, pc.if_else(credit, "109", "159"), columns["gvc"])
    columns["btc"] = pc.if_else(returned, pc.if_else(credit, "PMNT-IDDT-UPDD", "PMNT-RCDT-RRTN"), columns["btc"])
    columns["purpose_code"] = pc.if_else(returned, "", columns["purpose_code"])


def _styled(columns: dict[str, pa.Array], style: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
    """The columns after each style has done what it does to its rows."""
    written: dict[str, list[pa.Array]] = {name: [] for name in columns}
    places = []
    for number, bank in enumerate(stock("banks").values()):
        rows = np.flatnonzero(style == number)
        places.append(rows)
        part = _write({name: column.take(pa.array(rows)) for name, column in columns.items()}, bank)
        for name, column in part.items():
            written[name].append(column)
    back = pa.array(np.argsort(np.concatenate(places), kind="stable"))
    return {name: pa.concat_arrays(parts).take(back) for name, parts in written.items()}


def _write(columns: dict[str, pa.Array], bank: dict[str, Any]) -> dict[str, pa.Array]:
    """Some bookings as a bank of `banks.yaml` writes them."""
    if bank["text"] != "clean":
        columns["purpose"] = _tagged(columns, " " if bank["text"] == "tagged" else "")
    if bank["text"] == "cut":
        columns["purpose"] = _cut(columns["purpose"])
    for name in ("purpose", "counterparty_name", "ultimate_party"):
        columns[name] = _lettered(columns[name], bank["letters"])
    if bank["letters"] == "capitals":
        columns["counterparty_name"] = pc.utf8_slice_codeunits(columns["counterparty_name"], 0, 2 * _SUBFIELD)
    for name in _OPTIONAL:
        if name not in bank["sends"]:
            columns[name] = _blank(columns[name])
    return columns


def _blank(column: pa.Array) -> Any:
    return pa.repeat(pa.scalar("", pa.string()), len(column))
