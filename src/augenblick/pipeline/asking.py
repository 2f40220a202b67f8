"""The doors: who asks is admitted, sees what the gate allows, and is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from augenblick import lookup
from augenblick.content import Content, load_content
from augenblick.facts import left_out_sql
from augenblick.model.errors import NotPermitted
from augenblick.pipeline.reading import LastRun, last_run
from augenblick.pipeline.release import of_this_release
from augenblick.policy import Access, Consents, Gate, Policy, mark, place, placed_quads, read_policy, seal
from augenblick.policy.audit import query_name
from augenblick.publish import QueryAnswer, current_snapshot, follow, publish, run_query
from augenblick.publish.library import LibraryQuery
from augenblick.publish.remote import attached
from augenblick.reason import QUADS_ORDER, FactBase
from augenblick.store import DataDirectory

QUERY, SPARQL = "query", "sparql"
_CHANGED = """
SELECT customer_id FROM (FROM stated_before EXCEPT FROM policy.states)
UNION SELECT customer_id FROM (FROM policy.states EXCEPT FROM stated_before)
"""


def ask(
    directory: DataDirectory,
    query: LibraryQuery,
    *,
    access: Access,
    given: Mapping[str, str],
    library: bool,
    result_format: str = "json",
    seconds: float = 60.0,
) -> QueryAnswer:
    """Return the answer to a query on the dataset that is open to the access as consents are now.

    `library` says that the query is one of the shipped ones; others go through the door of free queries. A dataset
    published before a consent changed is published anew first. Raises `NotPermitted`, and what `run_query` raises.
    """
    content = load_content(directory.published_content)
    with last_run(directory, content) as run:
        gate = Gate(read_policy(content), Consents())
        role = run.admit(gate, access, QUERY if library else SPARQL, given.get("customer"))
        text = grouped(query, role.smallest_group) if role.smallest_group else query.text
        name = query.slug if library else query_name(query.text)
        run.note(access, QUERY if library else SPARQL, given.get("customer"), name, None)
    heed_consents(directory, at=access.at, content=content)
    follow(directory)
    return run_query(
        current_snapshot(directory),
        text,
        access=access,
        parameters=query.values(dict(given)),
        result_format=result_format,
        seconds=seconds,
        store=attached(directory),
    )


def grouped(query: LibraryQuery, smallest: int) -> str:
    """Return the query with groups of fewer customers left out.

    Raises `NotPermitted` for a query whose header does not say which column counts its customers.
    """
    if not query.customers:
        raise NotPermitted(
            "This role sees aggregates only, and the query gives none.",
            hint=f"aggregates count at least {smallest} customers per group; their header says `# customers: COLUMN`",
        )
    return f"SELECT * {{ {{\n{query.text}\n}} FILTER(?{query.customers} >= {smallest}) }}"


def heed_consents(directory: DataDirectory, *, at: date, content: Content) -> bool:
    """See to it that what is published is open only to whom consents allow on the day; return whether that changed it.

    Raises `NotLoaded` where nothing is published, `Outdated` where another release derived it, `Busy` while another
    process writes.
    """
    if follows_consents(directory, at=at, content=content):
        return False
    republish(directory, at=at, content=content)
    return True


def follows_consents(directory: DataDirectory, *, at: date, content: Content | None = None) -> bool:
    """Say whether what is published is open only to whom policy and consents allow on the day.

    Raises `NotLoaded` where nothing is published, `Outdated` where another release derived it.
    """
    with last_run(directory, content) as run:
        return _is_current(run, run.policy, at)


def _is_current(run: LastRun, policy: Policy, at: date) -> bool:
    row = run.connection.execute("SELECT mark FROM policy.published").fetchone()
    return row is not None and row[0] == mark(run.connection, policy, at)


def republish(directory: DataDirectory, *, at: date, content: Content) -> None:
    """Assign the last run's graphs anew, as consents stand on the day; publish what that changes, look-ups too.

    Raises `Busy` while another process writes: nobody is answered by consents that do not hold any more.
    """
    connection = directory.connect()
    try:
        with of_this_release(directory):
            _republish(directory, connection, at, content)
    finally:
        connection.close()


def _republish(directory: DataDirectory, connection: duckdb.DuckDBPyConnection, at: date, content: Content) -> None:
    (base,) = connection.execute("SELECT base FROM run").fetchone() or ("",)
    sealed = connection.execute("SELECT count(*) FROM policy.published").fetchone() == (1,)
    policy = read_policy(content)
    facts = FactBase(connection)
    connection.execute("CREATE OR REPLACE TEMP TABLE stated_before AS FROM policy.states")
    place(connection, facts, policy, at=at)
    quads = placed_quads(facts, base, without=left_out_sql(facts))
    publish(directory, connection, quads, order=QUADS_ORDER)
    changed = [row[0] for row in connection.execute(_CHANGED).fetchall()]
    # Without a seal somebody was ended between the states and the look-ups: nobody knows whose are behind.
    lookup.write(connection, directory.path, customers=changed if sealed else None)
    seal(connection, policy, at)  # last: whoever ends before leaves it to be done again
