"""The base facts of the cases, seeded: one DuckDB table of integer pairs (s, o) per predicate, as Parquet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import universities

Pairs = list[tuple[int, int]]
FAMILY = "https://example.org/family#"
GENERATIONS = 5


def kinship(people: int, seed: int) -> dict[str, Pairs]:
    """Return who is whose parent and partner, over five generations: couples have two children on average."""
    draw = random.Random(seed)
    size = people // GENERATIONS // 2 * 2
    couples = size // 2
    parents: Pairs = []
    for generation in range(1, GENERATIONS):
        for place in range(size):
            child = generation * size + place
            mother = (generation - 1) * size + 2 * draw.randrange(couples)
            parents += [(child, mother), (child, mother + 1)]
    partners = [(2 * couple, 2 * couple + 1) for couple in range(couples * GENERATIONS)]
    return {"parent": parents, "partner": partners}


def closure(nodes: int, seed: int) -> dict[str, Pairs]:
    """Return a random graph of two edges per node beside a path: many ways to a fact, and a long one."""
    draw = random.Random(seed)
    edges = {(draw.randrange(nodes), draw.randrange(nodes)) for _ in range(2 * nodes)}
    path = {(nodes + step, nodes + step + 1) for step in range(nodes // 3)}
    return {"edge": sorted(edges | path)}


CASES = {"kinship": kinship, "closure": closure}
PREDICATES = {"parent": "hasParent", "partner": "hasPartner", "edge": "edge"}
"""The property of the case's ontology each table states."""


def write(case: str, size: int, seed: int, folder: Path) -> None:
    """Write the tables of a case as Parquet, CSV and N-Triples, for every engine what it reads fastest."""
    if case == "lubm":
        universities.write(size, seed, folder)
        return
    folder.mkdir(parents=True)
    tables = CASES[case](size, seed)
    for name, pairs in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="ascii") as out:
            out.writelines(f"{s},{o}\n" for s, o in pairs)
        read = f"read_csv('{folder / name}.csv', header = false, columns = {{s: 'BIGINT', o: 'BIGINT'}})"
        duckdb.execute(f"COPY (FROM {read}) TO '{folder / name}.parquet'")
    with (folder / "facts.nt").open("w", encoding="ascii") as out:
        out.writelines(_lines(tables))


def _lines(tables: dict[str, Pairs]) -> Iterator[str]:
    for name, pairs in tables.items():
        for s, o in pairs:
            yield f"<{FAMILY}n{s}> <{FAMILY}{PREDICATES[name]}> <{FAMILY}n{o}> .\n"


def tables(folder: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Load the Parquet files as tables; return their names."""
    names = sorted(file.stem for file in folder.glob("*.parquet"))
    for name in names:
        connection.execute(f"CREATE TABLE {name} AS FROM '{folder / name}.parquet'")
    return names
