"""The disclosure is in plain German: no code of the input contract stands in it."""

from __future__ import annotations

import pytest

from augenblick.content import Content
from augenblick.ingest.contract import Field, contract
from augenblick.pipeline.disclosure_page import said
from augenblick.policy import read_policy

CODED = [(table.name, field) for table in contract().tables for field in table.fields if field.codes]


@pytest.mark.parametrize(("table", "field"), CODED, ids=lambda each: getattr(each, "name", each))
def test_every_code_of_the_contract_has_words(shipped: Content, table: str, field: Field) -> None:
    policy = read_policy(shipped)
    channels = {code: channel.label for code, channel in policy.channels.items()}
    meanings = {**policy.purposes, **policy.consent_kinds, **channels}
    german = {name: words.de for name, words in meanings.items()}
    assert [code for code in field.codes if said(code, german, field.name) == code] == [], table
