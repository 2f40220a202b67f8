"""Account statements of banks: camt.052/053/054 (XML) and MT940/MT942 (SWIFT) → bookings.

`read_statement` gives a `Statement`; `stream_batches` gives the same as Arrow batches in flat memory.
"""

from augenblick.model.statement import Account, Balance, Booking, Reject, Statement

from .columns import SCHEMA, to_batch, to_table
from .formats import read_statement, sniff, stream_batches, stream_statement
from .limits import Limits

__all__ = [
    "SCHEMA",
    "Account",
    "Balance",
    "Booking",
    "Limits",
    "Reject",
    "Statement",
    "read_statement",
    "sniff",
    "stream_batches",
    "stream_statement",
    "to_batch",
    "to_table",
]
