"""What people said of moments, shown wherever moments are: in the look-ups, in the graph and in what is published."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import duckdb
import pyoxigraph as ox
from rdflib import Literal, URIRef

from augenblick import lookup
from augenblick.model.errors import NotLoaded
from augenblick.model.tables import has_table
from augenblick.model.terms import AUG
from augenblick.moments import feedback
from augenblick.publish import replace_values
from augenblick.reason import FactBase, waiting
from augenblick.reason.ir import RelationKey
from augenblick.store import DataDirectory

_STATE = AUG + "state"
_STATES = "SELECT moment_id, state FROM moments.moments WHERE customer_id IN (SELECT unnest(?::VARCHAR[]))"
_MILDER = (
    "SELECT mild_id, mild_state FROM policy.moments WHERE mild_id IS NOT NULL AND mild_state IS NOT NULL "
    "AND customer_id IN (SELECT unnest(?::VARCHAR[]))"
)


def show_words(directory: DataDirectory, connection: duckdb.DuckDBPyConnection, customers: Sequence[str]) -> None:
    """Show the states that customers' moments have by the last words on them; what else follows waits for a run.

    The published graph follows unless it is to be published as a whole anyway. Words that were kept and not shown are
    shown at the next start.
    """
    lookup.write(connection, directory.path, customers=customers)
    states = dict(connection.execute(_STATES, [list(customers)]).fetchall())
    _put(connection, states)
    if has_table(connection, "moments", schema="policy"):  # what was not published has no standings
        states |= dict(connection.execute(_MILDER, [list(customers)]).fetchall())
    with suppress(NotLoaded):
        replace_values(directory, _STATE, {moment: ox.Literal(state) for moment, state in states.items()})
    feedback.heard(connection)


def _put(connection: duckdb.DuckDBPyConnection, states: dict[str, str]) -> None:
    """Put the states into the graph: it is published from there when consents change."""
    facts = FactBase(connection, tables_only=True)
    waiting.replace_values(facts, RelationKey(_STATE), {URIRef(s): Literal(state) for s, state in states.items()})
