"""The line from tables to moments with the rules evaluated by Oxigraph: slow, plain, an oracle for content.

Signals and merging are the product's own; facts are written here by hand and the rules run as they stand, in
the order core, patterns, conditions, once per layer of kin views.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyoxigraph as ox

from augenblick.content import Content
from augenblick.content.cases import Found, Tables
from augenblick.ingest import create_bank_tables
from augenblick.moments import create_tables, load_types, merge
from augenblick.moments.layers import layers, merging_rules
from augenblick.signals import detect
from augenblick.store import in_memory

AUG = "https://w3id.org/augenblick/ontology#"
XSD = "http://www.w3.org/2001/XMLSchema#"
BASE = "https://bank.example/id/"
PREFIX = f"PREFIX aug: <{AUG}> PREFIX xsd: <{XSD}>\n"
RELATIONS = {"partner": "hasPartner", "child": "hasChild", "parent": "hasParent", "grandparent": "hasGrandparent",
             "grandchild": "hasGrandchild", "sibling": "hasSibling", "guardian": "hasGuardian"}  # fmt: skip
KINSHIP = (
    "INSERT { ?b aug:hasPartner ?a } WHERE { ?a aug:hasPartner ?b }",
    "INSERT { ?b aug:hasParent ?a } WHERE { ?a aug:hasChild ?b }",
    "INSERT { ?b aug:hasChild ?a } WHERE { ?a aug:hasParent ?b }",
    "INSERT { ?a aug:hasGrandchild ?c } WHERE { ?a aug:hasChild ?b . ?b aug:hasChild ?c }",
    "INSERT { ?b aug:hasGrandparent ?a } WHERE { ?a aug:hasGrandchild ?b }",
    "INSERT { ?b aug:hasGrandchild ?a } WHERE { ?a aug:hasGrandparent ?b }",
)


def run_case_bank(content: Content, tables: Tables, as_of: date) -> list[Found]:
    """Return every moment found in the bank that the tables make up."""
    connection = bank(tables)
    detect(connection, content.signals, as_of=as_of)
    create_tables(connection)
    load_types(connection, [merging_rules(m) for m in content.moments])
    store = ox.Store()
    store.load(content.graph.serialize(format="nt").encode(), format=ox.RdfFormat.N_TRIPLES)
    store.extend(facts(connection, as_of))
    for statement in KINSHIP:
        store.update(PREFIX + statement)
    for number, layer in enumerate(layers(content.moments)):
        reason(store, content, only_moments=number > 0)
        types = [merging_rules(m) for m in layer]
        _fill_indications(connection, store, [m.moment_type for m in types])
        merge(connection, types, as_of=as_of, base=BASE)
        store.extend(_moment_facts(connection, [t.moment_type for t in types]))
    rows = connection.execute("SELECT customer_id, slug, occurred_from, occurred_to, state FROM moments.moments")
    return [Found(*row) for row in rows.fetchall()]


def bank(tables: Tables) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection whose catalog `bank` holds the tables."""
    connection = in_memory()
    create_bank_tables(connection)
    for table, rows in tables.items():
        names = sorted({name for row in rows for name in row})
        texts = {n: [None if row.get(n) is None else str(row[n]) for row in rows] for n in names}
        given = pa.table({n: pa.array(column, pa.string()) for n, column in texts.items()})
        connection.register("given", given)
        connection.execute(f"INSERT INTO bank.{table} BY NAME FROM given")
        connection.unregister("given")
    return connection


def reason(store: ox.Store, content: Content, *, only_moments: bool = False) -> None:
    """Add what the rules derive, each run once; with `only_moments` of the patterns only those that read moments."""
    patterns = [*content.pattern_rules, *content.moment_rules]
    if only_moments:
        patterns = [path for path in patterns if "aug:Moment " in path.read_text(encoding="utf-8")]
    core = [] if only_moments else _core(content.core_rules)
    for path in [*core, *patterns, *_conditions(content.condition_rules)]:
        derived = store.query(path.read_text(encoding="utf-8"))
        store.extend([ox.Quad(t.subject, t.predicate, t.object) for t in derived])
        if path.stem.startswith("clue"):
            store.update(PREFIX + "INSERT { ?clue a aug:RelationClue } WHERE { ?clue a aug:LeadingClue }")


def _core(paths: Sequence[Path]) -> list[Path]:
    """Return the core rules so that relations are presumed after what suggests them, and used after that."""
    last = {"clue": 1, "clue-same": 2, "unnamed": 3, "presumed": 4, "presumed-relation-clues": 5, "usable": 5}

    def place(path: Path) -> int:
        return max(number for start, number in {"": 0, **last}.items() if path.stem.startswith(start))

    return sorted(paths, key=lambda path: (place(path), path.stem))


