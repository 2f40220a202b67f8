"""A change of a moment as a CloudEvent, signed and sent to a subscriber.

CloudEvents 1.0, structured mode (https://cloudevents.io); signed as Standard Webhooks 1.0 say
(https://www.standardwebhooks.com): the receiver takes `webhook-id`, `webhook-timestamp` and the body, joined by points,
and compares their HMAC-SHA256 under the shared secret with `webhook-signature`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import urllib.error
import urllib.request
from typing import Any

import orjson

MEDIA_TYPE = "application/cloudevents+json"
TYPE = "org.w3id.augenblick.moment."
SECONDS = 10.0
"""How long a subscriber may take to answer."""


def told(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change as receivers get it: without what only the gate decides by."""
    return {name: value for name, value in change.items() if name != "standing"}


def cloud_event(change: dict[str, Any], source: str) -> dict[str, Any]:
    """Return the event of a change as the journal keeps it; its id is the change's number."""
    data = {name: value for name, value in told(change).items() if name not in ("seq", "at", "kind")}
    return {
        "specversion": "1.0",
        "id": str(change["seq"]),
        "source": source,
        "type": TYPE + change["kind"],
        "subject": change["moment_id"],
        "time": change["at"],
        "datacontenttype": "application/json",
        "data": data,
    }


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """Return what `webhook-signature` says of a body sent at that second."""
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def send(url: str, secret: str, event: dict[str, Any], timestamp: int) -> str | None:
    """Send an event; return None where it was taken (2xx), else what went wrong, without anything of the event."""
    body = orjson.dumps(event)
    headers = {
        "Content-Type": MEDIA_TYPE,
        "webhook-id": event["id"],
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, event["id"], timestamp, body),
    }
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - the settings allow https only
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return None if 200 <= answer.status < 300 else f"answered with {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return f"answered with {error.code}"
    except OSError as error:
        return f"cannot be reached ({type(error).__name__})"


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """A subscriber that moved is asked nowhere else: the events are for the address in the settings."""

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect."""
        return


_OPENER = urllib.request.build_opener(_Unmoved)
