"""Questions to the published graph from a page, as the person before it may see the graph."""

from __future__ import annotations

import time

from augenblick.api.graphs import Graphs
from augenblick.api.settings import limits_of
from augenblick.publish.query import refuse_calls_outside, rows_of
from augenblick.web.desk import Desk

Row = dict[str, str]


async def rows(desk: Desk, question: str, query: str) -> list[Row]:
    """Return the rows of a SELECT, each variable's value as text; the audit log has the question.

    Raises what the SPARQL protocol here answers by an error: `NotLoaded`, `QueryTimeout`, `TooLarge`, `Overloaded`.
    """
    return rows_of(await answer(desk, question, query, form="json"))


async def answer(desk: Desk, question: str, query: str, *, form: str, working: bool = False) -> bytes:
    """Return the whole answer to a SELECT or ASK in a form of the SPARQL protocol's results.

    With `working` the working graphs of the person's role and purpose are asked, too, as at `/sparql`.
    Raises what `rows` raises, and `BadRule` for a query that cannot be read or reaches out of this host.
    """
    refuse_calls_outside(query)
    state = desk.request.app.state
    graphs: Graphs = state.graphs
    view = await graphs.view_of(desk.admitted) if working else graphs.view()
    limits = limits_of(state.settings, desk.admitted.access.role)
    work = await graphs.work(view, desk.admitted, query, limits, base=str(desk.request.base_url))
    await state.trail.note(desk.admitted, question, [None])
    begun = time.perf_counter()
    async with graphs.answer(work | {"results": form, "graphs": None}, seconds=limits.seconds) as given:
        told = b"".join([chunk async for chunk in given.chunks])
    state.slow_queries.note(question, desk.admitted.access.role, time.perf_counter() - begun)
    return told