def _conditions(paths: Sequence[Path]) -> list[Path]:
    """Return the condition rules so that each comes after those whose outcome it denies."""
    last = {"only-if-signal": 1, "only-if-kin": 1, "unless-pattern": 2, "indication": 3}
    return sorted(paths, key=lambda path: (last.get(path.stem, 0), path.stem))


def _fill_indications(connection: duckdb.DuckDBPyConnection, store: ox.Store, types: Sequence[str]) -> None:
    wanted = " ".join(f"<{t}>" for t in types)
    query = f"""SELECT ?i ?person ?type ?pattern ?weight ?date ?low ?high ?veto ?premise ?part WHERE {{
      VALUES ?type {{ {wanted} }}
      ?i a aug:Indication ; aug:indicates ?type ; aug:byPattern ?pattern ; aug:onPerson ?person ; aug:observedOn ?date .
      ?i aug:restsOn ?premise . OPTIONAL {{ ?premise aug:firstOccurrence|aug:atOccurrence ?part }}
      ?pattern aug:weight ?weight .
      OPTIONAL {{ ?pattern aug:lagMinimum ?low }} OPTIONAL {{ ?pattern aug:lagMaximum ?high }}
      OPTIONAL {{ ?pattern aug:veto ?veto }} }}"""
    for row in store.query(PREFIX + query):
        customer = row["person"].value.removeprefix(f"{BASE}customer/")
        low, high = (_days(row[v]) for v in ("low", "high"))
        connection.execute(
            "INSERT INTO moments.indications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [row["i"].value, customer, row["type"].value, row["pattern"].value, float(row["weight"].value),
             row["date"].value, low, high, bool(row["veto"]) and row["veto"].value == "true"],
        )  # fmt: skip
        premise = [row[name].value for name in ("i", "type", "premise")]
        ground = (row["part"] or row["premise"]).value
        connection.execute("INSERT INTO moments.premises VALUES (?, ?, ?, ?)", [*premise, ground])


def _days(value: ox.Literal | None) -> int:
    return int(value.value.replace("P", "").removesuffix("D")) if value is not None and value.value != "PT0S" else 0


def _moment_facts(connection: duckdb.DuckDBPyConnection, types: Sequence[str]) -> Iterator[ox.Quad]:
    rows = connection.execute(
        "SELECT moment_id, moment_type, customer_id, occurred_to, detected_on, state, confidence FROM moments.moments"
    ).fetchall()
    for moment, kind, customer, day, detected, state, confidence in rows:
        if kind in types:
            node = ox.NamedNode(moment)
            yield from _about(node, "Moment", momentType=ox.NamedNode(kind), person=_iri("customer", customer),
                              occurredTo=day, detectedOn=detected, state=state,
                              confidence=round(confidence, 6))  # fmt: skip


