"""What experts write, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from rdflib import Graph

from augenblick.model.terms import AUG

WEIGHING = frozenset(
    AUG + name
    for name in ("weight", "lagMinimum", "lagMaximum", "datesWithin", "veto", "prior", "mergeWindow", "occursOnce",
                 "validity", "tentativeFrom", "confirmedFrom", "dismissalShare")
)  # fmt: skip
"""Predicates by which indications are made moments; none of them decides which indications there are."""

DRAFT, SHADOW, LIVE, RETIRED = STATES = ("draft", "shadow", "live", "retired")
"""What becomes of a moment type: written, tried out beside what is shown, shown, no longer used."""


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    de: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the German text for `de` and its regional forms, else the English one."""
        return self.de if language.lower().startswith("de") else self.en


@dataclass(frozen=True, kw_only=True)
class PhraseList:
    """Patterns (RE2 on normalised text) by which several signals are excluded: said of others, say."""

    iri: str
    label: Words
    definition: Words
    patterns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What a booking or an interaction means, and by which keys it is known.

    Several values of one key: any of them. Patterns are RE2 on normalised text. Amounts are absolute values.
    `key_patterns` have one group each: what it captures tells what the booking is for (a number plate, say).
    With `shared_by_owners` what a joint account shows counts for each owner of one household. `received_by` is the sex
    (code of the contract) of those to whom only such bookings go.
    """

    iri: str
    label: Words | None = None
    definition: Words | None = None
    creditor_ids: tuple[str, ...] = ()
    gvc: tuple[str, ...] = ()
    purpose_codes: tuple[str, ...] = ()
    btc: tuple[str, ...] = ()
    mcc: tuple[str, ...] = ()
    counterparty_account_kinds: tuple[str, ...] = ()
    counterparty_patterns: tuple[str, ...] = ()
    text_patterns: tuple[str, ...] = ()
    except_patterns: tuple[str, ...] = ()
    except_lists: tuple[PhraseList, ...] = ()
    key_patterns: tuple[str, ...] = ()
    direction: str | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None
    interaction_kinds: tuple[str, ...] = ()
    topic_patterns: tuple[str, ...] = ()
    recurring: bool = False
    carried_by_payer: bool = False
    all_keys: bool = False
    shared_by_owners: bool = False
    received_by: str | None = None
    unless_carries: tuple[str, ...] = ()
    legal_class: str | None = None

    @property
    def slug(self) -> str:
        """The last part of the IRI."""
        return self.iri.rsplit("/", 1)[-1]

    @property
    def exceptions(self) -> tuple[str, ...]:
        """Every pattern that excludes the signal: its own and those of its phrase lists."""
        return self.except_patterns + tuple(text for each in self.except_lists for text in each.patterns)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One use of a kind of evidence pattern by a moment type.

    `kind` is the local name of the pattern's class; `parameters` holds every further statement about it, by
    local name (IRIs as strings, literals as Python values). `weight` is in natural log-odds. The moment
    occurred between observed − `lag_maximum` and observed − `lag_minimum`. A pattern with `dates_within` shows the
    event itself: evidence whose possible days lie further off means another moment.
    """

    iri: str
    moment: str
    kind: str
    label: Words
    reason: Words
    weight: Decimal
    lag_minimum: timedelta = timedelta()
    lag_maximum: timedelta = timedelta()
    dates_within: timedelta | None = None
    veto: bool = False
    parameters: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def looks_at_relatives(self) -> bool:
        """Whether its evidence is a relative's."""
        return "kinProperty" in self.parameters


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a person needs in a moment."""

    iri: str
    label: Words


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """How the bank is there: who speaks, where, when, in which words, and what must not be said.

    `earliest` and `latest` count from the moment's occurred-to date.
    """

    iri: str
    channel_order: tuple[str, ...]
    conducted_by: str
    tone: Words
    hand_over: Words
    words: Words
    must_not_say: Words
    earliest: timedelta
    latest: timedelta


@dataclass(frozen=True, kw_only=True)
class MomentType:
    """One life moment, complete: meaning, patterns, legal class, needs, products, dialogue, rules, cases.

    `prior` is in natural log-odds, thresholds are probabilities, `legal_class` and `content_state` as the
    ontology names them.
    """

    iri: str
    slug: str
    label: Words
    definition: Words
    example: Words
    patterns: tuple[Pattern, ...]
    prior: Decimal
    merge_window: timedelta
    occurs_once: bool
    validity: timedelta
    legal_class: str
    content_state: str
    tentative_from: Decimal
    confirmed_from: Decimal
    needs: tuple[Need, ...]
    products: tuple[str, ...]
    dialogues: tuple[Dialogue, ...]
    file: Path
    rules: tuple[Path, ...] = ()
    cases: tuple[Path, ...] = ()
    dismissal_share: Decimal = Decimal("0.5")

    @property
    def is_live(self) -> bool:
        """Whether moments of the type are derived and shown."""
        return self.content_state == LIVE

    @property
    def looks_at_relatives(self) -> bool:
        """Whether some of its evidence is a relative's."""
        return any(pattern.looks_at_relatives for pattern in self.patterns)


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product or service; `layers` maps eligible, applicable, suitable, contact to the IRIs of node shapes."""

    iri: str
    slug: str
    label: Words
    definition: Words
    words: Words
    contract_codes: tuple[str, ...]
    layers: Mapping[str, tuple[str, ...]]
    file: Path
    legal_class: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """The whole content: the merged graph and what stands in it, plus the rule files beside it.

    Nothing in it is changed once it is read.

    `graph` holds every Turtle file of the ontology but the alignments; `shapes` those of the shapes folder.
    `rules` are all SPARQL rules in the order core, patterns, conditions, moments.
    """

    root: Path
    graph: Graph
    shapes: Graph
    signals: tuple[Signal, ...]
    moments: tuple[MomentType, ...]
    products: tuple[Product, ...]
    core_rules: tuple[Path, ...]
    pattern_rules: tuple[Path, ...]
    condition_rules: tuple[Path, ...]
    queries: Path
    version: str = ""
    """The name of the published version it is; empty for a folder that is none."""

    @property
    def rules(self) -> tuple[Path, ...]:
        """Every rule file."""
        beside = tuple(rule for moment in self.moments for rule in moment.rules)
        return self.core_rules + self.pattern_rules + self.condition_rules + beside

    @property
    def moment_rules(self) -> tuple[Path, ...]:
        """The rule files beside live moment types."""
        return tuple(rule for moment in self.live for rule in moment.rules)

    @property
    def rules_in_force(self) -> tuple[Path, ...]:
        """Every rule file but those beside moment types that are not live."""
        return self.core_rules + self.pattern_rules + self.condition_rules + self.moment_rules

    @cached_property
    def live(self) -> tuple[MomentType, ...]:
        """The moment types that are derived and shown; drafts, those in shadow and retired ones are not."""
        return tuple(moment for moment in self.moments if moment.is_live)

    @cached_property
    def graph_in_force(self) -> Graph:
        """The graph without the patterns of moment types that are not live: nothing can be derived by them."""
        silent = {pattern.iri for moment in self.moments if not moment.is_live for pattern in moment.patterns}
        if not silent:
            return self.graph
        kept = Graph()
        for triple in self.graph:
            if str(triple[0]) not in silent:
                kept.add(triple)
        return kept

    def with_live(self, *states: str) -> Content:
        """Return the content as it would be if the moment types in these states were live."""
        moments = (replace(m, content_state=LIVE) if m.content_state in states else m for m in self.moments)
        return replace(self, moments=tuple(moments))

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every pattern of every moment type."""
        return tuple(pattern for moment in self.moments for pattern in moment.patterns)

    def moment(self, slug_or_iri: str) -> MomentType | None:
        """Return the moment type of that slug or IRI."""
        return next((m for m in self.moments if slug_or_iri in (m.slug, m.iri)), None)

    def product(self, slug_or_iri: str) -> Product | None:
        """Return the product of that slug or IRI."""
        return next((p for p in self.products if slug_or_iri in (p.slug, p.iri)), None)

    def signal(self, slug_or_iri: str) -> Signal | None:
        """Return the signal of that slug or IRI."""
        return next((s for s in self.signals if slug_or_iri in (s.slug, s.iri)), None)
