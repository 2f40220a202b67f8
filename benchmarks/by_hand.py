"""The same moments by hand-written SQL, in a process of its own: one JSON line of measurements out."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path

import duckdb
from memory import Stages

SCRIPT = Path(__file__).with_name("line_by_hand.sql")
_STATEMENT = re.compile(r";\s*\n")


def stages_of(script: str) -> list[tuple[str, list[str]]]:
    """Return the script's stages with their statements."""
    parts = re.split(r"^-- stage: (\w+)\n", script, flags=re.MULTILINE)
    return [
        (name, [s for s in _STATEMENT.split(body) if s.strip()])
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    ]


def main(folder: Path, as_of: date, result: Path) -> dict[str, object]:
    """Run the script; write its moments as Parquet and return what it took."""
    stages = Stages()
    connection = duckdb.connect()
    connection.execute("SET VARIABLE folder = $folder", {"folder": str(folder)})
    connection.execute("SET VARIABLE as_of = $as_of::DATE", {"as_of": as_of})
    for name, statements in stages_of(SCRIPT.read_text(encoding="utf-8")):
        with stages.stage(name):
            for statement in statements:
                connection.execute(statement)
    connection.execute(f"COPY moments TO '{result}' (FORMAT parquet)")
    found = connection.execute("SELECT count(*) FROM moments").fetchone()
    return {**stages.summary(), "moments": found[0] if found else 0}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3]))))
