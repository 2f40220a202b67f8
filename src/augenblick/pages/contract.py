"""The page of the input contract, from the shipped `datapackage.json`."""

from __future__ import annotations

from augenblick.ingest.contract import Field, Table
from augenblick.ingest.contract import contract as shipped
from augenblick.pages.markdown import bullets, code, sections, table


def page() -> str:
    """Return the page: each table with its columns, key and references."""
    contract = shipped()
    return sections(
        (
            "# Eingabevertrag · Input contract",
            f"Version {contract.version}. Ein Bankexport ist ein Ordner mit einer Datei je Tabelle "
            "(`customers.csv` oder "
            "`customers.parquet`): UTF-8, ISO-Daten, Dezimalpunkt. Nur `customers` muss da sein. "
            "Kontoauszüge dürfen statt oder "
            "neben `transactions` als camt.052/053/054 oder MT940/942 im Ordner liegen. Ein Feld mit "
            "* muss gefüllt sein.",
            "*A bank export is a folder with one file per table: UTF-8, ISO dates, decimal point. "
            "Only `customers` is required. "
            "Statements may lie beside or in place of `transactions` as camt.052/053/054 or "
            "MT940/942. A column with * must be "
            "filled. Foreign exports are read through a [mapping file](../bank-files.md).*",
            *(_table(each) for each in contract.tables),
        )
    )


def _table(each: Table) -> str:
    rows = [
        (code(f.name) + ("*" if f.required else ""), f.type, _limits(f), f.description_de, f.description)
        for f in each.fields
    ]
    marks = [f"key: {', '.join(map(code, each.key))}"]
    marks += [f"{code(k.field)} must exist in {code(f'{k.table}.{k.target}')}" for k in each.foreign_keys]
    marks += ["this table is required"] if each.required else []
    marks += ["a row never changes once it is loaded"] if each.immutable else []
    return sections(
        (
            f"## {each.name}",
            f"{each.title}.",
            bullets(marks),
            table(("column", "type", "values", "Deutsch", "English"), rows),
        )
    )


def _limits(field: Field) -> str:
    limits = [" ".join(map(code, field.codes))] if field.codes else []
    limits += [f"pattern {code(field.pattern)}"] if field.pattern else []
    limits += [f"from {field.earliest}"] if field.earliest else []
    limits += [f"at most {field.latest} after loading"] if field.latest else []
    limits += [f"not before {code(field.not_before)}"] if field.not_before else []
    limits += [f"{field.digits} digits"] if field.digits else []
    if field.synonyms:
        limits += ["also read: " + " ".join(map(code, field.synonyms))]
    if not field.costs_row:
        limits += [f"else loaded as {code(field.otherwise)}" if field.otherwise else "else left empty"]
    if field.forgiven_where:
        other, codes = field.forgiven_where
        limits += [f"else left empty where {code(other)} is {' or '.join(map(code, codes))}"]
    limits += [f"check digits ({field.check})"] if field.check else []
    return ", ".join(limits)
