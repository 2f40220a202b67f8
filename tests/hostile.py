"""Texts that try to be more than text, and what a page must not hold besides its own."""

from __future__ import annotations

from html.parser import HTMLParser

ATTEMPTS = (
    "<script>window.harmed=1</script>",
    "\"'><img src=x onerror=window.harmed=1>",
    "<svg/onload=window.harmed=1>",
    "</title><script src=//x.example></script>",
    "<a href=javascript:window.harmed=1>x</a>",
    "<iframe srcdoc='<script>top.harmed=1</script>'>",
    "' onfocus=window.harmed=1 autofocus x='",
    "<details open ontoggle=window.harmed=1>",
    "{{7*7}}{% print(7) %}${7*7}",
    "<style>@import '//x.example'</style>",
    "&lt;script&gt;window.harmed=1&lt;/script&gt;",
    "</textarea><b hx-get=//x.example hx-trigger=load>",
)


class _Page(HTMLParser):
    """Reads a page as a browser does: what its elements may do, and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harm: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what runs, loads from elsewhere or styles."""
        given = dict(attrs)
        if tag in ("iframe", "style", "object", "embed", "base") or (tag == "script" and "src" not in given):
            self.harm.append(tag)
        for name, value in attrs:
            told = (value or "").strip().lower()
            leads = name in ("src", "href", "action", "formaction", "hx-get", "hx-post", "xlink:href")
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.harm.append(f"{tag} {name}")
            elif leads and not (told.startswith(("/", "#")) and not told.startswith("//")):
                self.harm.append(f"{tag} {name}={value}")
            elif name in ("value", "title", "aria-label", "placeholder"):
                self.text += f"\n{value}"

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def read(html: str) -> tuple[list[str], str]:
    """Return what a page holds that could do harm, and its text with the values of its fields."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.harm, page.text
