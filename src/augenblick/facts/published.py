"""Which evidence is published: what shows something, down to its booking."""

from __future__ import annotations

from augenblick.model.terms import AUG, RDF
from augenblick.reason import FactBase
from augenblick.reason.ir import RelationKey

_WITH = ("firstOccurrence", "lastOccurrence", "atOccurrence")


def left_out_sql(facts: FactBase) -> str:
    """Return SQL for the ids of occurrences and bookings that no indication rests on.

    An indication rests on an occurrence, or on a series or step, whose occurrences then show it. The others are
    told by their series (payer, rhythm, level, first, last) and their steps; they stay in the fact base for the
    rules and are most of the evidence, so a published graph with all of them would cost half as much again.
    """
    rests = f"SELECT o AS id FROM {_rows(facts, 'restsOn')} r SEMI JOIN {_members(facts, 'Indication')} i ON i.s = r.s"
    shown = [
        "SELECT id FROM rested",
        *(f"SELECT o FROM {_rows(facts, link)} l SEMI JOIN rested ON rested.id = l.s" for link in _WITH),
    ]
    bookings = f"SELECT o FROM {_rows(facts, 'booking')} b SEMI JOIN shown ON shown.id = b.s"
    return (
        f"WITH rested AS ({rests}), shown AS ({' UNION '.join(shown)}) "
        f"SELECT s AS id FROM (SELECT s FROM {_members(facts, 'Occurrence')} UNION ALL "
        f"SELECT s FROM {_members(facts, 'Booking')}) WHERE s NOT IN (SELECT id FROM shown UNION ALL {bookings})"
    )


def _rows(facts: FactBase, predicate: str) -> str:
    found = facts.relation(RelationKey(AUG + predicate))
    return found.table if found else "(SELECT 0::BIGINT AS s, 0::BIGINT AS o WHERE false)"


def _members(facts: FactBase, klass: str) -> str:
    found = facts.relation(RelationKey(RDF + "type", AUG + klass))
    return found.table if found else "(SELECT 0::BIGINT AS s WHERE false)"
