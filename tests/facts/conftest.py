"""A small bank with rows of every table, its evidence, and content that asks for one signal's occurrences."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from given_content import GivenContent
from rdflib import Graph

from augenblick.content.model import Signal
from augenblick.facts import load, mappings
from augenblick.ingest.tables import create_bank_tables
from augenblick.reason import FactBase
from augenblick.signals import detect
from augenblick.store import in_memory

AS_OF = date(2026, 6, 30)
PAY = "https://w3id.org/augenblick/signal/pay"
GIFT = "https://w3id.org/augenblick/signal/gift"
SEARCH = "https://w3id.org/augenblick/signal/search"
SIGNALS = (
    Signal(iri=PAY, text_patterns=("GEHALT",), recurring=True),
    Signal(iri=GIFT, text_patterns=("GESCHENK",)),
    Signal(iri=SEARCH, interaction_kinds=("search",)),
)

ROWS: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"customer_id": "anna m", "given_name": "Anna", "birth_date": "1990-02-03", "death_date": "2026-07-02"},
        {"customer_id": "bert", "death_date": "2026-06-30"},
    ],
    "customer_changes": [
        {"customer_id": "bert", "changed_on": "2026-02-01", "attribute": "city", "old_value": "Ulm",
         "new_value": "Gera"},
        {"customer_id": "bert", "changed_on": "2026-01-01", "attribute": "city", "new_value": "Ulm"},
        {"customer_id": "bert", "changed_on": "2026-07-01", "attribute": "city", "new_value": "Jena"},
    ],
    "relations": [
        {"customer_id": "anna m", "related_customer_id": "bert", "relation": "partner", "valid_to": "2026-06-29"},
        {"customer_id": "anna m", "related_customer_id": "kim", "relation": "child", "valid_from": "2026-06-30"},
        {"customer_id": "anna m", "related_customer_id": "ida", "relation": "child", "valid_from": "2026-07-01"},
    ],
    "accounts": [
        {"account_id": "a1", "kind": "giro", "currency": "EUR", "opened_on": "2019-01-01", "closed_on": "2026-07-01"},
        {"account_id": "a2", "kind": "savings", "currency": "EUR", "opened_on": "2026-07-01"},
    ],
    "account_holders": [
        {"account_id": "a1", "customer_id": "anna m", "role": "owner"},
        {"account_id": "a1", "customer_id": "bert", "role": "guardian"},
    ],
    "contracts": [
        {"contract_id": "k1", "customer_id": "bert", "product": "loan", "opened_on": "2020-01-01", "amount": 1200.5}
    ],
    "interactions": [
        {"interaction_id": "i1", "customer_id": "bert", "occurred_at": "2026-06-30 23:00:00", "channel": "web",
         "kind": "search", "topic": "x"},
        {"interaction_id": "i2", "customer_id": "bert", "occurred_at": "2026-07-01 00:00:00",
         "channel": "web", "kind": "search"},
    ],
    "consents": [
        {"customer_id": "bert", "purpose": "advice", "status": "given",
         "valid_from": "2020-01-01", "valid_to": "2027-01-01"}
    ],
    "declared_moments": [
        {"customer_id": "bert", "moment": "some-moment", "source": "adviser", "state": "confirmed"}
    ],
    "transactions": [
        *(
            {"transaction_id": f"p{month}", "account_id": "a1", "booking_date": f"2026-0{month}-01", "amount": 2000,
             "currency": "EUR", "counterparty_name": "Nordlicht GmbH", "purpose": "Gehalt"}
            for month in range(1, 6)
        ),
        {"transaction_id": "g1", "account_id": "a1", "booking_date": "2026-05-05",
         "amount": -50, "currency": "EUR", "purpose": "Geschenk Kim"},
        {"transaction_id": "x1", "account_id": "a1", "booking_date": "2026-06-05",
         "amount": -5, "currency": "EUR", "purpose": "Brot"},
    ],
}  # fmt: skip


class Facts:
    """The loaded fact base and ways to ask it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, content: Any) -> None:
        self.connection = connection
        self.base = FactBase(connection)
        self.counts = load(self.base, connection, as_of=AS_OF, content=content)
        self.mappings = mappings(as_of=AS_OF)

    def of(self, subject: str) -> set[tuple[str, str]]:
        """Predicate and object of a subject in N-Triples form, namespaces cut."""
        wanted = f"<https://bank.example/id/{subject}>"
        rows = self.connection.execute(f"SELECT p, o FROM ({self.base.quads_sql()}) WHERE s = ?", [wanted]).fetchall()
        return {(_short(p), _short(o)) for p, o in rows}

    def subjects(self, klass: str) -> set[str]:
        """The individuals of a class, the data base's namespace cut."""
        sql = f"SELECT s FROM ({self.base.quads_sql()}) WHERE p LIKE '%#type>' AND o LIKE ?"
        return {_short(s) for (s,) in self.connection.execute(sql, [f"%#{klass}>"]).fetchall()}


def _short(term: str) -> str:
    for long in ("https://bank.example/id/", "https://w3id.org/augenblick/ontology#", "http://www.w3.org/2001/XMLSchema#",
                 "http://www.w3.org/1999/02/22-rdf-syntax-ns#"):  # fmt: skip
        term = term.replace(long, "")
    return term.replace("<", "").replace(">", "")


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> Any:
    rule = tmp_path_factory.mktemp("rules") / "occurs.rq"
    rule.write_text("WHERE { ?pattern a aug:Occurs ; aug:signal ?s . ?x a aug:Occurrence ; aug:signal ?s }")
    pattern = SimpleNamespace(kind="Occurs", parameters={"signal": (GIFT,)})
    return GivenContent(
        signals=SIGNALS, moments=(SimpleNamespace(patterns=(pattern,)),), shapes=Graph(), core_rules=(),
        pattern_rules=(rule,), condition_rules=(), moment_rules=(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def facts(content) -> Facts:
    connection = in_memory()
    create_bank_tables(connection)
    for table, rows in ROWS.items():
        for line, row in enumerate(rows, start=2):
            full = {**row, "_file": 1, "_line": line}
            marks = ", ".join("?" for _ in full)
            connection.execute(f"INSERT INTO bank.{table} ({', '.join(full)}) VALUES ({marks})", list(full.values()))
    connection.execute("INSERT INTO bank.files (file_id, path) VALUES (1, 'export.csv')")
    detect(connection, SIGNALS, as_of=AS_OF)
    return Facts(connection, content)
