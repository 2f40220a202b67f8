"""To which accesses things of one standing are open, and what the compartment of those is called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from augenblick.policy.access import Access
from augenblick.policy.consents import Consents, Statement
from augenblick.policy.gate import Gate
from augenblick.policy.model import ORDINARY, Policy

_SELF, _OTHER = "self", "other"
_LONG_AGO = date(1, 1, 1)
_Standing = tuple[tuple[str, ...], tuple[str, ...], int, tuple[str, ...] | None]


class Openings:
    """To which accesses things of one standing are open, by asking the gate for each distinct standing once."""

    def __init__(self, policy: Policy, at: date) -> None:
        self._policy = policy
        self._at = at
        self._accesses = sorted({(role, purpose) for (role, purpose, _), rule in policy.rules.items() if rule.permits})
        self._known: dict[_Standing, tuple[str, ...]] = {}
        self._default = self.shown([], [], 0, None)
        self.named: dict[str, tuple[str, ...]] = {"": self._default}

    def of(
        self, given: list[str], objected: list[str], strictness: int, released: list[str] | None
    ) -> tuple[str, list[str]]:
        """Return the compartment's name and its accesses."""
        return self.name(strictness, self.shown(given, objected, strictness, released))

    def name(self, strictness: int, accesses: tuple[str, ...]) -> tuple[str, list[str]]:
        """Return the name of the compartment of a class that is open to these, a new one noted."""
        klass = self._policy.legal_class(strictness)
        plain = klass == ORDINARY and accesses == self._default
        name = "" if plain else f"/{klass}/{hashlib.sha256(' '.join(accesses).encode()).hexdigest()[:8]}"
        self.named[name] = accesses
        return name, list(accesses)

    def shown(
        self, given: Iterable[str], objected: Iterable[str], strictness: int, released: Iterable[str] | None
    ) -> tuple[str, ...]:
        """Return the accesses, as role/purpose, to which a thing of this standing is open."""
        standing = (tuple(given), tuple(objected), strictness, None if released is None else tuple(released))
        if standing not in self._known:
            self._known[standing] = self._decided(*standing)
        return self._known[standing]

    def _decided(
        self, given: tuple[str, ...], objected: tuple[str, ...], strictness: int, released: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        said = [(_SELF, code, Statement(None, True, _LONG_AGO)) for code in given]
        said += [(_SELF, code, Statement(None, False, _LONG_AGO)) for code in objected if code not in set(given)]
        said += [(_OTHER, code, Statement(None, True, _LONG_AGO)) for code in released or ()]
        gate = Gate(self._policy, Consents(said))
        others = frozenset({_OTHER}) if released is not None else frozenset()
        klass = self._policy.legal_class(strictness)
        return tuple(
            f"{role}/{purpose}"
            for role, purpose in self._accesses
            if gate.decide(
                Access(role=role, purpose=purpose, actor_id="", at=self._at), _SELF, klass, others, betrays=True
            ).shown
        )
