"""What pages say where something is wrong, missing or not there yet: in the reader's language, and what to do next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from augenblick import web
from augenblick.model import errors
from augenblick.model.errors import BadParameter, NotFound, NotLoaded
from augenblick.web import failures
from running_service import Served, starting

KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
SOURCES = Path(web.__file__).parent


def _written(node: ast.expr) -> str | None:
    """Return a sentence as it is written in the source, with a word in place of each value."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(part) or "word" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _sentences() -> Iterator[str]:
    for file in sorted(SOURCES.glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            raised = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS
            if raised and call.args and (said := _written(call.args[0])):
                yield said


def test_every_failure_that_pages_raise_has_german_words() -> None:
    sentences = set(_sentences())
    assert len(sentences) > 30
    assert {said for said in sentences if failures.told(BadParameter(said), "de").english} == set()


def test_words_of_failures_name_only_groups_that_are_there() -> None:
    for language in ("de", "en"):
        for said in failures.sentences(language).values():
            for english, text in said:
                assert {int(n) for n in re.findall(r"{(\d+)}", text)} <= set(range(re.compile(english).groups + 1))


def test_failure_without_german_words_is_told_by_its_kind_beside_its_own_sentence() -> None:
    error = NotFound("Nobody foresaw this.", hint="look elsewhere")
    assert failures.told(error, "de") == failures.Failure(
        NotFound.german, english="Nobody foresaw this. (look elsewhere)"
    )
    assert failures.told(error, "en") == failures.Failure("Nobody foresaw this.", "look elsewhere")


def test_hint_that_helps_at_the_command_line_only_is_left_out() -> None:
    error = BadParameter("The parameter 'x' is missing (what).", hint="add `--set x=…`")
    assert failures.told(error, "de") == failures.Failure("Die Angabe „x“ fehlt.")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/customers/nobody", "Einen Kunden mit der Nummer „nobody“ gibt es nicht"),
        ("/why?moment=x", "Diesen Moment gibt es nicht mehr"),
        ("/overview", "Ihre Rolle darf diese Seite für diesen Zweck nicht öffnen."),
        ("/today?moment=" + "x" * 200, "In der Adresse oder im Formular fehlt etwas"),
    ],
)
def test_german_page_of_a_failure_has_no_english_sentence(signed_in, path, said) -> None:
    text = signed_in("adviser", "de").get(path).text
    assert said in text
    assert 'lang="en">' not in text.partition("<main")[2]


@pytest.fixture(scope="module")
def bare(content, tmp_path_factory) -> Iterator[Served]:
    """A service in which nothing was loaded."""
    with starting(tmp_path_factory.mktemp("bare") / "data", content, web.routers()) as start:
        yield start()


@pytest.mark.parametrize(("language", "next_step"), [("de", "So geht es weiter"), ("en", "What to do next")])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("adviser", "/today"),
        ("adviser", "/customers"),
        ("adviser", "/customers/mum"),
        ("analyst", "/overview"),
        ("analyst", "/queries"),
    ],
)
def test_page_of_a_bank_without_data_says_what_to_do_next(bare, role, path, language, next_step) -> None:
    with httpx.Client(base_url=bare.url, headers={"Accept-Language": language}) as client:
        client.post("/sign-in", data={"role": role, "name": "Eva"})
        answer = client.get(path)
    assert answer.status_code == (200 if path == "/queries" else 503)
    assert next_step in answer.text
    assert "<code>augenblick detect</code>" in answer.text
    assert NotLoaded.code not in answer.text


def _led(client: httpx.Client, answer: httpx.Response) -> str:
    assert answer.status_code == 303
    return answer.headers["location"].removeprefix(f"{client.base_url}")


def test_sign_in_leads_back_to_the_page_with_all_it_was_asked_for(served) -> None:
    with httpx.Client(base_url=served.url) as client:
        assert (
            _led(client, client.get("/customers?find=ada%20u")) == f"/sign-in?back={quote('/customers?find=ada%20u')}"
        )


def test_form_sent_after_the_sign_in_ended_leads_back_to_its_page(served) -> None:
    with httpx.Client(base_url=served.url) as client:
        form = {"token": "x", "moment": "y", "action": "acted"}
        led = _led(client, client.post("/said", data=form, headers={"Referer": f"{served.url}/customers/kid"}))
        assert led == "/sign-in?back=/customers/kid"
        assert _led(client, client.post("/said", data=form)) == "/sign-in?back=/"
        elsewhere = client.post("/said", data=form, headers={"Referer": "https://elsewhere.example/x"})
        assert _led(client, elsewhere) == "/sign-in?back=/"


def test_part_of_a_page_asked_for_after_the_sign_in_ended_leads_the_whole_page_there(served) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{served.url}/customers/kid"}
    answer = httpx.get(f"{served.url}/why?moment=x", headers=headers)
    assert answer.headers["hx-redirect"] == "/sign-in?back=/customers/kid"
    assert answer.text == ""
