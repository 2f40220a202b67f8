"""What the rule of a kind of pattern asks for, read off its text: terms in `aug:`, without what it only excludes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_TERM = re.compile(r"\baug:(\w+)")
_SETTING = re.compile(r'\?pattern\s+aug:(\w+)\s+(true|false|"[^"]*"|aug:\w+)')
_INNERMOST = re.compile(r"(FILTER\s+NOT\s+EXISTS\s*)?\{([^{}]*)\}", re.IGNORECASE)


def terms_asked(kind: str, rules: Iterable[Path], parameters: Mapping[str, tuple[object, ...]]) -> frozenset[str]:
    """Return the local names the rules of a kind ask for, for a pattern with these parameters.

    Left out is what stands in `FILTER NOT EXISTS` (its absence is what counts) and alternatives that are for
    another value of a parameter.
    """
    bodies = [body for body in map(_body, rules) if re.search(rf"\baug:{kind}\b", body)]
    return frozenset(name for body in bodies for name in _TERM.findall(_kept(body, parameters)))


@cache
def _body(rule: Path) -> str:
    lines = rule.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return text[text.index("WHERE") :] if "WHERE" in text else ""


def _kept(body: str, parameters: Mapping[str, tuple[object, ...]]) -> str:
    while (found := _INNERMOST.search(body)) is not None:
        negated, inside = found.groups()
        kept = "" if negated or not _fits(inside, parameters) else f" {inside} "
        body = body[: found.start()] + kept + body[found.end() :]
    return body


def _fits(block: str, parameters: Mapping[str, tuple[object, ...]]) -> bool:
    return all(
        any(_spelt(value) == wanted for value in parameters.get(name, ())) for name, wanted in _SETTING.findall(block)
    )


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f"aug:{text.rsplit('#', 1)[-1]}" if "#" in text else f'"{text}"'
