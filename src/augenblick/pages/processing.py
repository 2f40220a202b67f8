"""What the record of processing activities must say beside purposes and legal bases (Art. 30(1) GDPR)."""

from __future__ import annotations

from augenblick.content import Content, Words
from augenblick.ingest.contract import contract
from augenblick.pages.markdown import both, bullets, code, sections, table
from augenblick.policy.redaction import read_redaction
from augenblick.policy.retention import read_periods

_CONTROLLER = (
    (
        "Verantwortlicher, Vertreter, Datenschutzbeauftragter: trägt die Bank hier ein (Art. 30 Abs. 1 Buchst. a).",
        "Controller, representative, data protection officer: the bank fills these in (Art. 30(1)(a)).",
    ),
)
_PERSONS = (
    (
        "Kunden der Bank; ihre Angehörigen, soweit sie selbst Kunden sind; gesetzliche Vertreter Minderjähriger.",
        "Customers of the bank; their relatives as far as they are customers themselves; representatives of minors.",
    ),
    (
        "Dritte, die in Buchungen von Kunden als Gegenseite genannt sind; über sie wird nichts erschlossen.",
        "Third parties named as the other side of customers' bookings; nothing is inferred about them.",
    ),
    (
        "Beschäftigte der Bank, soweit sie fragen oder Inhalte ändern (Protokoll).",
        "Staff of the bank as far as they ask or change content (log).",
    ),
)
_RECIPIENTS = (
    (
        "Innerhalb der Bank: die Rollen unten, jede nur für die Zwecke, die ihr erlaubt sind.",
        "Within the bank: the roles below, each for the purposes permitted to it only.",
    ),
    (
        "Systeme, die die Bank als Empfänger von Ereignissen einträgt (`webhooks`), mit der Rolle, die sie ihnen gibt.",
        "Systems the bank names as receivers of events (`webhooks`), in the role it gives them.",
    ),
    (
        "Drittländer: keine durch die Anwendung selbst. Sie läuft bei der Bank und ruft nur diese Empfänger und den "
        "Anmeldedienst der Bank auf.",
        "Third countries: none by the application itself. It runs at the bank and calls these receivers and the bank's "
        "sign-in service only.",
    ),
    (
        "Keine Entscheidung fällt allein automatisch (Art. 22): gezeigt werden Anlass, Angebot und Begründung; was "
        "geschieht, entscheidet ein Mensch.",
        "No decision is taken by the application alone (Art. 22): it shows occasion, offer and reasons; a person "
        "decides what happens.",
    ),
)
_MEASURES = (
    (
        "Jede Angabe trägt ihre Rechtsklasse durch alle Ableitungen; was nicht ausdrücklich erlaubt ist, wird nicht "
        "gezeigt, auf keinem Weg.",
        "Every fact carries its legal class through all derivations; what is not expressly permitted is not shown, "
        "through any door.",
    ),
    (
        "Wer wonach gefragt hat, steht in einem verketteten Protokoll ohne Antworten, Kunden unter Pseudonym "
        "(`augenblick audit verify`).",
        "Who asked what stands in a hash-chained log without answers, customers under pseudonyms "
        "(`augenblick audit verify`).",
    ),
    (
        "Texte, die Angaben besonderer Kategorien verraten, werden geschwärzt, bevor sie gespeichert sind, und "
        "nachträglich, sobald die Einwilligung endet, die sie stehen ließ.",
        "Texts that reveal special categories are blacked out before they are stored, and later on as soon as the "
        "consent ends that let them stand.",
    ),
    (
        "Zahlen über den ganzen Bestand gehen in Zehnerschritten; eine Rolle kann auf Gruppen beschränkt sein.",
        "Figures about all customers go in steps of ten; a role can be confined to groups.",
    ),
    (
        "Widerspruch und Widerruf gelten ab der nächsten Antwort; Löschung (`erase`) nimmt die Person aus allen "
        "Dateien, auch aus denen über Angehörige, und hält sie draußen.",
        "Objection and withdrawal count from the next answer on; erasure (`erase`) takes the person out of all files, "
        "those about relatives too, and keeps them out.",
    ),
    (
        "Anmeldung mit den Schlüsseln der Bank (OpenID Connect); ohne sie nur vom selben Rechner aus.",
        "Sign-in by the bank's keys (OpenID Connect); without it from the same machine only.",
    ),
)


def parties() -> str:
    """Return who is responsible, of whom which data are processed, and who gets them."""
    return sections(
        (
            _list(_CONTROLLER),
            f"## {both('Betroffene Personen', 'Data subjects')}",
            _list(_PERSONS),
            f"## {both('Kategorien von Daten', 'Categories of data')}",
            _tables(),
            f"## {both('Empfänger und Übermittlung', 'Recipients and transfers')}",
            _list(_RECIPIENTS),
        )
    )


def measures() -> str:
    """Return the technical and organisational measures the application brings with it."""
    return _list(_MEASURES)


def kept_without_period(content: Content) -> str:
    """Return which tables no period ends."""
    timed = {period.table for period in read_periods(content)}
    left = [each for each in contract().tables if each.name not in timed]
    named = ", ".join(f"{_plain(each.title_de)} ({code(each.name)})" for each in left)
    english = ", ".join(f"{_plain(each.title)} ({code(each.name)})" for each in left)
    return bullets(
        [
            both(
                f"Ohne Frist, bis die Person gelöscht wird: {named}",
                f"without a period, until the person is erased: {english}",
            ),
            both(
                "Protokoll der Fragen: bleibt; es nennt Kunden nur unter Pseudonym. Nach einer Löschung bleiben ein "
                "Zertifikat und ein Pseudonym, das die Person draußen hält.",
                "log of questions: stays; it names customers by pseudonyms only. After an erasure a certificate "
                "stays and a pseudonym that keeps the person out.",
            ),
        ]
    )


def blacked_out(content: Content) -> str:
    """Return which texts are blacked out."""
    stated = read_redaction(content)
    if stated is None:
        return both("keine", "none")
    head = (both("Was ein Text verrät", "what a text reveals"), both("woran es erkannt wird", "by what it is known"))
    rows = [_both(text.label, text.definition) for text in stated.texts]
    return table(head, rows)


def _tables() -> str:
    rows = [
        (
            _plain(each.title_de),
            _plain(each.title),
            "<br>".join(dict.fromkeys(_plain(field.description_de) for field in each.fields)),
        )
        for each in contract().tables
    ]
    return table(("Daten", "data", "im Einzelnen"), rows)


def _plain(title: str) -> str:
    """Return what a table or field is, without how it is to be read."""
    return title.partition(";")[0]


def _both(*words: Words | None) -> tuple[str, ...]:
    return tuple(both(each.de, each.en) if each else "–" for each in words)


def _list(said: tuple[tuple[str, str], ...]) -> str:
    return bullets([both(de, en) for de, en in said])
