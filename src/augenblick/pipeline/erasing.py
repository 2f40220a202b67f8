"""A person's right to be forgotten (GDPR 17): out of the bank's tables, and of all that was derived and published.

Backups lie elsewhere and hold the person still. The certificate names them, and each that can be reached gets a copy:
whoever brings it back is without the person again at once.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from augenblick.content import Content
from augenblick.content.model import Words
from augenblick.ingest.forgetting import Forgotten, bury, forget, mentions, returned
from augenblick.lookup import LOOKUP_FILE
from augenblick.model.errors import NotLoaded
from augenblick.model.tables import has_table
from augenblick.pipeline.begun_erasures import BegunErasure, begun_erasures
from augenblick.pipeline.detection import detect
from augenblick.pipeline.forgetting import forget_beside
from augenblick.pipeline.reading import last_run, no_customer
from augenblick.policy.pseudonyms import Pseudonyms
from augenblick.publish import follow, graph_file
from augenblick.publish.snapshots import drop_snapshots
from augenblick.publish.working import VIEWS
from augenblick.store import DataDirectory

CERTIFICATES = "certificates"
BACKUPS = "backups.jsonl"
"""Folder and time of each backup made of a data directory, a line each."""
_ELSEWHERE = Words(
    "Außerhalb des Datenverzeichnisses wurde nichts gelöscht. Sicherungen von vor der Löschung enthalten die Person "
    "noch. Wird eine zurückgeholt (`augenblick restore`), nimmt diese Bescheinigung die Person sofort wieder heraus, "
    "wenn sie im Ordner `certificates` der Sicherung liegt oder mit `--erasures` genannt wird; danach kommt sie auch "
    "mit späteren Lieferungen nicht zurück. Ausgaben, Exportdateien der Bank und was Empfänger schon erhalten haben, "
    "sind dort zu löschen, wo sie liegen. Die Pseudonyme sagen nur dem etwas, der ihren Schlüssel hat.",
    "Nothing outside the data directory was erased. Backups from before the erasure hold the person still. When one is "
    "brought back (`augenblick restore`), this certificate takes the person out again at once where it lies in the "
    "backup's folder `certificates` or is named by `--erasures`; later deliveries do not bring them back either. "
    "Answers saved elsewhere, the bank's export files and what receivers have got already are to be erased where they "
    "lie. The pseudonyms tell something only to who holds the data directory's key.",
)


_RESTING = """
SELECT moment_id FROM policy.moments
WHERE list_contains(others, $customer) AND (mild_id IS NULL OR list_contains(mild_others, $customer))
"""
"""The moments of others that nothing holds but what was seen at the customer."""


@dataclass(frozen=True)
class OldBackup:
    """A backup made before an erasure, by its folder's name; `reached`: this certificate was put into it."""

    name: str
    made_at: str
    reached: bool


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What was erased when, without saying of whom: rows per table, quads published before and after.

    `backups` hold the person still; `tombstones` are pseudonyms by the data directory's key, by which the person is
    known should one of them be brought back.
    """

    reference: str
    erased_on: date
    removed: dict[str, int]
    quads_before: int
    quads_after: int
    backups: tuple[OldBackup, ...] = ()
    elsewhere: Words = _ELSEWHERE
    tombstones: tuple[tuple[str, str], ...] = ()


def erase(
    directory: DataDirectory,
    customer: str,
    *,
    on: date,
    content: Content | None = None,
    reference: str | None = None,
) -> Certificate:
    """Erase a customer with all that was derived from them, also at relatives; return and keep the certificate.

    Databases are written anew, snapshots are dropped, and everything is derived again without the person as of the
    last run's day. The certificate's name is `reference`, or one is made. Raises `NotFound` when there is no such
    customer. Once begun it will be done: when it is cut off, `finish_erasures` brings it to its end.
    """
    finish_erasures(directory, content=content)
    return _finished(directory, _begun(directory, customer, on, reference or str(uuid.uuid4())), content)


def finish_erasures(directory: DataDirectory, *, content: Content | None = None) -> list[Certificate]:
    """Bring erasures that were cut off to their end and return their certificates."""
    return [_finished(directory, _resumed(directory, begun), content) for begun in begun_erasures(directory)]


def _begun(directory: DataDirectory, customer: str, on: date, reference: str) -> BegunErasure:
    """Take a customer out of the durable tables, all or nothing, with a note of what is still to be done."""
    names, run, before = Pseudonyms(directory.path), last_day(directory) or (None, None), _quads(directory)
    with closing(directory.connect()) as connection:
        if not _known(connection, customer):
            raise no_customer()
        connection.execute("BEGIN")
        resting = _forget_what_rests_on(connection, customer)
        forgotten = forget(connection, customer, names.of)
        begun = BegunErasure(
            reference=reference,
            customer=customer,
            erased_on=on,
            as_of=run[0],
            base=run[1],
            quads_before=before,
            forgotten=replace(forgotten, removed=forgotten.removed | resting),
        )
        begun.keep(directory)
        connection.execute("COMMIT")
    return begun


def _forget_what_rests_on(connection: duckdb.DuckDBPyConnection, customer: str) -> dict[str, int]:
    """Take out the moments of others that rest on the customer, and what was said of them; return how many.

    Left in, they would be told as taken back, which tells what happened to the customer and when.
    """
    if not has_table(connection, "moments", schema="policy"):
        return {}
    resting = [moment for (moment,) in connection.execute(_RESTING, {"customer": customer}).fetchall()]
    for table in ("moment_identities", "feedback"):
        if has_table(connection, table, database="bank"):
            gone = f"DELETE FROM bank.{table} WHERE moment_id IN (SELECT unnest(?::VARCHAR[]))"
            connection.execute(gone, [resting])
    return {"moments of others": len(resting)} if resting else {}


def _resumed(directory: DataDirectory, begun: BegunErasure) -> BegunErasure:
    """Return an erasure that was cut off, its person out of the tables: they are not where it was cut off early."""
    with closing(directory.connect()) as connection:
        there = _known(connection, begun.customer)
    return _begun(directory, begun.customer, begun.erased_on, begun.reference) if there else begun


def _finished(directory: DataDirectory, begun: BegunErasure, content: Content | None) -> Certificate:
    run = (begun.as_of, begun.base) if begun.as_of and begun.base else None
    beside = _derive_without(directory, [begun.forgotten], run, content)
    certificate = Certificate(
        reference=begun.reference,
        erased_on=begun.erased_on,
        removed=begun.forgotten.removed | beside,
        quads_before=begun.quads_before,
        quads_after=_quads(directory),
        tombstones=begun.forgotten.tombstones,
    )
    kept = _kept(directory, certificate)
    begun.drop(directory)
    return kept


def erase_again(directory: DataDirectory, *, content: Content | None = None) -> int:
    """Erase whose erasure a certificate in the directory attests and who is there nevertheless; return how many.

    That is so after a backup from before the erasure was brought back.
    """
    stones = [stone for file in (directory.path / CERTIFICATES).glob("erasure-*.json") for stone in _attested(file)]
    if not stones:
        return 0
    names = Pseudonyms(directory.path)
    with closing(directory.connect()) as connection:
        bury(connection, stones)
        forgotten = [forget(connection, who, names.of) for who in returned(connection, names.of)]
    if forgotten:
        _derive_without(directory, forgotten, last_day(directory), content)
    return len(forgotten)


def certificates(directory: DataDirectory) -> Iterator[dict[str, Any]]:
    """Yield the certificates of all erasures as they are kept, the latest first."""
    read = [json.loads(path.read_text("utf-8")) for path in (directory.path / CERTIFICATES).glob("erasure-*.json")]
    yield from sorted(read, key=lambda each: (each["erased_on"], each["reference"]), reverse=True)


def certificate_of(directory: DataDirectory, reference: str) -> dict[str, Any] | None:
    """Return the certificate of that name as it is kept, None where there is none."""
    return next((each for each in certificates(directory) if each["reference"] == reference), None)


def keep_out_erased(directory: DataDirectory, connection: duckdb.DuckDBPyConnection) -> bool:
    """Take out again who was erased and came back with a load; return whether anybody did (then `compact`)."""
    names = Pseudonyms(directory.path)
    back = returned(connection, names.of)
    for customer in back:
        forget(connection, customer, names.of)
    return bool(back)


def drop_derived(directory: DataDirectory) -> None:
    """Delete everything that can be computed anew: derived database, live store, snapshots, what loads left over."""
    directory.let_go()
    drop_snapshots(directory)
    beside = (directory.aside_folder, directory.path / "staging", directory.path / VIEWS)
    for folder in (directory.live_store, *beside):
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in ("derived*.duckdb*", f"{Path(LOOKUP_FILE).stem}.*"):
        for file in directory.path.glob(pattern):
            file.unlink()


def _derive_without(
    directory: DataDirectory, forgotten: list[Forgotten], run: tuple[date, str] | None, content: Content | None
) -> dict[str, int]:
    """Take persons who are in no table any more out of all other files; return the rows taken out of the service's.

    What was derived is derived anew as `run` (its day and base of IRIs) was.
    """
    drop_derived(directory)
    directory.compact()
    removed = forget_beside(directory, mentions(word for each in forgotten for word in each.words))
    if run is not None:
        detect(directory, as_of=run[0], base=run[1], content=content)
        follow(directory)  # the remote store must not hold them any longer either
    return removed


def _known(connection: duckdb.DuckDBPyConnection, customer: str) -> bool:
    try:
        found = connection.execute("SELECT 1 FROM bank.customers WHERE customer_id = ?", [customer]).fetchone()
    except duckdb.CatalogException:
        return False
    return found is not None


def last_day(directory: DataDirectory) -> tuple[date, str] | None:
    """Return the day and the base of IRIs of the last run, None where nothing was derived."""
    try:
        with last_run(directory) as run:
            return run.as_of, run.base
    except NotLoaded:
        return None


def _quads(directory: DataDirectory) -> int:
    live = directory.live_store
    return sum(1 for _ in graph_file.lines(live)) if (live / graph_file.GRAPH_FILE).exists() else 0


def _kept(directory: DataDirectory, certificate: Certificate) -> Certificate:
    """Keep the certificate here and in every backup that can be reached; return it with the backups there are."""
    noted = directory.path / BACKUPS
    made = [json.loads(line) for line in noted.read_text("utf-8").splitlines()] if noted.exists() else []
    reached = {said["folder"]: _write(Path(said["folder"]), certificate) for said in made}
    backups = tuple(OldBackup(Path(said["folder"]).name, said["made_at"], reached[said["folder"]]) for said in made)
    certificate = replace(certificate, backups=backups)
    _write(directory.path, certificate)
    return certificate


def _write(place: Path, certificate: Certificate) -> bool:
    """Write the certificate into a data directory or backup; return whether it is there to be written to."""
    folder = place / CERTIFICATES
    text = json.dumps(asdict(certificate), ensure_ascii=False, indent=2, default=str)
    try:
        folder.mkdir(exist_ok=True)
        (folder / f"erasure-{certificate.reference}.json").write_text(text + "\n", encoding="utf-8")
    except OSError:
        return False
    return True


def _attested(file: Path) -> list[tuple[str, str]]:
    return [(kind, pseudonym) for kind, pseudonym in json.loads(file.read_text("utf-8")).get("tombstones", ())]
