"""What somebody does with a change set that takes long, by REST and on pages alike: check, impact, publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from augenblick.api.editors import DATA_PROTECTION
from augenblick.api.long_work import LongWork
from augenblick.api.writer import Writer
from augenblick.content import default_root
from augenblick.editing import Edition, publication
from augenblick.editing.case_edits import with_expected
from augenblick.editing.impact import Impact, basis, impact
from augenblick.editing.shadow import shown
from augenblick.editing.trial import outcomes
from augenblick.editing.versions import ChangeSet, Version, Versions
from augenblick.model.errors import BadParameter
from augenblick.model.progress import Progress
from augenblick.pipeline import today
from augenblick.pipeline.checking import CheckReport, check
from augenblick.policy import Access, Policy
from augenblick.store import DataDirectory

IMPACT = "impact"
"""The kind of work that tells of customers."""


@dataclass(frozen=True)
class ChangeWork:
    """The work of one person in a role; `purpose` (or none: empty) is what customers may be shown for.

    `works` are the pieces of the service. Whom a change touches is worked out once for all who look at it.
    """

    name: str
    role: str
    purpose: str
    directory: DataDirectory
    writer: Writer
    works: LongWork
    policy: Policy

    @property
    def versions(self) -> Versions:
        """The versions of the content and what was proposed."""
        return Versions(self.directory)

    def checked(self, change: ChangeSet, progress: Progress) -> CheckReport:
        """Return the report of what would be published, its imports brought up to date as publishing does."""
        progress("check", 0, 1)
        current = Edition.read(self.directory.published_content or default_root())
        return publication.checked(
            publication.outcome(self.versions, change, current), self._check(progress), against=current
        )

    def with_outcomes(self, change: ChangeSet, progress: Progress, *, cases: Iterable[str], reason: str) -> ChangeSet:
        """Propose a change set anew, its cases (paths) expecting what they show by it; for its author only.

        Else somebody could approve what is theirs but for a case. Raises NotPermitted, BadParameter without a reason.
        """
        publication.confirm_author(change, self.name)
        if not reason.strip():
            raise BadParameter("The reason is missing.", where="reason", hint="say why")
        now = Edition.read(self.directory.published_content or default_root())
        found = outcomes(publication.outcome(self.versions, change, now), cases, progress=progress)
        return publication.propose(
            self.versions,
            lambda base: with_expected(publication.outcome(self.versions, change, base), found),
            author=change.author,
            reason=f"{change.reason} · {reason.strip()}",
            at=datetime.now(UTC),
        )

    def impact(self, change: ChangeSet, progress: Progress, *, most: int) -> Impact:
        """Return whom a change set would touch: numbers, and at most so many examples for who may see customers.

        What was worked out before from the same content and data, by whomever, is taken as it is. `told` says what
        of it the person may know.
        """
        done = self.works.look(self.about(change.name, IMPACT))
        if done is not None and done.state == "done" and self.holds(done.outcome):
            return done.outcome  # type: ignore[no-any-return]
        return self._impact(partial(publication.outcome, self.versions, change), progress, most)

    def holds(self, found: Impact) -> bool:
        """Say whether content and data are those an impact was worked out from."""
        return found.basis == basis(self.directory)

    def told(self, found: Impact) -> Impact:
        """Return of an impact what the person may know: no examples without a purpose to see customers for."""
        return found if self.purpose else replace(found, examples=[], withheld=0)

    def shadow(self, progress: Progress, *, most: int) -> Impact:
        """Return whom the moments in shadow would touch if they were live; else as `impact`."""
        return self._impact(shown, progress, most)

    def _impact(self, made: Callable[[Edition], Edition], progress: Progress, most: int) -> Impact:
        role, purpose = self._sight
        access = Access(role=role, purpose=purpose, actor_id=self.name, at=today())
        examples = most if purpose else 0
        return self.writer.reading(
            lambda directory: impact(directory, made, access=access, most=examples, progress=progress)
        )

    def published(self, change: ChangeSet, progress: Progress) -> Version:
        """Publish a change set as its approver, and as data protection where that is the role."""
        progress("check", 0, 1)
        return publication.publish(
            self.versions,
            change.name,
            approver=self.name,
            at=datetime.now(UTC),
            check=self._check(progress),
            data_protection=self.name if self.role == DATA_PROTECTION else None,
        )

    def about(self, change: str, kind: str) -> tuple[str, ...]:
        """Return what a piece of work is about; an impact tells of customers: it is of those who see as much."""
        return (change, kind, *(self._sight if kind == IMPACT else ()))

    @property
    def _sight(self) -> tuple[str, str]:
        """For which role and purpose examples are told.

        For who sees no customers they are prepared as data protection sees them, whose word may be asked for next.
        """
        if self.purpose:
            return self.role, self.purpose
        rules = self.policy.rules.items()
        purposes = {purpose for (who, purpose, _), rule in rules if who == DATA_PROTECTION and rule.permits}
        return DATA_PROTECTION, min(purposes, default="")

    def _check(self, progress: Progress) -> Callable[[Path], CheckReport]:
        return partial(check, before=self.directory.published_content or default_root(), progress=progress)
