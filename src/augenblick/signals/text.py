"""Normalised text: one form for what banks write in a dozen ways, in SQL and in Python.

Two forms are matched. The *plain* form is upper case with umlauts written out (`Ü` → `UE`), other diacritics
stripped and runs of blanks as one. The *folded* form drops all blanks and writes `AE OE UE` as `A O U`: it
finds words that a 27-character sub-field cut in two, and umlauts that a bank wrote by the other convention.
Both conventions occur on German statements: the banking industry's own tables write `UE`, the European
Payments Council's best practice for SEPA (EPC217-08) writes `U`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from augenblick.model.pieces import PIECE_WIDTH

UMLAUTS = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS", "ß": "SS", "Æ": "AE", "Ø": "OE", "Œ": "OE", "Ł": "L"}
"""Letters written out; all other diacritics are stripped from their letter."""

FOLDS = (("AE", "A"), ("OE", "O"), ("UE", "U"))
"""Written-out umlauts and the bare letter that the folded form has in their place."""

SEPARATOR = " | "
"""What stands between counterparty, ultimate party and purpose in the text of a booking."""

SECOND_READING = "\N{INFORMATION SEPARATOR TWO}"
"""What parts a second reading of the same text from the first; a line feed in the text that is matched, so that no
`.` of a pattern leads from one into the other."""

LEADS = (
    "SEPA", "SVWZ", "VWZ", "GUTSCHRIFT", "LASTSCHRIFT", "BASISLASTSCHRIFT", "UEBERWEISUNG", "DAUERAUFTRAG",
    "ZAHLUNGSEINGANG", "VERWENDUNGSZWECK",
)  # fmt: skip
"""What banks write before a text of the payer's, now and then without a blank."""

TAG_NAMES = ("EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC", "PURP")
"""Sub-fields of a SEPA purpose: references, mandate, creditor identifier, purpose proper, deviating parties."""

# Cut sub-fields may split a tag; the colon form is ordinary prose unless it starts a word.
_GLUED = "|".join(" ?".join(name) for name in TAG_NAMES)
TAG = rf"(?:(?:{_GLUED}) ?\+|\b(?:{'|'.join(TAG_NAMES)}): )"
"""RE2 of a tag that opens a SEPA sub-field inside a purpose: `SVWZ+`, `S VWZ+`, `MREF: `."""

_DECOMPOSED = {bare + "\N{COMBINING DIAERESIS}": UMLAUTS[letter] for bare, letter in zip("AOU", "ÄÖÜ", strict=True)}
_CONTROLS = (9, 10, 12, 13)
_RUN_OF_BLANKS = r"[ \t\n\f\r][ \t\n\f\r]+|[\t\n\f\r]"


def plain(text: str) -> str:
    """Return the plain form of a text, as `with_plain_sql` computes it."""
    bare = text.upper() if text.isascii() else _without_diacritics(text)
    return re.sub(_RUN_OF_BLANKS, " ", bare).strip(" ")


def _without_diacritics(text: str) -> str:
    written = "".join(c if c in UMLAUTS else c.upper() for c in text.replace("\N{NO-BREAK SPACE}", " "))
    for letter, spelled in (*UMLAUTS.items(), *_DECOMPOSED.items()):
        written = written.replace(letter, spelled)
    return "".join(c for c in unicodedata.normalize("NFD", written) if not unicodedata.combining(c))


def folded(plain_text: str) -> str:
    """Return the folded form of a plain text, as `folded_sql` computes it."""
    result = plain_text.replace(" ", "")
    for written, bare in FOLDS:
        result = result.replace(written, bare)
    return result


def with_plain_sql(source: str, expression: str, column: str) -> str:
    """Return SQL for the rows of a subquery with the plain form of an expression as one more column.

    Most texts of a bank are ASCII without stray blanks, so each dear function runs only where it has work.
    """
    written = "replace(upper(raw_), chr(160), ' ')"
    for letter, spelled in (*UMLAUTS.items(), *_DECOMPOSED.items()):
        written = f"replace({written}, '{letter}', '{spelled}')"
    blanks = " OR ".join(f"contains(bare_, {blank})" for blank in ("'  '", *(f"chr({code})" for code in _CONTROLS)))
    return f"""
SELECT * EXCLUDE (raw_, written_, bare_, single_),
  CASE WHEN starts_with(single_, ' ') OR ends_with(single_, ' ') THEN trim(single_) ELSE single_ END AS {column}
FROM (SELECT *, CASE WHEN {blanks} THEN regexp_replace(bare_, '{_RUN_OF_BLANKS}', ' ', 'g') ELSE bare_ END AS single_
  FROM (SELECT *, CASE WHEN strlen(written_) = length(written_) THEN written_ ELSE strip_accents(written_) END AS bare_
    FROM (SELECT *, CASE WHEN strlen(raw_) = length(raw_) THEN upper(raw_) ELSE {written} END AS written_
      FROM (SELECT *, {expression} AS raw_ FROM ({source})))))"""


_CUT = f"(?:.{{{PIECE_WIDTH}}} )+.{{1,{PIECE_WIDTH}}}"

_NUMBERS_APART = (
    (rf"\b({'|'.join(LEADS)})([A-Z]{{5,}})", r"\1 \2"),
    (r"([A-Z]{4})([0-9])", r"\1 \2"),
    (r"([0-9])([A-Z]{4})", r"\1 \2"),
)
_REFERENCES_APART = ((r"([A-Z]{8,}?)([A-Z]{1,2}[0-9])", r"\1 \2"),)
_READINGS = (_NUMBERS_APART, _REFERENCES_APART)
"""Where a word stands without a blank beside what is none of it: a bank's lead or a number; a short reference.

Letters beside letters are left alone otherwise: in German they make another word (UNTERHALT, UNTERHALTUNG).
"""


def is_cut_sql(expression: str) -> str:
    """Return SQL that holds where a text is in pieces of `PIECE_WIDTH` characters with a blank after each."""
    return f"length({expression}) > {PIECE_WIDTH} AND regexp_full_match({expression}, '{_CUT}')"


def rejoined_sql(expression: str) -> str:
    """Return SQL for a text that is cut into pieces (`is_cut_sql`) in one piece again."""
    return f"regexp_replace({expression}, '(.{{{PIECE_WIDTH}}}) ', '\\1', 'g')"


def with_readings_sql(plain_expression: str) -> str:
    """Return SQL for a plain text, followed on new lines by readings with glued words apart where there are any."""
    readings = " || ".join([plain_expression, *(_reading_sql(plain_expression, glues) for glues in _READINGS)])
    return f"replace({readings}, '{SECOND_READING}', chr(10))"


def _reading_sql(expression: str, glues: Sequence[tuple[str, str]]) -> str:
    apart = expression
    for pattern, replacement in glues:
        apart = f"regexp_replace({apart}, '{pattern}', '{replacement}', 'g')"
    glued = "|".join(f"(?:{pattern})" for pattern, _ in glues)
    return f"CASE WHEN regexp_matches({expression}, '{glued}') THEN '{SECOND_READING}' || {apart} ELSE '' END"


def folded_sql(plain_expression: str) -> str:
    """Return SQL for the folded form of a column in plain form."""
    result = f"replace({plain_expression}, ' ', '')"
    for written, bare in FOLDS:
        result = f"replace({result}, '{written}', '{bare}')"
    return result
