"""Mappings of the bank's own tables: persons and their relations, accounts, contracts, interactions, consents."""

from __future__ import annotations

from augenblick.facts.mapping import Form, Mapping, Property, tail_sql
from augenblick.model.marks import shown_sql
from augenblick.model.terms import AUG, MOMENT

KINSHIP = {
    "partner": "hasPartner", "child": "hasChild", "parent": "hasParent", "grandparent": "hasGrandparent",
    "grandchild": "hasGrandchild", "sibling": "hasSibling", "guardian": "hasGuardian", "employer_of": "employs",
}  # fmt: skip
"""Relation codes of the contract and the properties they mean; the customer is the subject."""

HOLDING = {"owner": "ownedBy", "co_owner": "coOwnedBy", "authorised": "authorisedFor", "guardian": "guardedBy"}
"""Roles of account holders and the properties from the account to them."""

_RELATION = "md5(concat_ws('|', customer_id, related_customer_id, relation, valid_from, valid_to, source))"
_CONSENT = "md5(concat_ws('|', customer_id, purpose, channel, status, valid_from, valid_to))"
_DECLARATION = "md5(concat_ws('|', customer_id, moment, occurred_on, source, state))"
_CHANGE = (
    "url_encode(customer_id) || '/' || row_number() OVER (PARTITION BY customer_id "
    "ORDER BY changed_on, attribute, old_value, new_value)"
)


def bank_mappings(base: str, as_of: str) -> list[Mapping]:
    """Return the mappings of `bank.*`; `base` heads data IRIs, `as_of` is an SQL date.

    What begins after `as_of` is left out, an end after it is not told yet; relation rows are told whole.
    """
    person = Property("person", tail_sql(f"{base}customer/", "customer_id"), Form.IRI)
    return [
        _customers(as_of),
        _changes(person, as_of),
        _relations(base),
        *_kinship(base, as_of),
        _accounts(as_of),
        _outer_booking("firstBookingOn", "min", as_of),
        _outer_booking("lastBookingOn", "max", as_of),
        *_holdings(base),
        _contracts(base, as_of),
        _interactions(person, as_of),
        _declarations(person),
        _consents(person, as_of),
    ]


def _row(table: str, key: str) -> str:
    """Return SQL for the rows of a bank table that have the key."""
    return f"SELECT * FROM (SELECT *, {key} AS key_ FROM bank.{table}) WHERE key_ = $key"


def _told(column: str, as_of: str) -> str:
    return f"CASE WHEN {column} <= {as_of} THEN {column} END"


def _customers(as_of: str) -> Mapping:
    strings = {
        "customerId": "customer_id", "givenName": "given_name", "familyName": "family_name", "sex": "sex",
        "birthName": "birth_name", "civilStatus": "civil_status", "street": "street", "postalCode": "postal_code",
        "city": "city", "country": "country", "nationality": "nationality", "occupation": "occupation",
        "employmentStatus": "employment_status", "language": "language",
    }  # fmt: skip
    return Mapping(
        klass="Customer", graph="facts", table="bank.customers", prefix="customer/", key="customer_id",
        rows="SELECT * FROM bank.customers", origin=_row("customers", "customer_id"),
        properties=(
            *(Property(predicate, column) for predicate, column in strings.items()),
            Property("birthDate", "birth_date", Form.DATE),
            Property("deathDate", _told("death_date", as_of), Form.DATE),
            Property("customerSince", "customer_since", Form.DATE),
        ),
    )  # fmt: skip


def _changes(person: Property, as_of: str) -> Mapping:
    return Mapping(
        klass="MasterDataChange", graph="facts", table="bank.customer_changes", prefix="change/", key="tail",
        encoded=True, origin=_row("customer_changes", _CHANGE),
        rows=f"SELECT * FROM (SELECT *, {_CHANGE} AS tail FROM bank.customer_changes) WHERE changed_on <= {as_of}",
        properties=(
            person, Property("changedOn", "changed_on", Form.DATE), Property("attribute", "attribute"),
            Property("oldValue", "old_value"), Property("newValue", "new_value"),
        ),
    )  # fmt: skip


def _relations(base: str) -> Mapping:
    kinds = " ".join(f"WHEN '{code}' THEN '{AUG}{term}'" for code, term in KINSHIP.items())
    return Mapping(
        klass="Relation", graph="facts", table="bank.relations", prefix="relation/", key="tail",
        rows=f"SELECT *, {_RELATION} AS tail FROM bank.relations", origin=_row("relations", _RELATION),
        properties=(
            Property("relationSubject", tail_sql(f"{base}customer/", "customer_id"), Form.IRI),
            Property("relationObject", tail_sql(f"{base}customer/", "related_customer_id"), Form.IRI),
            Property("relationKind", f"CASE relation {kinds} END", Form.IRI),
            Property("validFrom", "valid_from", Form.DATE), Property("validTo", "valid_to", Form.DATE),
        ),
    )  # fmt: skip


