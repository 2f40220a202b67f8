"""Typed operations make what a person would write: a pattern, a kin view, a condition; and say what they lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from augenblick.content import load_content
from augenblick.editing import Edition, difference
from augenblick.editing.difference_text import markdown
from augenblick.editing.operations import operated
from augenblick.editing.spreadsheet import filled_in, template, written
from augenblick.model.errors import BadParameter
from augenblick.model.terms import AUG, MOMENT, PRODUCT

WORDS = {"label": {"de": "Neues", "en": "something new"}, "reason": {"de": "Weil es so ist.", "en": "Because it is."}}
PATTERN: dict[str, Any] = {
    "do": "add_pattern", "term": "moment:job-loss", "name": "grant-starts", "kind": "SeriesStarts", "weight": 1.5,
    **WORDS,
    "parameters": {"signal": "signal:salary", "minimumHistory": "P365D", "minimumCount": 2, "firstOfPerson": True},
}  # fmt: skip
KIN_VIEW: dict[str, Any] = {
    "do": "add_kin_view", "term": "moment:job-loss", "name": "partner-lost-it", "kinProperty": "aug:hasPartner",
    "kinMoment": "moment:relocation", "weight": 0.5, **WORDS, "parameters": {"lagMaximum": "P90D"},
}  # fmt: skip
CONDITION = {
    "do": "add_condition", "term": "product:tax-help-estate", "layer": "suitable",
    "condition": "product:conditions#cushion",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped(root: Path) -> Edition:
    return Edition.read(root)


def test_pattern_and_kin_view_are_read_back_as_patterns_of_the_moment(shipped: Edition, tmp_path: Path) -> None:
    after = operated(shipped, [PATTERN, KIN_VIEW])
    after.write(tmp_path)
    moment = load_content(tmp_path).moment("job-loss")
    assert moment is not None
    found = {p.iri.partition("#")[2]: p for p in moment.patterns}
    starts, kin = found["grant-starts"], found["partner-lost-it"]
    assert (starts.kind, float(starts.weight), starts.reason.en) == ("SeriesStarts", 1.5, "Because it is.")
    assert [str(value) for value in starts.parameters["minimumCount"]] == ["2"]
    assert (kin.kind, kin.lag_maximum.days) == ("KinMoment", 90)
    assert [str(value) for value in kin.parameters["kinMoment"]] == [MOMENT + "relocation"]
    assert {t.owner for t in difference(shipped, after).terms} == {MOMENT + "job-loss"}


def test_condition_is_added_to_a_product_and_taken_away_again(shipped: Edition) -> None:
    after = operated(shipped, [CONDITION])
    shape = f"{PRODUCT}conditions#cushion"
    assert shape in after.values(f"{PRODUCT}tax-help-estate", AUG + "suitableIf")
    assert "emergency cushion" in markdown(difference(shipped, after), "en")
    assert difference(shipped, operated(after, [CONDITION | {"do": "remove_condition"}])).empty


def test_condition_typed_into_the_products_sheet_is_the_same_edit(shipped: Edition, tmp_path: Path) -> None:
    rows = template(shipped, "products")
    place = rows[0].index("suitableIf")
    for row in rows:
        if row[0] == f"{PRODUCT}tax-help-estate":
            row[place] = "\n".join(filter(None, (row[place], "product:conditions#cushion")))
    (tmp_path / "sheet.csv").write_bytes(written(rows, ".csv"))
    assert difference(operated(shipped, [CONDITION]), filled_in(shipped, tmp_path / "sheet.csv")).empty


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (PATTERN | {"kind": "SeriesStart"}, "SeriesStarts"),
        (PATTERN | {"name": "Grant starts"}, "lower case"),
        (PATTERN | {"name": "salary-stops"}, "already"),
        (PATTERN | {"label": {"de": "Neues"}}, "both languages"),
        (PATTERN | {"parameters": {"signal": "signal:salary"}}, "lacks minimumHistory, minimumCount"),
        (PATTERN | {"parameters": PATTERN["parameters"] | {"signal": "signal:salry"}}, "signal:salary"),
        (PATTERN | {"parameters": PATTERN["parameters"] | {"minimumCont": 2}}, "minimumCount"),
        ({k: v for k, v in KIN_VIEW.items() if k != "kinMoment"}, "lacks 'kinMoment'"),
        (CONDITION | {"layer": "suited"}, "eligible, applicable, suitable, contact"),
        (CONDITION | {"condition": "product:conditions#cushon"}, "conditions#cushion"),
        (CONDITION | {"do": "remove_condition"}, "does not have the condition"),
    ],
)
def test_operation_that_lacks_something_names_it_and_the_mend(
    shipped: Edition, operation: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadParameter) as raised:
        operated(shipped, [operation])
    assert says in f"{raised.value} {raised.value.hint}"
