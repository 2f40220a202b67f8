"""Which pages there are, and whether the files on disk are current."""

from __future__ import annotations

from pathlib import Path

from augenblick.content import Content, load_content
from augenblick.content.pictures import PICTURES, picture
from augenblick.pages import (
    command,
    contract,
    data_protection,
    error,
    fragment,
    moment,
    ontology,
    product,
    query,
    setting,
    signal,
)
from augenblick.pages.markdown import both, table

FOLDER = "reference"
MARK = "<!-- Written by `make docs` from the sources; edit those. -->"


def pages(content: Content | None = None) -> dict[str, str]:
    """Return every page's text by its path below `docs/reference`; equal sources give equal texts."""
    content = content or load_content()
    found = {
        "errors.md": error.page(),
        "cli.md": command.page(),
        "settings.md": setting.page(),
        "input-contract.md": contract.page(),
        "fragment.md": fragment.page(),
        "ontology.md": ontology.page(content),
        "signals.md": signal.page(content),
        "products.md": product.page(content),
        "queries.md": query.page(content.queries),
        "data-protection.md": data_protection.page(content),
    }
    found |= {f"moments/{each.slug}.md": moment.page(each, content) for each in content.moments}
    found |= _pictures(content)
    found["README.md"] = _index(content)
    return {path: f"{MARK}\n\n{text.strip()}\n" for path, text in sorted(found.items())}


def _pictures(content: Content) -> dict[str, str]:
    return {
        f"pictures/{name}.{language}.svg": picture(name, content, language, _place)
        for name in PICTURES
        for language in ("de", "en")
    }


def _place(kind: str, slug: str) -> str:
    return f"../moments/{slug}.md" if kind == "moment" else f"../{kind}s.md#{slug}"


def differing(docs: Path, book: dict[str, str] | None = None) -> list[Path]:
    """Return the pages below `docs` that are missing, differ from the sources, or have no source any more.

    `book` holds the pages as they should be, as `pages` returns them.
    """
    wanted = {docs / FOLDER / path: text for path, text in (book or pages()).items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return sorted(stale + _orphans(docs, set(wanted)))


def write(docs: Path, book: dict[str, str] | None = None) -> list[Path]:
    """Write the pages that differ and remove those without a source; return which."""
    book = book or pages()
    changed = differing(docs, book)
    for path in changed:
        text = book.get(path.relative_to(docs / FOLDER).as_posix())
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    return changed


def _orphans(docs: Path, wanted: set[Path]) -> list[Path]:
    found = (path for path in (docs / FOLDER).rglob("*.*") if path.suffix in (".md", ".svg"))
    return [path for path in found if path not in wanted and path.read_text(encoding="utf-8").startswith(MARK)]


_PAGES = (
    ("cli.md", "Befehle und Optionen", "commands and options"),
    ("settings.md", "Einstellungen des Dienstes", "settings of the service"),
    ("input-contract.md", "die Tabellen, die eine Bank übergibt", "the tables a bank hands over"),
    ("ontology.md", "Klassen und Eigenschaften nach Themen", "classes and properties by theme"),
    ("signals.md", "was Buchungen bedeuten", "what bookings mean"),
    ("products.md", "Produkte und ihre Bedingungen", "products and their conditions"),
    ("queries.md", "die Abfragen der Analysten", "the analysts' queries"),
    (
        "fragment.md",
        "was von OWL 2 RL, SPARQL und SHACL verstanden wird",
        "what is taken of OWL 2 RL, SPARQL and SHACL",
    ),
    ("data-protection.md", "Verarbeitungen und Rechtsgrundlagen", "processing and legal bases"),
    ("errors.md", "alle Fehler mit ihrer Nummer", "all errors with their codes"),
)


def _index(content: Content) -> str:
    listed = [(f"[{path}]({path})", de, en) for path, de, en in _PAGES]
    moments = [
        (f"[{each.slug}](moments/{each.slug}.md)", each.label.de, each.label.en)
        for each in sorted(content.moments, key=lambda each: each.slug)
    ]
    return "\n\n".join(
        (
            f"# {both('Nachschlagen', 'Reference')}",
            "Diese Seiten werden aus den Quellen geschrieben und durch einen Test aktuell gehalten. · "
            "These pages are written from the sources and kept current by a test.",
            table(("", "Deutsch", "English"), listed),
            f"## {both('Bilder', 'Pictures')}",
            "Wie Hinweise zu Momenten und Angeboten führen: [Bild](pictures/evidence.de.svg). Der Klassenbaum: "
            "[Bild](pictures/classes.de.svg). · *How evidence leads to moments and offers: "
            "[picture](pictures/evidence.en.svg). The tree of classes: [picture](pictures/classes.en.svg).*",
            f"## {both('Lebensmomente', 'Life moments')}",
            table(("", "Deutsch", "English"), moments),
        )
    )
