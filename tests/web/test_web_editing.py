"""Experts edit the content in forms: what a form shows, what it amounts to, who may propose, approve and look."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import httpx
import pytest
from starlette.datastructures import FormData

from augenblick.content import Words, default_root
from augenblick.editing import Edition, difference
from augenblick.editing.difference_text import Disagreement
from augenblick.editing.edition import LINKS
from augenblick.model.errors import Conflict
from augenblick.model.terms import AUG, RDFS
from augenblick.web.changes import TELLING
from augenblick.web.drafts import Draft, draft_of
from augenblick.web.form_fields import Declarations, FormField, parted
from augenblick.web.rendering import page
from augenblick.web.sentences import sentence, spoken
from hostile import ATTEMPTS

MOMENT = "https://w3id.org/augenblick/moment/job-loss"
PATTERN = f"{MOMENT}#salary-stops"
WEIGHT = f"{PATTERN}|{AUG}weight"


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    return Declarations(Edition.read(default_root()))


def _filled(declarations: Declarations, owner: str = MOMENT, *more: tuple[str, str], **given: str) -> Draft:
    fields = [("field", name) for name in given] + [
        (f"{name}{part}", text) for name, written in given.items() for part, text in _parts(written)
    ]
    return draft_of(declarations, owner, FormData([*fields, *more]))


def _parts(written: str) -> list[tuple[str, str]]:
    """Return the inputs of a field: `…|D` is a span in days, `de / en` a text in both languages."""
    if re.fullmatch(r"-?\d+\|[DMY]", written):
        number, unit = written.split("|")
        return [("", number), (".unit", unit)]
    if " / " in written:
        de, en = written.split(" / ")
        return [(".de", de), (".en", en)]
    return [("", written)]


def _changed(draft: Draft) -> list[tuple[str, str, list[str], list[str]]]:
    found = difference(draft.base, draft.edited(draft.base))
    return [
        (term.label.en, field.name.en, [v.en for v in field.removed], [v.en for v in field.added])
        for term in found.terms
        for field in term.fields
    ]


def test_form_as_it_was_shown_changes_nothing_for_any_moment_signal_and_product(declarations, content) -> None:
    for thing in (*content.moments, *content.signals, *content.products):
        draft = Draft(declarations, thing.iri)
        groups = [draft.own(), *draft.patterns(), *draft.others()]
        inputs = [pair for group in groups for field in group.fields for pair in _as_sent(field)]
        sent = draft_of(declarations, thing.iri, FormData(inputs))
        assert not sent.problems()
        assert list(sent.edits()) == [], thing.iri


def _as_sent(field) -> list[tuple[str, str]]:
    pairs = [("field", field.name)]
    if field.kind == "words":
        return pairs + list(zip((f"{field.name}.de", f"{field.name}.en"), field.values, strict=True))
    if field.kind == "span":
        number, unit = field.span_parts
        return [*pairs, (field.name, number), (f"{field.name}.unit", unit)]
    if field.kind == "terms":
        return pairs + [(field.name, each) for each in field.values]
    joint = "\r\n" if field.kind == "lines" else ", "
    return [*pairs, (field.name, joint.join(field.values))]


@pytest.mark.parametrize(
    ("predicate", "written", "removed", "added"),
    [
        ("weight", "2,5", ["6.3"], ["2.5"]),
        ("staleAfter", "60|D", ["P45D"], ["P60D"]),
        ("maximumAge", "65|Y", ["P63Y"], ["P65Y"]),
        ("ageUnknown", "false", ["true"], ["false"]),
        ("minimumCount", "3", ["6"], ["3"]),
        ("minimumLevel", "", ["700.00"], []),
    ],
)
def test_field_filled_in_changes_that_value_alone(declarations, predicate, written, removed, added) -> None:
    draft = _filled(declarations, MOMENT, **{f"{PATTERN}|{AUG}{predicate}": written})
    assert draft.problems() == []
    (change,) = _changed(draft)
    assert change[2:] == (removed, added)


def test_number_written_in_another_way_is_no_change(declarations) -> None:
    assert list(_filled(declarations, MOMENT, **{WEIGHT: "6,30"}).edits()) == []


def test_words_change_in_the_language_they_were_changed_in(declarations) -> None:
    name = f"{PATTERN}|{RDFS}label"
    draft = _filled(declarations, MOMENT, **{name: "Lohn bleibt aus / salary stays away"})
    assert _changed(draft) == [("salary stays away", "name", ["Gehalt bleibt aus"], ["Lohn bleibt aus"])]


@pytest.mark.parametrize(
    ("predicate", "written"),
    [("weight", "much"), ("minimumCount", "2.5"), ("weight", "NaN"), ("staleAfter", "x"), ("signal", "signal:nothing")],
)
def test_field_that_cannot_be_meant_is_named_and_not_proposed(declarations, predicate, written) -> None:
    draft = _filled(declarations, MOMENT, **{f"{PATTERN}|{AUG}{predicate}": written})
    assert [each.predicate for each in draft.problems()] == [AUG + predicate]


@pytest.mark.parametrize(
    ("written", "told"),
    [("Gehalt bleibt aus / ", "Es steht erst in einer Sprache da; es fehlt die andere."), (" / ", "Ein Name fehlt.")],
)
def test_name_is_wanted_in_both_languages(declarations, written, told) -> None:
    draft = _filled(declarations, MOMENT, **{f"{PATTERN}|{RDFS}label": written})
    assert [each.problem.de for each in draft.problems()] == [told]


def test_fault_of_a_form_says_nothing_of_turtle(declarations) -> None:
    draft = _filled(declarations, MOMENT, **{f"{PATTERN}|{AUG}reason": " / "})
    assert [each.problem.de for each in draft.problems()] == [
        "Das Gewicht hat keine Begründung; niemand kann es später prüfen."
    ]


def test_channels_are_written_by_their_names_in_order(declarations) -> None:
    dialogue = f"{MOMENT}#dialogue"
    before = next(f for f in declarations.fields(dialogue) if f.predicate == AUG + "channelOrder")
    assert before.written("de").startswith("Telefon")
    draft = _filled(declarations, MOMENT, **{before.name: "Brief, telefon, e-mail"})
    assert next(iter(draft.filled.values())).values == ("post", "phone", "email")
    wrong = _filled(declarations, MOMENT, **{before.name: "Telefon, Rauchzeichen"})
    assert wrong.problems()[0].problem.de.startswith("Die Wege sind Telefon, Filiale")
    assert wrong.problems()[0].written("de") == "Telefon, Rauchzeichen"


# The shapes

SIGNAL = "https://w3id.org/augenblick/signal/child-benefit"
SIGNAL_SHAPES = "shapes/ontology/forms/signal.ttl"


def _reshaped(declarations: Declarations, *edits: tuple[str, str]) -> Declarations:
    """Return the forms after somebody has edited the shapes of signals."""
    text = declarations.edition.texts[SIGNAL_SHAPES]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return Declarations(Edition({**declarations.edition.texts, SIGNAL_SHAPES: text}))


def _asked(declarations: Declarations, predicate: str) -> FormField:
    (found,) = [each for each in declarations.fields(SIGNAL) if each.predicate == AUG + predicate]
    return found


def test_property_that_a_shape_gains_is_asked_for_with_its_name_words_kind_and_place(declarations) -> None:
    shape = """
