"""What the room reads: as long as none of it is other than before, neither is what it finds."""

from __future__ import annotations

import re
from pathlib import Path

from augenblick import signals
from augenblick.store import returns


def test_bank_tables_that_sql_of_the_room_names_are_those_it_says_it_reads() -> None:
    files = (*Path(signals.__file__).parent.glob("*.py"), Path(returns.__file__))
    named = {table for file in files for table in re.findall(r"\bbank\.([a-z_]+)", file.read_text("utf-8"))}
    assert named == signals.READS
