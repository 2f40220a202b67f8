"""The page of the query library, from the queries' headers."""

from __future__ import annotations

from pathlib import Path

from augenblick.pages.markdown import both, code, sections, table
from augenblick.publish.library import LibraryQuery, load_library


def page(folder: Path) -> str:
    """Return the page: each query with what it answers, its parameters and how to run it."""
    library = load_library(folder)
    return sections(
        (
            "# Abfragen · Queries",
            "Die Abfragen in `queries/` laufen auf dem veröffentlichten Graphen; `augenblick query` listet sie. · "
            "*The queries in `queries/` run on the published graph; `augenblick query` lists them.*",
            table(
                ("name", "Deutsch", "English"),
                [(f"[{q.slug}](#{q.slug})", q.title("de"), q.title("en")) for q in library.values()],
            ),
            *(_section(query) for query in library.values()),
        )
    )


def _section(query: LibraryQuery) -> str:
    asked = "".join(f" --set {p.name}=…" for p in query.parameters if p.default is None)
    rows = [
        (code(p.name), p.kind, p.text, "" if p.default is None else code(p.default or "(empty)"))
        for p in query.parameters
    ]
    return sections(
        (
            f"## {query.slug}",
            f"**{both(query.title('de'), query.title('en'))}**",
            query.answers.get("de", ""),
            f"*{query.answers['en']}*" if "en" in query.answers else "",
            f"```sh\naugenblick query {query.slug}{asked}\n```",
            table(("parameter", "type", "what it is", "default"), rows),
            f"Rollen · roles: {', '.join(query.roles)}",
        )
    )
