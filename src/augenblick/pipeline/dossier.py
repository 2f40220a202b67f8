"""What a caller may see of a customer: the document at a glance, decided by the gate, worded in one language.

The one reading of customers for REST and pages alike. Everything goes through the gate: a moment that is withheld is
not there, one with a milder standing is told as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from augenblick.content import Content, Words
from augenblick.content.model import MomentType, Product
from augenblick.explain.words import Language
from augenblick.lookup import Lookup
from augenblick.model.errors import NotFound
from augenblick.offers import dialogue
from augenblick.pipeline.advice import OPEN, place
from augenblick.policy import (
    Access,
    Consents,
    ConsentsOnDemand,
    Decision,
    Gate,
    Outcome,
    Part,
    Policy,
    face,
    seen,
    sees_both,
)
from augenblick.policy.consents import GIVEN, Stated, Statement
from augenblick.policy.model import ORDINARY, THIRD_PARTY
from augenblick.store import DataDirectory

View = dict[str, Any]
Document = dict[str, Any]
PATH_LENGTH = 6
"""Most steps of a kin path that is looked for."""


class Dossiers:
    """Reads customers for callers whom the gate has admitted."""

    def __init__(self, directory: DataDirectory, content: Content, policy: Policy) -> None:
        self._lookup = Lookup(directory.path)
        self._types: dict[str, MomentType] = {}
        self._products: dict[str, Product] = {}
        self.use(content, policy)

    def use(self, content: Content, policy: Policy) -> None:
        """Word and decide by another version of the content from now on."""
        self.expect(content)
        self._content = content
        self._policy = policy

    def expect(self, content: Content) -> None:
        """Know the terms of a version whose moments may be met soon; those known before stay: moments may vanish."""
        self._types = self._types | {t.iri: t for t in content.moments}
        self._products = self._products | {p.iri: p for p in content.products}
        self._contract_classes = {
            code: p.legal_class for p in self._products.values() if p.legal_class for code in p.contract_codes
        }

    def heed(self, policy: Policy) -> None:
        """Decide by another policy from now on."""
        self._policy = policy

    def dossier(self, access: Access, customer: str, language: Language) -> View:
        """Return master data, accounts, contracts, consents and moments of a customer, as far as the caller may see.

        Raises `NotFound`, also where the policy shows nothing of the customer for this purpose.
        """
        found = self._lookup.customer_with_day(customer)
        if found is None:
            raise _no_customer(customer)
        document, as_of = found
        gate = self._gate(document)
        self._refuse_withheld(gate.decide(access, customer), customer)
        return {
            "customer_id": customer,
            "person": {k: v for k, v in document["customer"].items() if k != "customer_id" and v is not None},
            "accounts": document["accounts"] or [],
            "contracts": list(self._contracts(access, gate, document)),
            "consents": document["consents"] or [],
            "moments": list(self._moments(access, gate, document, language)),
            "as_of": as_of,
        }

    def _contracts(self, access: Access, gate: Gate, document: Document) -> Iterator[View]:
        """Give the contracts, but for those of products of a class that is withheld."""
        customer = document["customer"]["customer_id"]
        shown: dict[str, bool] = {}
        for contract in document["contracts"] or ():
            legal_class = self._contract_classes.get(contract["product"], ORDINARY)
            if legal_class not in shown:
                shown[legal_class] = gate.decide(access, customer, legal_class).shown
            if shown[legal_class]:
                yield contract

    def moments(self, access: Access, customer: str, language: Language) -> list[View]:
        """Return the moments of a customer the caller may see, the surest first."""
        document = self._document(customer)
        return list(self._moments(access, self._gate(document), document, language))

    def moment(self, access: Access, moment: str, language: Language) -> View:
        """Return one moment, by its IRI, the milder one's, or the part after the data base.

        Raises `NotFound`, also for one that is withheld.
        """
        return self._moment(access, moment, language)[1]

    def judged(self, access: Access, moment: str) -> str:
        """Return under which IRI is kept what is said of a moment that the caller sees, whichever standing that is.

        Raises `NotFound` as `moment` does.
        """
        return str(self._moment(access, moment, "en")[0]["moment_id"])

    def _moment(self, access: Access, moment: str, language: Language) -> tuple[Document, View]:
        iri = moment if "://" in moment else self._lookup.meta()["base"] + moment
        customer = self._lookup.customer_of(iri)
        if customer is not None:
            document = self._document(customer)
            for moment_seen, _, view in self._seen(access, self._gate(document), document, language):
                if view["moment_id"] == iri:
                    return moment_seen, view
        raise NotFound("There is no such moment.", hint="GET /v1/customers/{id}/moments lists a customer's")

    def may_be_told(
        self, access: Access, customer: str, moment: str, moment_type: str, standing: Document | None = None
    ) -> bool:
        """Say whether the caller may be told what became of a moment, also of one that is not there any more.

        `standing` is what the change feed kept of the faces the moment had before and after: who saw the one and sees
        the other is told. Where that is not known, who sees the whole of it is; of one that is not there any more its
        type decides, and nobody is told where relatives' data may have been among what it rested on.
        """
        document = self._lookup.customer(customer)
        if document is None:
            return False
        if standing and "old" in standing and all(guard[0] for guard in (*standing["old"], *standing["new"])):
            return self._saw_and_sees(access, customer, document, standing)
        gate = self._gate(document)
        here = [m for m in document["moments"] or () if m["moment_id"] == moment and m["state"] != "voided"]
        if here:
            shown = self._seen(access, gate, document, "en")
            return any(each["moment_id"] == moment and part == _part(each["standing"]) for each, part, _ in shown)
        if standing and "old" not in standing and (part := _part(standing)):
            return seen(self._gate(document, part.others), access, customer, part, None) is not None
        found = self._types.get(moment_type)
        if found is None or found.looks_at_relatives:
            return False
        return gate.decide(access, customer, found.legal_class).shown

    def _saw_and_sees(self, access: Access, customer: str, document: Document, standing: Document) -> bool:
        """Say whether of a moment's faces before and after a change the caller sees just the two it tells of."""
        old, new = ([(_part(own), _part(unless)) for own, unless in standing[side]] for side in ("old", "new"))
        parts = [part for guard in (*old, *new) for part in guard if part]
        gate = self._gate(document, {other for part in parts for other in part.others})

        def sees(part: Part) -> bool:
            return seen(gate, access, customer, part, None) is not None

        return (face(old, sees), face(new, sees)) == (standing["from"], standing["to"])

    def offers(self, access: Access, customer: str, language: Language) -> list[View]:
        """Return the open moments with offers, verdicts, reasons and the dialogue, as far as they may be seen."""
        document = self._document(customer)
        gate = self._gate(document)
        found = []
        for moment, part, view in self._seen(access, gate, document, language):
            if view["state"] in OPEN:
                known = self._content.moment(moment["moment_type"])  # not in the instant a version is taken over
                spoken = dialogue(self._content, known.iri, language) if known else None
                offers = list(self._offers(access, gate, customer, moment, part, language))
                found.append(view | {"offers": offers, "dialogue": spoken.to_dict() if spoken else None})
        self._rank(found)
        return found

    def _rank(self, moments: list[View]) -> None:
        """Number the offers by what is told of them, as a run ranks them by what it knows."""
        pairs = []
        for moment in moments:
            found, sure = self._content.moment(moment["type"]), (moment["confidence"], moment["moment_id"])
            for offer in moment["offers"]:
                passed = sum(layer["fulfilled"] for layer in offer["layers"])
                pairs.append((place(found, offer["product"], offer["verdict"], passed, *sure), offer))
        for rank, (_, offer) in enumerate(sorted(pairs, key=lambda pair: pair[0]), 1):
            offer["rank"] = rank
        for moment in moments:
            moment["offers"].sort(key=lambda offer: offer["rank"])

    def family(self, access: Access, customer: str) -> list[View]:
        """Return the recorded relations; who it is only where that person has agreed to be told of."""
        document = self._document(customer)
        gate = self._gate(document)
        self._refuse_withheld(gate.decide(access, customer), customer)
        return [self._relative(access, gate, customer, relation) for relation in document["relations"] or ()]

    def kin_path(self, access: Access, customer: str, other: str) -> list[View]:
        """Return the shortest chain of recorded relations between two customers, the persons between as `family` does.

        Raises `NotFound` where there is none of at most six steps.
        """
        if other not in {step["customer_id"] for step in self.family(access, customer)}:
            self._document(other)
        for path in self._paths(customer):
            if path[-1]["customer_id"] == other:
                return self._told_path(access, customer, path)
        raise NotFound(f"No recorded relations of at most {PATH_LENGTH} steps lead from one to the other.")

    def search(
        self,
        access: Access,
        *,
        customer: str | None = None,
        name: str | None = None,
        iban: str | None = None,
        most: int,
    ) -> list[View]:
        """Return customers by id, by the beginning of their name, or by an account they hold; at most so many."""
        if customer is not None:
            ids = [customer]
        elif iban is not None:
            ids = self._lookup.by_iban(iban)
        else:
            ids = self._lookup.by_name(name or "", most)
        shown = self._shown(access, ids)
        if customer is None and iban is None:
            while len(ids) >= most and len(shown) < most:  # who is not shown takes nobody's place
                if len(more := self._lookup.by_name(name or "", 2 * len(ids))) == len(ids):
                    break
                ids, shown = more, self._shown(access, more)
        return shown[:most]

    def _shown(self, access: Access, customers: Iterable[str]) -> list[View]:
        found = (self._lookup.customer(each) for each in customers)
        return [
            _brief(document)
            for document in found
            if document and self._gate(document).decide(access, document["customer"]["customer_id"]).shown
        ]

    def page(
        self,
        access: Access,
        language: Language,
        *,
        moment_type: str | None,
        since: date | None,
        until: date | None,
        before: tuple[str, str] | None,
        most: int,
        adviser: str | None = None,
        open_only: bool = False,
    ) -> tuple[list[View], tuple[str, str] | None]:
        """Return moments by type, time and adviser, the latest first, and where the next page begins.

        What is withheld leaves no gap: a page is full while more follows, and the next begins behind what was shown.
        """
        permitted = [
            rank
            for name, rank in self._policy.strictness.items()
            if (rule := self._policy.rules.get((access.role, access.purpose, name))) is not None and rule.permits
        ]
        views: list[View] = []
        while len(views) <= most:
            found = self._lookup.moments(
                moment_type=moment_type,
                since=since.isoformat() if since else None,
                until=until.isoformat() if until else None,
                before=before,
                most=most,
                classes=permitted,
                adviser=adviser,
                states=OPEN if open_only else (),
            )
            views += [view for each in found.moments for view in self._listed(access, language, *each)]
            if found.next is None:
                break
            before = found.next
        last = views[most - 1] if len(views) > most else None
        return views[:most], (last["occurred_to"], last["moment_id"]) if last else None

    def _listed(self, access: Access, language: Language, moment: str, customer: str, day: str) -> Iterator[View]:
        document = self._document(customer)
        own = [m for m in document["moments"] or () if moment in (m["moment_id"], (m["milder"] or m)["moment_id"])]
        document = {**document, "moments": own}  # of one moment alone it is told faster
        for view in self._moments(access, self._gate(document), document, language):
            if (view["moment_id"], view["occurred_to"]) == (moment, day):
                yield view

    def looks_after(self, adviser: str) -> bool:
        """Say whether the bank's data name somebody as the adviser of any customer."""
        return self._lookup.looks_after(adviser)

    def advisers(self, most: int) -> list[str]:
        """Return the first advisers the bank's data name, by name; at most so many."""
        return self._lookup.advisers(most)

    def as_of(self) -> date:
        """Return the day the moments are told as of."""
        return date.fromisoformat(self._lookup.meta()["as_of"])

    def _document(self, customer: str) -> Document:
        found = self._lookup.customer(customer)
        if found is None:
            raise _no_customer(customer)
        return found

    @staticmethod
    def _refuse_withheld(decision: Decision, customer: str) -> None:
        if not decision.shown:
            raise _no_customer(customer)

    def _gate(self, document: Document, others: Iterable[str] = ()) -> Gate:
        """Return a gate that knows what the customer, all others the moments rest on and `others` have stated."""
        customer = document["customer"]["customer_id"]
        moments = document["moments"] or ()
        standings = [s for m in moments for s in (m["standing"], m["milder"]) if s]
        standings += [offer["guard"] for m in moments for offer in m["offers"] or () if offer["guard"]]
        concerned = {other for s in standings for other in s["others"] or ()}
        concerned |= {relation["customer_id"] for relation in document["relations"] or ()} | {*others}

        def read(person: str) -> Iterable[Stated]:
            found = document if person == customer else self._lookup.customer(person)
            return _stated(person, found) if found else ()

        return Gate(self._policy, ConsentsOnDemand(concerned | {customer}, read))

    def _moments(self, access: Access, gate: Gate, document: Document, language: Language) -> Iterator[View]:
        for _, _, view in self._seen(access, gate, document, language):
            yield view

    def _seen(
        self, access: Access, gate: Gate, document: Document, language: Language
    ) -> Iterator[tuple[Document, Part, View]]:
        """Give each moment the caller may see, in which standing, and what is told of it, the surest first."""
        customer = document["customer"]["customer_id"]
        told = []
        for moment in document["moments"] or ():
            if moment["state"] == "voided":
                continue
            whole, milder = _part(moment["standing"]), _part(moment["milder"])
            found = seen(gate, access, customer, whole, milder) if whole else None
            if found is not None:
                part = moment if found[0] is whole else moment["milder"]
                told.append((moment, found[0], self._view(customer, moment, part, language)))
        yield from sorted(told, key=lambda each: (-each[2]["confidence"], each[2]["moment_id"]))

    def _view(self, customer: str, moment: Document, told: Document, language: Language) -> View:
        found = self._types.get(moment["moment_type"])
        return {
            "moment_id": told["moment_id"],
            "customer_id": customer,
            "type": moment["slug"],
            "label": _worded(found.label if found else None, language) or moment["slug"],
            "occurred_from": told["occurred_from"],
            "occurred_to": told["occurred_to"],
            "detected_on": told["detected_on"],
            "valid_until": told["valid_until"],
            "confidence": told["confidence"],
            "state": told["state"],
        }

    def _offers(
        self, access: Access, gate: Gate, customer: str, moment: Document, part: Part, language: Language
    ) -> Iterator[View]:
        """Give a moment's offers as far as told: without what is withheld, or not at all."""
        for offer in moment["offers"] or ():
            guard = _part(offer["guard"])
            whole = guard is None or sees_both(gate, access, customer, part, guard)
            told = offer if whole else offer["milder"]
            if told is not None:
                yield self._offer(offer["product"], told, language)

    def _offer(self, iri: str, offer: Document, language: Language) -> View:
        product = self._products.get(iri)
        reasons = f"reasons_{language}"
        return {
            "product": iri,
            "label": _worded(product.label if product else None, language) or iri,
            "verdict": offer["verdict"],
            "reasons": offer[reasons] or [],
            "layers": [
                {"layer": layer["layer"], "fulfilled": layer["fulfilled"], "reasons": layer[reasons] or []}
                for layer in offer["layers"] or ()
            ],
            "words": _worded(product.words if product else None, language),
        }

    def _relative(self, access: Access, gate: Gate, customer: str, relation: Document) -> View:
        other = relation["customer_id"]
        decision = gate.decide(access, customer, THIRD_PARTY, frozenset({other}))
        return {
            "relation": relation["relation"],
            "of": relation["of"],
            "valid_from": relation["valid_from"],
            "valid_to": relation["valid_to"],
            "customer_id": other if decision.outcome is Outcome.PERMITTED else None,
        }

    def _paths(self, customer: str) -> Iterator[list[Document]]:
        """Give the chains of relations from a customer, the shorter first, one to each person."""
        reached = {customer}
        paths: list[list[Document]] = [[]]
        for _ in range(PATH_LENGTH):
            longer = []
            for path in paths:
                at = self._lookup.customer(path[-1]["customer_id"] if path else customer)
                for relation in (at or {}).get("relations") or ():
                    if relation["customer_id"] not in reached:
                        reached.add(relation["customer_id"])
                        longer.append([*path, relation])
            yield from longer
            paths = longer

    def _told_path(self, access: Access, customer: str, path: list[Document]) -> list[View]:
        told = []
        for step in path:
            document = self._document(step["customer_id"])
            gate = Gate(self._policy, Consents(_stated(step["customer_id"], document)))
            told.append(self._relative(access, gate, customer, step))
        if told and told[-1]["customer_id"] is None:
            raise NotFound(f"No recorded relations of at most {PATH_LENGTH} steps lead from one to the other.")
        return told


def _part(standing: Document | None) -> Part | None:
    return Part(standing["strictness"], frozenset(standing["others"])) if standing else None


def _no_customer(customer: str) -> NotFound:
    return NotFound(f"There is no customer '{customer}'.", hint="customer ids are those of the bank's export")


def _worded(words: Words | None, language: Language) -> str | None:
    return words.in_language(language) if words else None


def _brief(document: Document) -> View:
    person = document["customer"]
    return {
        name: person.get(name)
        for name in ("customer_id", "given_name", "family_name", "birth_name", "birth_date", "city")
    }


def _stated(customer: str, document: Document) -> Iterable[Stated]:
    for consent in document["consents"] or ():
        since, until = (
            date.fromisoformat(day) if day else None for day in (consent["valid_from"], consent["valid_to"])
        )
        given = consent["status"] == GIVEN
        yield customer, consent["purpose"], Statement(consent["channel"], given, since or date.min, until)
