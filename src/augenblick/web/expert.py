"""Pages for who writes the content: moments, signals and products as readable pages. No customer is in them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Response

from augenblick.content import Content, Words
from augenblick.content.model import MomentType, Product, Signal
from augenblick.content.pictures import PICTURES, picture
from augenblick.explain.build import label_of
from augenblick.model.errors import NotFound
from augenblick.model.terms import AUG
from augenblick.web.desk import Desk, PageRoute, seated
from augenblick.web.drafts import Draft, declarations_of
from augenblick.web.editor import cases_of, directory_of, rests_on, said
from augenblick.web.occasions import solemn
from augenblick.web.pattern_words import finds
from augenblick.web.protection import consent_labels
from augenblick.web.sentences import spoken

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Desk, Depends(seated())]
T = TypeVar("T")
PATTERNS = frozenset({"counterparty", "text", "except", "key", "topic"})
"""The keys of signals that are search patterns."""
_OWN = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Vary": "Cookie, Accept-Language"}
"""A picture brings its own style and nothing else."""


@router.get("/moments")
def moments(desk: Reader) -> Response:
    """List the moment types."""
    found = sorted(desk.content.moments, key=lambda each: each.label.in_language(desk.language))
    classes = {each.slug: label_of(desk.content, AUG + each.legal_class) for each in found}
    return desk.page("moments.html", moments=found, classes=classes)


@router.get("/moments/{slug}")
def moment(desk: Reader, slug: str) -> Response:
    """Show what a moment means, what it rests on, what to say."""
    content = desk.content
    found = _there(content.moment(slug))
    draft = Draft(declarations_of(directory_of(desk)), found.iri)
    return desk.page(
        "moment_type.html",
        moment=found,
        legal_class=label_of(content, AUG + found.legal_class),
        patterns=[(each, said(draft, each, desk.language)) for each in draft.patterns()],
        spoken=spoken,
        consents=consent_labels(desk.policy),
        products=[product for iri in found.products if (product := content.product(iri))],
        solemn=any(solemn(content, each.iri) for each in found.dialogues),
        used_by=_used_by(content, found),
        cases=_cases(found),
    )


@router.get("/map")
def overview(desk: Reader) -> Response:
    """Show how evidence leads to moments and offers, and the tree of classes, as pictures of what is in force."""
    return desk.page("map.html", pictures=list(PICTURES))


@router.get("/map/{name}.svg")
def drawn(desk: Reader, name: str) -> Response:
    """Return one of the pictures; what stands in it leads to its page."""
    if name not in PICTURES:
        raise NotFound("There is no such picture.", hint=", ".join(PICTURES))
    return Response(_drawn(name, desk.content, desk.language), media_type="image/svg+xml", headers=_OWN)


@lru_cache(maxsize=8)
def _drawn(name: str, content: Content, language: str) -> str:
    return picture(name, content, language, lambda kind, slug: f"/{kind}s/{slug}")


@router.get("/signals")
def signals(desk: Reader) -> Response:
    """List the signals."""
    found = sorted(desk.content.signals, key=lambda each: _label(each).in_language(desk.language))
    return desk.page("signals.html", signals=[(each, _label(each), _users(desk.content, each)) for each in found])


@router.get("/signals/{slug}")
def signal(desk: Reader, slug: str) -> Response:
    """Show by which keys a signal is known, and who uses it."""
    found = _there(desk.content.signal(slug))
    excludes = [other for iri in found.unless_carries if (other := desk.content.signal(iri))]
    return desk.page(
        "signal.html",
        signal=found,
        label=_label(found),
        keys=_keys(found),
        finds=finds,
        patterns=PATTERNS,
        excludes=[(other.slug, _label(other)) for other in excludes],
        users=_users(desk.content, found),
    )


@router.get("/products")
def products(desk: Reader) -> Response:
    """List the products."""
    found = sorted(desk.content.products, key=lambda each: each.label.in_language(desk.language))
    return desk.page("products.html", products=[(each, _fitting(desk.content, each)) for each in found])


@router.get("/products/{slug}")
def product(desk: Reader, slug: str) -> Response:
    """Show a product, its words and its conditions."""
    found = _there(desk.content.product(slug))
    layers = {
        layer: [label_of(desk.content, iri, iri.rpartition("#")[2]) for iri in shapes]
        for layer, shapes in found.layers.items()
    }
    return desk.page("product.html", product=found, layers=layers, moments=_fitting(desk.content, found))


def _cases(moment: MomentType) -> dict[str, list[Words]]:
    """Return the titles of a moment's cases: those that show it, and those it must not be confused with."""
    cases = cases_of(tuple(sorted(moment.cases)))
    showing = {each.identity for each in cases if any(found.moment == moment.slug for found in each.expect)}
    return {
        "must_find": [each.title for each in cases if each.identity in showing],
        "confused": [each.title for each in cases if each.identity not in showing],
    }


def _there(found: T | None) -> T:
    if found is None:
        raise NotFound("There is nothing of that name.", hint="the lists in the bar above name all there is")
    return found


def _label(signal: Signal) -> Words:
    return signal.label or Words(signal.slug, signal.slug)


def _keys(signal: Signal) -> list[tuple[str, list[str]]]:
    """Return the kinds of keys a signal has, with their values."""
    named: dict[str, Any] = {
        "creditor_ids": signal.creditor_ids,
        "gvc": signal.gvc,
        "purpose_codes": signal.purpose_codes,
        "btc": signal.btc,
        "mcc": signal.mcc,
        "counterparty": signal.counterparty_patterns,
        "text": signal.text_patterns,
        "key": signal.key_patterns,
        "interaction": signal.interaction_kinds,
        "topic": signal.topic_patterns,
        "except": signal.except_patterns,
        "minimum": (signal.minimum_amount,) if signal.minimum_amount is not None else (),
        "maximum": (signal.maximum_amount,) if signal.maximum_amount is not None else (),
    }
    return [(name, [str(value) for value in values]) for name, values in named.items() if values]


def _users(content: Content, signal: Signal) -> list[MomentType]:
    """Return the moments whose patterns name the signal."""
    return [each for each in content.moments if rests_on(each, signal.iri)]


def _used_by(content: Content, moment: MomentType) -> list[MomentType]:
    """Return the moments that rest on this one at a relative."""
    return [
        each
        for each in content.moments
        if each.iri != moment.iri
        and any(moment.iri in values for pattern in each.patterns for values in pattern.parameters.values())
    ]


def _fitting(content: Content, product: Product) -> list[MomentType]:
    return [each for each in content.moments if product.iri in each.products]
