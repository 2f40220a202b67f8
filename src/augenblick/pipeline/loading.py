"""Bank files into the durable tables."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from augenblick.content import load_content
from augenblick.ingest import LoadReport, ingest
from augenblick.model.errors import NotLoaded
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.clock import ZONE, today
from augenblick.pipeline.detection import detect
from augenblick.pipeline.erasing import finish_erasures, last_day
from augenblick.pipeline.expiring import overdue
from augenblick.pipeline.taking_in import take_in
from augenblick.pipeline.update.heeding import heed_consents
from augenblick.store import DataDirectory


def load(
    directory: DataDirectory, folder: Path, *, mapping: Path | None = None, progress: Progress = silent
) -> LoadReport:
    """Load a bank's folder into the data directory, all or nothing; return what became of each file.

    Who was erased before does not come back. Changed consents hold at once for what the last run published; where one
    that kept texts has ended, they are blacked out, and everything is derived anew without them.
    """
    at, content = datetime.now(ZONE), load_content(directory.published_content)
    finish_erasures(directory, content=content)
    report, changed = take_in(
        directory,
        lambda bank, blackening: ingest(
            bank, folder, mapping=mapping, loaded_at=at, progress=progress, blackening=blackening
        ),
        content=content,
    )
    with closing(directory.connect(read_only=True)) as connection:
        report.overdue = overdue(connection, content, on=today())
    if report.blacked_out and (run := last_day(directory)) is not None:
        detect(directory, as_of=run[0], base=run[1], content=content)
    if changed:
        with suppress(NotLoaded):  # nothing is published yet
            heed_consents(directory, at=today(), content=content)
    return report
