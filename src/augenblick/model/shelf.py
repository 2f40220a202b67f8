"""What takes long to make and depends on its key alone, kept from run to run in the user's cache directory.

Nothing here is needed: an entry that is absent, unreadable, or of another version is made again. Entries are
pickles, which could run code. So they are only read where nobody but this user can write, and nothing but the
named classes is made from them, without looking further.
"""

from __future__ import annotations

import contextlib
import copyreg
import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_MADE_WITH = ("augenblick", "rdflib", "duckdb", "sqlglot")
_UNREADABLE = (OSError, pickle.PickleError, EOFError, ImportError, AttributeError, IndexError, KeyError, TypeError,
               ValueError)  # fmt: skip

Parts = Callable[[Any], tuple[type, tuple[object, ...]]]


class Shelf:
    """Entries of one sort, at most `most` of them; `classes` (module and name) are all that can stand in one.

    `written` says of classes that do not say so rightly themselves what makes a value again: a class, its arguments.
    """

    def __init__(self, name: str, classes: Iterable[str], *, most: int, written: Mapping[type, Parts] | None = None):
        self._name = name
        self._classes = frozenset(classes)
        self._most = most
        self._written = dict(written or {})
        self._put = 0

    def get(self, key: str) -> Any | None:
        """Return what was put under the key, None when there is nothing to read."""
        folder = _folder()
        if folder is None:
            return None
        file = self._file(folder, key)
        try:
            value = _Reader(io.BytesIO(file.read_bytes()), self._classes).load()
            os.utime(file)
        except _UNREADABLE:
            return None
        return value

    def put(self, key: str, value: object) -> None:
        """Keep a value, whole or not at all; where that cannot be, nothing happens."""
        folder = _folder()
        if folder is None:
            return
        with contextlib.suppress(*_UNREADABLE, RecursionError):
            data = io.BytesIO()
            pickler = pickle.Pickler(data, protocol=pickle.HIGHEST_PROTOCOL)
            pickler.dispatch_table = {**copyreg.dispatch_table, **self._written}
            pickler.dump(value)
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".new", delete=False) as new:
                new.write(data.getbuffer())
            Path(new.name).replace(self._file(folder, key))
            if self._put % max(self._most // 4, 1) == 0:
                self._clear(folder)
            self._put += 1

    def _file(self, folder: Path, key: str) -> Path:
        digest = hashlib.sha256(f"{_made_with()}\0{key}".encode()).hexdigest()
        return folder / f"{self._name}-{digest[:40]}.pickle"

    def _clear(self, folder: Path) -> None:
        """Remove the entries used longest ago when there are too many, a quarter at once.

        To look costs more than to put, so a process looks at its first entry and then once a quarter is new.
        """
        files = list(folder.glob(f"{self._name}-*.pickle"))
        if len(files) > self._most:
            for file in sorted(files, key=lambda each: each.stat().st_mtime)[: len(files) - self._most * 3 // 4]:
                file.unlink(missing_ok=True)


class _Reader(pickle.Unpickler):
    """Makes the named classes and no others; looks nothing else up."""

    def __init__(self, file: io.BytesIO, classes: frozenset[str]) -> None:
        super().__init__(file)
        self._classes = classes

    def find_class(self, module_name: str, global_name: str) -> Any:
        if f"{module_name}.{global_name}" not in self._classes:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} does not belong here")
        return super().find_class(module_name, global_name)


def _folder() -> Path | None:
    """Return the user's own folder, made where it is absent; None where there is none or others can write to it."""
    given = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(given) if given else Path.home() / ".cache") / "augenblick"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.stat()
    except (OSError, RuntimeError):
        return None
    if not hasattr(os, "getuid"):
        return folder
    return folder if seen.st_uid == os.getuid() and not seen.st_mode & 0o022 else None


@lru_cache(maxsize=1)
def _made_with() -> str:
    """Return what an entry depends on beside its key: Python, the libraries, and this package as it stands."""
    package = Path(__file__).resolve().parents[1]
    code = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        seen = file.stat()
        code.update(f"{file.relative_to(package)} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return " ".join((sys.version.split()[0], *map(_version, _MADE_WITH), code.hexdigest()))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"
