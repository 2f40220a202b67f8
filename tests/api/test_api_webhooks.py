"""Changes sent to a subscriber: signed, in order, again until they are taken, never to who may not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
from pydantic import ValidationError

from augenblick.api.settings import Webhook
from augenblick.api.webhooks import Subscription
from augenblick.model.errors import NotPermitted
from running_service import Served

CRM = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service"}
SECRET = "a secret of twenty-four signs or more"
NOW = 4_000_000_000.0


class Receiver(HTTPServer):
    """A subscriber that refuses so many events and then takes them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.refusals: dict[str, int] = {}
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.came = Event()
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def seen(self) -> list[tuple[dict[str, str], bytes]]:
        return self.seen_at("/events")

    def seen_at(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for at, headers, body in self.taken if at == path]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        left = self.server.refusals.get(self.path, 0)
        refused = left > 0
        self.server.refusals[self.path] = left - refused
        if not refused:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.taken.append((self.path, headers, body))
            self.server.came.set()
        self.send_response(503 if refused else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def running(serve, detected, tmp_path, receiver: Receiver) -> Served:
    shutil.copytree(detected, tmp_path / "data")
    return serve(webhooks=[{"name": "crm", "url": receiver.url, "secret": SECRET}])


def subscription(running: Served, receiver: Receiver, **given: object) -> Subscription:
    """Return one more subscription, which takes a step only when it is told to."""
    state = running.server.config.app.state
    said = {"name": "other", "url": receiver.url, "secret": SECRET, "attempts": 3} | given
    parts = (state.journal, state.dossiers, state.policy, state.trail, state.metrics)
    return Subscription(Webhook.model_validate(said), *parts, source="urn:augenblick")


def steps(hook: Subscription, *times: float) -> list[bool]:
    async def taken() -> list[bool]:
        return [await hook.pass_on(at) for at in times]

    return asyncio.run(taken())


def say(running: Served, action: str) -> None:
    (moment,) = running.client.get("/v1/moments", params={"type": "childbirth"}, headers=ADVISER).json()["moments"]
    url = f"/v1/moments/{moment['moment_id']}/feedback"
    assert running.client.post(url, json={"action": action, "reason": "so"}, headers=ADVISER).status_code == 200


def test_change_reaches_the_subscriber_signed_as_a_cloud_event(running: Served, receiver: Receiver) -> None:
    say(running, "acted")
    assert receiver.came.wait(30)
    headers, body = receiver.seen[0]
    event = json.loads(body)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    proof = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert headers["content-type"] == "application/cloudevents+json"
    assert (event["specversion"], event["type"]) == ("1.0", "org.w3id.augenblick.moment.changed")
    assert (event["data"]["new_state"], event["data"]["customer_id"]) == ("acted", "kid")


def test_subscriber_that_refuses_gets_a_change_again_later_and_only_then_the_next(
    running: Served, receiver: Receiver
) -> None:
    hook = subscription(running, receiver, url=receiver.url + "/other")
    say(running, "acted")
    say(running, "reopened")
    receiver.refusals["/events/other"] = 1
    assert steps(hook, NOW, NOW, NOW + 1, NOW + 1, NOW + 1) == [True, False, True, True, False]
    states = [json.loads(body)["data"]["new_state"] for _, body in receiver.seen_at("/events/other")]
    assert states == ["acted", "confirmed"]


def test_change_that_is_never_taken_is_given_up_and_can_be_sent_again(running: Served, receiver: Receiver) -> None:
    hook = subscription(running, receiver, url=receiver.url + "/other")
    say(running, "acted")
    receiver.refusals["/events/other"] = 3
    assert steps(hook, NOW, NOW + 10, NOW + 20, NOW + 30) == [True, True, True, False]
    assert (hook.state()["dead_letters"], hook.state()["waiting"]) == (1, 0)
    assert asyncio.run(hook.resend(NOW)) == 1
    hook.replay(0)
    assert steps(hook, NOW, NOW) == [True, False]
    assert len(receiver.seen_at("/events/other")) == 2
    assert hook.state()["dead_letters"] == 0


def test_subscriber_gets_nothing_its_purpose_may_not_see(running: Served, receiver: Receiver) -> None:
    hook = subscription(running, receiver, url=receiver.url + "/other", purpose="advertising")
    say(running, "acted")
    assert steps(hook, NOW, NOW) == [True, False]
    assert receiver.seen_at("/events/other") == []
    with pytest.raises(NotPermitted):
        subscription(running, receiver, role="adviser")


def test_subscribers_are_told_of_and_played_back_by_name(running: Served) -> None:
    (told,) = running.client.get("/v1/webhooks", headers=CRM).json()
    assert (told["name"], told["dead_letters"]) == ("crm", 0)
    assert running.client.post("/v1/webhooks/crm/replay", params={"after": 0}, headers=CRM).json()["after"] == 0
    assert running.client.post("/v1/webhooks/crm/dead-letters", headers=CRM).status_code == 200
    assert running.client.post("/v1/webhooks/nobody/dead-letters", headers=CRM).status_code == 404
    assert running.client.get("/v1/webhooks", headers=ADVISER).status_code == 403


def test_subscriber_elsewhere_without_tls_is_refused() -> None:
    with pytest.raises(ValidationError):
        Webhook.model_validate({"name": "x", "url": "http://bank.example/", "secret": SECRET})
