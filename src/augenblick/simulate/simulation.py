"""Runs a simulation: clans in chunks, each chunk's lives, bookings, files and truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from augenblick.model.errors import BadParameter
from augenblick.simulate.bankdays import add_months
from augenblick.simulate.banking import open_accounts
from augenblick.simulate.benefit import write_benefits
from augenblick.simulate.births import write_births, write_newborns
from augenblick.simulate.bookings import Bookings, expand, mark_visible
from augenblick.simulate.budget import write_budgets
from augenblick.simulate.careers import write_career
from augenblick.simulate.clans import ClanMaker, choose_customers, settle
from augenblick.simulate.deaths import choose_deaths, write_deaths
from augenblick.simulate.dice import Dice
from augenblick.simulate.exports import FORMATS, Exports
from augenblick.simulate.homes import write_homes
from augenblick.simulate.leaving import write_leaving
from augenblick.simulate.ledger import Ledger, Truth, Window
from augenblick.simulate.lives import moment_of, trapped
from augenblick.simulate.masterdata import record_coming_of_age, record_customers, record_relations
from augenblick.simulate.milestones import write_milestones
from augenblick.simulate.people import Clan
from augenblick.simulate.purposes import texts_and_codes
from augenblick.simulate.scene import Scene
from augenblick.simulate.tables import SCHEMAS, TRUTH_TABLES, arrow_table, money

_MOST_MONTHS = 240
_FIRST_END, _LAST_END = date(2015, 1, 1), date(2050, 12, 31)
_CHUNK = 250  # clans: some 1,200 customers, some 600,000 bookings over two years
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was written: customers, rows per table, truths per moment, traps by name."""

    folder: Path
    window: Window
    customers: int
    rows: dict[str, int]
    truths: dict[str, int] = field(default_factory=dict)
    traps: dict[str, int] = field(default_factory=dict)


def simulate(
    folder: Path, *, customers: int, months: int, seed: int, end: date, formats: Collection[str] = ("csv",),
    quiet: bool = False, progress: Progress | None = None,
) -> SimulationReport:  # fmt: skip
    """Write seeded German families, their bookings and the truth about their lives into `folder`.

    `customers` bank here when the window opens (children born in it may come on top); the window
    covers the `months` up to and including `end`. The same arguments give the same content, byte for byte.
    One format lies in `folder` itself, several each in `folder/<format>`; `csv` and `parquet` hold
    all tables, `camt.053` and `mt940` a file per account in place of `transactions` and the other tables as CSV.
    Truth and traps lie in `folder/truth` as CSV. In a `quiet` population nobody has a moment, but all that only
    looks like one is there. `progress` is called with customers
    done and wanted.

    Raises BadParameter for an argument out of range.
    """
    _check(customers, months, seed, formats)
    window = _window(months, end)
    truths: Counter[str] = Counter()
    traps: Counter[str] = Counter()
    people = done = 0
    with Exports(folder, formats) as exports:
        for number, clans in enumerate(_chunks(customers, seed, window, quiet)):
            ledger = Ledger(window, number, seed)
            for clan, dice in clans:
                _live(ledger, clan, dice, quiet)
            tables = _records(ledger)
            exports.write(tables)
            truths.update(tables["truth"]["moment"].to_pylist())
            traps.update(tables["traps"]["trap"].to_pylist())
            people += len(tables["customers"])
            done += sum(len(clan.customers()) for clan, _ in clans)
            if progress:
                progress(min(done, customers), customers)
        rows = dict(exports.rows)
    return SimulationReport(folder, window, people, rows, dict(sorted(truths.items())), dict(sorted(traps.items())))


def _check(customers: int, months: int, seed: int, formats: Collection[str]) -> None:
    for name, value, least in (("customers", customers, 1), ("months", months, 1), ("seed", seed, 0)):
        if value < least:
            raise BadParameter(f"{name} is {value}", hint=f"give {least} or more")
    for form in formats:
        if form not in FORMATS:
            raise BadParameter(f"no format {form!r}", hint=f"choose from {', '.join(FORMATS)}")


def _window(months: int, end: date) -> Window:
    if months > _MOST_MONTHS or not _FIRST_END <= end <= _LAST_END:
        hint = f"at most {_MOST_MONTHS} months that end between {_FIRST_END} and {_LAST_END}"
        raise BadParameter(f"{months} months up to {end} are out of range", hint=hint)
    return Window(add_months(end + timedelta(days=1), -months), end)


