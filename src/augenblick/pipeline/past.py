"""The line by other rules than those in force, kept beside what is shown; nothing durable is written."""

from __future__ import annotations

import shutil

from augenblick.content import Content
from augenblick.model.errors import NotLoaded
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.detection import Clock, detect_in, last_load, show
from augenblick.pipeline.reading import last_run
from augenblick.policy import read_policy
from augenblick.store import DataDirectory


def derive_beside(
    directory: DataDirectory, beside: DataDirectory, content: Content, progress: Progress = silent
) -> None:
    """Derive by the content what the last run's data and day give, into another data directory.

    It is read like any other; its durable database is the first one's, which is only read. Raises `NotLoaded` without
    a run, `Busy` while another process writes.
    """
    with last_run(directory) as run:
        as_of, base = run.as_of, run.base
    policy = read_policy(content)
    beside.path.mkdir(parents=True, exist_ok=True)
    unfinished = beside.derived_file.with_suffix(".unfinished")
    with directory.aside(fresh=True) as connection:
        _, facts = detect_in(connection, content, as_of=as_of, base=base, progress=progress)
        show(beside, connection, facts, policy, at=as_of, base=base, clock=Clock(silent))
        file = connection.execute(
            "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
        ).fetchone()
        connection.execute("CHECKPOINT")
        shutil.copyfile(str(file[0]) if file else "", unfinished)
    unfinished.replace(beside.derived_file)


def is_of_last_run(directory: DataDirectory, beside: DataDirectory) -> bool:
    """Whether what lies beside was derived as of the last run's day, from all that is loaded now."""
    try:
        with last_run(directory) as run, last_run(beside) as other:
            row = other.connection.execute("SELECT load_id FROM run").fetchone()
            return run.as_of == other.as_of and row == (last_load(run.connection),)
    except NotLoaded:
        return False
