"""Labels beside an export: what happened (`truth`) and what only looks like it (`traps`), under their usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from augenblick.model.errors import OffContract, UnreadableFile

#: Our column: type, and other names it goes by in other people's labels.
_CUSTOMER = ("VARCHAR", ("customer", "customerid", "person_id", "person", "client_id", "kunde"))
_MOMENT = ("VARCHAR", ("moment_type", "life_moment", "lifemoment", "event", "slug", "moment_slug"))
_TRUTH = {
    "customer_id": _CUSTOMER,
    "moment": _MOMENT,
    "occurred_on": ("DATE", ("occurred", "occurred_at", "event_date", "happened_on", "moment_date", "date", "day")),
    "visible_from": (
        "DATE",
        ("visible", "visible_on", "visible_since", "evidence_from", "first_evidence", "seen_from"),
    ),
    "form": ("VARCHAR", ("variant", "kind", "evidence", "pattern")),
}
_TRAPS = {
    "customer_id": _CUSTOMER,
    "trap": ("VARCHAR", ("trap_type", "trap_name", "name", "kind", "reason")),
    "moment": ("VARCHAR", (*_MOMENT[1], "not_moment", "must_not_fire", "looks_like")),
    "from": ("DATE", ("valid_from", "start", "start_date", "from_date", "first", "occurred_on", "date", "day")),
    "to": ("DATE", ("valid_to", "until", "end", "end_date", "to_date", "last")),
}
_OPTIONAL = {"visible_from", "form", "trap", "from", "to"}
_PLACES = ("truth/{}", "{}", "labels/{}")
_TRUTH_FILES, _TRAP_FILES = ("truth.csv", "labels.csv", "moments.csv"), ("traps.csv", "trap.csv")
Columns = Mapping[str, tuple[str, Sequence[str]]]


def read_labels(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Fill the temporary tables `labelled_truth` and `labelled_traps` from the labels beside an export.

    They are looked for in `truth/`, the folder itself and `labels/`. Columns may go by other usual names, in any case;
    a moment may be an IRI, or be written with blanks, underscores or capitals; fields are parted by commas or
    semicolons, dates are ISO or German. A truth without `visible_from` shows nowhere in the data and cannot be
    detected; where the whole column is absent, every truth counts as visible from the day it occurred. A trap without
    dates holds at all times. No file of traps means no traps. Raises `UnreadableFile` without a file of truths or for
    a value that is no date, `OffContract` for a missing column.
    """
    truth = _found(folder, _TRUTH_FILES)
    if truth is None:
        where = str(folder / "truth" / "truth.csv")
        raise UnreadableFile(
            "There are no labels beside the export.", where=where, hint="customer_id,moment,occurred_on,…"
        )
    _read(connection, "labelled_truth", truth, _TRUTH)
    traps = _found(folder, _TRAP_FILES)
    if traps is not None:
        _read(connection, "labelled_traps", traps, _TRAPS)
    else:
        columns = ", ".join(f'"{name}" {kind}' for name, (kind, _) in _TRAPS.items())
        connection.execute(f"CREATE OR REPLACE TEMP TABLE labelled_traps (label BIGINT, {columns})")


def _found(folder: Path, names: Sequence[str]) -> Path | None:
    """The first of the files that is there; a `moments.csv` in the folder itself could be anybody's."""
    for place in _PLACES:
        for name in names:
            path = folder / place.format(name)
            if path.is_file() and (name != "moments.csv" or place != "{}"):
                return path
    return None


def _read(connection: duckdb.DuckDBPyConnection, table: str, file: Path, columns: Columns) -> None:
    source = "read_csv($file, all_varchar = true, header = true, delim = $delim)"
    try:
        parameters = {"file": str(file), "delim": _delimiter(file)}
        present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", parameters).fetchall()}
        names = _names(file, present, columns)
        chosen = ", ".join(_column(name, kind, names) for name, (kind, _) in columns.items())
        order = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS "
            f"SELECT row_number() OVER (ORDER BY {order}) AS label, * FROM (SELECT {chosen} FROM {source})",
            parameters,
        )
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "The labels cannot be read.", where=str(file), hint=f"DuckDB says: {str(error).splitlines()[0]}"
        ) from error


def _delimiter(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    return ";" if header.count(";") > header.count(",") else ","


def _names(file: Path, present: set[str], columns: Columns) -> dict[str, str]:
    """How the file calls each of our columns; raises `OffContract` where one that is needed is absent."""
    given = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in present}
    names: dict[str, str] = {}
    for column, (_, others) in columns.items():
        found = next(
            (given[each] for each in (column, *others) if given.get(each, "") not in ("", *names.values())), None
        )
        if found is not None:
            names[column] = found
    missing = [name for name in columns if name not in names and name not in _OPTIONAL]
    if missing:
        raise OffContract(f"Columns are missing: {', '.join(missing)}.", where=str(file))
    return names


def _column(name: str, kind: str, names: dict[str, str]) -> str:
    if name not in names:
        if name == "visible_from":
            return f"{_date(names['occurred_on'])} AS visible_from"
        return f"'' AS \"{name}\"" if name == "trap" else f'NULL::{kind} AS "{name}"'
    if kind == "DATE":
        return f'{_date(names[name])} AS "{name}"'
    value = f"nullif(trim(\"{names[name]}\"), '')"
    return f'{_slug(value) if name == "moment" else value} AS "{name}"'


def _date(column: str) -> str:
    """A civil date written as ISO date or time, or as in 31.12.2026."""
    value = f"nullif(trim(\"{column}\"), '')"
    german = rf"regexp_matches({value}, '^\d{{1,2}}\.\d{{1,2}}\.\d{{4}}$')"
    return f"CASE WHEN {german} THEN strptime({value}, '%d.%m.%Y')::DATE ELSE CAST(left({value}, 10) AS DATE) END"


def _slug(value: str) -> str:
    """The moment's slug: the last part of an IRI, `JobChange`, `job_change` and `Job change` as `job-change`."""
    last = rf"regexp_extract({value}, '([^/#]+)$', 1)"
    parted = rf"regexp_replace({last}, '([a-z0-9])([A-Z])', '\1-\2', 'g')"
    return f"lower(regexp_replace({parted}, '[ _-]+', '-', 'g'))"
