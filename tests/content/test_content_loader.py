"""The content folder is read whole, and what is wrong with it is named with file, term and mend."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from augenblick.content import Content, default_root, load_content
from augenblick.model.errors import BadOntology

Spoil = Callable[[str, str, str], Path]
BIRTH = "moments/childbirth/moment.ttl"
TOLD = "signals/holiday-told.ttl"


def test_content_of_the_checkout_is_read_whole(content: Content, root: Path) -> None:
    folders = {path.name for path in (root / "ontology" / "moments").iterdir() if path.is_dir()}
    assert {moment.slug for moment in content.moments} == folders
    files = {path.stem for path in (root / "ontology" / "signals").glob("*.ttl")}
    assert {signal.slug for signal in content.signals} == files
    assert {product.slug for product in content.products} | {"conditions"} == {
        path.stem for path in (root / "ontology" / "products").glob("*.ttl")
    }
    assert set(content.rules) == {p for p in (root / "ontology").rglob("*.rq") if p.parent.name != "questions"}


def test_default_root_in_a_checkout_is_the_checkout(root: Path) -> None:
    assert default_root() == root


def test_root_may_be_the_ontology_folder_itself(pristine: Path) -> None:
    assert load_content(pristine / "ontology").root == pristine


def test_pattern_carries_what_its_turtle_says(content: Content) -> None:
    birth = content.moment("childbirth")
    assert birth is not None
    first = next(p for p in birth.patterns if p.iri.endswith("#first-child-benefit"))
    assert first.kind == "SignalFirstEver"
    assert first.weight == Decimal("6.5")
    assert first.lag_maximum == timedelta(days=90)
    assert first.parameters["minimumHistory"] == (timedelta(days=180),)
    assert first.parameters["signal"] == ("https://w3id.org/augenblick/signal/child-benefit",)
    assert (birth.tentative_from, birth.confirmed_from) == (Decimal("0.5"), Decimal("0.9"))


def test_signal_carries_keys_limits_and_rank(content: Content) -> None:
    salary = content.signal("salary")
    assert salary is not None
    assert salary.gvc == ("153", "157")
    assert salary.direction == "credit"
    assert salary.recurring
    assert "https://w3id.org/augenblick/signal/pension" in salary.unless_carries


def test_signal_is_excluded_by_its_own_patterns_and_those_of_its_lists(content: Content) -> None:
    holiday = content.signal("holiday-told")
    assert holiday is not None
    lists = {each.iri.rpartition("#")[2]: each for each in holiday.except_lists}
    assert {"SaidOfRelatives", "LongAgo"} <= lists.keys()
    assert {*lists["LongAgo"].patterns, *holiday.except_patterns} <= {*holiday.exceptions}


def test_product_without_own_condition_in_a_layer_has_an_empty_layer(content: Content) -> None:
    desk = content.product("bereavement-desk")
    assert desk is not None
    assert desk.layers["applicable"] == ()
    assert len(desk.layers["eligible"]) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (TOLD, "aug:LongAgo", "aug:LongAgoo", r"aug:exceptList names LongAgoo.*did you mean `LongAgo`"),
        (BIRTH, "aug:weight 6.5", "aug:kind 6.5", r"aug:weight is missing.*aug:weight 6\.5"),
        (BIRTH, "aug:weight 6.5", 'aug:weight "much"', r"aug:weight is no decimal number: much"),
        (BIRTH, '"birth of a child"@en', '"birth"@fr', r"label in English is missing"),
        (BIRTH, "signal:child-benefit", "signal:child-benefits", r"child-benefits.*did you mean `child-benefit`"),
        (BIRTH, "product:junior-depot", "product:junior-depo", r"junior-depo.*did you mean `junior-depot`"),
        (BIRTH, "a aug:SignalFirstEver", "a aug:SignalFirstEvr", r"SignalFirstEvr.*did you mean `SignalFirstEver`"),
        (BIRTH, "aug:minimumHistory", "aug:minimumLevel", r"aug:minimumHistory is missing.*aug:SignalFirstEver"),
        (BIRTH, "aug:unlessBefore", "aug:onlyIfBefore", r"aug:unlessBefore is missing.*aug:unlessSignal"),
        (BIRTH, '"P90D"^^xsd:dayTimeDuration', '"PT5H"^^xsd:dayTimeDuration', r"no span of whole days"),
        (BIRTH, 'aug:slug "childbirth"', 'aug:slug "birth"', r"aug:slug is “birth”"),
        (BIRTH, 'aug:contentState "live"', 'aug:contentState "alive"', r"draft, shadow, live or retired"),
        (BIRTH, 'aug:conductedBy "human"', 'aug:conductedBy "robot"', r"aug:conductedBy is “robot”"),
        (BIRTH, "aug:prior -4.0", "aug:prior -4.0, -3.0", r"aug:prior has 2 values"),
        ("signals/rent.ttl", 'aug:direction "debit"', 'aug:direction "out"', r"aug:direction is “out”"),
        ("signals/rent.ttl", "KAUTION|MIETSICHERHEIT", "KAUTION(?!X", r"no regular expression.*RE2"),
        ("signals/rent.ttl", "KAUTION|MIETSICHERHEIT", "KAUTION.{0,40}MIETE", r"write `\.\*` instead of a count"),
        ("products/junior-depot.ttl", "conditions#cushion", "conditions#cushon", r"cushon.*did you mean `cushion`"),
    ],
)
def test_loading_spoiled_content_names_file_and_mend(spoiled: Spoil, file: str, old: str, new: str, says: str) -> None:
    with pytest.raises(BadOntology) as caught:
        load_content(spoiled(file, old, new))
    assert re.search(says, str(caught.value), re.DOTALL)
    assert caught.value.where is not None
    assert caught.value.where.endswith(file)


def test_loading_a_moment_stated_twice_is_refused(pristine: Path, tmp_path: Path) -> None:
    home = tmp_path / "twice"
    shutil.copytree(pristine, home)
    moments = home / "ontology" / "moments"
    shutil.copytree(moments / "childbirth", moments / "childbirth-copy")
    with pytest.raises(BadOntology, match="childbirth"):
        load_content(home)


def test_loading_a_moment_in_a_folder_of_another_name_is_refused(pristine: Path, tmp_path: Path) -> None:
    home = tmp_path / "renamed"
    shutil.copytree(pristine, home)
    (home / "ontology" / "moments" / "childbirth").rename(home / "ontology" / "moments" / "birth")
    with pytest.raises(BadOntology, match="lies in a folder named birth"):
        load_content(home)


def test_loading_a_folder_without_ontology_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(BadOntology, match="name the folder that holds"):
        load_content(tmp_path)
