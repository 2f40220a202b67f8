"""The doors: who asks is admitted, sees what the gate allows, and is written down."""

from __future__ import annotations

from collections.abc import Mapping

from augenblick.content import load_content
from augenblick.model.errors import NotPermitted
from augenblick.pipeline.reading import last_run
from augenblick.pipeline.update.heeding import heed_consents
from augenblick.policy import Access, Consents, Gate, read_policy
from augenblick.policy.audit import query_name
from augenblick.publish import QueryAnswer, current_snapshot, follow, run_query
from augenblick.publish.library import LibraryQuery
from augenblick.publish.remote import attached
from augenblick.store import DataDirectory

QUERY, SPARQL = "query", "sparql"


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
