"""Legal classes of products: offers and contracts of theirs are shown to those only who may see the class."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kin_bank import AS_OF, MOMENTS, families

from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.pipeline.dossier import Dossiers
from augenblick.policy import Access, read_policy
from augenblick.publish import current_snapshot, run_query
from augenblick.store import DataDirectory
from lean_content import lean_content

ADVISER = Access(role="adviser", purpose="advice", actor_id="t", at=AS_OF)
ANALYST = Access(role="analyst", purpose="analysis", actor_id="t", at=AS_OF)
OFFICER = Access(role="data_protection", purpose="data_protection", actor_id="t", at=AS_OF)
PRODUCT = "https://w3id.org/augenblick/product/child-savings"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The families' content, in which a product says of whoever takes it what nobody may be told."""
    content = lean_content(tmp_path_factory.mktemp("strict") / "content", *MOMENTS)
    file = content.root / "ontology" / "products" / "child-savings.ttl"
    plain = "    a aug:Product ;\n"
    text = file.read_text("utf-8")
    assert text.count(plain) == 1
    file.write_text(text.replace(plain, f"{plain}    aug:legalClass aug:SpecialCategory ;\n"), "utf-8")
    return load_content(content.root)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, content: Content) -> DataDirectory:
    return families(tmp_path_factory.mktemp("bank"), content)


def offered(content: Content, directory: DataDirectory, access: Access) -> set[str]:
    dossiers = Dossiers(directory, content, read_policy(content))
    told = {offer["product"] for view in dossiers.offers(access, "two-eva", "en") for offer in view["offers"]}
    advised = str(pipeline.offers_of(directory, "two-eva", access=access).to_dict())
    assert (PRODUCT in told) == (PRODUCT in advised)
    return told


def test_offer_of_a_special_product_is_told_to_those_only_who_may_see_its_class(
    content: Content, strict: DataDirectory
) -> None:
    assert PRODUCT in offered(content, strict, OFFICER)
    seen = offered(content, strict, ADVISER)
    assert seen
    assert PRODUCT not in seen
    query = f"ASK {{ ?offer aug:product <{PRODUCT}> }}"
    for access, found in ((OFFICER, b"true"), (ANALYST, b"false")):
        assert found in run_query(current_snapshot(strict), query, access=access).content


def test_contract_of_a_special_product_is_withheld_like_the_offer(content: Content, strict: DataDirectory) -> None:
    dossiers = Dossiers(strict, content, read_policy(content))
    service = replace(ADVISER, purpose="service")
    assert [c["product"] for c in dossiers.dossier(OFFICER, "two-max", "en")["contracts"]] == ["child_savings"]
    assert dossiers.dossier(service, "two-max", "en")["contracts"] == []
    query = 'ASK { ?contract aug:contractProduct "child_savings" }'
    for access, found in ((OFFICER, b"true"), (ANALYST, b"false")):
        assert found in run_query(current_snapshot(strict), query, access=access).content
