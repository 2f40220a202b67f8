"""Texts that reveal health, religion, politics, union or sexual life are blacked out on their way into the bank tables.

Of a booking amount, date and kind of transaction stay, and who the other side is stays told apart, by a pseudonym; of
an interaction all but its topic, of a declared moment all but its note. A text stays where all whom it belongs to have
consented; whether it may be kept that a signal was there, the ontology says, too. Of rejected rows no text stays that
reveals anything: no purpose needs it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import duckdb

from augenblick.content import Content
from augenblick.content.model import Signal
from augenblick.ingest import contract
from augenblick.ingest.texts import TEXTS
from augenblick.model.marks import BLACKED, BLACKED_OUT
from augenblick.model.terms import MOMENT
from augenblick.policy import Consents
from augenblick.policy.pseudonyms import Pseudonyms
from augenblick.policy.redaction import Redaction, read_redaction
from augenblick.signals.condition import quoted
from augenblick.signals.few_texts import few_texts
from augenblick.signals.interaction import carried_sql
from augenblick.signals.marker import marker
from augenblick.signals.matching import find_hits
from augenblick.signals.person import find_named, find_owners
from augenblick.signals.revealing import revealing_sql
from augenblick.store import DataDirectory
from augenblick.store.returns import is_return_sql

_EVER = "DATE '9999-12-31'"
# What comes back reveals what the booking that it returns did.
_ARRIVED = """
CREATE OR REPLACE TEMP VIEW arrived AS SELECT a.* REPLACE (
    CASE WHEN {returned} OR coalesce(a.reversal_of, '') <> '' THEN -a.amount ELSE a.amount END AS amount)
FROM {relation} a WHERE NOT starts_with(coalesce(purpose, ''), '{mark}')
"""
_CARRIED = """
SELECT r.transaction_id, r.account_id, coalesce(list(h.signal_no) FILTER (h.signal_no IS NOT NULL), []),
       coalesce(r.creditor_id, r.counterparty_iban, r.ultimate_party, r.counterparty_name, ''), any_value(n.customer_id)
FROM revealing r LEFT JOIN hits h USING (transaction_id) LEFT JOIN named n USING (transaction_id)
GROUP BY ALL ORDER BY r.transaction_id
"""
_INSTEAD = {"purpose": "b.marker", "counterparty_name": f"'{BLACKED_OUT}'", "counterparty_iban": "b.pseudonym"}
_STORED = "SELECT g.* REPLACE ({columns}) FROM {relation} g LEFT JOIN blacked b ON {same}"
_BY_ID = "b.id = g.transaction_id"
_BY_PLACE = "b.file = g._file AND b.line = g._line"
_OWNERS = """
SELECT DISTINCT account_id, customer_id FROM bank.account_holders
WHERE role IN ('owner', 'co_owner') AND account_id IN (SELECT unnest($accounts::VARCHAR[]))
"""
_EMPTY = {"returned": "transaction_id", "joint_accounts": "account_id"}
"""What matching asks for: no booking is left out, and nobody's name is sought ere it is known which bookings reveal."""
_LEFT_OVER = ("revealing", "hits", "some_bookings", "owners", "couples", "named", *_EMPTY)
_SPOKEN = """
CREATE OR REPLACE TEMP TABLE spoken AS SELECT 0 AS _file, generate_subscripts($said::VARCHAR[], 1) AS _line,
    unnest($said::VARCHAR[]) AS note, $customer::VARCHAR AS customer_id, $moment::VARCHAR AS moment
"""
_RAW = "list_concat(coalesce(json_extract_string(raw, '$.*'), []), coalesce(json_extract_string(raw, '$[*]'), []))"

_Row = tuple[str, str, list[int], str, str | None]


