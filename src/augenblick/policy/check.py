"""What is wrong with the policy, and with content it could not protect."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.content.finding import Finding
from augenblick.content.model import Content
from augenblick.model.errors import BadPolicy
from augenblick.policy.reading import read_policy

CRIMINAL, DECLARED = "Criminal", "Declared"


def findings(content: Content) -> Iterator[Finding]:
    """Yield why the policy keeps the gate shut, and every pattern that would infer criminal matters.

    Criminal matters are never inferred (GDPR 10): their moments take nothing but declarations.
    """
    try:
        read_policy(content)
    except BadPolicy as error:
        yield Finding(error.where or "", error.code, "policy", error.message, error.hint or "")
    for moment in content.moments:
        for pattern in moment.patterns if moment.legal_class == CRIMINAL else ():
            if pattern.kind != DECLARED:
                message = f"would infer a criminal matter by aug:{pattern.kind} (GDPR 10)"
                yield Finding(str(moment.file), pattern.iri, "policy", message, "leave only aug:Declared patterns")
