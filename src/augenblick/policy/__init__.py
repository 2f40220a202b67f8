"""The gate: who may see what about whom for which purpose, and why; evaluated from the ontology's policy."""

from augenblick.policy.access import Access, Decision, Outcome
from augenblick.policy.audit import AuditLog, Entry
from augenblick.policy.carrying import carry
from augenblick.policy.consents import Consents, ConsentsOnDemand
from augenblick.policy.gate import Gate
from augenblick.policy.model import Channel, Policy, Role, Rule
from augenblick.policy.placing import place, placed_quads, quads_beside
from augenblick.policy.reading import read_policy
from augenblick.policy.standing import (
    Milder,
    Part,
    Standing,
    View,
    face,
    note_word,
    seen,
    sees_both,
    sees_others,
    standing_of,
    standings_of,
    view,
)
from augenblick.policy.stated import behind, changed, consent_states, note_some, seal, sealed

__all__ = [
    "Access",
    "AuditLog",
    "Channel",
    "Consents",
    "ConsentsOnDemand",
    "Decision",
    "Entry",
    "Gate",
    "Milder",
    "Outcome",
    "Part",
    "Policy",
    "Role",
    "Rule",
    "Standing",
    "View",
    "behind",
    "carry",
    "changed",
    "consent_states",
    "face",
    "note_some",
    "note_word",
    "place",
    "placed_quads",
    "quads_beside",
    "read_policy",
    "seal",
    "sealed",
    "seen",
    "sees_both",
    "sees_others",
    "standing_of",
    "standings_of",
    "view",
]
