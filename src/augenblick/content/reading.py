"""From an entry of the graph to its dataclass: signal, pattern, dialogue, moment type, product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from rdflib import RDF, RDFS, BNode, Literal
from rdflib.collection import Collection
from rdflib.namespace import SKOS

from augenblick.content.entry import AUG, Entry, local, nearest
from augenblick.content.model import STATES, Dialogue, MomentType, Need, Pattern, PhraseList, Product, Signal

LAYERS: Mapping[str, str] = MappingProxyType(
    {"eligible": "eligibleIf", "applicable": "applicableIf", "suitable": "suitableIf", "contact": "contactIf"}
)
"""The four layers of conditions, in the order they are asked, and the property that names a layer's shapes."""

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SignalOccurs": ("signal",),
        "SignalFirstEver": ("signal", "minimumHistory"),
        "SeriesStarts": ("signal", "minimumHistory", "minimumCount"),
        "SeriesStops": ("signal", "minimumCount", "staleAfter"),
        "SeriesReplaced": ("signal", "maximumGap", "minimumCount", "staleAfter"),
        "AmountSteps": ("signal", "minimumStep", "maximumStep", "direction"),
        "AttributeChanges": ("attribute",),
        "DateReached": ("dateProperty", "after", "lookBack"),
        "KinDateReached": ("kinProperty", "dateProperty", "lookBack"),
        "RelationStarts": ("kinProperty",),
        "ContractOpened": ("contractProduct",),
        "ContractClosed": ("contractProduct",),
        "AccountOpened": ("accountKind",),
        "AccountClosed": ("accountKind",),
        "InteractionOccurs": ("interactionKind",),
        "KinMoment": ("kinProperty", "kinMoment"),
        "KinSignalOccurs": ("kinProperty", "signal"),
        "KinSeriesStarts": ("kinProperty", "signal", "minimumHistory", "minimumCount"),
        "KinSeriesStops": ("kinProperty", "signal", "minimumCount", "staleAfter"),
        "KinAddressParts": ("kinProperty", "attribute"),
        "SignalGathers": ("signal", "minimumDays", "within"),
        "SeriesGivesWay": (
            *("signal", "replacedBySignal", "maximumGap", "minimumCount"),
            *("maximumOldLevel", "minimumNewLevel"),
        ),
        "PeriodBegun": ("signal", "minimumLead", "maximumLead"),
        "RelationEnds": ("kinProperty",),
        "JointAccountOpened": ("accountKind",),
        "JointAccountClosed": ("accountKind",),
        "FamilyNameChanges": ("backToBirthName", "correctedWithin"),
        "AddressesPart": ("apartFor",),
    }
)
"""What a pattern of a kind cannot do without; without it the kind's rule would silently find nothing."""

SIGNALS = (
    *("signal", "replacedBySignal", "onlyIfSignal", "unlessSignal", "unlessKinSignal", "unlessSeries", "unlessKnownBy"),
)
"""Parameters that name signals."""
TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unlessSignal": ("unlessBefore", "unlessAfter"),
        "unlessPattern": ("unlessBefore", "unlessAfter"),
        "unlessKinSignal": ("unlessKin", "unlessBefore", "unlessAfter"),
        "unlessOlderKin": ("olderFrom",),
        "leastPerChild": ("mostPerChild",),
        "onlyIfSignal": ("onlyIfBefore", "onlyIfAfter"),
        "onlyIfKin": ("minimumKinAge", "maximumKinAge"),
        "unlessSeries": ("runningAfter",),
        "unlessKnownBy": ("knownFor",),
    }
)
"""Parameters that mean something only together with others."""

_OWN = {"weight", "reason", "lagMinimum", "lagMaximum", "datesWithin", "veto"}
_DAYS = '"P30D"^^xsd:dayTimeDuration'


