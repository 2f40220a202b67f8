"""What a few rows change is followed for the people they touch and all who hang together with them; nobody else.

Their rows are few, whatever the size of the bank: the whole line runs on them in memory (`small_line`), and what comes
out takes the place of what was there of them. Where others may be touched as well, a whole run is the way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import duckdb
import pyarrow as pa

from augenblick import lookup
from augenblick.content import Content
from augenblick.ingest import LoadReport
from augenblick.model.errors import NotLoaded, Outdated
from augenblick.model.terms import ACCESS_GRAPH
from augenblick.pipeline.detection import Clock, last_load
from augenblick.pipeline.release import confirm_release
from augenblick.pipeline.taking_back import taken_since
from augenblick.pipeline.update.neighbourhood import Neighbourhood, neighbourhood
from augenblick.pipeline.update.quads import published_quads
from augenblick.pipeline.update.quiet import note_quiet
from augenblick.pipeline.update.report import Moments, UpdateReport, changes, moments_of
from augenblick.pipeline.update.settling import BELONGING, settle_evidence, settle_tables, settle_waiting
from augenblick.pipeline.update.small_line import Small, SmallLine, looked_up
from augenblick.policy import note_some, read_policy, seal, sealed
from augenblick.publish import replace_some
from augenblick.reason import TooWide
from augenblick.reason.memory_terms import encoded
from augenblick.store import DataDirectory, parsing_once

_NEW_IDENTITIES = """
SELECT moment_id, customer_id, slug, anchor_on FROM moments.moments
WHERE moment_id NOT IN (SELECT moment_id FROM bank.moment_identities) ORDER BY moment_id
"""
_FIRST_DAY = """
SELECT min(first_on), min(first_on) FILTER (account_id IN $accounts) FROM evidence.account_spans
"""


@dataclass(frozen=True)
class _Run:
    """The run the derived tables are of, and the loads it does not know of yet."""

    as_of: date
    base: str
    load_id: int
    last_load: int


small_line = lru_cache(maxsize=1)(SmallLine)
"""The resident line of a content; to make one takes seconds."""


def follow(directory: DataDirectory, content: Content, *, as_of: date, base: str, at: date) -> UpdateReport | None:
    """Bring all that was derived into step with what came in since, for those it touches; return what changed.

    What is published of them is open as consents stand on the day `at`. None where a whole run is needed: for another
    day or content, too many people, or where others are touched.
    """
    with _writing(directory) as connection:
        run = _run(connection, content) if connection else None
        if connection is None or run is None or (run.as_of, run.base) != (as_of, base):
            return None
        if run.last_load <= run.load_id:
            confirm_release(connection, directory)
            return UpdateReport(LoadReport())
        clock = Clock(lambda *_: None)
        with clock.stage("note"):
            loads = (run.load_id, run.last_load)
            noted, carried = note_quiet(directory, connection, content, loads=loads, as_of=as_of, base=base)
        if noted is not None:
            noted.seconds = clock.seconds
            return noted
        return _followed(directory, connection, content, run, at, carried=carried)
    return None


def follow_consents(
    directory: DataDirectory, content: Content, *, at: date, consenting: Collection[str]
) -> UpdateReport | None:
    """Bring all that was derived of those whose consents come to something else on a day into step with them.

    Of all who hang together with them, too, and with what came in since. None where that are too many, where others
    are touched, and where more than consents is otherwise than when it was published.
    """
    with _writing(directory) as connection:
        run = _run(connection, content) if connection else None
        if connection is None or run is None:
            return None
        report = _followed(directory, connection, content, run, at, consenting=consenting)
        if report is not None:
            note_some(connection, at, consenting)
            seal(connection, read_policy(content), at)
        return report
    return None


@contextmanager
def _writing(directory: DataDirectory) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Give a connection to what was derived, None where nothing was; ends early where that needs a whole run."""
    if not directory.derived_file.exists() or not lookup.current(directory.path / lookup.LOOKUP_FILE):
        yield None
        return
    with (
        closing(parsing_once(directory.connect())) as connection,
        suppress(TooWide, NotLoaded, Outdated, duckdb.CatalogException, duckdb.BinderException),  # the last: a release
    ):
        yield connection


def _followed(
    directory: DataDirectory,
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    run: _Run,
    at: date,
    *,
    consenting: Collection[str] = (),
    carried: pa.Table | None = None,
) -> UpdateReport | None:
    telling = small_line(content, run.base).telling
    people = neighbourhood(
        connection, run.load_id, run.base, looked_up=looked_up(content), telling=telling, consenting=consenting
    )
    following = _Following(directory, connection, content, run, people, at) if people is not None else None
    report = following.report(carried) if following else None
    if not directory.kept_open:
        settle_waiting(connection)
    return report