class BlackingOut:
    """Blacks out what the ontology states, by the consents as of a day; see `ingest.Blackening`.

    `content` is read once it is needed.
    """

    def __init__(self, directory: DataDirectory, content: Callable[[], Content], *, at: date) -> None:
        self._directory = directory
        self._read = content
        self._at = at

    def rows(self, connection: duckdb.DuckDBPyConnection, table: str, relation: str) -> str:
        """Return SQL of the rows of a relation as they may be stored."""
        as_they_are = f"SELECT * FROM {relation}"
        if self._redaction is None or connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is None:
            return as_they_are
        if table == "transactions":
            return self._bookings(connection, relation) or as_they_are
        return self._texts(connection, relation, table, *TEXTS[table]) or as_they_are

    def rejected(self, connection: duckdb.DuckDBPyConnection, table: str, relation: str) -> None:
        """Black out the texts of rejected rows; ids, amounts and dates stay."""
        if table not in TEXTS or self._redaction is None:
            return
        said = f"SELECT rowid AS id, raw, array_to_string({_RAW}, ' | ') AS told FROM {relation} WHERE json_valid(raw)"
        found = connection.execute(
            f"SELECT id, raw FROM ({revealing_sql(said, 'told', self._told, anywhere=True)}) WHERE reveals"
        ).fetchall()
        for row, raw in found:
            connection.execute(f"UPDATE {relation} SET raw = ? WHERE rowid = ?", [_without_texts(raw, table), row])

    def words(
        self, connection: duckdb.DuckDBPyConnection, customer: str, moment: str, said: Sequence[str | None]
    ) -> list[str | None]:
        """Return what may be kept of what was said of a customer's moment, given by its type's IRI; as of its notes."""
        if self._redaction is None or not any(said):
            return list(said)
        connection.execute(_SPOKEN, {"customer": customer, "moment": moment, "said": list(said)})
        stored = self._texts(connection, "spoken", "declared_moments", *TEXTS["declared_moments"])
        kept = connection.execute(f"SELECT note FROM ({stored or 'FROM spoken'}) ORDER BY _line").fetchall()
        connection.execute("DROP TABLE temp.spoken")
        return [text for (text,) in kept]

    @property
    def kept_with(self) -> frozenset[str]:
        """The consents, by code, one of which a text stays with; none where no text is blacked out."""
        return self._redaction.text_kept_with if self._redaction is not None else frozenset()

    @cached_property
    def _content(self) -> Content:
        return self._read()

    @cached_property
    def _redaction(self) -> Redaction | None:
        return read_redaction(self._content)

    @cached_property
    def _signals(self) -> list[Signal]:
        return sorted(self._content.signals, key=lambda signal: signal.iri)

    @cached_property
    def _told(self) -> list[Signal]:
        """What no text may show: signals of the classes, and the texts described."""
        return [*(s for s in self._signals if s.legal_class in self._stated.classes), *self._stated.texts]

    @property
    def _stated(self) -> Redaction:
        assert self._redaction is not None  # noqa: S101 - nothing is asked for where nothing is stated
        return self._redaction

    def _bookings(self, connection: duckdb.DuckDBPyConnection, relation: str) -> str | None:
        rows = self._revealing(connection, relation)
        persons: dict[str, list[str]] = {}
        for account, owner in connection.execute(_OWNERS, {"accounts": [row[1] for row in rows]}).fetchall():
            persons.setdefault(account, []).append(owner)
        consents = Consents.read(connection, [person for owners in persons.values() for person in owners])
        names = Pseudonyms(self._directory.path)
        blacked = [
            (booking, marker((self._signals[number].iri for number in kept), person), names.of(side)[:20].upper())
            for booking, account, carried, side, person in rows
            if (kept := self._kept(consents, persons.get(account, []), carried)) is not None
        ]
        for left in _LEFT_OVER:
            connection.execute(f"DROP TABLE IF EXISTS temp.{left}")
        connection.execute("DROP VIEW temp.arrived")
        if not blacked:
            return None
        _keep(connection, "id VARCHAR, marker VARCHAR, pseudonym VARCHAR", blacked)
        return _stored("transactions", relation, _BY_ID)

    def _revealing(self, connection: duckdb.DuckDBPyConnection, relation: str) -> list[_Row]:
        """Return the revealing bookings: id, account, numbers of their signals, other side, the owner they name."""
        arrived = _ARRIVED.format(returned=is_return_sql("a"), relation=relation, mark=BLACKED)
        connection.execute(arrived)
        for empty, column in _EMPTY.items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {empty} ({column} VARCHAR)")
        if not find_hits(connection, self._told, _EVER, bookings="arrived"):
            return []
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE revealing AS SELECT * FROM arrived SEMI JOIN hits USING (transaction_id)"
        )
        find_owners(connection, "SELECT account_id FROM revealing")
        find_hits(connection, self._signals, _EVER, bookings="revealing")
        find_named(connection)
        return connection.execute(_CARRIED).fetchall()

    def _texts(self, connection: duckdb.DuckDBPyConnection, relation: str, table: str, text: str) -> str | None:
        """Black out one text of rows that belong to one customer each."""
        said = f"SELECT * FROM {relation} WHERE {text} <> '' AND NOT starts_with({text}, '{BLACKED}')"
        if table == "interactions" and not self._may_reveal(connection, said):
            return None
        found = connection.execute(self._of_interactions(said) if table == "interactions" else self._of_notes(said))
        rows = found.fetchall()
        consents = Consents.read(connection, [row[2] for row in rows])
        blacked = [
            (file, line, marker(kept))
            for file, line, customer, carried in rows
            if (kept := self._kept(consents, [customer], carried)) is not None
        ]
        if not blacked:
            return None
        _keep(connection, "file INTEGER, line BIGINT, marker VARCHAR", blacked)
        return _stored(table, relation, _BY_PLACE, {text: "b.marker"})

    def _may_reveal(self, connection: duckdb.DuckDBPyConnection, said: str) -> bool:
        """Say whether any interaction may have to be blacked out: most topics are far from it."""
        texts = few_texts(connection, said, "topic")
        return texts is None or any(
            (signal.interaction_kinds and not signal.topic_patterns)
            or texts.may_match((*signal.text_patterns, *signal.counterparty_patterns, *signal.topic_patterns))
            for signal in self._told
        )

    def _of_interactions(self, said: str) -> str:
        strict = ", ".join(quoted(signal.iri) for signal in self._told if signal.legal_class is not None)
        texts = [replace(signal, topic_patterns=()) for signal in self._told]  # a topic counts with its kind only
        return (
            "SELECT _file, _line, customer_id, carried "
            f"FROM ({revealing_sql(carried_sql(said, self._signals), 'topic', texts)}) "
            f"WHERE reveals OR list_has_any(carried, [{strict}]::VARCHAR[])"
        )

    def _of_notes(self, said: str) -> str:
        """A note beside a moment of the classes speaks of it."""
        strict = [m.iri for m in self._content.moments if m.legal_class in self._stated.classes]
        named = ", ".join(quoted(name) for iri in strict for name in (iri, iri.removeprefix(MOMENT)))
        return (
            "SELECT _file, _line, customer_id, []::VARCHAR[] "
            f"FROM ({revealing_sql(said, 'note', self._told)}) "
            f"WHERE reveals OR list_contains([{named}]::VARCHAR[], moment)"
        )

    def _kept(self, consents: Consents, persons: list[str], carried: list[Any]) -> list[Any] | None:
        """Return which of the signals are kept beside the mark; None where the text itself stays."""
        stated, at = self._stated, self._at
        if persons and all(_one(consents.given, person, stated.text_kept_with, at) for person in persons):
            return None
        refused = any(_one(consents.objected, person, stated.signal_kept_unless, at) for person in persons)
        return [] if refused else carried


