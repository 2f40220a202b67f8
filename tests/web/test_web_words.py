"""The pages' words and templates: complete in both languages, used, and never unescaped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from augenblick import web
from augenblick.web.words import catalogue, say

FOLDER = Path(web.__file__).parent
TEMPLATES = {path.name: path.read_text("utf-8") for path in sorted((FOLDER / "templates").glob("*.html"))}
SOURCES = "\n".join([*TEMPLATES.values(), *(path.read_text("utf-8") for path in FOLDER.glob("*.py"))])


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for key, texts in catalogue().items():
        assert set(texts) == {"de", "en"}, key
        german, english = (sorted(re.findall(r"\{\w+\}", texts[language])) for language in ("de", "en"))
        assert german == english, key


def test_every_text_a_template_names_is_in_the_catalogue_and_the_other_way_round() -> None:
    quoted = set(re.findall(r"""["'](\w+\.\w+)["']""", SOURCES))
    named = set(re.findall(r"""\bt\(["'](\w+\.\w+)["'][,)]""", SOURCES))
    begun = (*re.findall(r"""\bt\(["'](\w+\.\w*)["'] ~""", SOURCES), "error.status_")
    assert named <= set(catalogue())
    unused = {key for key in catalogue() if key.removesuffix("_one") not in quoted and not key.startswith(begun)}
    assert unused == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_escapes_everything_and_holds_no_script_or_style(name) -> None:
    text = TEMPLATES[name]
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text
    assert not re.findall(r"\son\w+=|\sstyle=|javascript:|<style", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_count_of_one_has_words_of_its_own() -> None:
    assert say("customer.years", "de", n=1) == "ein Jahr"
    assert say("customer.years", "de", n=2) == "2 Jahre"
