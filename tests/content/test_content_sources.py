"""What is read from ontology files, whatever way an expert wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Literal, URIRef

from augenblick.content.sources import Sources

FILE = """@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<urn:o> a owl:Ontology .
<urn:s> <urn:p> "{written}"^^xsd:{datatype} .
"""


@pytest.mark.parametrize(
    ("written", "datatype", "read"),
    [
        ("P0D", "dayTimeDuration", "PT0S"),
        ("PT48H", "dayTimeDuration", "P2D"),
        ("-P5D", "dayTimeDuration", "-P5D"),
        ("P18M", "yearMonthDuration", "P1Y6M"),
        ("P0Y", "yearMonthDuration", "P0M"),
        ("P24M", "yearMonthDuration", "P2Y"),
        ("P0D", "string", "P0D"),
    ],
)
def test_spans_are_read_in_the_form_that_rules_can_compare(
    tmp_path: Path, written: str, datatype: str, read: str
) -> None:
    (tmp_path / "spans.ttl").write_text(FILE.format(written=written, datatype=datatype), encoding="utf-8")
    value = Sources.read(tmp_path).union.value(URIRef("urn:s"), URIRef("urn:p"))
    assert isinstance(value, Literal)
    assert str(value) == read
