"""In which encoding a statement file really is, whatever it says of itself.

Banks declare UTF-8 and write Latin-1, or declare nothing. The file is read once in chunks: a byte-order
mark decides, then whether the bytes are valid UTF-8; otherwise the declared single-byte encoding, a DOS code page
(old German and Hungarian MT940), or Windows-1252 is assumed, and the warning says so.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from augenblick.model.errors import HostileFile, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .limits import Limits

CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"), (b":\x00", "utf-16-le"), (b"\x00:", "utf-16-be"))
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DOS_LETTER = re.compile(rb"[A-Za-z](?:[\x81\x84\x94]|[\x8e\x99\x9a])[A-Za-z]")
_ANSI_LETTERS = re.compile(rb"[\xe4\xf6\xfc\xc4\xd6\xdc\xdf]")
_SINGLE_BYTE = {"iso8859-1", "iso8859-15", "iso8859-2", "cp1252", "cp1250", "cp850", "cp852", "cp437"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name and, where it was assumed against the file's own word, a sentence about that."""

    name: str
    warning: str | None = None


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file that cannot be opened, is empty, or is larger than the limits allow.

    Raises UnreadableFile or HostileFile.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(f"cannot be opened: {error.strerror}", where=path.name) from error
    if size == 0:
        raise UnreadableFile("the file is empty", where=path.name, hint="fetch the statement again")
    if size > limits.file_bytes:
        raise HostileFile(
            f"{size} bytes; at most {limits.file_bytes} are read", where=path.name, hint="split it by account or month"
        )


def chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """The file's bytes, piece by piece. Raises UnreadableFile when the disk does not give them."""
    try:
        with path.open("rb") as file:
            while piece := file.read(size):
                yield piece
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror}", where=path.name) from error


def head(path: Path) -> str:
    """The file's first characters, decoded well enough to see what kind of file it is."""
    start = next(chunks(path), b"")
    wide = _wide(start)
    return start.decode(wide.name if wide else "latin-1", "replace").lstrip("\ufeffï»¿")


def detect(path: Path) -> Encoding:
    """The encoding of the file at `path`; reads it once, in constant memory."""
    start = next(chunks(path), b"")
    if wide := _wide(start):
        return wide
    declared = _declared(start)
    if declared in _SINGLE_BYTE:
        return Encoding(declared)
    if _is_utf8(path):
        return Encoding("utf-8")
    assumed = "cp850" if _looks_like_dos(path) else "cp1252"
    says = f"declared as {declared}" if declared else "without a declared encoding"
    return Encoding(assumed, f"{says}, but not valid UTF-8: read as {assumed}")


def _wide(start: bytes) -> Encoding | None:
    """The encoding that a byte-order mark, or the zero bytes of UTF-16, give away."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name)
    for sign, name in _BARE_UTF16:
        if start.lstrip(b"\r\n ").startswith(sign):
            return Encoding(name, f"no byte-order mark; {name} assumed")
    return None


def decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    """The file's text, piece by piece; bytes that the encoding does not know become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    for piece in chunks(path):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _declared(head: bytes) -> str | None:
    match = _DECLARED.match(head)
    if not match:
        return None
    try:
        return codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in chunks(path, 1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_like_dos(path: Path) -> bool:
    """Whether umlauts stand where DOS code pages have them and none where Windows has them."""
    dos = False
    for piece in chunks(path):
        if _ANSI_LETTERS.search(piece):
            return False
        dos = dos or bool(_DOS_LETTER.search(piece))
    return dos
