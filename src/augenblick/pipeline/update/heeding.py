"""What is published follows the consents of now: at once, and only for those whose consents came to something else."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import duckdb

from augenblick import lookup
from augenblick.content import Content
from augenblick.facts import left_out_sql
from augenblick.ingest import LoadReport
from augenblick.pipeline.reading import last_run
from augenblick.pipeline.release import of_this_release
from augenblick.pipeline.update.following import follow_consents
from augenblick.pipeline.update.report import UpdateReport
from augenblick.policy import behind, changed, place, placed_quads, read_policy, seal
from augenblick.publish import publish
from augenblick.reason import QUADS_ORDER, FactBase
from augenblick.store import DataDirectory


def heed_consents(directory: DataDirectory, *, at: date, content: Content) -> UpdateReport | None:
    """See to it that what is published is open only to whom consents allow on the day; return what that changed.

    None where nothing had to. Where the consents of few came to something else, what was derived of them and all who
    hang together with them is brought into step, what came in since included; else everything is published anew.
    Raises `NotLoaded` where nothing is published, `Outdated` where another release derived it, `Busy` while another
    process writes.
    """
    with last_run(directory, content) as run:
        whose = behind(run.connection, run.policy, at)
    if whose == []:
        return None
    followed = follow_consents(directory, content, at=at, consenting=whose) if whose is not None else None
    return followed or republish(directory, at=at, content=content)


def follows_consents(directory: DataDirectory, *, at: date, content: Content | None = None) -> bool:
    """Say whether what is published is open only to whom policy and consents allow on the day.

    Raises `NotLoaded` where nothing is published, `Outdated` where another release derived it.
    """
    with last_run(directory, content) as run:
        return behind(run.connection, run.policy, at) == []


def republish(directory: DataDirectory, *, at: date, content: Content) -> UpdateReport:
    """Assign the last run's graphs anew, as consents stand on the day; publish what that changes, look-ups too.

    Raises `Busy` while another process writes: nobody is answered by consents that do not hold any more.
    """
    report = UpdateReport(LoadReport())
    with closing(directory.connect()) as connection, of_this_release(directory):
        _republish(directory, connection, at, content, report)
    return report


def _republish(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection, at: date, content: Content, report: UpdateReport
) -> None:
    (base,) = connection.execute("SELECT base FROM run").fetchone() or ("",)
    # Without a seal somebody was ended between the states and the look-ups: nobody knows whose are behind.
    whole = connection.execute("SELECT 1 FROM policy.published").fetchone() is None
    whose = None if whole else changed(connection, at)
    policy = read_policy(content)
    facts = FactBase(connection)
    place(connection, facts, policy, at=at)
    quads = placed_quads(facts, base, without=left_out_sql(facts))
    report.published(publish(directory, connection, quads, order=QUADS_ORDER))
    lookup.write(connection, directory.path, customers=whose)
    seal(connection, policy, at)  # last: whoever ends before leaves it to be done again
