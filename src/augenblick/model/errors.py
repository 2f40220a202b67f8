"""All errors a user can meet, in one tree.

AugenblickError
├── InputError            AB1xx  a file, row or parameter from outside
│   ├── UnreadableFile    AB101  cannot be opened, decoded or parsed as what it claims to be
│   ├── UnknownFormat     AB102  no reader for this file
│   ├── HostileFile       AB103  entities, nesting or size beyond the limits
│   ├── BadMapping        AB104  a mapping file that does not fit the export or the contract
│   ├── BadParameter      AB105  an option or argument out of range
│   └── OffContract       AB106  a table nothing can go on without lacks columns, or has some twice
├── ContentError          AB2xx  ontology, rules, shapes, queries, cases
│   ├── BadOntology       AB201  a term, pattern or moment that is not as it must be
│   ├── BadRule           AB202  a rule or query that cannot be parsed
│   ├── OutsideFragment   AB203  a construct the compiler does not take
│   ├── NotStratified     AB204  a cycle through negation or aggregation
│   └── BadShape          AB205  a SHACL shape that cannot be compiled
├── StateError            AB3xx  the data directory and what lies in it
│   ├── NotLoaded         AB301  something asked for before it was computed
│   ├── Busy              AB302  another process writes
│   ├── NotFound          AB303  no such customer, moment, query
│   ├── QueryTimeout      AB304  a query did not end by its deadline
│   ├── Outdated          AB305  what another release derived
│   ├── CannotWrite       AB306  the disk is full or may only be read
│   ├── BrokenGraph       AB307  the published graph cannot be read
│   └── StoreUnavailable  AB308  the remote SPARQL store does not do what it should
├── ToolMissing           AB4xx  something outside Python is missing or failed
├── GateError             AB5xx  consent, law and secrecy
│   ├── BadPolicy         AB501  a policy that is not whole: the gate stays shut
│   ├── NotPermitted      AB502  a door that is not open to this role and purpose
│   └── BrokenAudit       AB503  an audit log that was changed or cut
└── ServiceError          AB6xx  a request to the service
    ├── NotSignedIn       AB601  no access token, or none that is accepted
    ├── TooManyRequests   AB602  the actor asks too often
    ├── NotAcceptable     AB603  no form of the answer the caller takes
    ├── UnsupportedMediaType AB604  a body in a form nothing reads
    ├── Conflict          AB605  the same key for another request, or a state that does not allow it
    ├── PreconditionFailed AB606  what the caller saw has changed meanwhile
    ├── TooLarge          AB607  a body or an answer beyond its limit
    ├── TooSlow           AB608  a body that did not arrive in time
    └── Overloaded        AB609  too much is asked at once, or a worker was lost
"""

from __future__ import annotations


class AugenblickError(Exception):
    """A failure with a code, a plain sentence, the place and a hint how to mend it.

    `german` says of each kind of failure in German what it means, beside the sentence; where it
    is given, of this failure.
    """

    code = "AB000"
    german = "Im Dienst ist etwas schiefgegangen. Was Sie geändert haben, gilt nur, wo es bestätigt wurde."

    def __init__(
        self, message: str, *, where: str | None = None, hint: str | None = None, german: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        if german is not None:
            self.german = german

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint}"


class InputError(AugenblickError):
    """A file, row or parameter from outside is not as it must be."""

    code = "AB100"
    german = "Etwas an dem, was geschickt wurde, stimmt nicht."


class UnreadableFile(InputError):
    """A file cannot be opened, decoded or parsed."""

    code = "AB101"
    german = "Die Datei lässt sich nicht öffnen oder lesen als das, was sie zu sein vorgibt."


class UnknownFormat(InputError):
    """No reader takes this file."""

    code = "AB102"
    german = "Dateien dieser Art werden hier nicht gelesen."


class HostileFile(InputError):
    """A file goes beyond the limits on entities, nesting or size."""

    code = "AB103"
    german = "Die Datei wurde abgewiesen: Sie ist zu groß, zu tief verschachtelt oder enthält verbotene Bestandteile."


class BadMapping(InputError):
    """A mapping file does not fit the export or the contract."""

    code = "AB104"
    german = "Die Zuordnungsdatei passt nicht zum Export oder zum Vertrag der Eingaben."


class BadParameter(InputError):
    """An option or argument is out of range."""

    code = "AB105"
    german = "Eine Angabe fehlt oder ist so nicht möglich."


class OffContract(InputError):
    """A table nothing can go on without lacks a required column, or a column stands twice or has a reserved name."""

    code = "AB106"
    german = "Einer Tabelle fehlen Spalten, ohne die es nicht weitergeht, oder sie hat welche doppelt."


class ContentError(AugenblickError):
    """Ontology, rules, shapes, queries or cases are not as they must be."""

    code = "AB200"
    german = "An den Inhalten stimmt etwas nicht."


class BadOntology(ContentError):
    """A term, pattern or moment is not as it must be."""

    code = "AB201"
    german = "Etwas in der Ontologie ist nicht, wie es sein muss."


class BadRule(ContentError):
    """A rule or query cannot be parsed."""

    code = "AB202"
    german = "Eine Regel oder Abfrage lässt sich nicht lesen."


