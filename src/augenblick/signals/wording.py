"""Bookings that look alike: the same direction, codes, other side and texts, but for the digits in the texts.

Most of what banks write is said over and over with another date and number, so it is enough to look at one of each
wording. To tell them, every text of the bank is read once: DuckDB's `translate` takes six times as long for it as a
table of bytes, which is passed over a whole vector of texts at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

WRITTEN = "concat_ws('|', counterparty_name, ultimate_party, purpose)"
"""SQL for all texts of a row of `bank.transactions`."""
RAW = f"replace({WRITTEN}, ' ', '')"
"""SQL for these texts without blanks."""
GLUED = (
    f"CASE WHEN {WRITTEN} LIKE '%C%R%E%D%' AND contains({RAW}, 'CRED') "
    f"THEN array_to_string(regexp_extract_all({RAW}, 'CRED[+:]([^+:|]*)', 1), ' ') END"
)
"""SQL for what follows the sub-field's tag for a creditor identifier, wherever it may stand."""

_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_numbers = count(1)


@contextmanager
def wordings(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Give SQL over rows of `bank.transactions` for a number; rows that have it in common look alike.

    Alike are direction, codes, creditor, other side, and the texts but for their digits: `prefilter.look_sql` finds
    the same in them. The SQL can be used on the connection meanwhile.
    """
    name = f"digits_alike_{next(_numbers)}"  # connections to one database share its functions
    connection.create_function(name, _digits_alike, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
    try:
        yield (
            f"hash(amount > 0, creditor_id, counterparty_iban, gvc, btc, mcc, purpose_code, {GLUED}, {name}({WRITTEN}))"
        )
    finally:
        connection.remove_function(name)


def _digits_alike(texts: pa.Array) -> pa.Array:
    """Return texts with 0 for every digit; UTF-8 has no byte of a digit in any other character."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    valid, offsets, data = column.buffers()
    alike = None if data is None else pa.py_buffer(data.to_pybytes().translate(_DIGITS_ALIKE))
    return pa.Array.from_buffers(column.type, len(column), [valid, offsets, alike], offset=column.offset)
