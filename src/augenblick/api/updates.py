"""Writing working graphs: SPARQL 1.1 Update, and what the Graph Store Protocol brings, as steps of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from augenblick.api.access import Caller
from augenblick.api.graphs import Graphs
from augenblick.api.settings import Working, limits_of
from augenblick.model.errors import BadParameter, NotPermitted
from augenblick.policy.audit import query_name
from augenblick.publish.dataset import dataset
from augenblick.publish.query import refuse_calls_outside
from augenblick.publish.update import Reach, steps
from augenblick.publish.working import Seen, Update


@dataclass(frozen=True)
class Said:
    """What a protocol request says: the update and the graphs it is to read."""

    update: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


def said(pairs: list[tuple[str, str]]) -> Said:
    """Return what the parameters say.

    Raises `BadParameter` unless there is exactly one update, and no query.
    """
    updates = [value for name, value in pairs if name == "update"]
    if len(updates) != 1 or any(name == "query" for name, _ in pairs):
        raise BadParameter(f"There must be one update and no query, not {len(updates)}.", where="update")
    using, named = (
        tuple(value for name, value in pairs if name == wanted)
        for wanted in ("using-graph-uri", "using-named-graph-uri")
    )
    return Said(updates[0], using, named)


def working_of(request: Request, caller: Caller) -> Working:
    """Return which graphs the caller's role may write.

    Raises `NotPermitted` where there are none.
    """
    found: Working | None = request.app.state.settings.working_graphs.get(caller.access.role)
    if found is None:
        raise NotPermitted(f"The role {caller.access.role} writes no graphs.", hint="see `working_graphs`")
    return found


async def updated(request: Request, caller: Caller, wanted: Said) -> Response:
    """Apply an update; nothing is written where any of it may not be."""
    working = working_of(request, caller)
    refuse_calls_outside(wanted.update)
    graphs: Graphs = request.app.state.graphs
    seen = await graphs.seen(caller)
    base = str(request.url.replace(query=""))
    reach = _reach(seen, working, graphs.working.graphs(caller.whom), wanted, base)
    await request.app.state.trail.note(caller, query_name(wanted.update), [None])
    await _apply(request, caller, seen, steps(wanted.update, reach), text=wanted.update, base=base)
    return Response(status_code=204)


async def written(request: Request, caller: Caller, step: dict[str, Any]) -> None:
    """Apply one step that reads nothing, such as a graph put in place of another."""
    seen = await request.app.state.graphs.seen(caller)
    await request.app.state.trail.note(caller, "write a working graph", [None])
    await _apply(request, caller, seen, [{**step, "default": [], "named": []}])


async def _apply(
    request: Request, caller: Caller, seen: Seen, done: list[dict[str, Any]], *, text: str | None = None, base: str = ""
) -> None:
    settings = request.app.state.settings
    seconds = limits_of(settings, caller.access.role).seconds
    update = Update(done, seconds, working_of(request, caller).triples, text, base)
    await request.app.state.graphs.working.apply(seen, update)


def _reach(seen: Seen, working: Working, graphs: tuple[str, ...], wanted: Said, base: str) -> Reach:
    def readable(default: Sequence[str], named: Sequence[str], made: Sequence[str]) -> Any:
        return dataset("", seen.open, default=default, named=named, own=tuple(dict.fromkeys((*graphs, *made))))

    return Reach(
        writable=working.holds,
        dataset=readable,
        default=working.default,
        graphs=graphs,
        using=wanted.using,
        using_named=wanted.using_named,
        base=base,
    )
