"""The policy as frozen data, as the ontology states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from augenblick.content.model import Words

ORDINARY = "Ordinary"
THIRD_PARTY = "ThirdParty"

Cell = tuple[str, str, str]
"""Role code, purpose code, legal class (its name in the ontology)."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who asks: the doors open to the role, and below how many customers no group is shown (0: single ones may be)."""

    code: str
    label: Words
    doors: frozenset[str]
    smallest_group: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to address a customer; some need consent of their own before advertising."""

    code: str
    label: Words
    own_consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One permission or prohibition. Consents and objections are codes of purposes or kinds of consent.

    All of `consents` must have been given, and one of `one_consent` where there are any.
    """

    name: str
    label: Words
    permits: bool
    reason: Words
    source: str
    consents: frozenset[str] = frozenset()
    one_consent: frozenset[str] = frozenset()
    consents_of_others: frozenset[str] = frozenset()
    unless_objected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the gate decides by. A cell without a rule is forbidden.

    `strictness` ranks legal classes (the greater protects more), `consent_kinds` are the consents that are no
    purposes.
    """

    roles: Mapping[str, Role]
    purposes: Mapping[str, Words]
    channels: Mapping[str, Channel]
    consent_kinds: Mapping[str, Words]
    strictness: Mapping[str, int]
    rules: Mapping[Cell, Rule]

    def legal_class(self, strictness: int) -> str:
        """Return the legal class of a rank; raises `StopIteration` for a rank that is no class's."""
        return next(name for name, rank in self.strictness.items() if rank == strictness)
