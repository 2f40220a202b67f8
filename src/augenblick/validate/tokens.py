"""The tokens of SPARQL that experts write inside shapes: enough to rename, look into groups and write it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
                  |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<variable>[?$]\w+)
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<blank>_:\w+)
      | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w:%-](?:[\w:.%-]*[\w:%-])?)?)
      | (?P<word>\w+)
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token: its kind (the name of its group in the expression above) and its text."""

    kind: str
    text: str

    @property
    def name(self) -> str | None:
        """The variable's name, if it is one."""
        return self.text[1:] if self.kind == "variable" else None

    @property
    def word(self) -> str | None:
        """The keyword or bare word in capitals, if it is one."""
        return self.text.upper() if self.kind == "word" else None


def tokens_of(query: str) -> list[Token]:
    """Return the tokens of a query, without its comments."""
    found = (Token(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(query))
    return [token for token in found if token.kind != "comment"]


def closing_of(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the bracket that closes the one at `opening`; the last token's where none does."""
    left = tokens[opening].text
    right = {"{": "}", "(": ")"}[left]
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text == left) - (tokens[index].text == right)
        if depth == 0:
            return index
    return len(tokens) - 1


def direct(tokens: list[Token], opening: int) -> list[Token]:
    """Return the tokens of the group that opens there, without those of nested groups."""
    found: list[Token] = []
    depth = 0
    for token in tokens[opening:]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            break
        if depth == 1:
            found.append(token)
    return found


def written(tokens: Iterable[Token]) -> str:
    """Return the tokens as SPARQL."""
    return "".join(token.text for token in tokens).strip()
