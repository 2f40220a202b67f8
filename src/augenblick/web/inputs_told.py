"""What a bank can deliver, as people say it: `contracts.product=auto_loan` is a contract, car loan."""

from __future__ import annotations

from collections.abc import Iterable

from augenblick.content import Content
from augenblick.explain.build import label_of
from augenblick.explain.words import Language
from augenblick.ingest import contract
from augenblick.policy import Policy
from augenblick.readiness import Input
from augenblick.web import words
from augenblick.web.protection import consent_labels
from augenblick.web.rendering import field

_WITH_TABLE = {
    "transactions": "input.transactions", "contracts": "input.contracts", "accounts": "input.accounts",
    "account_holders": "input.account_holders", "interactions": "input.interactions",
    "customer_changes": "input.customer_changes",
}  # fmt: skip
"""How fields and codes are told whose table must be said."""
_HOLDERS = {
    "owner": "holder.owner", "co_owner": "holder.co_owner", "authorised": "holder.authorised",
    "guardian": "holder.guardian",
}  # fmt: skip


def told(wanted: Iterable[Input], content: Content, policy: Policy, language: Language) -> dict[str, list[str]]:
    """Return what inputs are called, each once, with the technical names of all that are called so."""
    found: dict[str, list[str]] = {}
    for each in wanted:
        found.setdefault(_told(each, content, policy, language), []).append(each.name)
    return found


def _told(item: Input, content: Content, policy: Policy, language: Language) -> str:
    if not item.kin:
        return _own(item, content, policy, language)
    kin = label_of(content, item.kin).in_language(language)
    if item.table == "relations":
        return words.say("input.relation", language, kin=kin)
    return words.say("input.of_kin", language, kin=kin, what=_own(item, content, policy, language))


def _own(item: Input, content: Content, policy: Policy, language: Language) -> str:
    if item.days:
        return words.say("input.history", language, n=item.days)
    if not item.column:
        table = contract().table(item.table)
        return table.title_de if language == "de" else table.title
    what = _value(item, content, policy, language) if item.value else field(language, item.table, item.column)
    key = _WITH_TABLE.get(item.table)
    return words.say(key, language, what=what) if key else what


def _value(item: Input, content: Content, policy: Policy, language: Language) -> str:
    """Return what a code is called: by the product that has it, by the field that changes, by our own words."""
    if item.table == "customer_changes":
        return field(language, "customers", item.value)
    if item.table == "contracts":
        labels = (each.label for each in content.products if item.value in each.contract_codes)
        return next((label.in_language(language) for label in labels), item.value)
    if item.table == "consents" and (label := consent_labels(policy).get(item.value)):
        return label.in_language(language)
    own = {"interactions": f"contact.{item.value}", "accounts": f"account.{item.value}"}
    key = _HOLDERS.get(item.value) if item.table == "account_holders" else own.get(item.table)
    return words.say(key, language) if key and words.knows(key) else item.value
