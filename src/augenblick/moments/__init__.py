"""From indications to moments: merged, scored, with a stable identity and a state."""

from augenblick.moments.layers import layers, merging_rules
from augenblick.moments.merge import MomentRules, load_types, merge, remember_identities
from augenblick.moments.tables import create_tables

__all__ = ["MomentRules", "create_tables", "layers", "load_types", "merge", "merging_rules", "remember_identities"]