def _run(connection: duckdb.DuckDBPyConnection, content: Content) -> _Run | None:
    """Return the run that can be followed; None where it is of other content, or not published as a whole."""
    row = connection.execute("SELECT as_of, base, load_id FROM run WHERE content = ?", [content.version]).fetchone()
    if row is None or not sealed(connection, read_policy(content)):
        return None
    as_of, base, load_id = row
    if taken_since(connection, load_id or 0):  # a whole run leaves nothing of what was published before
        return None
    return _Run(as_of, base, load_id or 0, last_load(connection))


class _Following:
    """One pass for some people."""

    def __init__(
        self,
        directory: DataDirectory,
        connection: duckdb.DuckDBPyConnection,
        content: Content,
        run: _Run,
        people: Neighbourhood,
        at: date,
    ) -> None:
        self._directory = directory
        self._connection = connection
        self._content = content
        self._run = run
        self._people = people
        self._at = at
        self._clock = Clock(lambda *_: None)

    def report(self, carried: pa.Table | None) -> UpdateReport:
        """Follow what came in; raise `TooWide` or `NotLoaded`, nothing being changed, where that cannot be done.

        `carried` as `SmallLine.derived` takes it.
        """
        report = UpdateReport(LoadReport())
        before = self._moments(self._connection)
        line = small_line(self._content, self._run.base)
        first, theirs = self._first_days()
        with (
            self._clock.stage("derive"),
            line.derived(
                self._connection,
                self._people,
                as_of=self._run.as_of,
                at=self._at,
                data_from=first,
                carried=carried,
            ) as small,
        ):
            self._confirm_first_day(small, first, theirs)
            if small.told is None:
                self._settle(lambda: settle_evidence(self._connection, small))
            else:
                report.moments = list(changes(before, self._moments(small.connection)))
                self._keep(small, report)
            self._connection.execute("UPDATE run SET load_id = ?", [self._run.last_load])
        report.seconds = self._clock.seconds
        return report

    def _moments(self, connection: duckdb.DuckDBPyConnection) -> Moments:
        return moments_of(connection, self._people.customers)

    def _first_days(self) -> tuple[date | None, date | None]:
        row = self._connection.execute(self._people.sql(_FIRST_DAY)).fetchall()
        return row[0][0], row[0][1]

    def _confirm_first_day(self, small: Small, first: date | None, theirs: date | None) -> None:
        """Raise `TooWide` where the bank's first booking may be another than before: everybody looks at it."""
        theirs_now = self._people.sql("SELECT min(first_on) FROM evidence.account_spans WHERE account_id IN $accounts")
        (now,) = small.connection.execute(theirs_now).fetchall()[0]
        if (now is not None and (first is None or now < first)) or (theirs == first and now != first):
            raise TooWide

    def _keep(self, small: Small, report: UpdateReport) -> None:
        with self._clock.stage("identities"):
            self._remember(small)
        with self._clock.stage("publish"), self._published(small, report):
            self._settle(lambda: settle_tables(self._connection, small, self._run.base))
        with self._clock.stage("lookup"):
            lookup.write(small.connection, self._directory.path, customers=self._people.customers)

    def _settle(self, put: Callable[[], None]) -> None:
        with self._clock.stage("settle"):
            self._connection.execute("BEGIN")
            put()
            self._connection.execute("COMMIT")

    def _remember(self, small: Small) -> None:
        rows = small.connection.execute(_NEW_IDENTITIES).fetchall()
        if rows:
            self._connection.executemany("INSERT INTO bank.moment_identities VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _published(self, small: Small, report: UpdateReport) -> Iterator[None]:
        """Publish meanwhile, in a thread of its own: much of that is waiting for the disk.

        Whichever of both does not come to its end, what came in is followed again.
        """
        base = self._run.base
        quads, openings = published_quads(small, base)
        owners = [f"{base}customer/{tail}" for tail in map(encoded, self._people.customers)]
        owners += [f"{base}account/{tail}" for tail in map(encoded, self._people.accounts)]
        access = f"{base}graph/{ACCESS_GRAPH}"
        with ThreadPoolExecutor(1, thread_name_prefix="publish") as beside:
            done = beside.submit(replace_some, self._directory, owners, BELONGING, quads, openings, access)
            yield
            report.published(done.result())
