"""One thing that is wrong with the content, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """A fault: where it stands, which term it is about, of which kind it is, what it is and how to mend it.

    Kinds, of the ontology: `header`, `label`, `definition`, `reference`, `profile`, `inconsistent`, `unsatisfiable`;
    of everything beside it: `turtle`, `imports`, `content`, `rule`, `shape`, `case`, `policy`, `query`, `reasoner`.
    """

    where: str
    term: str
    kind: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.term}: {self.message}{hint}"
