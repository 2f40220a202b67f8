"""The line itself, from Parquet to published graph, in a process of its own: one JSON line of measurements out."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time
from pathlib import Path

from memory import Stages

from augenblick import pipeline
from augenblick.content import load_content
from augenblick.ingest import ingest
from augenblick.store import DataDirectory


def main(folder: Path, data: Path, as_of: date, root: Path | None = None) -> dict[str, object]:
    """Load, detect and publish with the content below `root` (default: today's); return what it took and found."""
    stages = Stages()
    directory = DataDirectory(data)
    with stages.stage("ingest"):
        connection = directory.connect()
        loaded = ingest(connection, folder, loaded_at=datetime.combine(as_of, time()))
        connection.close()
    with stages.stage("content"):
        content = load_content(root)
    report = pipeline.detect(directory, as_of=as_of, content=content, progress=stages.progress)
    return {
        **stages.summary(),
        "bookings": report.signals.bookings,
        "loaded": loaded.loaded,
        "rejected": loaded.rejected,
        "occurrences": report.signals.occurrences,
        "facts": sum(sum(counts.values()) for counts in report.facts.values()),
        "inferred": report.reasoning.facts,
        "quads": report.published.quads if report.published else 0,
        "slowest_rules": [
            {
                "rule": rule.rule.name.removeprefix(f"{content.root}/"),
                "facts": rule.facts,
                "seconds": round(rule.seconds, 3),
            }
            for rule in sorted(report.reasoning.rules, key=lambda rule: -rule.seconds)[:10]
        ],
    }


if __name__ == "__main__":
    root = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]), root)))