def signal(entry: Entry) -> Signal:
    """Return the signal an entry states; raises BadOntology."""
    direction = str(entry.one("direction") or "") or None
    if direction not in (None, "credit", "debit"):
        raise entry.error(f"aug:direction is “{direction}”", 'write "credit" (money comes in) or "debit"')
    received_by = str(entry.one("receivedBy") or "") or None
    if received_by not in (None, "female", "male"):
        raise entry.error(f"aug:receivedBy is “{received_by}”", 'write "female" or "male"')
    found = Signal(
        iri=str(entry.subject),
        label=entry.label(),
        definition=entry.definition(),
        creditor_ids=entry.texts("creditorId"),
        gvc=entry.texts("gvc"),
        purpose_codes=entry.texts("purposeCode"),
        btc=entry.texts("btc"),
        mcc=entry.texts("mcc"),
        counterparty_account_kinds=entry.texts("counterpartyAccountKind"),
        counterparty_patterns=entry.texts("counterpartyPattern"),
        text_patterns=entry.texts("textPattern"),
        except_patterns=entry.texts("exceptPattern"),
        except_lists=tuple(_phrases(replace(entry, subject=each)) for each in entry.values("exceptList")),
        key_patterns=entry.texts("keyPattern"),
        direction=direction,
        minimum_amount=entry.decimal("minimumAmount"),
        maximum_amount=entry.decimal("maximumAmount"),
        interaction_kinds=entry.texts("interactionKind"),
        topic_patterns=entry.texts("topicPattern"),
        recurring=entry.flag("recurring"),
        carried_by_payer=entry.flag("carriedByPayer"),
        all_keys=entry.flag("allKeys"),
        shared_by_owners=entry.flag("sharedByOwners"),
        received_by=received_by,
        unless_carries=entry.texts("unlessCarries"),
        legal_class=local(entry.one("legalClass")) if entry.one("legalClass") else None,
    )
    if not keys(found):
        raise entry.error("has no key to know it by", 'add for example `aug:textPattern "\\\\bWORD\\\\b"`')
    return found


def _phrases(entry: Entry) -> PhraseList:
    return PhraseList(
        iri=str(entry.subject),
        label=entry.label(),
        definition=entry.definition(),
        patterns=entry.texts("exceptPattern"),
    )


def keys(found: Signal) -> tuple[str, ...]:
    """Return everything by which a signal is known; exceptions are no keys."""
    return (
        found.creditor_ids
        + found.gvc
        + found.purpose_codes
        + found.btc
        + found.mcc
        + found.counterparty_account_kinds
        + found.counterparty_patterns
        + found.text_patterns
        + found.interaction_kinds
    )


def pattern(entry: Entry, moment: str) -> Pattern:
    """Return the pattern an entry states, checked for what its kind cannot do without; raises BadOntology."""
    parameters = _parameters(entry)
    kind = _kind(entry)
    for name in REQUIRED.get(kind, ()):
        if name not in parameters:
            raise entry.error(f"aug:{name} is missing", f"a pattern of the kind aug:{kind} cannot do without it")
    for name, others in TOGETHER.items():
        for other in others:
            if name in parameters and other not in parameters:
                raise entry.error(f"aug:{other} is missing", f"aug:{name} means something only with it")
    return Pattern(
        iri=str(entry.subject),
        moment=moment,
        kind=kind,
        label=entry.label(),
        reason=entry.words(AUG.reason),
        weight=entry.decimal("weight", "6.5") or Decimal(0),
        lag_minimum=entry.span("lagMinimum") or timedelta(),
        lag_maximum=entry.span("lagMaximum") or timedelta(),
        dates_within=entry.span("datesWithin"),
        veto=entry.flag("veto"),
        parameters=parameters,
    )


def _kind(entry: Entry) -> str:
    """Return the local name of the pattern's class, which must be one of the evidence patterns."""
    known = {local(k) for k in entry.graph.transitive_subjects(RDFS.subClassOf, AUG.EvidencePattern)}
    kinds = [local(k) for k in entry.graph.objects(entry.subject, RDF.type) if str(k).startswith(AUG)]
    if len(kinds) != 1 or kinds[0] not in known - {"EvidencePattern"}:
        given = ", ".join(kinds) or "none"
        hint = nearest(kinds[0], known) if kinds else None
        raise entry.error(f"is of no one kind of evidence pattern (given: {given})", hint or "see ontology/patterns")
    return kinds[0]


def _parameters(entry: Entry) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for predicate in set(entry.graph.predicates(entry.subject)):
        name = local(predicate)
        if str(predicate).startswith(AUG) and name not in _OWN:
            values = entry.values(name)
            found[name] = tuple(v.toPython() if isinstance(v, Literal) else str(v) for v in values)
    return dict(sorted(found.items()))


