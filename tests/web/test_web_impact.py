"""Whom a change touches: worked out once for all who look at it, told to each as far as they may know."""

from __future__ import annotations

from typing import Any

import pytest
from test_web_accepting import WEIGHT, _send, _settled

from augenblick import lookup
from augenblick.api import change_work
from augenblick.content import Words
from augenblick.editing.comparison import Count, Moved
from augenblick.editing.impact import Example, Impact, basis
from augenblick.pipeline.rerun import Reach
from augenblick.store import DataDirectory
from visiting import entered

BIRTH = "https://w3id.org/augenblick/moment/childbirth"
AGED = "have changed since"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Let an impact be worked out at once, one birth lost; say for whose sight (how: tested elsewhere)."""
    asked = []

    def impact(directory: DataDirectory, _made: object, *, access: Any, most: int, progress: object) -> Impact:
        asked.append((access.role, access.purpose))
        examples = [Example(Moved(f"{BIRTH}/1", "kid", BIRTH, 0.9, None), None, None)][:most]
        labels = {BIRTH: Words(de="Geburt eines Kindes", en="birth of a child")}
        counts = (Count(BIRTH, before=1, after=0, gain=0, lose=1),)
        return Impact(Reach(), labels, counts, examples=examples, seconds={"all": 1.0}, basis=basis(directory))

    monkeypatch.setattr(change_work, "impact", impact)
    return asked


@pytest.fixture
def change(own, runs) -> str:
    """The address of an expert's change, its impact worked out by its author."""
    with entered(own.url, "expert", "Eva", "/changes") as (expert, _):
        edit = {"field": WEIGHT, WEIGHT: "1.5", "step": "propose", "reason": "Less sure"}
        place = _send(expert, "/moments/job-loss/edit", **edit).headers["location"]
        _send(expert, f"{place}/begin", kind="impact")
        _settled(own)
    return place


def _page(own, role: str, name: str, place: str) -> str:
    with entered(own.url, role, name, "/changes") as (client, _):
        return client.get(place).text


def test_what_the_author_worked_out_is_there_for_who_approves(own, change, runs) -> None:
    assert "birth of a child" in _page(own, "approver", "Paul", change)
    page = _page(own, "data_protection", "Dora", change)
    assert "birth of a child" in page
    assert 'hx-get="' + change not in page
    assert runs == [("data_protection", "data_protection")]


def test_examples_are_told_by_name_to_who_may_see_customers_only(own, change) -> None:
    assert "kid" not in _page(own, "expert", "Eva", change)
    assert "Ada" not in _page(own, "expert", "Eva", change)
    page = _page(own, "data_protection", "Dora", change)
    assert "Ada" in page
    with entered(own.url, "data_protection", "Dora", "/changes") as (client, _):
        assert "impact of a change" in client.get("/audit").text


def test_impact_of_other_data_says_so_and_is_worked_out_anew(own, change, runs) -> None:
    assert AGED not in _page(own, "approver", "Paul", change)
    directory = DataDirectory(own.settings.data)
    with directory.connect() as connection:
        lookup.write(connection, directory.path, customers=["kid"])
    with entered(own.url, "approver", "Paul", "/changes") as (client, _):
        assert AGED in client.get(change).text
        _send(client, f"{change}/begin", kind="impact")
        _settled(own)
        assert AGED not in client.get(change).text
    assert len(runs) == 2


def test_impact_over_rest_takes_what_was_worked_out_on_the_page(own, change, runs) -> None:
    head = {"Acting-Role": "approver", "From": "Paul"}
    path = f"/v1/content{change}/impact"
    assert own.client.post(path, headers=head).status_code == 202
    _settled(own)
    told = own.client.get(path, headers=head).json()["outcome"]
    assert (told["moments"][0]["lose"], told["examples"]) == (1, [])
    assert len(runs) == 1
