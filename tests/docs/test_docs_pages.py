"""The reference pages are current and whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from augenblick.content import Content, load_content
from augenblick.ingest.contract import contract
from augenblick.model.errors import AugenblickError
from augenblick.pages.book import MARK, differing, pages, write
from augenblick.pages.command import commands
from augenblick.pages.error import tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT)


@pytest.fixture(scope="module")
def book(content: Content) -> dict[str, str]:
    return pages(content)


def test_record_of_processing_says_what_article_30_asks_for(book: dict[str, str], shipped: Content) -> None:
    page = book["data-protection.md"]
    for asked in (
        *("Verantwortlicher", "Betroffene Personen", "Kategorien von Daten", "Empfänger", "Drittländer"),
        *("Zwecke und Rechtsgrundlagen", "Wie lange es aufbewahrt wird", "Ohne Frist", "Maßnahmen", "nie erschlossen"),
    ):
        assert asked in page
    assert "http" not in page
    assert all(f"[{moment.label.de} · " in page for moment in shipped.moments)
    never = page.partition("Was nie erschlossen wird")[2]
    assert all(f"moments/{m.slug}.md" in never for m in shipped.moments if m.legal_class == "Criminal")


def test_pages_in_the_checkout_are_those_of_the_sources(book: dict[str, str]) -> None:
    assert differing(ROOT / "docs", book) == [], "run `make docs`"


def test_pages_when_written_twice_are_equal(book: dict[str, str], content: Content) -> None:
    assert pages(content) == book


def test_write_when_a_source_is_gone_removes_its_page(tmp_path: Path, book: dict[str, str]) -> None:
    write(tmp_path, book)
    orphan, foreign = tmp_path / "reference" / "moments" / "gone.md", tmp_path / "reference" / "by-hand.md"
    orphan.write_text(f"{MARK}\n\n# gone\n")
    foreign.write_text("# by hand\n")
    assert differing(tmp_path, book) == [orphan]
    assert write(tmp_path, book) == [orphan]
    assert foreign.exists()
    assert not orphan.exists()


def test_differing_when_a_page_was_edited_names_it(tmp_path: Path, book: dict[str, str]) -> None:
    write(tmp_path, book)
    page = tmp_path / "reference" / "errors.md"
    page.write_text(page.read_text(encoding="utf-8") + "typed by hand\n", encoding="utf-8")
    assert differing(tmp_path, book) == [page]


def test_errors_page_has_one_line_for_every_error_class(book: dict[str, str]) -> None:
    for error in tree():
        assert len(re.findall(rf"^\| `{error.code}` \| `{error.__name__}` \|", book["errors.md"], re.MULTILINE)) == 1


def test_error_tree_has_a_code_of_its_own_for_every_class_and_draws_it(book: dict[str, str]) -> None:
    codes = [error.code for error in tree()]
    assert len(codes) == len(set(codes)) > 10
    drawn = book["errors.md"].partition("```")[2].partition("```")[0]
    assert [e.__name__ for e in tree() if e is not AugenblickError and e.__name__ not in drawn] == []


def test_cli_page_documents_every_verb_with_all_its_options(book: dict[str, str]) -> None:
    for name, verb in commands().items():
        section = re.split(r"^## ", book["cli.md"], flags=re.MULTILINE)
        mine = next(part for part in section if part.startswith(f"{name}\n"))
        assert verb.help
        for parameter in verb.params:
            assert parameter.help, f"{name}: {parameter.name} has no help"
            if parameter.param_type_name == "option":
                assert all(f"`{option}`" in mine for option in parameter.opts)


def test_contract_page_has_every_column(book: dict[str, str]) -> None:
    for table in contract().tables:
        section = book["input-contract.md"].partition(f"## {table.name}\n")[2].partition("\n## ")[0]
        assert [c for c in table.columns if f"| `{c}`" not in section] == []


def test_moment_pages_say_every_pattern_with_weight_and_reason(book: dict[str, str], content: Content) -> None:
    for moment in content.moments:
        page = book[f"moments/{moment.slug}.md"]
        for pattern in moment.patterns:
            assert pattern.reason.de in page
            assert pattern.reason.en in page
            assert f"{pattern.weight:+}" in page
        assert all(case.stem in page for case in moment.cases)


def test_listing_pages_have_every_signal_product_and_query(book: dict[str, str], content: Content) -> None:
    listed = {
        "signals.md": [s.slug for s in content.signals],
        "products.md": [p.slug for p in content.products],
        "queries.md": [path.stem for path in content.queries.glob("*.rq")],
    }
    for page, slugs in listed.items():
        assert slugs
        assert [slug for slug in slugs if f"\n## {slug}\n" not in book[page]] == []


def test_links_between_pages_lead_somewhere(book: dict[str, str]) -> None:
    for path, text in book.items():
        for target in re.findall(r"\]\(([^)#]+\.md)", text):
            place = (ROOT / "docs" / "reference" / path).parent / target
            assert place.resolve().exists(), f"{path} → {target}"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", *(f"docs/{n}" for n in ("where-to-change.md",))])
def test_links_of_hand_written_pages_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{name} → {target}"
