"""Answers from the last run: explanations, why-nots, offers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb

from augenblick.content import Content, load_content
from augenblick.explain import Explainer, Explanation, WhyNot
from augenblick.explain import why_not as explain_why_not
from augenblick.model.errors import NotFound, NotLoaded
from augenblick.moments import layers
from augenblick.pipeline.advice import CustomerOffers, customer_offers
from augenblick.pipeline.rules import rules_of
from augenblick.reason import FactBase
from augenblick.store import DataDirectory


@dataclass(frozen=True)
class LastRun:
    """What the last `detect` left behind, open for reading."""

    connection: duckdb.DuckDBPyConnection
    content: Content
    as_of: date
    base: str

    def explainer(self) -> Explainer:
        """Return what explains this run's moments."""
        facts = FactBase(self.connection)
        return Explainer(self.connection, facts, rules_of(self.content), self.content, self.as_of, self.base)


@contextmanager
def last_run(directory: DataDirectory, content: Content | None = None) -> Iterator[LastRun]:
    """Give the last run of the data directory.

    Raises `NotLoaded` when there is none.
    """
    if not directory.derived_file.exists():
        raise _nothing(directory)
    connection = directory.connect(read_only=True)
    try:
        run = _run_row(connection)
        if run is None:
            raise _nothing(directory)
        yield LastRun(connection, content or load_content(), *run)
    finally:
        connection.close()


def _run_row(connection: duckdb.DuckDBPyConnection) -> tuple[date, str] | None:
    try:
        return connection.execute("SELECT as_of, base FROM run").fetchone()
    except duckdb.CatalogException:
        return None


def _nothing(directory: DataDirectory) -> NotLoaded:
    return NotLoaded(
        "No moments have been detected yet.",
        where=str(directory.path),
        hint="run `augenblick ingest FOLDER` and `augenblick detect` first",
    )


def explain(directory: DataDirectory, moment: str) -> Explanation:
    """Return why a moment is believed; `moment` is its IRI, or the part after the data base.

    Raises `NotFound` when there is no such moment.
    """
    with last_run(directory) as run:
        try:
            return run.explainer().moment(moment if "://" in moment else run.base + moment)
        except NotFound as error:
            error.hint = (
                f"the last run is as of {run.as_of}; `augenblick query customer-moments` lists a customer's moments"
            )
            raise


def why_not(directory: DataDirectory, customer: str, moment: str) -> WhyNot:
    """Return why the customer does not have a moment of the type."""
    with last_run(directory) as run:
        facts = FactBase(run.connection)
        return explain_why_not(run.connection, facts, run.content, customer, moment, base=run.base)


def offers_of(directory: DataDirectory, customer: str) -> CustomerOffers:
    """Return the customer's open moments with their offers and dialogues.

    Raises `NotFound` for an unknown customer.
    """
    with last_run(directory) as run:
        if run.connection.execute("SELECT 1 FROM bank.customers WHERE customer_id = ?", [customer]).fetchone() is None:
            raise NotFound(f"There is no customer '{customer}'.", hint="customer ids are those of the bank's export")
        return customer_offers(run.connection, run.content, customer)


def surest_kin_moment(directory: DataDirectory) -> str | None:
    """Return the surest open moment that rests on a relative's moment, None where there is none."""
    with last_run(directory) as run:
        kin = [t.iri for layer in layers(run.content.moments)[1:] for t in layer]
        row = run.connection.execute(
            "SELECT moment_id FROM moments.moments WHERE moment_type IN (SELECT unnest($kin::VARCHAR[])) "
            "AND state IN ('confirmed', 'tentative') ORDER BY confidence DESC, occurred_to DESC, moment_id LIMIT 1",
            {"kin": kin},
        ).fetchone()
        return row[0] if row else None
