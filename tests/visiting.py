"""What a person does on the pages: sign in, and wait, as the page's script does, for work that goes on for a while."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page


@contextmanager
def entered(url: str, role: str, name: str, path: str) -> Iterator[tuple[httpx.Client, str]]:
    """Give the client of who signed in, in English, and the token of the forms on a page."""
    with httpx.Client(base_url=url, headers={"Accept-Language": "en"}, timeout=60) as client:
        client.post("/sign-in", data={"role": role, "name": name})
        yield client, re.findall(r'name="token" value="([^"]+)"', client.get(path).text)[0]


@contextmanager
def signed_in(url: str, role: str, purpose: str) -> Iterator[tuple[httpx.Client, str]]:
    """Give the client of who signed in for a purpose, and the token of its forms."""
    with entered(url, role, "Eva", "/policy") as (client, token):
        client.post("/purpose", data={"purpose": purpose, "token": token})
        yield client, token


def done(client: httpx.Client, path: str, *, patience: float = 60) -> str:
    """Ask again, as the page does, until the work is done, for so many seconds at most; return the page then."""
    until = time.monotonic() + patience
    while "HX-Refresh" not in client.get(path, headers={"HX-Request": "true"}).headers:
        assert time.monotonic() < until
    return client.get(path).text


def at_the_door(page: Page, role: str, name: str) -> None:
    """Sign in by hand."""
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator(f"input[value={role}]").check()
    page.locator("button.main").click()
