"""From an edited content to a published version: proposed by one person, approved by another, taken back by anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from pathlib import Path

from augenblick.content import Words, manifest
from augenblick.content import canonical_turtle as turtle
from augenblick.content.finding import ERROR, WARNING, Finding
from augenblick.content.sources import short
from augenblick.editing.applying import applied
from augenblick.editing.difference import difference
from augenblick.editing.difference_text import Disagreement, conflicts, disagreements, markdown
from augenblick.editing.edition import Edition, edition_of, laid_out
from augenblick.editing.edits import edits, merge
from augenblick.editing.provenance import provenance
from augenblick.editing.versions import ChangeSet, Version, Versions
from augenblick.explain.words import Language
from augenblick.model import terms
from augenblick.model.errors import BadOntology, BadParameter, Conflict, NotPermitted
from augenblick.pipeline.checking import CheckReport

Check = Callable[[Path], CheckReport]

LEGAL_CLASS, _STRICTNESS = terms.AUG + "legalClass", terms.AUG + "strictness"
POLICY = "ontology/policy/"
_MOST_FAULTS = 5
_MILDER = Words(
    "Die Rechtsklasse ist milder als bisher: „{new}“ statt „{old}“.",
    "The legal class is milder than before: “{new}” in place of “{old}”.",
)
POLICY_EDITED = Words(
    "Die Regeln, wer was sehen darf, sind geändert.", "The rules of who may see what have been edited."
)
_ASK = Words(
    "War es ein Versehen, setzen Sie es zurück. Sonst muss jemand vom Datenschutz es freigeben: `publish` und "
    "`rollback` nennen ihn mit --data-protection NAME.",
    "If it was a slip, set it back. Else somebody of data protection must approve: `publish` and `rollback` name them "
    "with --data-protection NAME.",
)


def propose(
    versions: Versions, edited: Callable[[Edition], Edition], *, author: str, reason: str, at: datetime
) -> ChangeSet:
    """Keep as a change set what `edited` makes of the content edits start from.

    Raises BadParameter without author or reason or where nothing changed.
    """
    _named("--author", author)
    _named("--reason", reason)
    with versions.alone():
        base = versions.base(at=at)
        before = Edition.read(versions.root(base.name))
        after = _canonical(edited(before), before)
        if difference(before, after).empty:
            raise BadParameter("Nothing changed.", hint=f"the edits were compared with version {base.name}")
        change = ChangeSet(versions.next_change(), base.name, author, reason, at.isoformat())
        versions.keep_change(change, after)
        return change


def _canonical(after: Edition, before: Edition) -> Edition:
    """Return the edition with every file that changed in its one form."""
    changed = {path for path, text in after.texts.items() if path.endswith(".ttl") and before.texts.get(path) != text}
    return Edition({p: turtle.canonical(t, where=p) if p in changed else t for p, t in after.texts.items()})


def publish(
    versions: Versions,
    name: str,
    *,
    approver: str,
    at: datetime,
    check: Check,
    data_protection: str | None = None,
) -> Version:
    """Make a change set the published version, merged with what was published since it was proposed.

    Raises NotPermitted where the approver is the author, or protection loosens and nobody of data protection approves;
    Conflict where the change set was published or others changed the same fields; BadOntology where the check finds
    faults.
    """
    _named("--approver", approver)
    with versions.alone():
        change = versions.change(name)
        _may_publish(change, approver, data_protection)
        now = versions.base(at=at)
        before = Edition.read(versions.root(now.name))
        after = merged(versions, change, now, before)
        _guard(before, after, data_protection)
        told = markdown(difference(before, after), "en")
        version = Version(
            versions.next_name(after), now.name, change.author, approver, data_protection, change.reason,
            at.isoformat(), change.name, told,
        )  # fmt: skip
        versions.keep(version, after, provenance(version), check=lambda folder: _finished(folder, check))
        versions.switch(version.name, kind="publish", by=approver, reason=change.reason, at=at)
        versions.mark_published(change, version.name)
        return version


def rollback(
    versions: Versions,
    *,
    by: str,
    reason: str,
    at: datetime,
    to: str | None = None,
    data_protection: str | None = None,
) -> Version:
    """Make an earlier version the published one again: the one before the current, or the one named.

    Raises BadParameter where nothing was published or nothing was before; NotPermitted where protection was looser then
    and nobody of data protection approves.
    """
    _named("--by", by)
    _named("--reason", reason)
    with versions.alone():
        if versions.current is None:
            raise BadParameter("Nothing was published yet.", hint="the shipped content is in use")
        wanted = to or versions.version(versions.current).prior
        if wanted is None:
            raise BadParameter("There is no earlier version.", hint="name one with --to")
        version = versions.version(wanted)
        now, then = (Edition.read(versions.root(name)) for name in (versions.current, version.name))
        _guard(now, then, data_protection)
        versions.switch(version.name, kind="rollback", by=by, reason=reason, at=at)
        return version


def _guard(before: Edition, after: Edition, data_protection: str | None) -> None:
    """Raise NotPermitted where protection loosens and nobody of data protection approves."""
    loosened = loosenings(before, after)
    if loosened and not data_protection:
        message = "Protection is loosened, and nobody of data protection has approved:"
        german = "Der Schutz wird gelockert, und niemand vom Datenschutz hat es freigegeben:"
        raise NotPermitted(_listed(message, loosened, "en"), hint=_ASK.en, german=_listed(german, loosened, "de"))


def _listed(said: str, findings: Iterable[Finding], language: Language) -> str:
    """Return a sentence and below it a line for each finding."""
    word = "Zeile" if language == "de" else "line"
    told = ((f, f.told(language)) for f in findings)
    return "\n".join([said, *(f"{f.where}, {word} {f.line}, {f.called(language)}: {each[1]}" for f, each in told)])


def loosenings(before: Edition, after: Edition) -> list[Finding]:
    """Return where protection may be looser than before: milder legal classes, any edit of the policy."""
    found = []
    for edit in edits(before, after):
        subject = edit.field.subject
        if edit.field.predicate == LEGAL_CLASS and subject in before.places:
            old, new = (strictest(before, before, subject), strictest(after, after, subject))
            if new < old:
                found.append(_loosened(before, after, subject, "legal-class", _milder(before, after, subject)))
        elif edit.field.predicate == _STRICTNESS or any(p.startswith(POLICY) for p in _places(before, after, subject)):
            found.append(_loosened(before, after, subject, "policy", POLICY_EDITED))
    return list(dict.fromkeys(found))


def _milder(before: Edition, after: Edition, subject: str) -> Words:
    """Return in words which class it was and which it is."""

    def told(language: str, nothing: str) -> str:
        old, new = (
            ", ".join(side.label(c, language) or short(c) for c in side.values(subject, LEGAL_CLASS)) or nothing
            for side in (before, after)
        )
        return _MILDER.in_language(language).format(old=old, new=new)

    return Words(told("de", "keine"), told("en", "none"))


def _loosened(before: Edition, after: Edition, subject: str, kind: str, problem: Words) -> Finding:
    where = next(_classing(after, before, subject), _places(after, before, subject)[0])
    english, german = (
        after.label(subject, lang) or before.label(subject, lang) or short(subject) for lang in ("en", "de")
    )
    begins = f"{short(subject)} "
    lines = after.texts.get(where, "").splitlines()
    begun = next(
        (number for number, text in enumerate(lines, 1) if f"{text} ".startswith((begins, f"<{subject}> "))), 0
    )
    about = takewhile(str.strip, lines[begun:]) if begun else ()
    line = next((number for number, text in enumerate(about, begun + 1) if short(LEGAL_CLASS) in text), begun)
    return Finding(
        where,
        short(subject),
        kind,
        problem.en,
        _ASK.en,
        german=problem.de,
        german_hint=_ASK.de,
        label=english,
        german_label=german,
        line=line,
    )


def _classing(after: Edition, before: Edition, subject: str) -> Iterator[str]:
    """Give the files that state the legal class of a term: now, else before."""
    for side in (after, before):
        for path in side.places.get(subject, ()):
            said, _ = side.triples[path]
            if any(t.predicate.value == LEGAL_CLASS and getattr(t.subject, "value", "") == subject for t in said):
                yield path


def _may_publish(change: ChangeSet, approver: str, data_protection: str | None) -> None:
    if change.published:
        raise Conflict(f"Change set {change.name} was published as version {change.published}.", hint="propose anew")
    for person in (approver, data_protection):
        if person is not None and is_author(change, person):
            raise NotPermitted(
                f"{person} proposed this change; nobody approves their own change.",
                hint="let a second person look at it",
            )


def outcome(versions: Versions, change: ChangeSet, current: Edition) -> Edition:
    """Return what a change set makes of the content in force now; raises Conflict where that changed the same field."""
    if versions.current is None:  # nothing was published since
        return Edition.read(versions.change_root(change.name))
    return merged(versions, change, versions.version(versions.current), current)


def merged(versions: Versions, change: ChangeSet, now: Version, current: Edition) -> Edition:
    """Return what a change set makes of the content of version `now`; raises Conflict where both changed a field."""
    proposed = Edition.read(versions.change_root(change.name))
    if change.base == now.name:
        return proposed
    base = Edition.read(versions.root(change.base))
    merged = merge(base, current, proposed)
    if merged.conflicts:
        raise _clash(change, now, partial(conflicts, merged.conflicts, base), disagreements(merged.conflicts, base))
    return applied(current, merged.edits, merged.files)


def overtaken(versions: Versions, change: ChangeSet) -> tuple[Disagreement, ...]:
    """Return where what was published since a change set was proposed says otherwise than it; nothing where it fits."""
    if versions.current in (None, change.base):
        return ()
    base, now = (edition_of(versions.root(name)) for name in (change.base, versions.current or ""))
    return disagreements(merge(base, now, edition_of(versions.change_root(change.name))).conflicts, base)


def _clash(change: ChangeSet, now: Version, told: Callable[..., str], fields: tuple[Disagreement, ...]) -> Conflict:
    """Return the error of a change set that another version overtook; `told` lists what both changed."""
    sides = (
        Words(f"Version {now.number} ({now.author})", f"version {now.number} ({now.author})"),
        Words(f"Änderung {change.name} ({change.author})", f"change set {change.name} ({change.author})"),
    )
    message = f"{now.author} has changed the same meanwhile and published it; change set {change.name} does not apply:"
    german = f"{now.author} hat inzwischen dasselbe geändert und freigegeben; Änderung {change.name} gilt so nicht:"
    return Conflict(
        f"{message}\n{told('en', sides=sides)}",
        german=f"{german}\n{told('de', sides=sides)}",
        hint=f"agree with {now.author}; what is to hold, propose anew: it then starts from version {now.number}",
        disagreements=fields,
    )


def is_author(change: ChangeSet, person: str) -> bool:
    """Tell whether a person wrote the change set, whatever blanks and capitals the name is written with."""
    return person.strip().casefold() == change.author.strip().casefold()


def confirm_author(change: ChangeSet, person: str) -> None:
    """Raise NotPermitted where a person did not write the change set."""
    if not is_author(change, person):
        raise NotPermitted("Only its author changes a change set.", hint="tell the author, or propose your own")


def confirm_approver(change: ChangeSet, approver: str) -> None:
    """Raise NotPermitted where the approver is the author, Conflict where the change set was published."""
    _may_publish(change, approver, None)


def checked(edition: Edition, check: Check, *, against: Edition | None = None) -> CheckReport:
    """Return the report of an edition, its imports brought up to date as publishing does.

    Where protection is looser than in the edition `against`, a warning says so.
    """
    with laid_out(edition) as folder:
        manifest.refresh(folder / "ontology")
        report = check(folder)
    return report if against is None else with_loosenings(report, against, edition)


def with_loosenings(report: CheckReport, before: Edition, after: Edition) -> CheckReport:
    """Return the report with a warning for each place where protection is looser than before."""
    found = (replace(each, severity=WARNING) for each in loosenings(before, after))
    return replace(report, findings=tuple(sorted((*report.findings, *found))))


def _finished(folder: Path, check: Check) -> None:
    """Bring imports and catalog of a new version up to date and check it."""
    manifest.refresh(folder / "ontology")
    report = check(folder)
    if not report.ok:
        faults = report.of(ERROR)
        more = len(faults) - _MOST_FAULTS
        message = (
            f"The check finds what must be mended ({len(faults)}{f', {more} of them not listed' if more > 0 else ''}):"
        )
        german = f"Die Prüfung findet Fehler ({len(faults)}{f', davon {more} nicht aufgezählt' if more > 0 else ''}):"
        some = faults[:_MOST_FAULTS]
        raise BadOntology(
            _listed(message, some, "en"),
            german=_listed(german, some, "de"),
            hint="mend them in a copy and propose again",
        )


def strictest(edition: Edition, ranks: Edition, subject: str) -> int:
    """Return the strictness of a term's legal class, 0 without one; `ranks` says how strict each class is."""
    classes = edition.values(subject, LEGAL_CLASS)
    return max((int(n) for c in classes for n in ranks.values(c, _STRICTNESS)), default=0)


def _places(before: Edition, after: Edition, subject: str) -> list[str]:
    return [*before.places.get(subject, ()), *after.places.get(subject, ())]


def _named(option: str, text: str) -> None:
    if not text.strip():
        if option == "--reason":
            raise BadParameter("The reason is missing.", where=option, hint="say in a sentence why")
        raise BadParameter("The name of who does it is missing.", where=option, hint="say who")
