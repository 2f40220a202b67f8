"""A remote SPARQL 1.1 store beside the embedded one: where it is, who asks it, what it says when something is wrong.

Everything here goes by the SPARQL 1.1 Protocol: one address for queries, one for updates.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from augenblick.model.errors import StoreUnavailable
from augenblick.publish.protocol import JSON, UPDATE, Refused, form_of, sent
from augenblick.store import DataDirectory

_ADDRESS = r"^(https://|http://(127\.0\.0\.1|localhost)[:/]).+"
_CREDENTIALS = "AUGENBLICK_REMOTE_STORE__USER and __PASSWORD, or __TOKEN"
_TOLD: Mapping[str, tuple[str, str]] = {
    "unreachable": (
        "The remote store cannot be reached, or broke off.",
        "start it, or correct `remote_store`: its addresses, its certificate, the way there",
    ),
    "denied": ("The remote store does not accept the credentials.", f"set {_CREDENTIALS}"),
    "missing": (
        "There is no SPARQL endpoint at the remote store's address.",
        "correct `query` and `update` of `remote_store`",
    ),
    "rejected": ("The remote store rejects what is asked.", "its log says why; it must take SPARQL 1.1"),
    "failed": ("The remote store failed.", "its log says why"),
    "unreadable": (
        "The remote store answers in another form than was asked for.",
        "correct `query` of `remote_store`, or look what stands between",
    ),
    "replaced": (
        "What was asked is not in the remote store any more: published anew meanwhile, or the store was emptied.",
        "ask again in a few seconds; if it stays, `augenblick doctor`",
    ),
    "behind": (
        "What is published here is not in the remote store yet.",
        "ask again in a few seconds; if it stays, `augenblick doctor`",
    ),
    "incomplete": (
        "The remote store does not hold what was written into it.",
        "its log says why; it must keep every triple as it is",
    ),
    "unrestricted": (
        "The remote store answers from other graphs than those a query is restricted to.",
        "take one that heeds default-graph-uri and named-graph-uri before FROM: it would tell what is withheld",
    ),
}


class RemoteStore(BaseModel):
    """A remote SPARQL 1.1 store the graph is published to and queries are answered from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = Field(pattern=_ADDRESS, description="Where it takes queries; https, or loopback.")
    update: str = Field(pattern=_ADDRESS, description="Where it takes updates; https, or loopback.")
    name: str = Field(
        "augenblick",
        pattern=r"^[a-z0-9-]{1,40}$",
        description="Under which its graphs stand there; another for each data directory that shares the store.",
    )
    user: str | None = Field(None, description="As whom it is asked (HTTP Basic).")
    password: SecretStr | None = Field(None, description="The user's password; best in the environment.")
    token: SecretStr | None = Field(None, description="A bearer token in place of user and password.")
    seconds: float = Field(300.0, gt=0, description="For how long it may be silent until it is given up.")

    @field_validator("query", "update")
    @classmethod
    def _open(cls, url: str) -> str:
        """Refuse secrets in addresses: these are told and logged."""
        if "@" in urlsplit(url).netloc:
            raise ValueError("credentials do not belong into an address; there are `user` and `password`")
        return url

    @property
    def authorization(self) -> str | None:
        """What the header of this name says; None where nothing is needed."""
        if self.token:
            return f"Bearer {self.token.get_secret_value()}"
        if self.user is None:
            return None
        password = self.password.get_secret_value() if self.password else ""
        return "Basic " + b64encode(f"{self.user}:{password}".encode()).decode("ascii")

    @property
    def registry(self) -> str:
        """The graph in it that says what was published."""
        return f"urn:augenblick:{self.name}"


_ATTACHED: dict[Path, RemoteStore] = {}
"""By folder the stores this process publishes data directories to."""


def attach(path: Path, store: RemoteStore | None) -> None:
    """Have a data directory published to a store from now on in this process; to none with None."""
    if store is None:
        _ATTACHED.pop(path.resolve(), None)
    else:
        _ATTACHED[path.resolve()] = store


def attached(directory: DataDirectory) -> RemoteStore | None:
    """Return the store a data directory is published to."""
    return _ATTACHED.get(directory.path.resolve())


def unavailable(reason: str, where: str | None = None) -> StoreUnavailable:
    """Return the error of a reason, in a word (`Refused` lists them)."""
    message, hint = _TOLD[reason]
    return StoreUnavailable(message, where=where, hint=hint)


def update(store: RemoteStore, text: str) -> None:
    """Have a store do an update.

    Raises `StoreUnavailable`.
    """
    try:
        with sent(
            store.update,
            text.encode(),
            form=UPDATE,
            accept="*/*",
            authorization=store.authorization,
            seconds=store.seconds,
        ) as answer:
            answer.read()
    except Refused as error:
        raise unavailable(error.reason, store.update) from error


def asked(
    store: RemoteStore, sparql: str, pairs: Sequence[tuple[str, str]] = (), *, seconds: float | None = None
) -> dict[str, Any]:
    """Return what a store answers to a small SELECT or ASK, as SPARQL's JSON; `pairs` are the protocol's others.

    Raises `StoreUnavailable`.
    """
    try:
        with sent(
            store.query,
            form_of([("query", sparql), *pairs]),
            accept=JSON,
            authorization=store.authorization,
            seconds=seconds or store.seconds,
        ) as answer:
            answer.confirm(JSON)
            return dict(json.loads(answer.read()))
    except Refused as error:
        raise unavailable(error.reason, store.query) from error
    except ValueError as error:
        raise unavailable("unreadable", store.query) from error
