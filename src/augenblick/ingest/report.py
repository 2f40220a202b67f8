"""What a load did, without any customer's data: counts, reasons, warnings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class LoadWarning:
    """Something to look at that kept nothing out."""

    file: str
    message: str
    hint: str | None = None


@dataclass
class FileReport:
    """What became of the rows one file holds for one table.

    `unchanged` rows were there before (or stand twice in the load), `changed` replaced older master data and
    are counted in `loaded` too. `known` files were loaded before and skipped.
    """

    file: str
    kind: str
    table: str
    rows: int = 0
    loaded: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    known: bool = False


@dataclass(frozen=True)
class RejectReason:
    """How many rows were rejected, or lost a value, for one reason, and where the first one stands."""

    table: str
    field: str
    reason: str
    hint: str | None
    count: int
    first_file: str
    first_line: int


@dataclass
class LoadReport:
    """What a load did. `load_id` is None when nothing was new.

    `emptied` counts faulty values of rows that were loaded without them.
    """

    load_id: int | None = None
    files: list[FileReport] = field(default_factory=list)
    rejects: list[RejectReason] = field(default_factory=list)
    emptied: list[RejectReason] = field(default_factory=list)
    warnings: list[LoadWarning] = field(default_factory=list)
    customer_changes: int = 0
    removed: int = 0
    """Rows taken out by their keys."""
    blacked_out: int = 0
    """Texts loaded before that were blacked out because the consent that kept them has ended."""
    overdue: dict[str, int] = field(default_factory=dict)
    """Rows per table that are older than their retention period; they are not deleted by a load."""

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(file.rows for file in self.files)

    @property
    def loaded(self) -> int:
        """Rows new or changed in the bank tables."""
        return sum(file.loaded for file in self.files)

    @property
    def unchanged(self) -> int:
        """Rows that were there already."""
        return sum(file.unchanged for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows kept out."""
        return sum(file.rejected for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        totals = {name: getattr(self, name) for name in ("rows", "loaded", "unchanged", "rejected")}
        return {"totals": totals, **asdict(self)}
