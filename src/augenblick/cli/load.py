"""`augenblick simulate` and `augenblick ingest`: made-up or real bank files, into the data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import DEFAULT_DATA, Data, Json, parsed_date
from augenblick.ingest import LoadReport, RejectReason
from augenblick.model.errors import BadParameter
from augenblick.simulate import FORMATS, simulate
from augenblick.store import DataDirectory


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="simulate")(simulate_families)
    app.command(name="ingest")(ingest)


def simulate_families(
    folder: Annotated[Path, typer.Argument(help="Where to write the export; must be empty or absent.")],
    customers: Annotated[int, typer.Option(min=1, help="How many customers.")] = 300,
    months: Annotated[int, typer.Option(min=1, max=240, help="How many months of bookings.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 1,
    end: Annotated[str, typer.Option(metavar="DATE", help="The last day of the export.")] = "2026-10-31",
    formats: Annotated[
        list[str] | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; may be repeated (default: csv).")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Nobody has a moment; all that only looks like one is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write made-up German families, their bookings and what truly happened.

    The export follows the input contract; `truth/` beside the tables holds the labels, which ingest ignores.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadParameter("The folder is not empty.", where=str(folder), hint="name a new one")
    with console.progress() as progress:
        report = simulate(
            folder,
            customers=customers,
            months=months,
            seed=seed,
            end=parsed_date(end, "--end"),
            formats=tuple(formats or ("csv",)),
            quiet=quiet,
            progress=lambda done, total: progress("simulate", done, total),
        )
    if as_json:
        console.machine({"folder": str(folder), "rows": report.rows, "truths": report.truths, "traps": report.traps})
        return
    console.say(f"{report.customers:,} customers in {folder}")
    console.table(("table", "rows"), [(name, f"{rows:,}") for name, rows in sorted(report.rows.items())])


def ingest(
    folder: Annotated[Path, typer.Argument(help="The bank's export: CSV or Parquet tables, camt.05x, MT940 files.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="How a foreign export's columns and codes become the contract's.", dir_okay=False),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Load a bank's files, all or nothing; loading a file twice changes nothing.

    Rows that cannot be taken are kept as rejects with file, line, field, reason and hint; the rest goes on.
    """
    with console.progress() as progress:
        report = pipeline.load(DataDirectory(data), folder, mapping=mapping, progress=progress)
    if as_json:
        console.machine(report.to_dict())
    else:
        print_load(report)


def print_load(report: LoadReport) -> None:
    """Print what a load did."""
    columns = ("file", "table", "rows", "loaded", "unchanged", "rejected")
    rows = [
        (f.file, f.table, f"{f.rows:,}", "known" if f.known else f"{f.loaded:,}", f"{f.unchanged:,}", f"{f.rejected:,}")
        for f in report.files
    ]
    console.table(columns, rows)
    for warning in report.warnings:
        console.note(f"{warning.file}: {warning.message}" + (f" → {warning.hint}" if warning.hint else ""))
    _print_reasons("Rejected, by reason:", report.rejects)
    _print_reasons("Loaded without a value that could not be read, by reason:", report.emptied)
    if report.blacked_out:
        console.note(f"Texts blacked out because the consent that kept them has ended: {report.blacked_out:,}")
    if report.overdue:
        console.note(overdue_remark(report.overdue, german=False))


def overdue_remark(rows: dict[str, int], *, german: bool) -> str:
    """Return what to know of rows that are older than their retention period."""
    counted = ", ".join(f"{table} {count:,}" for table, count in sorted(rows.items()))
    if german:
        return f"Älter als ihre Aufbewahrungsfrist ({counted}): Sie bleiben, bis `augenblick expire` sie löscht."
    return f"Older than their retention period ({counted}): they stay until `augenblick expire` deletes them."


def _print_reasons(heading: str, reasons: list[RejectReason]) -> None:
    if reasons:
        console.heading(heading)
    for reason in reasons:
        hint = f" → {reason.hint}" if reason.hint else ""
        console.say(
            f"  {reason.count:,} × {reason.table}.{reason.field}: {reason.reason}{hint} "
            f"(first: {reason.first_file}, line {reason.first_line})"
        )