form:colour
    a sh:PropertyShape ;
    sh:datatype xsd:string ;
    sh:description "Welche."@de, "Which."@en ;
    sh:group form:amount ;
    sh:in ( "green" "red" ) ;
    sh:maxCount 1 ;
    sh:minCount 1 ;
    sh:name "Farbe"@de, "colour"@en ;
    sh:order 0 ;
    sh:path aug:colour .

form:of-signal
    sh:property form:colour ;
"""
    field = _asked(_reshaped(declarations, ("\nform:of-signal\n", shape)), "colour")
    assert (field.label.de, field.help.en, field.kind, field.required) == ("Farbe", "Which.", "code", True)
    assert [code for code, _ in field.choices] == ["green", "red"]
    parts = parted(_reshaped(declarations, ("\nform:of-signal\n", shape)).fields(SIGNAL))
    assert {part.heading.en: part.fields[0].label.en for part in parts}["Which payment"] == "colour"


def test_version_from_before_there_were_such_shapes_is_asked_as_what_is_shipped(declarations) -> None:
    texts = {path: text for path, text in declarations.edition.texts.items() if "/forms/" not in path}
    assert Declarations(Edition(texts)).fields(SIGNAL) == declarations.fields(SIGNAL)


def test_shape_that_allows_one_value_more_gives_that_choice(declarations) -> None:
    after = _reshaped(declarations, ('( "credit" "debit" )', '( "credit" "debit" "both" )'))
    assert [code for code, _ in _asked(declarations, "direction").choices] == ["credit", "debit"]
    assert [code for code, _ in _asked(after, "direction").choices] == ["credit", "debit", "both"]
    assert _asked(after, "direction").choices[0][1].de == "Eingang"


@pytest.mark.parametrize(
    ("predicate", "written", "told"),
    [
        ("minimumAmount", "-3", "An amount has no sign, for example 150.00."),
        ("mcc", "12", "A merchant category has four digits."),
        ("direction", "sideways", "The direction is incoming or outgoing."),
    ],
)
def test_value_that_a_shape_refuses_is_told_in_its_message(declarations, predicate, written, told) -> None:
    draft = _filled(declarations, SIGNAL, **{f"{SIGNAL}|{AUG}{predicate}": written})
    assert [each.problem.en for each in draft.problems()] == [told]
    assert all(each.problem.de != each.problem.en for each in draft.problems())


def test_field_that_a_shape_demands_cannot_be_emptied(declarations) -> None:
    assert [each.predicate for each in _filled(declarations, MOMENT, **{WEIGHT: ""}).problems()] == [AUG + "weight"]
    owner = f"{MOMENT}|{AUG}legalClass"
    (problem,) = _filled(declarations, MOMENT, **{owner: ""}).problems()
    assert problem.problem.en.startswith("Nothing says how strictly the moment is protected.")


def test_everything_that_is_said_of_editable_terms_is_asked_for(declarations, content) -> None:
    known = {AUG + "slug", *LINKS}
    for thing in (*content.moments, *content.signals, *content.products):
        draft = Draft(declarations, thing.iri)
        for group in (draft.own(), *draft.patterns(), *draft.others()):
            said = {field.predicate for field in declarations.edition.of_subject[group.subject]}
            asked = {field.predicate for field in group.fields}
            assert {each for each in said - known - asked if each.startswith(AUG)} == set(), group.subject


def test_pattern_taken_out_leaves_nothing_of_it(declarations) -> None:
    draft = _filled(declarations, MOMENT, ("remove", PATTERN))
    after = draft.edited(draft.base)
    assert PATTERN not in after.places
    assert PATTERN not in after.values(MOMENT, AUG + "hasPattern")
    assert [term.status for term in difference(draft.base, after).terms] == ["removed"]


def test_pattern_added_stands_in_the_moments_file_under_its_english_name(declarations) -> None:
    new = {
        f"+0|{RDFS}label": "Übergangsgeld beginnt / Bridging money starts",
        f"+0|{AUG}reason": "Sie zahlen es nur ohne Stelle. / They pay it without a job only.",
        f"+0|{AUG}weight": "2",
        f"+0|{AUG}signal": "https://w3id.org/augenblick/signal/salary",
    }
    draft = _filled(declarations, MOMENT, ("new", AUG + "SignalOccurs"), **new)
    after = draft.edited(draft.base)
    iri = f"{MOMENT}#bridging-money-starts"
    assert after.places[iri] == ["ontology/moments/job-loss/moment.ttl"]
    assert iri in after.values(MOMENT, AUG + "hasPattern")
    assert after.values(iri, AUG + "weight") == ["2.0"]


def test_pattern_added_by_mistake_is_taken_out_again_with_its_faults(declarations) -> None:
    draft = _filled(declarations, MOMENT, ("new", AUG + "SignalOccurs"), ("remove", "+0"), **{f"+0|{AUG}weight": ""})
    assert draft.problems() == []
    assert list(draft.edits()) == []
    assert draft.patterns()[-1].removed


def test_every_pattern_of_the_content_reads_as_a_sentence_with_its_values(declarations, content) -> None:
    for moment in content.moments:
        for group in Draft(declarations, moment.iri).patterns():
            for language in ("de", "en"):
                said = sentence(group.kind, group.kind_label.in_language(language), group.fields, language)
                told = " ".join(p if isinstance(p, str) else spoken(p, language) for p in said.main)
                assert "{" not in told
                assert "…" not in told, (group.subject, told)


def test_sentence_says_what_the_pattern_looks_for(declarations) -> None:
    (group,) = [each for each in Draft(declarations, MOMENT).patterns() if each.subject == PATTERN]
    said = sentence(group.kind, "", group.fields, "de")
    told = "".join(part if isinstance(part, str) else spoken(part, "de") for part in said.main)
    assert told == "Lohn oder Gehalt bleibt nach mindestens 6 Buchungen länger als 45 Tage aus"


@pytest.mark.parametrize(
    ("signals", "told"),
    [
        (("child-benefit",), "Kindergeld wird gebucht"),
        (("holiday-told",), "Reise mitgeteilt kommt im Gespräch oder in einer Nachricht vor"),
        (("child-benefit", "holiday-told"), "Kindergeld oder Reise mitgeteilt wird gebucht oder kommt im Gespräch vor"),
    ],
)
def test_sentence_says_whether_a_signal_is_booked_or_told(declarations, signals, told) -> None:
    kind = AUG + "SignalOccurs"
    blank = declarations.fields_of_new("+", kind)
    chosen = tuple(f"https://w3id.org/augenblick/signal/{each}" for each in signals)
    fields = [each.with_values(chosen) if each.predicate == AUG + "signal" else each for each in blank]
    said = sentence(kind, "", fields, "de", declarations.told_only)
    assert "".join(part if isinstance(part, str) else spoken(part, "de") for part in said.main) == told


@pytest.mark.parametrize(("language", "text"), [("de", "260,50"), ("en", "260.50")])
def test_amount_of_money_stands_with_its_cents(declarations, language, text) -> None:
    field = next(each for each in _benefit(declarations) if each.predicate == AUG + "minimumAmount")
    assert field.with_values(("260.5",)).written(language) == text
    assert spoken(field.with_values(("260.5",)), language) == f"{text}\u00a0€"
    assert field.with_values(("much",)).written(language) == "much"


def _benefit(declarations: Declarations) -> list[FormField]:
    return declarations.fields("https://w3id.org/augenblick/signal/child-benefit")


# Over HTTP


def _token(page: str) -> str:
    return re.findall(r'name="token" value="([^"]+)"', page)[0]


def _send(client: httpx.Client, path: str, **given: str) -> httpx.Response:
    return client.post(path, data={"token": _token(client.get("/changes").text), **given})


def _propose(client: httpx.Client, value: str, **more: str) -> httpx.Response:
    return _send(client, "/moments/job-loss/edit", field=WEIGHT, **{WEIGHT: value}, **more)


@pytest.mark.parametrize(
    "path", ["/moments/childbirth/edit", "/signals/child-benefit/edit", "/products/grandchild-savings/edit"]
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_form_is_whole_in_the_language(signed_in, path, language) -> None:
    answer = signed_in("expert", language).get(path)
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert answer.text.rstrip().endswith("</html>")


def test_preview_tells_the_change_and_keeps_what_was_filled_in(signed_in) -> None:
    page = _propose(signed_in("expert", "en"), "1.25", step="preview", reason="Less sure").text
    assert "This would change" in page
    assert re.search(r"<del>.*6\.3.*</del>.*<ins>.*1\.25.*</ins>", page, re.DOTALL)
    assert 'value="1.25"' in page
    assert "Less sure</textarea>" in page


def test_field_that_cannot_be_meant_is_shown_beside_it_with_what_was_typed(signed_in) -> None:
    answer = _propose(signed_in("expert"), "<script>window.harmed=1</script>", step="propose", reason="x")
    assert answer.status_code == 422
    assert "The weight is a number (log-odds), for example 2.5." in answer.text
    assert "<script>window" not in answer.text


def test_change_set_waits_for_another_person_who_reads_what_it_changes(signed_in) -> None:
    eva = signed_in("expert")
    hostile = " ".join(ATTEMPTS)
    answer = _propose(eva, "4.2", step="propose", reason=f"Quieter {hostile}")
    assert answer.status_code == 303
    place = answer.headers["location"]
    page = eva.get(place).text
    assert "You proposed this yourself" in page
    assert "Approve and publish" not in page
    assert "<script>" not in page
    assert html.escape(ATTEMPTS[0], quote=False)[:12] in page
    assert _send(eva, f"{place}/begin", kind="publish").status_code == 403
    paul = signed_in("approver", name="Paul")
    page = paul.get(place).text
    assert "Approve and publish" in page
    assert re.search(r"<del>.*6\.3.*</del>.*<ins>.*4\.2.*</ins>", page, re.DOTALL)
    assert place in paul.get("/changes").text


def test_remark_of_a_change_is_kept_and_shown_as_text(signed_in) -> None:
    client = signed_in("expert")
    place = _propose(client, "4.4", step="propose", reason="To talk about").headers["location"]
    assert _send(client, f"{place}/remarks", text=f"Why? {ATTEMPTS[0]}").status_code == 303
    page = client.get(place).text
    assert "Why? " in page
    assert ATTEMPTS[0] not in page
    assert _send(client, f"{place}/remarks", text=" ").status_code == 400


def test_proposal_without_a_reason_or_without_a_change_stays_a_form(signed_in) -> None:
    client = signed_in("expert")
    for value, reason in (("4.5", ""), ("6.3", "nothing")):
        answer = _propose(client, value, step="propose", reason=reason)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    page = _propose(signed_in("expert", "de"), "4,5", step="propose", reason="").text
    assert page.count("Sagen Sie, warum: Ohne Grund wird nichts vorgeschlagen.") == 2
    assert re.search(r"<del>.*6,3.*</del>.*<ins>.*4,5.*</ins>", page, re.DOTALL)
    assert 'value="4,5"' in page


def test_form_naming_a_field_of_another_term_is_refused(signed_in) -> None:
    other = "https://w3id.org/augenblick/moment/childbirth|" + AUG + "legalClass"
    answer = _send(signed_in("expert"), "/moments/job-loss/edit", field=other, step="propose", reason="x")
    assert answer.status_code == 400


@pytest.mark.parametrize("role", ["adviser", "analyst", "approver", "operator"])
def test_form_is_for_experts_only(signed_in, role) -> None:
    assert signed_in(role).get("/moments/childbirth/edit").status_code == 403


@pytest.mark.parametrize("role", ["adviser", "analyst", "crm"])
def test_changes_are_for_those_who_edit_or_approve(signed_in, role) -> None:
    assert signed_in(role).get("/changes").status_code == 403


@pytest.mark.parametrize("path", ["/moments/nothing/edit", "/signals/../policy/edit", "/policy/rules/edit"])
def test_form_of_what_is_not_there_is_not_found(signed_in, path) -> None:
    assert signed_in("expert").get(path).status_code == 404


def test_form_without_the_pages_token_is_refused(signed_in) -> None:
    client = signed_in("expert")
    for path in ("/moments/job-loss/edit", "/changes/1/begin", "/changes/1/remarks", "/versions/rollback"):
        data = {"token": "guess", "kind": "check", "text": "x", "reason": "x"}
        assert client.post(path, data=data).status_code == 403, path


def test_what_two_experts_changed_differently_is_told_by_field_in_the_readers_language() -> None:
    weight = Disagreement(Words("Gewicht von „Kuchen“", "weight of “cake”"), ("3.2",), ("2.6",), ("4.0",))
    least = Disagreement(
        Words("kleinster Betrag von „Kindergeld“", "minimum amount of “child benefit”"),
        *(("150.0",), ("200.0",), ("100.0",)),
        "https://w3id.org/augenblick/signal/child-benefit",
        AUG + "minimumAmount",
    )
    error = Conflict("Version 1 changed the same", disagreements=(weight, least))
    piece = SimpleNamespace(going_on=False, state="failed", error=error)
    values = {**TELLING, "amounts": {AUG + "minimumAmount": "EUR"}, "may_edit": True}
    told = page("_piece.html", "de", **values, kind="publish", place="/changes/2", piece=piece)
    assert "Gewicht von „Kuchen“" in told
    assert re.findall(r"<dt>(.*?)</dt><dd><q>(.*?)</q>", told) == [
        ("als vorgeschlagen wurde", "3,2"),
        ("gilt jetzt", "2,6"),
        ("hier vorgeschlagen", "4,0"),
        ("als vorgeschlagen wurde", "150,00\u00a0€"),
        ("gilt jetzt", "200,00\u00a0€"),
        ("hier vorgeschlagen", "100,00\u00a0€"),
    ]
    assert "changed the same" not in told
    assert re.findall(r'href="([^"]+)"', told) == ["/signals/child-benefit/edit"]


def test_amount_of_a_signal_is_written_as_an_amount(signed_in) -> None:
    for language, amount in (("de", "150,00"), ("en", "150.00")):
        assert f"<dd>{amount}" in signed_in("expert", language).get("/signals/child-benefit").text
