"""As the rules were: the bank's data of today by an earlier version of the content, to be asked like the last run.

Who may see what is decided by the policy in force, and a legal class is the stricter of then and now: nobody learns by
old rules what the new ones withhold.
"""

from __future__ import annotations

import re
import shutil
from datetime import date

from augenblick.content import default_root, load_content, manifest
from augenblick.content.loader import VERSION_RECORD
from augenblick.editing.applying import applied
from augenblick.editing.edition import Edition
from augenblick.editing.edits import Edit
from augenblick.editing.publication import LEGAL_CLASS, POLICY, strictest
from augenblick.editing.versions import Version, Versions
from augenblick.model.errors import NotFound
from augenblick.model.progress import Progress, silent
from augenblick.pipeline.past import derive_beside, is_of_last_run
from augenblick.store import DataDirectory

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def as_rules(directory: DataDirectory, wanted: str, progress: Progress = silent) -> DataDirectory:
    """Return a data directory in which an earlier version's rules were run over the data loaded now.

    `wanted` is a version's name or number, or a day (YYYY-MM-DD): the version in force at its end. What was derived
    once is kept until the bank's data, the last run's day or the version in force change. Raises `NotFound` where
    there is no such version, `NotLoaded` without a run, `Busy` while another process writes.
    """
    versions = Versions(directory)
    version = _version(versions, wanted)
    beside = directory.beside(f"{version.name}.{versions.current or 'shipped'}")
    if not is_of_last_run(directory, beside):
        shutil.rmtree(beside.path.parent, ignore_errors=True)
        root = beside.content / "versions" / version.name
        now = Edition.read(directory.published_content or default_root())
        guarded(Edition.read(versions.root(version.name)), now).write(root)
        manifest.refresh(root / "ontology")
        shutil.copyfile(versions.root(version.name) / VERSION_RECORD, root / VERSION_RECORD)
        (beside.content / "current").write_text(f"{version.name}\n", encoding="utf-8")
        derive_beside(directory, beside, load_content(root), progress)
    return beside


def guarded(old: Edition, now: Edition) -> Edition:
    """Return an edition with the policy in force and, of each term, the stricter legal class of then and now."""
    kept = {path: text for path, text in old.texts.items() if not path.startswith(POLICY)}
    edition = Edition(kept | {path: text for path, text in now.texts.items() if path.startswith(POLICY)})
    stricter = [
        Edit(field, tuple(edition.fields.get(field, {}).values()), tuple(values.values()))
        for field, values in now.fields.items()
        if field.predicate == LEGAL_CLASS
        and field.subject in edition.places
        and strictest(now, now, field.subject) > strictest(edition, now, field.subject)
    ]
    return applied(edition, stricter) if stricter else edition


def _version(versions: Versions, wanted: str) -> Version:
    if not _DAY.fullmatch(wanted):
        return versions.version(wanted)
    if name := versions.in_force(date.fromisoformat(wanted)):
        return versions.version(name)
    if shipped := versions.all():
        return shipped[0]
    raise NotFound("Nothing was published yet.", hint="the shipped content is in use; ask without --as-rules")
