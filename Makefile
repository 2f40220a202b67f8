# One command list for people and for CI. `make help` shows it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= demo
COMUNICA := $(or $(AUGENBLICK_COMUNICA),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/augenblick/comunica)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all comunica check format conformance bench screenshots docs lock clean

help:            ## show the commands
	@grep -E '^[a-z-]+: *.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 22

$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Augenblick needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Adding the tools for tests and checks …"
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.spark: requirements-spark.txt $(VENV)/.dev
	@echo "Adding Spark for its tests (450 MB; they need a Java too) …"
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-spark.txt
	@touch $@

setup: $(VENV)/.dev   ## set up everything in .venv

demo: $(VENV)/.run    ## simulate families, detect their moments, show one story with its proof, serve the pages
	@$(BIN)/augenblick demo --data $(DATA)

test: $(VENV)/.dev    ## the tests (a few minutes)
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-all: $(VENV)/.spark comunica ## the tests and the long suites, Spark among them
	@$(BIN)/python -m pytest -n 2 --dist loadfile

comunica:             # a client of SPARQL endpoints for the tests; they skip where there is no npm
	@command -v npm >/dev/null || { echo "No npm: the tests with Comunica will be skipped."; exit 0; }; \
	test -d "$(COMUNICA)/node_modules/@comunica/query-sparql" || \
	{ mkdir -p "$(COMUNICA)" && npm install --silent --no-audit --no-fund --prefix "$(COMUNICA)" @comunica/query-sparql@4.5.0 || \
	echo "Comunica could not be installed: its tests will be skipped."; }

check: $(VENV)/.dev   ## lint, types, layers, ontology
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/augenblick check

format: $(VENV)/.dev  ## put code and Turtle into their canonical form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m augenblick.content.turtle ontology shapes

conformance: $(VENV)/.dev ## the W3C suites through the compiled engine, counted by category
	@$(BIN)/python tests/conformance/report.py

bench: $(VENV)/.dev   ## the benchmarks, side by side with their peers; writes benchmarks/results/
	@$(BIN)/python benchmarks/line.py
	@$(BIN)/python benchmarks/reason/run.py
	@$(BIN)/python benchmarks/reason/shacl.py
	@$(BIN)/python benchmarks/accuracy.py
	@$(BIN)/python benchmarks/gate.py
	@$(BIN)/python benchmarks/impact.py
	@$(BIN)/python benchmarks/service/live.py
	@$(BIN)/python benchmarks/service/load.py

screenshots: $(VENV)/.dev ## take pictures of the pages on DATA into docs/images (needs Chromium)
	@$(BIN)/python docs/screenshots.py $(DATA)

docs: $(VENV)/.dev    ## write the generated pages under docs/
	@$(BIN)/python -m augenblick.pages docs

lock:                 ## renew the pinned versions (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --extra build --quiet --custom-compile-command "make lock" -o requirements.txt
	uv pip compile pyproject.toml --universal --generate-hashes --extra build --extra dev -c requirements.txt --quiet --custom-compile-command "make lock" -o requirements-dev.txt
	uv pip compile pyproject.toml --universal --generate-hashes --extra spark -c requirements.txt --quiet --custom-compile-command "make lock" -o requirements-spark.txt

clean:                ## remove the environment and the demo's data
	rm -rf $(VENV) $(DATA) .pytest_cache .mypy_cache .ruff_cache .hypothesis
