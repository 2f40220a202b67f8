"""The page of errors, from the error tree."""

from __future__ import annotations

import inspect

from augenblick.model import errors
from augenblick.pages.markdown import code, sections, table


def tree() -> list[type[errors.AugenblickError]]:
    """Return every error class, by code."""
    found = [errors.AugenblickError]
    for above in found:
        found += above.__subclasses__()
    return sorted((each for each in found if each.__module__ == errors.__name__), key=lambda each: each.code)


def page() -> str:
    """Return the page: how an error looks, the tree, and a line for each."""
    drawn = inspect.cleandoc(errors.__doc__ or "").partition("\n\n")[2]
    rows = [
        (
            code(each.code),
            code(each.__name__),
            (each.__doc__ or "").splitlines()[0],
            each.german,
            code(each.__base__.__name__),
        )
        for each in tree()
        if each.__base__ is not None
    ]
    return sections(
        (
            "# Fehler · Errors",
            "Jeder Fehler nennt seine Nummer, was geschah, wo, und wie man es behebt. Die Befehle "
            "enden dann mit 2; mit `--json` "
            'steht er als `{"error": {"code", "message", "where", "hint"}}` in der Fehlerausgabe. '
            "Zeilen einer Datei, die nicht "
            "genommen werden, sind keine Fehler, sondern Zurückweisungen (`bank.rejects`).",
            "*Every error says its code, what happened, where, and how to mend it. Commands then end "
            "with 2; with `--json` it "
            "is printed to standard error as JSON. Rows of a file that cannot be taken are no errors but rejects.*",
            f"```\n{drawn}\n```",
            table(("code", "name", "meaning", "Bedeutung", "a kind of"), rows),
        )
    )
