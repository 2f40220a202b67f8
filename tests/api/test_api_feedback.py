"""What advisers say through REST: kept, seen at once, told on, said once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from augenblick import pipeline
from augenblick.moments import feedback
from augenblick.publish.graph_file import lines
from augenblick.store import DataDirectory
from running_service import starting

ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
OPERATOR = {"Acting-Role": "operator", "Purpose-Of-Use": "operation"}
CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}


def birth(running) -> dict[str, object]:
    (found,) = running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"]
    return found


def say(running, moment: str, action: str, **more: str):
    headers = ADVISER | more.pop("headers", {})  # type: ignore[arg-type]
    return running.client.post(f"/v1/moments/{moment}/feedback", json={"action": action, **more}, headers=headers)


def test_word_is_seen_at_once_in_every_answer_and_told_to_the_crm(running) -> None:
    moment = birth(running)
    answer = say(running, moment["moment_id"], "dismissed", reason="The money was for a niece.")
    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")
    assert birth(running)["state"] == "dismissed"
    assert running.client.get("/v1/customers/kid/offers", headers=ADVISER).json() == []
    (told,) = running.client.get("/v1/changes", headers=CRM).json()["changes"]
    assert (told["old_state"], told["new_state"], told["cause"]) == (moment["state"], "dismissed", "dismissed")
    assert running.client.get("/v1/changes", params={"after": told["seq"]}, headers=CRM).json()["changes"] == []
    (said,) = running.client.get(f"/v1/moments/{moment['moment_id']}/history", headers=ADVISER).json()
    assert (said["action"], said["reason"], said["role"]) == ("dismissed", "The money was for a niece.", "adviser")


def state_in_sparql(running, moment: str) -> list[str]:
    query = f"SELECT ?state {{ <{moment}> aug:state ?state }}"
    found = running.client.get("/sparql", params={"query": query}, headers=OPERATOR)
    return [row["state"]["value"] for row in found.json()["results"]["bindings"]]


def test_word_is_seen_in_sparql_when_it_is_answered(running) -> None:
    moment = birth(running)
    name, before = moment["moment_id"], moment["state"]
    assert state_in_sparql(running, name) == [before]
    say(running, name, "dismissed", reason="The money was for a niece.")
    assert state_in_sparql(running, name) == ["dismissed"]
    say(running, name, "reopened", reason="It was not.")
    assert state_in_sparql(running, name) == [before]


def test_graph_with_a_word_is_that_which_is_published_of_all_anew(detected, content, tmp_path) -> None:
    shutil.copytree(detected, tmp_path / "data")
    directory = DataDirectory(tmp_path / "data")
    connection = directory.connect()
    before = list(lines(directory.live_store))
    (name,) = connection.execute("SELECT moment_id FROM moments.moments WHERE slug = 'childbirth'").fetchone()
    at = datetime(2026, 6, 30, tzinfo=UTC)
    said = feedback.record(connection, name, "acted", actor="t", role="adviser", at=at)
    pipeline.show_words(directory, connection, [said.customer_id])
    connection.close()
    told = list(lines(directory.live_store))
    pipeline.republish(directory, at=at.date(), content=content)
    assert (told == before, list(lines(directory.live_store))) == (False, told)


def test_word_that_was_answered_is_kept_on_disk(running) -> None:
    moment = birth(running)
    say(running, moment["moment_id"], "acted")
    connection = DataDirectory(running.settings.data).connect(read_only=True)
    kept = connection.execute("SELECT moment_id, action, len(patterns) > 0 FROM bank.feedback").fetchall()
    connection.close()
    assert kept == [(moment["moment_id"], "acted", True)]


@pytest.mark.parametrize(
    ("note", "kept"), [("Er ist seit März in der Reha.", "[geschwärzt]"), ("Ruft an.", "Ruft an.")]
)
def test_word_that_tells_of_health_is_kept_without_its_text(running, note: str, kept: str) -> None:
    moment = birth(running)["moment_id"]
    say(running, moment, "dismissed", reason="War ein Irrtum.")
    say(running, moment, "reopened", reason=note, note=note)
    told = running.client.get(f"/v1/moments/{moment}/history", headers=ADVISER).json()
    assert [(each["reason"], each["note"]) for each in told] == [("War ein Irrtum.", None), (kept, kept)]
    held = [file.read_bytes() for file in running.settings.data.rglob("*") if file.is_file()]
    assert any(note.encode() in each for each in held) == (note == kept)


def test_word_sent_twice_with_one_key_is_said_once(running) -> None:
    moment = birth(running)["moment_id"]
    key = {"headers": {"Idempotency-Key": "call-20260630-1"}}
    first = say(running, moment, "dismissed", reason="A niece.", **key)
    again = say(running, moment, "dismissed", reason="A niece.", **key)
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert len(running.client.get(f"/v1/moments/{moment}/history", headers=ADVISER).json()) == 1
    other = say(running, moment, "acted", **key)
    assert (other.status_code, other.json()["code"]) == (409, "AB605")


def test_word_kept_by_a_process_that_was_killed_is_followed_at_the_next_start_and_not_kept_again(
    serve, content, detected, tmp_path, monkeypatch
) -> None:
    shutil.copytree(detected, tmp_path / "data")
    moment = "moment/kid/childbirth/2026-04-14"
    key = {"headers": {"Idempotency-Key": "call-20260630-2"}}
    with monkeypatch.context() as dying, starting(tmp_path / "data", content) as start:
        dying.setattr("augenblick.moments.feedback._follow", lambda *_: 1 / 0)
        assert say(start(), moment, "acted", **key).status_code == 500
    running = serve()
    assert birth(running)["state"] == "acted"
    assert state_in_sparql(running, birth(running)["moment_id"]) == ["acted"]
    (told,) = running.client.get("/v1/changes", headers=CRM).json()["changes"]
    assert (told["new_state"], told["moment_id"]) == ("acted", birth(running)["moment_id"])
    assert say(running, moment, "acted", **key).json()["state"] == "acted"
    assert len(running.client.get(f"/v1/moments/{moment}/history", headers=ADVISER).json()) == 1


def test_word_the_state_or_the_policy_does_not_allow_is_refused(running) -> None:
    moment = birth(running)["moment_id"]
    assert say(running, moment, "reopened").status_code == 409
    assert say(running, moment, "invented").status_code == 422
    assert say(running, "moment/kid/nothing/2026-01-01", "confirmed").status_code == 404
    assert (
        say(running, moment, "confirmed", headers={"Acting-Role": "analyst", "Purpose-Of-Use": "analysis"}).status_code
        == 403
    )
    assert running.client.get("/v1/changes", headers=ADVISER).status_code == 403


def test_stream_tells_a_change_to_one_who_comes_back(running) -> None:
    say(running, birth(running)["moment_id"], "acted")
    with running.client.stream("GET", "/v1/changes/stream", headers=CRM | {"Last-Event-ID": "0"}) as answer:
        lines = answer.iter_lines()
        seen = [line for line, _ in zip(lines, range(5), strict=False)]
    (told,) = running.client.get("/v1/changes", headers=CRM).json()["changes"]
    assert f"id: {told['seq']}" in seen
    assert "event: changed" in seen