def dialogue(entry: Entry) -> Dialogue:
    """Return the dialogue an entry states; raises BadOntology."""
    order = entry.need("channelOrder", '( "phone" "branch" )')
    listed = isinstance(order, BNode) or order == RDF.nil
    channels = tuple(str(item) for item in Collection(entry.graph, order)) if listed else ()
    if not channels:
        raise entry.error("aug:channelOrder is no list of channels", 'write it as `( "phone" "branch" )`')
    by = entry.text("conductedBy", '"human"')
    if by not in ("human", "automatic"):
        raise entry.error(f"aug:conductedBy is “{by}”", 'write "human" or "automatic"')
    return Dialogue(
        iri=str(entry.subject),
        channel_order=channels,
        conducted_by=by,
        tone=entry.words(AUG.tone),
        hand_over=entry.words(AUG.handOver),
        words=entry.words(AUG.words),
        must_not_say=entry.words(AUG.mustNotSay),
        earliest=entry.span("earliest", _DAYS) or timedelta(),
        latest=entry.span("latest", _DAYS) or timedelta(),
    )


def moment(entry: Entry, folder: Path, linked: Mapping[str, list[Entry]]) -> MomentType:
    """Return the moment type an entry states; `linked` holds the entries of its patterns, needs and dialogues."""
    slug = entry.text("slug", f'"{local(entry.subject)}"')
    if slug != local(entry.subject):
        raise entry.error(f"aug:slug is “{slug}”", f'its IRI ends in {local(entry.subject)}: write "that" in both')
    life_moment = Entry(entry.graph, AUG.LifeMoment, entry.file)
    iri = str(entry.subject)
    return MomentType(
        iri=iri,
        slug=slug,
        label=entry.label(),
        definition=entry.definition(),
        example=entry.words(SKOS.example),
        patterns=tuple(pattern(e, iri) for e in linked["hasPattern"]),
        prior=entry.decimal("prior", "-4.0") or Decimal(0),
        merge_window=entry.span("mergeWindow", _DAYS) or timedelta(),
        occurs_once=entry.flag("occursOnce"),
        validity=entry.span("validity", _DAYS) or timedelta(),
        legal_class=entry.text("legalClass", "aug:Ordinary"),
        content_state=_content_state(entry),
        tentative_from=_threshold(entry, life_moment, "tentativeFrom", "0.5"),
        confirmed_from=_threshold(entry, life_moment, "confirmedFrom", "0.9"),
        dismissal_share=_threshold(entry, life_moment, "dismissalShare", "0.5"),
        needs=tuple(Need(iri=str(e.subject), label=e.label()) for e in linked["need"]),
        products=entry.texts("hasProduct"),
        dialogues=tuple(dialogue(e) for e in linked["hasDialogue"]),
        file=entry.file,
        rules=tuple(sorted(folder.glob("*.rq"))),
        cases=tuple(sorted(folder.glob("cases/*.yaml"))),
    )


def _content_state(entry: Entry) -> str:
    state = entry.text("contentState", '"draft"')
    if state not in STATES:
        raise entry.error(f"aug:contentState is “{state}”", "write draft, shadow, live or retired")
    return state


def _threshold(entry: Entry, inherited: Entry, predicate: str, example: str) -> Decimal:
    own = entry.decimal(predicate)
    value = own if own is not None else inherited.decimal(predicate)
    value = Decimal(example) if value is None else value
    if not 0 < value < 1:
        raise entry.error(f"aug:{predicate} is {value}", "a probability lies between 0 and 1")
    return value


def product(entry: Entry) -> Product:
    """Return the product an entry states; raises BadOntology."""
    return Product(
        iri=str(entry.subject),
        slug=local(entry.subject),
        label=entry.label(),
        definition=entry.definition(),
        words=entry.words(AUG.words),
        contract_codes=entry.texts("contractCode"),
        layers={layer: entry.texts(name) for layer, name in LAYERS.items()},
        file=entry.file,
        legal_class=local(entry.one("legalClass")) if entry.one("legalClass") else None,
    )
