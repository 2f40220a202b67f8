"""What is wrong with the policy, and with content it could not protect."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.content.finding import Finding
from augenblick.content.model import Content
from augenblick.model.errors import BadPolicy
from augenblick.policy.model import Policy
from augenblick.policy.reading import read_policy

CRIMINAL, DECLARED = "Criminal", "Declared"


def findings(content: Content) -> Iterator[Finding]:
    """Yield why the policy keeps the gate shut, and every pattern that would infer criminal matters.

    Criminal matters are never inferred (GDPR 10): their moments take nothing but declarations, and these only with
    a consent by which the policy lets somebody see them.
    """
    sufficient: frozenset[str] = frozenset()
    try:
        sufficient = _sufficient(read_policy(content))
    except BadPolicy as error:
        yield Finding(error.where or "", error.code, "policy", error.message, error.hint or "")
    for moment in content.moments:
        for pattern in moment.patterns if moment.legal_class == CRIMINAL else ():
            if pattern.kind != DECLARED:
                message = f"would infer a criminal matter by aug:{pattern.kind} (GDPR 10)"
                yield Finding(str(moment.file), pattern.iri, "policy", message, "leave only aug:Declared patterns")
            elif sufficient and {str(code) for code in pattern.parameters.get("onlyIfPurpose", ())} != sufficient:
                message = "does not ask for the consents by which the policy shows criminal matters (aug:onlyIfPurpose)"
                hint = f"the policy names: {', '.join(sorted(sufficient))}"
                yield Finding(str(moment.file), pattern.iri, "policy", message, hint)


def _sufficient(policy: Policy) -> frozenset[str]:
    """Return the consents of the customer one of which lets somebody see criminal matters."""
    rules = [r for (_, _, name), r in policy.rules.items() if name == CRIMINAL and r.permits]
    return frozenset().union(*(rule.consents | rule.one_consent for rule in rules))
