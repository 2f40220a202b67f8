"""Which files of a bank's folder hold which table of the contract."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from augenblick.ingest.contract import contract, did_you_mean
from augenblick.ingest.report import LoadWarning
from augenblick.ingest.statements import sniff
from augenblick.model.errors import UnknownFormat, UnreadableFile

TABULAR = (".csv", ".parquet")
STATEMENTS = {".xml": "camt", ".sta": "mt940", ".mt940": "mt940", ".mta": "mt940", ".txt": "mt940"}
ARCHIVES = (".zip", ".gz", ".7z", ".bz2", ".xz", ".zst", ".tar")
PACKAGE = "datapackage.json"


@dataclass(frozen=True)
class BankFile:
    """A file to be read: `kind` is csv, parquet, camt or mt940; a statement holds bookings."""

    name: str
    path: Path
    kind: str
    table: str
    delimiter: str | None = None


@dataclass
class Listing:
    """The files to be read, sorted by name, and what is strange about the others."""

    files: list[BankFile] = field(default_factory=list)
    warnings: list[LoadWarning] = field(default_factory=list)


def bank_files(folder: Path, *, nothing_is_well: bool = False) -> Listing:
    """Return the files of a folder that hold bank data.

    The table is told by the name (`transactions.csv`, `transactions-2026-01.parquet`) or by the folder's
    own `datapackage.json`. Raises `UnreadableFile` for a folder that is none, for links that lead out of
    it and for folders named like files, `UnknownFormat` when nothing in it can be read and that is not well.
    """
    if not folder.is_dir():
        raise UnreadableFile("There is no such folder.", where=str(folder))
    listing, described = Listing(), _described(folder)
    for path in sorted(folder.iterdir(), key=lambda item: item.name):
        if path.name.startswith(".") or path.name == PACKAGE:
            continue
        found = described.get(path.name) or _by_name(path, folder, listing.warnings)
        if found:
            confirm_plain_file(path, folder)
            listing.files.append(found)
    if not listing.files and not nothing_is_well:
        raise UnknownFormat(
            "Nothing in this folder can be read.",
            where=str(folder),
            hint=f"expected files named {', '.join(f'{name}.csv' for name in contract().names)} (or .parquet)",
        )
    return listing


def confirm_within(path: Path, folder: Path) -> None:
    """Raise `UnreadableFile` unless the path lies in the folder, links resolved."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UnreadableFile("The link leads out of the folder.", where=path.name, hint="copy the file itself")


def confirm_plain_file(path: Path, folder: Path) -> None:
    """Raise `UnreadableFile` unless the path is a file that lies in the folder, links resolved."""
    confirm_within(path, folder)
    if not path.is_file():
        kind = "a folder, not a file" if path.is_dir() else "no plain file"
        raise UnreadableFile(f"This is {kind}.", where=path.name)


def _by_name(path: Path, folder: Path, warnings: list[LoadWarning]) -> BankFile | None:
    suffix = path.suffix.lower()
    if suffix in STATEMENTS:
        confirm_within(path, folder)
        return _statement(path, suffix, warnings)
    if suffix in ARCHIVES:
        warnings.append(LoadWarning(path.name, "The archive was not read.", "unpack it into the folder"))
    if suffix not in TABULAR:
        return None
    table = table_named(path.stem)
    if table is None:
        meant = did_you_mean(path.stem, contract().names)
        warnings.append(LoadWarning(path.name, "The file was not read: no table has this name.", meant))
        return None
    return BankFile(path.name, path, suffix[1:], table)


def table_named(stem: str) -> str | None:
    """Return the table a file name without its ending stands for: `transactions-2026-01` → `transactions`."""
    names = "|".join(sorted(contract().names, key=len, reverse=True))
    found = re.fullmatch(rf"({names})([-_.].*)?", stem.lower())
    return found[1] if found else None


def _statement(path: Path, suffix: str, warnings: list[LoadWarning]) -> BankFile | None:
    if suffix == ".txt" and not (path.is_file() and path.stat().st_size and sniff(path) == "mt940"):
        warnings.append(LoadWarning(path.name, "The file was not read: it holds no MT940 statement.", None))
        return None
    return BankFile(path.name, path, STATEMENTS[suffix], "transactions")


def _described(folder: Path) -> dict[str, BankFile]:
    package = folder / PACKAGE
    if not package.is_file():
        return {}
    confirm_plain_file(package, folder)
    try:
        resources = json.loads(package.read_text(encoding="utf-8-sig"))["resources"]
        items = [(str(r["name"]), r["path"], r) for r in resources]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            "The data package cannot be read.",
            where=PACKAGE,
            hint='expected {"resources": [{"name": "customers", "path": "customers.csv"}, …]}',
        ) from error
    found: dict[str, BankFile] = {}
    for name, paths, resource in items:
        for path in paths if isinstance(paths, list) else [paths]:
            found[str(path)] = _resource_file(folder, name, str(path), resource)
    return found


def _resource_file(folder: Path, name: str, path: str, resource: dict[str, Any]) -> BankFile:
    table = table_named(name)
    if table is None:
        hint = did_you_mean(name, contract().names)
        raise UnreadableFile(f"The data package names an unknown table '{name}'.", where=PACKAGE, hint=hint)
    if "/" in path or "\\" in path or not (folder / path).exists():
        raise UnreadableFile(
            f"The data package names '{path}', which is no file of this folder.",
            where=PACKAGE,
            hint="paths are plain file names",
        )
    suffix = Path(path).suffix.lower()
    kind = "parquet" if suffix == ".parquet" else "csv"
    dialect = resource.get("dialect")
    delimiter = dialect.get("delimiter") if isinstance(dialect, dict) else None
    return BankFile(path, folder / path, kind, table, delimiter if isinstance(delimiter, str) else None)
