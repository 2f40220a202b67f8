"""IBANs and creditor identifiers with right check digits over made-up bank codes and business parts.

Check digits: ISO 7064 mod 97-10, as ISO 13616 (IBAN) and the SEPA creditor identifier use it.
"""

from __future__ import annotations

import hashlib

_UNASSIGNED_BANK = 99_900_000  # no German bank code begins with 9


def _check(body: str) -> str:
    digits = "".join(str(int(sign, 36)) for sign in body + "DE00")
    return f"{98 - int(digits) % 97:02d}"


def german_iban(bank: int, account: int) -> str:
    """A German IBAN of bank number `bank` (0 to 99,999, none that exists) and account number `account`."""
    body = f"{_UNASSIGNED_BANK + bank:08d}{account:010d}"
    return f"DE{_check(body)}{body}"


def creditor_identifier(name: str) -> str:
    """The creditor identifier of a payee: always the same for the same name, business code ZZZ."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    national = f"{9_000_000_000 + digest % 999_999_999:011d}"
    return f"DE{_check(national)}ZZZ{national}"


def iban_of(name: str) -> str:
    """The IBAN of a payer or payee that is known by name: always the same for the same name."""
    digest = int.from_bytes(hashlib.sha256(b"iban " + name.encode()).digest()[:8], "big")
    return german_iban(digest % 99_000, digest // 99_000 % 9_999_999_999)


def is_valid(identifier: str) -> bool:
    """Whether the check digits of an IBAN or a creditor identifier are right."""
    creditor = len(identifier) == 18
    body = identifier[7:] if creditor else identifier[4:]
    digits = "".join(str(int(sign, 36)) for sign in body + identifier[:4])
    return int(digits) % 97 == 1