def _one(said: Callable[[str, str, date], bool], person: str, codes: Iterable[str], at: date) -> bool:
    return any(said(person, code, at) for code in codes)


def _keep(connection: duckdb.DuckDBPyConnection, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Fill the temporary table `blacked`."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE blacked ({columns})")
    values = {f"c{place}": list(each) for place, each in enumerate(zip(*rows, strict=True))}
    connection.execute(f"INSERT INTO blacked SELECT {', '.join(f'unnest(${name})' for name in values)}", values)


def _stored(table: str, relation: str, same: str, instead: dict[str, str] | None = None) -> str:
    """Return SQL of the rows of a relation with the marks of `blacked` in place of their texts."""
    marks, found = instead or _INSTEAD, same.split(" ", 1)[0]
    columns = ", ".join(
        f"CASE WHEN {found} IS NULL THEN g.{name} ELSE {marks.get(name, 'NULL')} END AS {name}" for name in TEXTS[table]
    )
    return _STORED.format(columns=columns, relation=relation, same=same)


def _without_texts(raw: str, table: str) -> str:
    """Return a raw row without what may be text: of columns the contract does not know, all that has letters."""
    row = json.loads(raw)
    if isinstance(row, list):
        return json.dumps([_mark(value) for value in row], ensure_ascii=False)
    plain = set(contract().table(table).columns) - set(TEXTS[table])
    told = {name: value if name in plain else _mark(value) for name, value in row.items()}
    return json.dumps(told, ensure_ascii=False)


def _mark(value: Any) -> Any:
    return BLACKED_OUT if isinstance(value, str) and any(map(str.isalpha, value)) else value
