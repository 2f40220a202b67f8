"""An impact as people read it: Markdown in German or English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from augenblick.content.model import Words
from augenblick.editing.comparison import Count
from augenblick.editing.impact import Accuracy, Example, Impact, Told
from augenblick.explain import WhyNot, render, render_why_not
from augenblick.explain.words import Language
from augenblick.model.terms import MOMENT

_SAID = {
    "title": Words("Wirkung der Änderung", "Impact of the change"),
    "nothing": Words(
        "Kein Lebensmoment und kein Angebot ändert sich.", "No life moment and no offer comes out otherwise."
    ),
    "whole": Words("Alles wurde neu abgeleitet: {why}", "Everything was derived anew: {why}"),
    "moments": Words("Lebensmomente", "Life moments"),
    "products": Words("Angebote", "Offers"),
    "examples": Words("Beispiele", "Examples"),
    "before": Words("vorher", "before"),
    "after": Words("nachher", "after"),
    "gain": Words("Kunden gewinnen", "customers gain"),
    "lose": Words("Kunden verlieren", "customers lose"),
    "surer": Words("sicherer", "surer"),
    "less_sure": Words("unsicherer", "less sure"),
    "confirmed": Words("neu bestätigt", "newly confirmed"),
    "unconfirmed": Words("nicht mehr bestätigt", "no longer confirmed"),
    "unknown": Words("Solche Lebensmomente werden nicht gezeigt.", "Such life moments are not shown."),
    "withheld": Words(
        "{n} Beispiele werden für Rolle und Zweck zurückgehalten.", "{n} examples are withheld from role and purpose."
    ),
    "feedback": Words("Urteile von Menschen", "What people said"),
    "judged": Words(
        "bestätigt und gefunden {a} → {b}, verworfen und gefunden {c} → {d}; Genauigkeit {p} → {q}, "
        "Trefferquote {r} → {s}",
        "confirmed and found {a} → {b}, dismissed and found {c} → {d}; precision {p} → {q}, recall {r} → {s}",
    ),
    "accuracy": Words("Nach den Labels", "By the labels"),
    "hits": Words("Treffer", "hits"),
    "false": Words("Fehlalarme", "false alarms"),
    "missed": Words("übersehen", "missed"),
    "queries": Words("Gespeicherte Abfragen, deren Antwort sich ändert", "Saved queries whose answers move"),
    "rows": Words("Zeilen", "rows"),
    "seconds": Words("Gerechnet in {n} s.", "Computed in {n} s."),
}


def markdown(found: Impact, language: Language) -> str:
    """Return the impact as Markdown: tables of moments and products, examples, accuracy, queries."""
    return "\n\n".join(_sections(found, language)) + "\n"


def _sections(found: Impact, language: Language) -> Iterator[str]:
    yield f"# {_say('title', language)}"
    if found.reach.whole:
        yield _say("whole", language).format(why=found.reach.whole.in_language(language))
    moved = [count for count in found.moments if count.moves]
    offered = [count for count in found.products if count.moves]
    if not moved and not offered:
        yield _say("nothing", language)
    if moved:
        columns = ("before", "after", "gain", "lose", "surer", "less_sure", "confirmed", "unconfirmed")
        yield _counts("moments", columns, moved, found, language)
    if offered:
        yield _counts("products", ("before", "after", "gain", "lose"), offered, found, language)
    yield from _judged(found, language)
    yield from _answers(found, language)
    if found.examples:
        yield f"## {_say('examples', language)}"
        yield from (_example(example, found, language) for example in found.examples)
    if found.withheld:
        yield _say("withheld", language).format(n=found.withheld)
    yield _say("seconds", language).format(n=round(found.seconds.get("all", 0.0), 1))


def _counts(title: str, columns: Sequence[str], counts: Iterable[Count], found: Impact, language: Language) -> str:
    head = ["", *(_say(column, language) for column in columns)]
    rows = [[found.labels[c.iri].in_language(language), *(f"{getattr(c, name):,}" for name in columns)] for c in counts]
    return f"## {_say(title, language)}\n\n{_table(head, rows)}"


def _judged(found: Impact, language: Language) -> Iterator[str]:
    if found.feedback and found.feedback[0].confirmed + found.feedback[0].dismissed:
        a, b = found.feedback
        told = _say("judged", language).format(
            a=a.confirmed_found, b=b.confirmed_found, c=a.dismissed_found, d=b.dismissed_found,
            p=_share(a.precision, language), q=_share(b.precision, language),
            r=_share(a.recall, language), s=_share(b.recall, language),
        )  # fmt: skip
        yield f"## {_say('feedback', language)}\n\n{told}"
    moved = [score for score in found.accuracy if score.moves]
    if found.accuracy:
        names = ("hits", "false", "missed")
        rows = [
            [_labelled(score, found, language), *(f"{was} → {now}" for was, now in _sides(score))] for score in moved
        ]
        total = [
            [sum(side[i] for side in sides) for i in (0, 1)] for sides in zip(*map(_sides, found.accuracy), strict=True)
        ]
        rows.append(["**Σ**", *(f"{was} → {now}" for was, now in total)])
        head = ["", *(_say(name, language) for name in names)]
        yield f"## {_say('accuracy', language)}\n\n{_table(head, rows)}"


def _labelled(score: Accuracy, found: Impact, language: Language) -> str:
    label = found.labels.get(MOMENT + score.moment)
    return label.in_language(language) if label else score.moment


def _sides(score: Accuracy) -> tuple[tuple[int, int], ...]:
    return score.hits, score.false, score.missed


def _answers(found: Impact, language: Language) -> Iterator[str]:
    moved = [answers for answers in found.queries if answers.moves]
    if moved:
        head = ["", _say("before", language), _say("after", language)]
        rows = [[f"`{a.query}`", *("–" if n is None else f"{n:,}" for n in (a.before, a.after))] for a in moved]
        yield f"## {_say('queries', language)} ({_say('rows', language)})\n\n{_table(head, rows)}"


def _example(example: Example, found: Impact, language: Language) -> str:
    moved = example.moved
    label = found.labels[moved.moment_type].in_language(language)
    heading = f"### {label}, `{moved.customer_id}`: {_share(moved.before, language)} → {_share(moved.after, language)}"
    sides = [
        f"**{_say(name, language)}**\n\n```\n{_proof(told, language)}\n```"
        for name, told in (("before", example.before), ("after", example.after))
    ]
    return "\n\n".join([heading, *sides])


def _proof(told: Told | None, language: Language) -> str:
    if told is None:
        return _say("unknown", language)
    return render_why_not(told, language) if isinstance(told, WhyNot) else render(told, language)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _share(value: float | None, language: Language) -> str:
    written = "–" if value is None else f"{value:.3f}"
    return written.replace(".", ",") if language == "de" else written


def _say(name: str, language: Language) -> str:
    return _SAID[name].in_language(language)
