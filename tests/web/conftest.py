"""The pages of a service on loopback with a family of a few people, some of whose texts try to be more than text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from playwright.sync_api import Browser, Page

import small_bank
from augenblick import pipeline, web
from augenblick.content import Content, load_content
from augenblick.store import DataDirectory
from browser import chromium
from hostile import ATTEMPTS
from running_service import Served, starting
from visiting import at_the_door

AS_OF = date(2026, 6, 30)
HOSTILE = f"Ada{' '.join(ATTEMPTS)}"
"""A name as somebody might put it into a form elsewhere."""
CONSENTS = """customer_id,purpose,channel,status,valid_from
kid,disclosure,,given,2020-01-01
mum,advertising,,given,2020-01-01
"""

SignedIn = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def content() -> Content:
    """The ontology as shipped, read once."""
    return load_content()


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Path:
    """The data directory of a mother and her daughter, who has a child and a hostile name and agrees to be told of."""
    folder = tmp_path_factory.mktemp("pages")
    small_bank.family(folder / "export")
    customers = folder / "export" / "customers.csv"
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    customers.write_text(customers.read_text("utf-8").replace("Ada", quoted), "utf-8")
    bookings = folder / "export" / "transactions.csv"
    bookings.write_text(bookings.read_text("utf-8").replace("Kindergeld", "<b>Kindergeld</b>"), "utf-8")
    (folder / "export" / "consents.csv").write_text(CONSENTS, "utf-8")
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=content)
    shutil.copytree(directory.path, folder / "untouched")
    return directory.path


@pytest.fixture(scope="session")
def untouched(family: Path) -> Path:
    """The same directory as it was before anybody asked or said anything."""
    return family.with_name("untouched")


@pytest.fixture(scope="session")
def served(family: Path, content: Content) -> Iterator[Served]:
    """The service with its pages on the family."""
    with starting(family, content, web.routers()) as start:
        yield start()


@pytest.fixture
def own(untouched: Path, content: Content, tmp_path: Path) -> Iterator[Served]:
    """A service on a copy of the family, for what changes it."""
    shutil.copytree(untouched, tmp_path / "data")
    with starting(tmp_path / "data", content, web.routers()) as start:
        yield start(as_of="2026-06-30")


@pytest.fixture
def signed_in(served: Served) -> Iterator[SignedIn]:
    """Return a function that signs in with a role and gives a client."""
    clients = []

    def enter(role: str, language: str = "en", name: str = "Eva", **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=served.url, headers={"Accept-Language": language, **headers}, timeout=30)
        clients.append(client)
        answer = client.post("/sign-in", data={"role": role, "name": name})
        assert answer.status_code == 303, answer.text
        return client

    yield enter
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """A provider of identities as a bank has one."""
    with identity_provider() as running:
        yield running


@pytest.fixture(scope="module")
def guarded(provider: IdentityProvider, family: Path, content: Content) -> Iterator[Served]:
    """The service with that provider."""
    with starting(family, content, web.routers()) as start:
        yield start(
            token_keys=f"{provider.issuer}/keys",
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser, served) -> Iterator:
    """Return a function that signs in by hand and gives the page; no page may complain."""
    contexts, complaints = [], []

    def enter(role: str, language: str = "en", name: str = "Eva", **options) -> Page:
        context = browser.new_context(locale=language, base_url=served.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        at_the_door(page, role, name)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []
