"""Bank files → tables `bank.*` and rejects."""

from augenblick.ingest.contract import Contract, contract
from augenblick.ingest.delivery import ingest_rows
from augenblick.ingest.load import ingest
from augenblick.ingest.rejects import RejectedRow, rejected_rows
from augenblick.ingest.removal import Rows
from augenblick.ingest.report import FileReport, LoadReport, LoadWarning, RejectReason
from augenblick.ingest.tables import create_bank_tables
from augenblick.ingest.texts import Blackening

__all__ = [
    "Blackening",
    "Contract",
    "FileReport",
    "LoadReport",
    "LoadWarning",
    "RejectReason",
    "RejectedRow",
    "Rows",
    "contract",
    "create_bank_tables",
    "ingest",
    "ingest_rows",
    "rejected_rows",
]