def _kinship(base: str, as_of: str) -> list[Mapping]:
    valid = f"coalesce(valid_from <= {as_of}, true) AND coalesce(valid_to >= {as_of}, true)"
    return [
        Mapping(
            graph="facts", table="bank.relations", prefix="customer/", key="customer_id",
            rows=f"SELECT * FROM bank.relations WHERE relation = '{code}' AND {valid}",
            origin=f"SELECT * FROM bank.relations WHERE relation = '{code}' AND {valid} AND customer_id = $key",
            properties=(Property(term, tail_sql(f"{base}customer/", "related_customer_id"), Form.IRI),),
        )
        for code, term in KINSHIP.items()
    ]  # fmt: skip


def _opened(as_of: str) -> str:
    return f"SELECT * FROM bank.accounts WHERE coalesce(opened_on <= {as_of}, true)"


def _accounts(as_of: str) -> Mapping:
    return Mapping(
        klass="Account", graph="facts", table="bank.accounts", prefix="account/", key="account_id",
        rows=_opened(as_of), origin=_row("accounts", "account_id"),
        properties=(
            Property("accountId", "account_id"), Property("iban", "iban"), Property("accountKind", "kind"),
            Property("currency", "currency"), Property("openedOn", "opened_on", Form.DATE),
            Property("closedOn", _told("closed_on", as_of), Form.DATE),
        ),
    )  # fmt: skip


def _outer_booking(predicate: str, outermost: str, as_of: str) -> Mapping:
    """Return the mapping of an account's first (`min`) or last (`max`) booking date, which rests on that booking.

    Of several bookings on that day one is enough; its number decides which, so that row order does not.
    """
    day = {"min": "first_on", "max": "last_on"}[outermost]
    return Mapping(
        graph="facts", table="bank.transactions", prefix="account/", key="account_id",
        rows=f"SELECT account_id, {day} AS booking_date FROM evidence.account_spans "
        f"SEMI JOIN ({_opened(as_of)}) USING (account_id)",
        origin="SELECT t.* FROM bank.transactions t JOIN evidence.account_spans s USING (account_id) "
        f"WHERE account_id = $key AND t.booking_date = s.{day} "
        f"QUALIFY t.transaction_id = {outermost}(t.transaction_id) OVER ()",
        properties=(Property(predicate, "booking_date", Form.DATE),),
    )  # fmt: skip


def _holdings(base: str) -> list[Mapping]:
    return [
        Mapping(
            graph="facts", table="bank.account_holders", prefix="account/", key="account_id",
            rows=f"SELECT * FROM bank.account_holders WHERE role = '{role}'",
            origin=f"SELECT * FROM bank.account_holders WHERE role = '{role}' AND account_id = $key",
            properties=(Property(term, tail_sql(f"{base}customer/", "customer_id"), Form.IRI),),
        )
        for role, term in HOLDING.items()
    ]  # fmt: skip


def _contracts(base: str, as_of: str) -> Mapping:
    return Mapping(
        klass="Contract", graph="facts", table="bank.contracts", prefix="contract/", key="contract_id",
        rows=f"SELECT * FROM bank.contracts WHERE coalesce(opened_on <= {as_of}, true)",
        origin=_row("contracts", "contract_id"),
        properties=(
            Property("holder", tail_sql(f"{base}customer/", "customer_id"), Form.IRI),
            Property("contractProduct", "product"), Property("openedOn", "opened_on", Form.DATE),
            Property("closedOn", _told("closed_on", as_of), Form.DATE), Property("amount", "amount", Form.DECIMAL),
        ),
    )  # fmt: skip


def _interactions(person: Property, as_of: str) -> Mapping:
    return Mapping(
        klass="Interaction", graph="facts", table="bank.interactions", prefix="interaction/", key="interaction_id",
        rows=f"SELECT * FROM bank.interactions WHERE occurred_at::DATE <= {as_of}",
        origin=_row("interactions", "interaction_id"),
        properties=(
            person, Property("occurredOn", "occurred_at::DATE", Form.DATE), Property("channel", "channel"),
            Property("interactionKind", "kind"), Property("topic", shown_sql("topic")),
        ),
    )  # fmt: skip


def _declarations(person: Property) -> Mapping:
    named = f"CASE WHEN contains(moment, '://') THEN moment ELSE '{MOMENT}' || url_encode(moment) END"
    return Mapping(
        klass="Declaration", graph="facts", table="bank.declared_moments", prefix="declaration/", key="tail",
        rows=f"SELECT *, {_DECLARATION} AS tail FROM bank.declared_moments",
        origin=_row("declared_moments", _DECLARATION),
        properties=(
            person, Property("declaredMoment", named, Form.IRI), Property("occurredOn", "occurred_on", Form.DATE),
            Property("declaredBy", "source"), Property("declaredState", "state"),
        ),
    )  # fmt: skip


def _consents(person: Property, as_of: str) -> Mapping:
    return Mapping(
        klass="Consent", graph="consent", table="bank.consents", prefix="consent/", key="tail",
        rows=f"SELECT *, {_CONSENT} AS tail FROM bank.consents WHERE coalesce(valid_from <= {as_of}, true)",
        origin=_row("consents", _CONSENT),
        properties=(
            person, Property("purpose", "purpose"), Property("channel", "channel"),
            Property("consentStatus", "status"), Property("validFrom", "valid_from", Form.DATE),
            Property("validTo", "valid_to", Form.DATE),
        ),
    )  # fmt: skip