def _chunks(customers: int, seed: int, window: Window, quiet: bool) -> Iterator[list[tuple[Clan, Dice]]]:
    """Clans until there are enough customers; the last clan's surplus banks elsewhere."""
    left, number = customers, 0
    while left > 0:
        chunk: list[tuple[Clan, Dice]] = []
        while left > 0 and len(chunk) < _CHUNK:
            dice = Dice(seed, number, 0)
            maker = ClanMaker(number, dice, window.start)
            clan = maker.build_story() if number == 0 and not quiet else maker.build()
            if quiet:
                settle(clan, window)
            choose_customers(clan, dice, window.start)
            for person in clan.customers()[left:]:
                person.is_customer = False
            left -= len(clan.customers())
            number += 1
            chunk.append((clan, dice))
        yield chunk


def _live(ledger: Ledger, clan: Clan, dice: Dice, quiet: bool) -> None:
    """Write one clan's life through the window into the ledger."""
    scene = Scene(ledger, dice, ledger.window, clan, story=clan.number == 0 and not quiet, quiet=quiet)
    for person in clan.customers():
        person.customer_id = scene.next_customer_id()
    record_relations(scene)
    choose_deaths(scene)
    write_births(scene)
    open_accounts(scene)
    write_newborns(scene)
    write_benefits(scene)
    write_deaths(scene)
    for person in clan.customers():
        write_career(scene, person)
    write_leaving(scene)
    write_homes(scene)
    write_budgets(scene)
    write_milestones(scene)
    record_coming_of_age(scene)
    record_customers(scene)


def _records(ledger: Ledger) -> dict[str, pa.Table]:
    """A chunk's tables, complete: bookings made, truth labelled."""
    booked = expand(ledger)
    mark_visible(ledger, booked)
    _label(ledger)
    tables = {"transactions": transactions(ledger, booked)}
    for name in SCHEMAS:
        if name != "transactions":
            tables[name] = arrow_table(name, _within(ledger, name))
    return tables


def _within(ledger: Ledger, table: str) -> list[tuple[object, ...]]:
    """A table's rows; traps with the moment they may be taken for, in the order of customers."""
    rows = ledger.tables.get(table, [])
    if table == "traps":
        rows = [(who, trap, trapped(str(trap)), first, last) for who, trap, first, last in rows]
    if table == "customer_changes":  # a bank keeps one change of a field a day: the first that was told
        rows = list({row[:3]: row for row in reversed(rows)}.values())[::-1]
    return sorted(rows, key=str) if table in TRUTH_TABLES else rows


def _label(ledger: Ledger) -> None:
    """Write the truth of all customers' events that lie in the window or show in it."""
    for truth in ledger.truths:
        _follow(truth)
        visible = truth.visible if truth.visible and ledger.window.holds(truth.visible) else None
        if truth.customer_id and (ledger.window.holds(truth.occurred_on) or visible):
            ledger.record("truth", truth.customer_id, moment_of(truth.event), truth.occurred_on, visible, truth.form)


def _follow(truth: Truth) -> None:
    if truth.follows is not None and truth.follows.visible is not None:
        truth.show(truth.follows.visible)


def transactions(ledger: Ledger, booked: Bookings) -> pa.Table:
    """A chunk's bookings in the contract's columns."""
    accounts = [str(row[0]) for row in ledger.tables["accounts"]]
    numbers = pc.utf8_lpad(pa.array(np.arange(len(booked))).cast(pa.string()), 8, padding="0")
    ids = pc.binary_join_element_wise(f"T{ledger.chunk:04d}", numbers, "")
    columns = texts_and_codes(ledger, booked)
    columns["transaction_id"] = ids
    columns["account_id"] = pa.array(accounts).take(pa.array(booked.account))
    columns["booking_date"] = pa.array(booked.day.astype(np.int32)).cast(pa.date32())
    columns["value_date"] = pa.array(booked.value_day.astype(np.int32)).cast(pa.date32())
    columns["amount"] = money(booked.cents)
    columns["currency"] = pa.repeat("EUR", len(booked))
    columns["reversal_of"] = ids.take(pa.array(booked.reverses, mask=booked.reverses < 0))
    return pa.table([columns[name] for name in SCHEMAS["transactions"].names], schema=SCHEMAS["transactions"])
