"""Bank files into the durable tables."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from augenblick.ingest import LoadReport, ingest
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.erasing import keep_out_erased
from augenblick.store import DataDirectory

ZONE = ZoneInfo("Europe/Berlin")


def today() -> date:
    """Return the civil date in Germany."""
    return datetime.now(ZONE).date()


def load(
    directory: DataDirectory, folder: Path, *, mapping: Path | None = None, progress: Progress = silent
) -> LoadReport:
    """Load a bank's folder into the data directory, all or nothing; return what became of each file.

    Who was erased before does not come back.
    """
    connection = directory.connect()
    try:
        report = ingest(connection, folder, mapping=mapping, loaded_at=datetime.now(ZONE), progress=progress)
        back = keep_out_erased(directory, connection)
    finally:
        connection.close()
    if back:
        directory.compact()
    return report
