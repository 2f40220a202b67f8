"""Content negotiation (RFC 9110): which form of an answer the caller prefers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RESULTS: Mapping[str, tuple[str, ...]] = {
    "json": ("application/sparql-results+json", "application/json"),
    "xml": ("application/sparql-results+xml", "application/xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
}
GRAPHS: Mapping[str, tuple[str, ...]] = {
    "turtle": ("text/turtle",),
    "ntriples": ("application/n-triples",),
    "jsonld": ("application/ld+json",),
    "trig": ("application/trig",),
    "rdfxml": ("application/rdf+xml",),
}
"""Forms in the order the service prefers them, each with its media types; the first is sent."""
_CHARSET = {"csv", "tsv", "turtle"}


def media_type(form: str) -> str:
    """Return the Content-Type of a form."""
    name = (RESULTS.get(form) or GRAPHS[form])[0]
    return f"{name}; charset=utf-8" if form in _CHARSET else name


def best(accept: str | None, forms: Mapping[str, Sequence[str]]) -> str | None:
    """Return the form an Accept header prefers, None where it takes none; equal wishes go by the service's order."""
    ranges = _ranges(accept or "*/*")
    ranked = [(max((_quality(name, ranges) for name in names), default=0.0), form) for form, names in forms.items()]
    quality, form = max(ranked, key=lambda pair: pair[0])
    return form if quality > 0 else None


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        found.append((name, float(weight) if weight.replace(".", "", 1).isdigit() else 0.0))
    return found


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range the media type falls into."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == wanted]
        if weights:
            # What is taken only as anything else weighs a little less than what is named.
            return max(weights) - {media: 0.0}.get(wanted, 0.0001 if wanted != "*/*" else 0.0002)
    return 0.0
