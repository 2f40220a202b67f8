"""Ways to run compiled shapes in tests: on Oxigraph, with pyshacl as oracle."""

from __future__ import annotations

import pytest

from shacl_results import compiled_results, on_fact_base, on_oxigraph_store, report_results


@pytest.fixture
def results_of():
    return lambda data, shapes: compiled_results(data, shapes, on_oxigraph_store)


@pytest.fixture
def results_on_facts():
    return lambda data, shapes: compiled_results(data, shapes, on_fact_base)


@pytest.fixture
def expected_results():
    return report_results


@pytest.fixture
def on_oxigraph():
    """From a graph to a function that evaluates SELECTs on it, as `validate.results` takes it."""
    return on_oxigraph_store


@pytest.fixture
def on_facts():
    """The same on the compiled reasoner."""
    return on_fact_base
