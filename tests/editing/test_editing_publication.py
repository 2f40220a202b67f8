"""An edit goes live by a second person's approval, is merged with others' edits, and can be taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rdflib import DCTERMS, PROV, RDF, Graph, URIRef
from small_content import BAKERY, CONTENT, PARTY, edited

from augenblick.content.finding import Finding
from augenblick.editing import Edition
from augenblick.editing.history import blame
from augenblick.editing.provenance import history, version_iri
from augenblick.editing.publication import overtaken, propose, publish, rollback
from augenblick.editing.versions import AS_SHIPPED, ChangeSet, Version, Versions
from augenblick.model.errors import BadOntology, BadParameter, Conflict, NotFound, NotPermitted
from augenblick.pipeline.checking import CheckReport
from augenblick.store import DataDirectory

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LAW = (
    "aug:weight a owl:DatatypeProperty",
    "aug:Ordinary aug:strictness 0 . aug:Criminal aug:strictness 3 .\naug:weight a owl:DatatypeProperty",
)


def passed(root: Path) -> CheckReport:
    return CheckReport(root, (), {}, (), None)


def failed(root: Path) -> CheckReport:
    return CheckReport(root, (Finding("ontology/x.ttl", "cake", "label", "has no label", "say one"),), {}, (), None)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    """A store over the small content as the shipped one."""
    return store(tmp_path, CONTENT)


def store(folder: Path, content: Edition) -> Versions:
    content.write(folder / "shipped")
    return Versions(DataDirectory(folder / "data"), shipped=folder / "shipped")


def proposed(versions: Versions, new: Edition, author: str = "Ada") -> ChangeSet:
    return propose(versions, lambda _: new, author=author, reason="too many false alarms", at=NOW)


def published(versions: Versions, change: ChangeSet, **more: str) -> Version:
    return publish(versions, change.name, approver="Ben", at=NOW, check=passed, **more)


def test_published_version_says_who_why_from_what_and_is_the_one_in_force(versions: Versions) -> None:
    version = published(versions, proposed(versions, edited(PARTY, "3.2", "2.6")))
    assert versions.current == version.name
    assert "2.6" in (versions.root(version.name) / PARTY).read_text(encoding="utf-8")
    assert (version.author, version.approver, version.prior) == ("Ada", "Ben", versions.all()[0].name)
    assert "weight of *cake*: 3.2 → 2.6" in version.changelog
    told = (versions.root(version.name) / "version.ttl").read_text(encoding="utf-8")
    assert all(text in told for text in ("wasRevisionOf", "Ada", "Ben", version.name, "too many false alarms"))


def test_history_in_prov_says_which_statements_came_and_went_with_whom_and_what_was_taken_back(
    versions: Versions,
) -> None:
    version = published(versions, proposed(versions, edited(PARTY, "3.2", "2.6")))
    rollback(versions, by="Cem", reason="too few", at=NOW)
    graph = Graph().parse(data=history(versions), format="turtle")
    publication = URIRef(f"{version_iri(version.name)}/publication")
    for how, value in ((PROV.wasInvalidatedBy, "3.2"), (PROV.wasGeneratedBy, "2.6")):
        (statement,) = set(graph.subjects(RDF.type, RDF.Statement)) & set(graph.subjects(how, publication))
        assert str(graph.value(statement, RDF.subject)) == "urn:cake"
        assert str(graph.value(statement, RDF.object)) == value
    (back,) = graph.subjects(PROV.used, URIRef(version_iri(versions.all()[0].name)))
    assert str(graph.value(back, DCTERMS.description)) == "too few"
    assert [(entry.kind, entry.by) for entry in versions.log()] == [("publish", "Ben"), ("rollback", "Cem")]


def test_version_in_force_on_a_day_is_the_last_switched_to_until_then(versions: Versions) -> None:
    first = published(versions, proposed(versions, edited(PARTY, "3.2", "2.6")))
    assert versions.in_force(NOW.date()) == first.name
    assert versions.in_force(NOW.date() - timedelta(days=1)) is None


def test_change_set_of_nothing_is_refused(versions: Versions) -> None:
    with pytest.raises(BadParameter, match="Nothing changed"):
        proposed(versions, CONTENT)


def test_change_set_approved_by_its_author_is_refused_however_the_name_is_written(versions: Versions) -> None:
    change = proposed(versions, edited(PARTY, "3.2", "2.6"), author="ben ")
    with pytest.raises(NotPermitted, match="own change"):
        published(versions, change)
    assert versions.current is None


def test_change_set_with_faults_does_not_go_live_and_leaves_no_version(versions: Versions) -> None:
    change = proposed(versions, edited(PARTY, "3.2", "2.6"))
    with pytest.raises(BadOntology, match="has no label"):
        publish(versions, change.name, approver="Ben", at=NOW, check=failed)
    assert versions.current is None
    assert len(versions.all()) == 1


def test_looser_legal_class_needs_data_protection(tmp_path: Path) -> None:
    core = "ontology/core/core.ttl"
    strict = edited(core, *LAW, PARTY, "moment:party a", "moment:party aug:legalClass aug:Criminal . moment:party a")
    texts = dict(strict.texts)
    texts[PARTY] = texts[PARTY].replace("aug:Criminal", "aug:Ordinary")
    versions = store(tmp_path, strict)
    change = proposed(versions, Edition(texts))
    with pytest.raises(NotPermitted, match=r"party \(moment:party\): The legal class is milder"):
        published(versions, change)
    assert published(versions, change, data_protection="Cleo").data_protection == "Cleo"


def test_rollback_to_looser_protection_needs_data_protection_too(tmp_path: Path) -> None:
    core = "ontology/core/core.ttl"
    loose = edited(core, *LAW, PARTY, "moment:party a", "moment:party aug:legalClass aug:Ordinary . moment:party a")
    texts = dict(loose.texts)
    texts[PARTY] = texts[PARTY].replace("aug:Ordinary", "aug:Criminal")
    versions = store(tmp_path, loose)
    strict = published(versions, proposed(versions, Edition(texts)))
    with pytest.raises(NotPermitted, match=r"party \(moment:party\): The legal class is milder"):
        rollback(versions, by="Ben", reason="as it was", at=NOW)
    assert versions.current == strict.name
    assert rollback(versions, by="Ben", reason="as it was", at=NOW, data_protection="Cleo").number == 0


def test_two_experts_at_once_both_go_live_where_they_edit_different_fields(versions: Versions) -> None:
    one = proposed(versions, edited(PARTY, "3.2", "2.6"))
    other = proposed(versions, edited(BAKERY, '"CAKE"', '"CAKE", "TARTE"'), author="Dan")
    published(versions, one)
    version = published(versions, other)
    root = versions.root(version.name)
    assert "2.6" in (root / PARTY).read_text(encoding="utf-8")
    assert "TARTE" in (root / BAKERY).read_text(encoding="utf-8")
    assert "cake" not in version.changelog


def test_two_experts_in_one_field_are_told_the_field_and_neither_loses_work(versions: Versions) -> None:
    one, other = (proposed(versions, edited(PARTY, "3.2", weight)) for weight in ("2.6", "4.0"))
    published(versions, one)
    with pytest.raises(
        Conflict, match=r"(?s)weight of “cake”.*version 1 \(Ada\): 2.6.*change set 2 \(Ada\): 4.0"
    ) as told:
        published(versions, other)
    (field,) = told.value.disagreements
    assert field.place.en == "weight of “cake”"
    assert (field.before, field.published, field.proposed) == (("3.2",), ("2.6",), ("4.0",))
    assert "4.0" in (versions.change_root(other.name) / PARTY).read_text(encoding="utf-8")


def test_change_set_is_overtaken_where_another_published_the_same_field_otherwise(versions: Versions) -> None:
    one, other = (proposed(versions, edited(PARTY, "3.2", weight)) for weight in ("2.6", "4.0"))
    apart = proposed(versions, edited(BAKERY, "TORTE", "TARTE"))
    assert overtaken(versions, other) == ()
    published(versions, one)
    (field,) = overtaken(versions, other)
    assert (field.published, field.proposed, field.predicate.rpartition("#")[2]) == (("2.6",), ("4.0",), "weight")
    assert field.owner.endswith("/party")
    assert overtaken(versions, apart) == ()
    rollback(versions, by="Ben", reason="by mistake", at=NOW)
    assert overtaken(versions, other) == ()


def test_blame_names_for_each_statement_who_brought_it_and_why(versions: Versions) -> None:
    published(versions, proposed(versions, edited(PARTY, "3.2", "2.6")))
    second = proposed(versions, edited(PARTY, "3.2", "2.6", PARTY, '"Torte"@de', '"Kuchen"@de'), author="Dan")
    published(versions, second)
    by = {
        (each.predicate, each.value): (each.version.number, each.version.author) for each in blame(versions, "urn:cake")
    }
    assert by[("aug:weight", "2.6")] == (1, "Ada")
    assert by[("rdfs:label", "Kuchen")] == (2, "Dan")
    assert by[("rdfs:label", "cake")] == (0, "augenblick")
    with pytest.raises(NotFound, match="does not speak"):
        blame(versions, "urn:pie")


def test_blame_before_anything_is_published_names_what_was_shipped(versions: Versions) -> None:
    found = blame(versions, "urn:cake")
    assert {(each.version.author, each.version.reason) for each in found} == {("augenblick", AS_SHIPPED)}
    assert ("aug:weight", "3.2") in {(each.predicate, each.value) for each in found}
    assert not versions.all()


def test_change_set_is_published_once(versions: Versions) -> None:
    change = proposed(versions, edited(PARTY, "3.2", "2.6"))
    published(versions, change)
    with pytest.raises(Conflict, match="was published"):
        published(versions, change)


def test_rollback_brings_the_version_before_back_and_is_logged(versions: Versions) -> None:
    published(versions, proposed(versions, edited(PARTY, "3.2", "2.6")))
    back = rollback(versions, by="Ben", reason="customers complained", at=NOW)
    assert (versions.current, back.number) == (back.name, 0)
    log = [json.loads(line) for line in (versions.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(entry["kind"], entry["by"]) for entry in log] == [("publish", "Ben"), ("rollback", "Ben")]
    with pytest.raises(BadParameter, match="no earlier version"):
        rollback(versions, by="Ben", reason="again", at=NOW)
