"""Validation of a fact base: results, and what is kept out of reasoning for them."""

from __future__ import annotations

from collections.abc import Iterable

from augenblick.reason import FactBase
from augenblick.validate.compiled import CompiledShape
from augenblick.validate.keeping_out import keep_out
from augenblick.validate.report import ValidationReport
from augenblick.validate.results import results


def run(fact_base: FactBase, shapes: Iterable[CompiledShape], *, graph: str = "facts") -> ValidationReport:
    """Return what breaks the shapes, and remove from `graph` what that keeps out of reasoning.

    All shapes see all facts: nothing is removed before the last shape is evaluated, so the report does not
    depend on their order.
    """
    found = sorted(
        results(shapes, lambda query: fact_base.select(query, origin="shape").terms()),
        key=lambda result: result.key,
    )
    return ValidationReport(tuple(found), keep_out(fact_base, found, graph=graph))