def facts(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    """Yield the facts and the evidence of architecture.md, section 3, as far as patterns read them."""
    yield _triple(ox.NamedNode(AUG + "thisRun"), "asOf", as_of)
    begun = connection.execute("SELECT min(booking_date) FROM bank.transactions").fetchone()
    if begun and begun[0]:
        yield _triple(ox.NamedNode(AUG + "thisRun"), "dataFrom", begun[0])
    for maker in (_customers, _relations, _accounts, _contracts, _events, _consents, _occurrences, _series):
        yield from maker(connection, as_of)


def _customers(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for row in _rows(connection, "bank.customers"):
        yield from _about(_iri("customer", row["customer_id"]), "Customer", birthDate=row["birth_date"],
                          deathDate=row["death_date"], customerSince=row["customer_since"],
                          familyName=row["family_name"], birthName=row["birth_name"],
                          civilStatus=row["civil_status"], street=row["street"],
                          postalCode=row["postal_code"])  # fmt: skip


def _relations(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for number, row in enumerate(_rows(connection, "bank.relations")):
        one, other = _iri("customer", row["customer_id"]), _iri("customer", row["related_customer_id"])
        kind = ox.NamedNode(AUG + RELATIONS[row["relation"]])
        yield from _about(_iri("relation", number), "Relation", relationSubject=one, relationObject=other,
                          relationKind=kind, validFrom=row["valid_from"], validTo=row["valid_to"])  # fmt: skip
        if (row["valid_from"] or as_of) <= as_of <= (row["valid_to"] or as_of):
            yield ox.Quad(one, kind, other)


def _accounts(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    spans = {row["account_id"]: row for row in _rows(connection, "evidence.account_spans")}
    for row in _rows(connection, "bank.accounts"):
        span = spans.get(row["account_id"], {})
        yield from _about(_iri("account", row["account_id"]), "Account", accountKind=row["kind"],
                          openedOn=row["opened_on"], closedOn=row["closed_on"],
                          firstBookingOn=span.get("first_on"), lastBookingOn=span.get("last_on"))  # fmt: skip
    roles = {"owner": "ownedBy", "co_owner": "coOwnedBy", "authorised": "authorisedFor", "guardian": "guardedBy"}
    for row in _rows(connection, "bank.account_holders"):
        yield _triple(_iri("account", row["account_id"]), roles[row["role"]], _iri("customer", row["customer_id"]))


def _contracts(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for row in _rows(connection, "bank.contracts"):
        yield from _about(_iri("contract", row["contract_id"]), "Contract", contractProduct=row["product"],
                          holder=_iri("customer", row["customer_id"]), openedOn=row["opened_on"],
                          closedOn=row["closed_on"])  # fmt: skip


def _events(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for number, row in enumerate(_rows(connection, "bank.customer_changes")):
        yield from _about(_iri("change", number), "MasterDataChange", person=_iri("customer", row["customer_id"]),
                          changedOn=row["changed_on"], attribute=row["attribute"], oldValue=row["old_value"],
                          newValue=row["new_value"])  # fmt: skip
    for row in _rows(connection, "bank.interactions"):
        yield from _about(_iri("interaction", row["interaction_id"]), "Interaction",
                          person=_iri("customer", row["customer_id"]), occurredOn=row["occurred_at"].date(),
                          interactionKind=row["kind"], topic=row["topic"])  # fmt: skip
    for number, row in enumerate(_rows(connection, "bank.declared_moments")):
        moment = ox.NamedNode("https://w3id.org/augenblick/moment/" + row["moment"])
        yield from _about(_iri("declaration", number), "Declaration", person=_iri("customer", row["customer_id"]),
                          declaredMoment=moment, occurredOn=row["occurred_on"], declaredState=row["state"])  # fmt: skip


def _consents(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for number, row in enumerate(_rows(connection, "bank.consents")):
        yield from _about(_iri("consent", number), "Consent", person=_iri("customer", row["customer_id"]),
                          purpose=row["purpose"], consentStatus=row["status"], validFrom=row["valid_from"],
                          validTo=row["valid_to"])  # fmt: skip


def _occurrences(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    texts = {row["transaction_id"]: row["purpose"] for row in _rows(connection, "bank.transactions")}
    for row in _rows(connection, "evidence.occurrences"):
        booking = _iri("booking", row["transaction_id"]) if row["transaction_id"] else None
        yield from _about(_iri("occurrence", row["occurrence_id"]), "Occurrence", signal=ox.NamedNode(row["signal"]),
                          person=_iri("customer", row["customer_id"]), occurredOn=row["occurred_on"], booking=booking,
                          amount=row["amount"], payer=row["payer"] or None,
                          account=_iri("account", row["account_id"]) if row["account_id"] else None)  # fmt: skip
        if booking is not None:
            yield from _about(booking, "Booking", purposeText=texts[row["transaction_id"]])


def _series(connection: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[ox.Quad]:
    for row in _rows(connection, "evidence.series"):
        yield from _about(_iri("series", row["series_id"]), "Series", signal=ox.NamedNode(row["signal"]),
                          person=_iri("customer", row["customer_id"]), account=_iri("account", row["account_id"]),
                          payer=row["payer"], payerName=row["payer_name"], level=row["level"], firstOn=row["first_on"],
                          lastOn=row["last_on"], bookings=row["bookings"], history=_span(row["history_days"]),
                          firstOccurrence=_iri("occurrence", row["first_occurrence"]),
                          lastOccurrence=_iri("occurrence", row["last_occurrence"]))  # fmt: skip
    for row in _rows(connection, "evidence.steps"):
        yield from _about(_iri("step", row["step_id"]), "AmountStep", ofSeries=_iri("series", row["series_id"]),
                          atOccurrence=_iri("occurrence", row["occurrence_id"]), steppedOn=row["stepped_on"],
                          oldLevel=row["old_level"], newLevel=row["new_level"])  # fmt: skip


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, object]]:
    cursor = connection.execute(f"FROM {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _about(subject: ox.NamedNode, kind: str, **values: object) -> Iterator[ox.Quad]:
    yield ox.Quad(subject, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode(AUG + kind))
    for predicate, value in values.items():
        if value is not None and not (isinstance(value, float) and math.isnan(value)):
            yield _triple(subject, predicate, value)


def _triple(subject: ox.NamedNode, predicate: str, value: object) -> ox.Quad:
    term = value if isinstance(value, ox.NamedNode | ox.Literal) else _literal(value)
    return ox.Quad(subject, ox.NamedNode(AUG + predicate), term)


def _literal(value: object) -> ox.Literal:
    if isinstance(value, date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    if isinstance(value, int):
        return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
    if isinstance(value, str):
        return ox.Literal(value)
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "decimal"))


def _span(days: object) -> ox.Literal | None:
    if days is None:
        return None
    return ox.Literal(f"P{days}D" if days else "PT0S", datatype=ox.NamedNode(XSD + "dayTimeDuration"))


def _iri(kind: str, identity: object) -> ox.NamedNode:
    return ox.NamedNode(f"{BASE}{kind}/{quote(str(identity), safe='')}")
