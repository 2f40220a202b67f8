"""How a moment stands before the gate, and which of its two standings an access may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

import duckdb

from augenblick.model.tables import has_table
from augenblick.policy.access import Access, Decision
from augenblick.policy.gate import Gate
from augenblick.policy.model import THIRD_PARTY

_COLUMNS = (
    "moment_id, customer_id, strictness, others, mild_id, mild_strictness, mild_others, mild_confidence, mild_from, "
    "mild_to, mild_detected_on, mild_valid_until, mild_state, mild_indications"
)
_SOMEBODY = frozenset({""})
_WORD = """
UPDATE policy.moments SET mild_state = CASE WHEN $1 <> 'reopened' THEN $2
    WHEN mild_confidence >= $3 THEN 'confirmed' ELSE 'tentative' END
WHERE moment_id = $4 AND mild_id IS NOT NULL AND $1 <> 'outcome'
"""


class Guarded(Protocol):
    """What has a legal class (as its rank) and rests on other customers' data."""

    @property
    def strictness(self) -> int:
        """The rank of the legal class."""

    @property
    def others(self) -> AbstractSet[str]:
        """The other customers whose data it rests on."""


G = TypeVar("G", bound=Guarded)
M = TypeVar("M", bound=Guarded)


@dataclass(frozen=True, slots=True)
class Part:
    """A legal class, as its rank, and the other customers something rests on."""

    strictness: int
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Milder:
    """What a moment is by that part of its indications which carries it alone and is milder than the whole."""

    moment_id: str
    strictness: int
    others: frozenset[str]
    confidence: float
    occurred_from: date
    occurred_to: date
    detected_on: date
    valid_until: date
    state: str
    indications: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A moment's legal class (as its rank), the other customers it rests on, and its milder standing if it has one."""

    moment_id: str
    customer_id: str
    strictness: int
    others: frozenset[str]
    milder: Milder | None


@dataclass(frozen=True, slots=True)
class View:
    """What of a moment is shown: the whole, or only the milder standing."""

    standing: Standing
    milder: Milder | None
    decision: Decision


def standing_of(connection: duckdb.DuckDBPyConnection, moment_id: str) -> Standing | None:
    """Return the standing of a moment, by its IRI or that of its milder standing."""
    sql = f"SELECT {_COLUMNS} FROM policy.moments WHERE ? IN (moment_id, mild_id) ORDER BY moment_id <> ? LIMIT 1"
    row = connection.execute(sql, [moment_id, moment_id]).fetchone()
    return _standing(*row) if row else None


def standings_of(connection: duckdb.DuckDBPyConnection, customer: str) -> Iterator[Standing]:
    """Yield the standings of a customer's moments."""
    sql = f"SELECT {_COLUMNS} FROM policy.moments WHERE customer_id = ? ORDER BY moment_id"
    for row in connection.execute(sql, [customer]).fetchall():
        yield _standing(*row)


def note_word(
    connection: duckdb.DuckDBPyConnection, moment: str, action: str, state: str, *, confirmed_from: float
) -> None:
    """Bring the state of a moment's milder standing into step with what was said of the moment, if it has one.

    `state` is the moment's own now; one that is open again goes by its milder confidence.
    """
    if has_table(connection, "moments", schema="policy"):  # what was not published has no standings
        connection.execute(_WORD, [action, state, confirmed_from, moment])


def view(gate: Gate, access: Access, standing: Standing) -> View | None:
    """Return what the access may see of the moment; nothing where it is withheld."""
    found = seen(gate, access, standing.customer_id, standing, standing.milder)
    if found is None:
        return None
    part, decision = found
    return View(standing, None if part is standing else standing.milder, decision)


def seen(gate: Gate, access: Access, customer: str, whole: G, milder: M | None) -> tuple[G | M, Decision] | None:
    """Return which of a moment's two standings the access sees, and the decision; None where it is withheld.

    That a moment is there at all tells what its persons did: with somebody's secret in it, it is not redacted.
    """
    for part in (whole, milder):
        if part is not None:
            klass = gate.policy.legal_class(part.strictness)
            decision = gate.decide(access, customer, klass, part.others, betrays=True)
            if decision.shown:
                return part, decision
    return None


def face(guards: Sequence[tuple[Part | None, Part | None]], sees: Callable[[Part], bool]) -> int | None:
    """Return the place of that face of a moment which somebody sees, None where none.

    A face is guarded by its own standing and, being a milder one, by that of the whole: who sees the whole sees that.
    """
    for place, (own, whole) in enumerate(guards):
        if own is not None and sees(own) and not (whole is not None and sees(whole)):
            return place
    return None


def sees_both(gate: Gate, access: Access, customer: str, one: Guarded, other: Guarded) -> bool:
    """Whether the access sees what rests on two things: the stricter class, and the persons of both."""
    klass = gate.policy.legal_class(max(one.strictness, other.strictness))
    return gate.decide(access, customer, klass, one.others | other.others, betrays=True).shown


def sees_others(gate: Gate, access: Access, customer: str) -> bool:
    """Whether the access sees what rests on other persons' data even where they have not agreed."""
    return gate.decide(access, customer, THIRD_PARTY, _SOMEBODY, betrays=True).shown


def _standing(moment_id: str, customer: str, strictness: int, others: list[str], *mild: Any) -> Standing:
    milder = None
    if mild[0] is not None:
        mild_id, rank, mild_others, sure, first, last, detected_on, valid_until, state, indications = mild
        milder = Milder(
            moment_id=mild_id,
            strictness=rank,
            others=frozenset(mild_others),
            confidence=sure,
            occurred_from=first,
            occurred_to=last,
            detected_on=detected_on,
            valid_until=valid_until,
            state=state,
            indications=frozenset(indications),
        )
    return Standing(moment_id, customer, strictness, frozenset(others), milder)
