"""The decision: a function of actor, purpose, customer's consents, channel, legal class and whose data it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from augenblick.content.entry import nearest
from augenblick.content.model import Words
from augenblick.model.errors import BadParameter, NotPermitted
from augenblick.policy.access import Access, Decision, Outcome
from augenblick.policy.consents import Consents
from augenblick.policy.model import ORDINARY, THIRD_PARTY, Policy, Role, Rule

T = TypeVar("T")

ADVERTISING = "advertising"

_NO_RULE = Decision(
    Outcome.WITHHELD,
    Words(
        "Für diese Rolle und diesen Zweck ist die Angabe nicht freigegeben.",
        "The information is not released for this role and purpose.",
    ),
    "Art. 5 Abs. 1 Buchst. b DSGVO · Art. 5(1)(b) GDPR",
)
_NO_CONSENT = Words("Die nötige Einwilligung des Kunden liegt nicht vor.", "The customer's consent is missing.")
_OBJECTED = Words("Der Kunde hat diesem Zweck widersprochen.", "The customer has objected to this purpose.")
_NO_CHANNEL = Words(
    "Für Werbung auf diesem Kanal fehlt die Einwilligung.", "Consent to advertising by this channel is missing."
)
_SECRET = Words(
    "Die Angabe beruht auf Daten einer anderen Person, die der Offenlegung nicht zugestimmt hat.",
    "The information rests on data of another person who has not agreed to its disclosure.",
)
_SECRECY = "Bankgeheimnis, Nr. 2 Abs. 1 AGB-Banken · bank secrecy, Nr. 2 Abs. 1 AGB-Banken"
_OBJECTION = "Art. 21 DSGVO · Art. 21 GDPR"


class Gate:
    """Decides by one policy and the consents as they are now; everything that has no permission is withheld."""

    def __init__(self, policy: Policy, consents: Consents) -> None:
        self.policy = policy
        self.consents = consents

    def admit(self, access: Access, door: str) -> Role:
        """Return the role if it may use the door for the purpose.

        Raises `BadParameter` for a role, purpose or channel the policy does not know, `NotPermitted` for a closed door.
        """
        role = _known("role", access.role, self.policy.roles)
        _known("purpose", access.purpose, self.policy.purposes)
        if access.channel is not None:
            _known("channel", access.channel, self.policy.channels)
        if door not in role.doors or not self._any_permission(access):
            raise NotPermitted(
                f"The role '{access.role}' may not use the door '{door}' for the purpose '{access.purpose}'.",
                hint="the policy in ontology/policy says which roles may do what",
            )
        return role

    def _any_permission(self, access: Access) -> bool:
        rules = self.policy.rules
        return any(
            rule.permits
            for name in self.policy.strictness
            if (rule := rules.get((access.role, access.purpose, name))) is not None
        )

    def decide(
        self,
        access: Access,
        subject: str,
        legal_class: str = ORDINARY,
        rests_on: AbstractSet[str] = frozenset(),
        *,
        betrays: bool | None = None,
    ) -> Decision:
        """Return whether a fact about the customer `subject` may be shown.

        `rests_on` are the other customers whose data it rests on. `betrays` says that the fact itself would tell
        what is theirs (default: where its class is third party): then it is withheld, else only redacted.
        """
        rule = self.policy.rules.get((access.role, access.purpose, legal_class))
        refusal = self._refusal(rule, access, subject)
        if refusal is not None or rule is None:
            return refusal or _NO_RULE
        if (others := rests_on - {subject}) and not self._released(access, rule, others):
            itself = legal_class == THIRD_PARTY if betrays is None else betrays
            return Decision(Outcome.WITHHELD if itself else Outcome.REDACTED, _SECRET, _SECRECY)
        return Decision(Outcome.PERMITTED, rule.reason, rule.source)

    def _refusal(self, rule: Rule | None, access: Access, subject: str) -> Decision | None:
        """Return why the rule does not permit, None where it does."""
        if rule is None:
            return _NO_RULE
        if not rule.permits:
            return Decision(Outcome.WITHHELD, rule.reason, rule.source)
        for code in rule.unless_objected:
            if self.consents.objected(subject, code, access.at, channel=access.channel):
                return Decision(Outcome.WITHHELD, _OBJECTED, _OBJECTION)
        for code in rule.consents:
            if not self.consents.given(subject, code, access.at, channel=access.channel):
                return Decision(Outcome.WITHHELD, _NO_CONSENT, rule.source)
        if rule.one_consent and not self._gave_one(rule, access, subject, channel=access.channel):
            return Decision(Outcome.WITHHELD, _NO_CONSENT, rule.source)
        return self._closed_channel(access, subject)

    def _gave_one(self, rule: Rule, access: Access, person: str, *, channel: str | None = None) -> bool:
        return any(self.consents.given(person, code, access.at, channel=channel) for code in rule.one_consent)

    def _closed_channel(self, access: Access, subject: str) -> Decision | None:
        """Return the refusal where advertising by the channel needs a consent of its own that is not there."""
        if access.purpose != ADVERTISING or access.channel is None:
            return None
        channel = self.policy.channels.get(access.channel)
        if channel is None:
            return _NO_RULE
        own = channel.own_consent
        if own and not self.consents.given(subject, ADVERTISING, access.at, channel=access.channel, own=True):
            return Decision(Outcome.WITHHELD, _NO_CHANNEL, "§ 7 UWG")
        return None

    def _released(self, access: Access, rule: Rule, others: AbstractSet[str]) -> bool:
        """Whether every other person has released what the fact takes from them, by its class and by secrecy."""
        third = self.policy.rules.get((access.role, access.purpose, THIRD_PARTY))
        if third is None or not third.permits:
            return False
        needed = third.consents_of_others
        if not needed:
            return True
        needed = needed | (
            rule.consents & self.policy.consent_kinds.keys()
        )  # their secret's class is theirs to release
        return all(
            all(self.consents.given(other, code, access.at) for code in needed)
            and (not rule.one_consent or self._gave_one(rule, access, other))
            for other in others
        )


def _known(what: str, code: str, known: Mapping[str, T]) -> T:
    if code not in known:
        hint = nearest(code, known) or f"known are: {', '.join(sorted(known))}"
        raise BadParameter(f"There is no {what} '{code}'.", hint=hint)
    return known[code]
