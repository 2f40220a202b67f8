"""The gate: who may see what about whom for which purpose, and why; evaluated from the ontology's policy."""

from augenblick.policy.access import Access, Decision, Outcome
from augenblick.policy.consents import Consents
from augenblick.policy.gate import Gate
from augenblick.policy.model import Channel, Policy, Role, Rule
from augenblick.policy.reading import read_policy

__all__ = [
    "Access",
    "Channel",
    "Consents",
    "Decision",
    "Gate",
    "Outcome",
    "Policy",
    "Role",
    "Rule",
    "read_policy",
]
