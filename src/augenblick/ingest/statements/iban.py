"""IBANs and creditor identifiers: told from other numbers by their check digits (ISO 7064 mod 97-10)."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_CREDITOR = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{1,28}", re.ASCII)


def iban(text: str | None) -> str | None:
    """The IBAN without blanks if `text` is one with the shape of an IBAN, else None.

    Check digits are not asked for: banks anonymise samples, and a wrong digit still names the same account.
    """
    if not text:
        return None
    compact = text.replace(" ", "").upper()
    return compact if _IBAN.fullmatch(compact) else None


def is_valid_iban(text: str) -> bool:
    """Whether shape and check digits are those of an IBAN."""
    return bool(_IBAN.fullmatch(text)) and _remainder(text[4:] + text[:4]) == 1


def is_creditor_id(text: str) -> bool:
    """Whether `text` is a SEPA creditor identifier; its check digits leave the business code out."""
    return bool(_CREDITOR.fullmatch(text)) and _remainder(text[7:] + text[:4]) == 1


def _remainder(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97
