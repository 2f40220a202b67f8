"""One thing that is wrong with the content, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, HINT = "error", "warning", "hint"
SEVERITIES = (ERROR, WARNING, HINT)
"""An error must be mended before anything is published, a warning should be, a hint may be."""


@dataclass(frozen=True, order=True)
class Finding:
    """A fault: where it stands, which term it is about, of which kind it is, what it is and how to mend it.

    Kinds, of the ontology: `header`, `label`, `definition`, `reference`, `profile`, `inconsistent`, `unsatisfiable`;
    of everything beside it: `turtle`, `form`, `imports`, `content`, `rule`, `stratification`, `shape`, `case`,
    `policy`, `query`, `reasoner`; of hygiene and competency questions: the name of the query.
    """

    where: str
    term: str
    kind: str
    message: str
    hint: str = ""
    severity: str = ERROR
    german: str = ""
    """The message in German; empty where nobody has worded it."""
    german_hint: str = ""
    label: str = ""
    """What people call the term, in English; empty where it has no name."""
    german_label: str = ""
    line: int = 0
    """The line it is about; 0 where that is not known."""
    beside: str = ""
    """What else is known of it, in English; stands after the message once that is worded."""
    german_beside: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        place = f"{self.where}:{self.line}" if self.line else self.where
        return f"{place}: {self.label or self.term}: {self.message}{hint}"

    def called(self, language: str) -> str:
        """Return what people call the term and its name in the files; empty where it is about a file as a whole."""
        label, name = self.told(language)[0], "" if self.term == self.kind else self.term
        return f"{label} ({name})" if label and name else label or name

    def told(self, language: str) -> tuple[str, str, str]:
        """Return what the term is called, the message and the mend, in German (“de”) or English."""
        if language == "de":
            return self.german_label or self.label, self.german or self.message, self.german_hint or self.hint
        return self.label or self.german_label, self.message, self.hint