class OutsideFragment(ContentError):
    """A rule uses a construct the compiler does not take."""

    code = "AB203"
    german = "Eine Regel benutzt etwas, das hier nicht übersetzt wird."


class NotStratified(ContentError):
    """Rules form a cycle through negation or aggregation."""

    code = "AB204"
    german = "Regeln hängen im Kreis von einer Verneinung oder Zusammenfassung ab."


class BadShape(ContentError):
    """A SHACL shape cannot be compiled."""

    code = "AB205"
    german = "Eine SHACL-Form lässt sich nicht übersetzen."


class StateError(AugenblickError):
    """The data directory is not in the state the command needs."""

    code = "AB300"
    german = "Das geht mit den Daten in diesem Zustand nicht."


class NotLoaded(StateError):
    """Something was asked for before it was computed."""

    code = "AB301"
    german = "Das wurde noch nicht berechnet: Es ist noch nichts geladen oder ausgewertet."


class Busy(StateError):
    """Another process writes to the data directory."""

    code = "AB302"
    german = "Gerade wird geschrieben. Bitte gleich noch einmal versuchen."


class NotFound(StateError):
    """There is no such customer, moment or query."""

    code = "AB303"
    german = "Das gibt es hier nicht. Nummern und Namen müssen ganz und genau angegeben sein."


class QueryTimeout(StateError):
    """A query did not end by its deadline and was killed."""

    code = "AB304"
    german = "Die Abfrage dauerte zu lange und wurde abgebrochen."


class Outdated(StateError):
    """What was derived is of another release and lacks something this one reads."""

    code = "AB305"
    german = "Die Daten stammen von einer anderen Fassung des Programms und müssen neu ausgewertet werden."


class CannotWrite(StateError):
    """The disk takes no more, or may only be read; nothing of what was to be written counts."""

    code = "AB306"
    german = "Der Speicher ist voll oder darf nur gelesen werden. Nichts wurde halb geschrieben."


class BrokenGraph(StateError):
    """The published graph cannot be read: files of its snapshot are missing or damaged."""

    code = "AB307"
    german = "Der veröffentlichte Graph lässt sich nicht lesen."


class StoreUnavailable(StateError):
    """The remote store does not answer, refuses, or does not hold what is published."""

    code = "AB308"
    german = "Der entfernte SPARQL-Speicher antwortet nicht, lehnt ab oder hat nicht, was veröffentlicht ist."


class ToolMissing(AugenblickError):
    """Something outside Python is missing or failed."""

    code = "AB400"
    german = "Ein nötiges Werkzeug fehlt oder ist fehlgeschlagen."


class GateError(AugenblickError):
    """The gate cannot decide, or says no."""

    code = "AB500"
    german = "Die Zugriffsregeln lassen das nicht zu."


class BadPolicy(GateError):
    """The policy has unknown terms, lacks a part or contradicts itself; the gate stays shut."""

    code = "AB501"
    german = "Die Zugriffsregeln sind nicht vollständig; solange wird nichts gezeigt."


class NotPermitted(GateError):
    """The door is not open to this role and purpose."""

    code = "AB502"
    german = "Ihre Rolle darf das für diesen Zweck nicht."


class BrokenAudit(GateError):
    """The audit log was changed or cut."""

    code = "AB503"
    german = "Das Protokoll ist nicht mehr, wie es geschrieben wurde."


class ServiceError(AugenblickError):
    """A request to the service cannot be answered."""

    code = "AB600"
    german = "Die Anfrage ist so nicht möglich."


class NotSignedIn(ServiceError):
    """There is no access token, or none that is accepted."""

    code = "AB601"
    german = "Sie sind nicht angemeldet."


class TooManyRequests(ServiceError):
    """The actor asks more often than allowed."""

    code = "AB602"
    german = "Sie fragen zu oft. Bitte einen Augenblick warten."


class NotAcceptable(ServiceError):
    """The answer has no form the caller takes."""

    code = "AB603"
    german = "In dieser Form gibt es die Antwort nicht."


class UnsupportedMediaType(ServiceError):
    """A body has a form nothing reads."""

    code = "AB604"
    german = "In dieser Form wird nichts entgegengenommen."


class Conflict(ServiceError):
    """The key was used for another request, or the state does not allow the action.

    `disagreements`: where two people changed the same, what each of them says.
    """

    code = "AB605"
    german = "Das widerspricht etwas, das schon gilt oder getan wurde."

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        german: str | None = None,
        disagreements: tuple[object, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint, german=german)
        self.disagreements = disagreements


class PreconditionFailed(ServiceError):
    """What the caller saw has changed meanwhile."""

    code = "AB606"
    german = "Was Sie sahen, hat sich inzwischen geändert. Bitte neu laden."


class TooLarge(ServiceError):
    """A body or an answer is beyond its limit."""

    code = "AB607"
    german = "Das ist größer als erlaubt."


class TooSlow(ServiceError):
    """A body did not arrive in time."""

    code = "AB608"
    german = "Die Anfrage kam nicht rechtzeitig an."


class Overloaded(ServiceError):
    """Too much is asked at once, or the worker of a request was lost."""

    code = "AB609"
    german = "Es wird gerade zu viel auf einmal gefragt. Bitte gleich noch einmal versuchen."
