"""Safe, streaming XML: one subtree at a time, no entities, no network, bounded depth and size.

lxml's pull parser gets UTF-8 whatever the file's encoding is. A document type declaration is refused
before the parser sees it: payment messages have none, and all entity attacks need one. The parser's own
bounds (256 levels, 10 MB per text or attribute) stay on. Between two wanted subtrees only
`Limits.entry_bytes` may pass, and what was handled leaves the tree, so memory does not grow with the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from augenblick.model.errors import HostileFile, UnreadableFile

from .encoding import decoded, detect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .encoding import Encoding
    from .limits import Limits

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_BEFORE_ROOT = re.compile(r"\ufeff?(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_ROOT = re.compile(r"<[^!?\s]|[^<]")
_LAST_LINE = 65_535
_VERBATIM = "Ustrd"  # blanks at its ends matter: it is cut at 140 characters
_FEW = 1_000
_PATHS: dict[str, dict[str, tuple[str, str]]] = {}
_BEYOND_BOUNDS = re.compile(r"depth|huge|too long|too big|limit|amplification|entit|maximum", re.IGNORECASE)


class Source:
    """The text of one XML file, ready for a parser: encoding found, declaration cut off, prolog checked."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.encoding: Encoding = detect(path)

    def prolog(self) -> str:
        """The file's text up to and into its first element. Raises HostileFile on a DOCTYPE."""
        text = ""
        for piece in decoded(self.path, self.encoding):
            text += piece
            if self._root_begins(text):
                break
        return text

    def pieces(self) -> Iterator[bytes]:
        """The document as UTF-8 without its XML declaration. Raises HostileFile on a DOCTYPE."""
        begun, held = False, ""
        for piece in decoded(self.path, self.encoding):
            held += piece
            if not begun and not (begun := self._root_begins(held)):
                continue
            yield _DECLARATION.sub("", held.lstrip("\ufeff"), count=1).encode("utf-8", "replace")
            held = ""
        yield held.encode("utf-8", "replace")

    def _root_begins(self, prolog: str) -> bool:
        start = _BEFORE_ROOT.match(prolog)
        rest = prolog[start.end() if start else 0 :]
        if _DOCTYPE.match(rest):
            raise HostileFile(
                "the file declares a document type or entities",
                where=self.path.name,
                hint="payment messages have none; do not trust this file",
            )
        if _ROOT.match(rest):
            return True
        if len(prolog) > self.limits.prolog_bytes:
            raise HostileFile("no element within the first kilobytes", where=self.path.name)
        return False


def subtrees(source: Source, wanted: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    """Pairs of "start"/"end" and element, for elements with a local name in `wanted`, in document order.

    A subtree is complete at its end and is emptied when the next pair is asked for. Raises HostileFile
    beyond the limits, UnreadableFile for XML that is broken or cut off.
    """
    parser = etree.XMLPullParser(
        ("start", "end"),
        tag=["{*}" + name for name in wanted],
        encoding="UTF-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    silent = 0
    for piece in source.pieces():
        _feed(parser, piece, source)
        silent += len(piece)
        for event, element in parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            silent = 0
            yield event, element
            if event == "end":
                _drop(element)
        if silent > source.limits.entry_bytes:
            raise HostileFile(f"one entry takes more than {source.limits.entry_bytes} bytes", where=source.path.name)
    _finish(parser, source)


def _feed(parser: etree.XMLPullParser, piece: bytes, source: Source) -> None:
    try:
        parser.feed(piece)
    except etree.XMLSyntaxError as error:
        raise _reason(error, source) from None


def _finish(parser: etree.XMLPullParser, source: Source) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _reason(error, source) from None


def _reason(error: etree.XMLSyntaxError, source: Source) -> HostileFile | UnreadableFile:
    """The parser's complaint without its text: that may quote a customer's data."""
    line = error.lineno or 0
    if _BEYOND_BOUNDS.search(error.msg or ""):
        return HostileFile(f"nesting, text or names beyond all measure in line {line}", where=source.path.name)
    return UnreadableFile(
        f"no well-formed XML: broken or cut off in line {line}",
        where=source.path.name,
        hint="fetch the statement again; a cut file is not loaded in part",
    )


def _drop(element: etree._Element) -> None:
    """Empty a handled subtree and forget its handled elder siblings.

    The element itself stays until the next one: the parser may still append to its tail.
    """
    element.clear(keep_tail=True)  # type: ignore[call-arg]  # lxml-stubs lacks it
    parent = element.getparent()
    elder = element.getprevious()
    while parent is not None and elder is not None and elder.tag == element.tag:
        parent.remove(elder)
        elder = element.getprevious()


def line_of(element: etree._Element) -> int | None:
    """The physical line on which the element begins; None beyond 65,534, where the parser no longer counts."""
    line = element.sourceline
    return line if isinstance(line, int) and line < _LAST_LINE else None


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def leaves(element: etree._Element, skip: str | None = None) -> dict[str, list[str]]:
    """The texts below an element by path: `{"Amt": ["8.85"], "Amt@Ccy": ["EUR"], "BookgDt/Dt": [...]}`.

    Paths are local names joined by `/`; attributes follow an `@`. Subtrees named `skip` are left out. Texts
    are trimmed (but remittance text); empty ones do not appear.
    """
    found: dict[str, list[str]] = {}
    _gather(element, "", found, skip)
    return found


def _gather(element: etree._Element, path: str, found: dict[str, list[str]], skip: str | None) -> None:
    below = _steps(path)
    for child in element:
        tag = child.tag
        name, here = below.get(tag) or below.setdefault(tag, _step(path, tag))
        if name == skip:
            continue
        text = child.text
        if text and (name == _VERBATIM or (text := text.strip())):
            found.setdefault(here, []).append(text)
        for key, value in child.items():
            found.setdefault(f"{here}@{str(key).rpartition('}')[2]}", []).append(str(value))
        if len(child):
            _gather(child, here, found, skip)


def _steps(path: str) -> dict[str, tuple[str, str]]:
    """The steps known below a path: tag → local name and path. A message has few; hostile ones are forgotten."""
    below = _PATHS.get(path)
    if below is None or len(below) > _FEW:
        if len(_PATHS) > _FEW:
            _PATHS.clear()
        below = _PATHS[path] = {}
    return below


def _step(path: str, tag: str) -> tuple[str, str]:
    name = tag.rpartition("}")[2]
    return name, f"{path}/{name}" if path else name
