"""What can be said of a file from its bytes alone: its digest, its lines, and whether it is text at all."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from augenblick.model.errors import HostileFile, UnreadableFile

CHUNK = 8 * 1024 * 1024
"""Bytes read at once; a single line longer than this is refused."""

ARCHIVES = {
    b"PK": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}


@dataclass(frozen=True)
class Scan:
    """A file's SHA-256, the number of its lines, and whether some carriage return stands without a line feed."""

    sha256: str
    lines: int
    bare_returns: bool


def scan_text(path: Path, name: str) -> Scan:
    """Return digest and line count of a UTF-8 text file.

    Raises `UnreadableFile` for an empty file, an archive, UTF-16, bytes that are not UTF-8 and NUL bytes
    (saying in which line), `HostileFile` for a line beyond 8 MB.
    """
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    lines, last, returns = 0, b"", 0
    for chunk in _chunks(path, name):
        if not last:
            _refuse_other_formats(chunk, name)
        digest.update(chunk)
        _refuse_nul(chunk, lines, name)
        _decode(decoder, chunk, lines, name)
        newlines = chunk.count(b"\n")
        if not newlines and len(chunk) == CHUNK:
            raise HostileFile(f"A line of more than {CHUNK // 2**20} MB.", where=f"{name} line {lines + 1}")
        lines += newlines
        returns += chunk.count(b"\r") - (last + chunk).count(b"\r\n")
        last = chunk[-1:]
    _decode(decoder, b"", lines, name, final=True)
    if not last:
        raise UnreadableFile("The file is empty.", where=name, hint="at least the header line is expected")
    return Scan(digest.hexdigest(), lines + (last != b"\n"), returns > 0)


def sha256_of(path: Path, name: str) -> str:
    """Return a file's SHA-256 in hexadecimal; `UnreadableFile` if it cannot be read or is empty."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(path, name):
        digest.update(chunk)
        size += len(chunk)
    if not size:
        raise UnreadableFile("The file is empty.", where=name)
    return digest.hexdigest()


def to_utf8(path: Path, name: str, encoding: str, target: Path) -> Path:
    """Write a text file of another encoding as UTF-8 and return the copy; lines stay as they are.

    Raises `UnreadableFile` naming the line whose bytes the encoding does not know.
    """
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 0
    with target.open("wb") as copy:
        for chunk in _chunks(path, name):
            copy.write(_decoded(decoder, chunk, lines, name, encoding).encode())
            lines += chunk.count(b"\n")
        copy.write(_decoded(decoder, b"", lines, name, encoding, final=True).encode())
    return target


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes, lines: int, name: str, encoding: str, *, final: bool = False
) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        line = lines + 1 + error.object.count(b"\n", 0, error.start)
        raise UnreadableFile(
            f"The bytes are not {encoding}.",
            where=f"{name} line {line}",
            hint="name the file's encoding in the mapping",
        ) from error


def _chunks(path: Path, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror}.", where=name) from error


def _refuse_other_formats(head: bytes, name: str) -> None:
    for magic, what in ARCHIVES.items():
        if head.startswith(magic):
            raise UnreadableFile(f"The file is {what}, not text.", where=name, hint="unpack it first")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile("The file is UTF-16, not UTF-8.", where=name, hint="convert it: iconv -f UTF-16 -t UTF-8")
    if head.startswith(b"PAR1"):
        raise UnreadableFile("The file is Parquet, not CSV.", where=name, hint="name it .parquet")


def _refuse_nul(chunk: bytes, lines: int, name: str) -> None:
    at = chunk.find(b"\0")
    if at >= 0:
        line = lines + 1 + chunk.count(b"\n", 0, at)
        raise UnreadableFile(
            "A NUL byte stands in the text.",
            where=f"{name} line {line}",
            hint="the file is damaged, binary or UTF-16; export it again as UTF-8",
        )


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, lines: int, name: str, *, final: bool = False) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        line = lines + 1 + error.object.count(b"\n", 0, error.start)
        raise UnreadableFile(
            f"Byte 0x{error.object[error.start]:02X} is not UTF-8.",
            where=f"{name} line {line}",
            hint="the file is damaged or in another encoding; if it is Latin-1, "
            "convert it: iconv -f WINDOWS-1252 -t UTF-8",
        ) from error
