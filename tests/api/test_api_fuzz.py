"""Whatever the OpenAPI document lets a caller send, the service answers without failing; forged tokens open nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans

from augenblick.ingest import LoadReport
from augenblick.pipeline import Updater
from augenblick.pipeline.update import UpdateReport

HEADERS = {"Acting-Role": "crm", "Purpose-Of-Use": "service"}
KNOWN = {
    "customer": "kid",
    "other": "mum",
    "moment": "moment/kid/childbirth/2026-04-14",
    "table": "consents",
    "delivery": 1,
}
"""What is there, so that half of the requests get past a 404."""
EXAMPLES = 30


@pytest.fixture
def running(serve, detected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(detected, tmp_path / "data")
    # What follows from the few deliveries that are taken is other tests' matter.
    monkeypatch.setattr(Updater, "derive", lambda _: UpdateReport(LoadReport()))
    return serve(requests_per_minute=10_000_000)


@pytest.mark.slow
def test_openapi_document_names_nothing_that_makes_the_service_fail(running) -> None:
    schema = schemathesis.openapi.from_url(running.url + "/v1/openapi.json")
    failed: dict[str, str] = {}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        tried += 1

        @given(case=operation.as_strategy(), known=booleans())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def sent(case: schemathesis.Case, known: bool) -> None:
            if known:
                case.path_parameters = {name: KNOWN.get(name, of) for name, of in (case.path_parameters or {}).items()}
            given_headers = {name: value for name, value in (case.headers or {}).items() if name not in HEADERS}
            answer = case.call(headers=given_headers | HEADERS, timeout=60)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text

        try:
            sent()
        except AssertionError as error:
            failed[operation.label] = str(error)[:500]
    assert tried > 20
    assert failed == {}
