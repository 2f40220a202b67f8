"""Rows into the durable tables, the one way in: what consents and erasures forbid does not stay there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import duckdb

from augenblick.content import Content, load_content
from augenblick.ingest import Blackening, LoadReport
from augenblick.pipeline.blacking_out import BlackingOut
from augenblick.pipeline.clock import today
from augenblick.pipeline.erasing import keep_out_erased
from augenblick.pipeline.taking_back import DECIDING, take_back
from augenblick.store import DataDirectory, parsing_once

_looked_at: dict[Path, tuple[date, Collection[str]]] = {}
"""When, and for which consents, this process last looked whose texts stay: but for rows that decide it that stands."""


def take_in(
    directory: DataDirectory,
    take: Callable[[duckdb.DuckDBPyConnection, Blackening], LoadReport],
    *,
    content: Content | None = None,
) -> tuple[LoadReport, bool]:
    """Let `take` bring rows into the bank tables; return its report and whether the consents may be others now.

    The one way in, whatever the rows come as: who was erased before does not come back, and texts that reveal what
    the ontology (default: as published) says are blacked out before they are stored, and where they lie already once
    the consent that kept them has ended.
    """
    blackening = BlackingOut(directory, lambda: content or load_content(directory.published_content), at=today())
    connection = parsing_once(directory.connect())
    try:
        report = take(connection, blackening)
        back = keep_out_erased(directory, connection)
        came = {file.table for file in report.files if file.loaded}
        changed = bool(back or report.removed or "consents" in came)
        looked = (today(), blackening.kept_with)
        before = _looked_at.get(directory.path) == looked
        if changed or came & DECIDING or not before:
            load = report.load_id if before and not back else None
            report.blacked_out = take_back(connection, blackening, at=today(), load=load)
            _looked_at[directory.path] = looked
    finally:
        connection.close()
    if back or report.blacked_out:
        directory.compact()
    return report, changed
