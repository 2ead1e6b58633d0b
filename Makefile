# Two commands matter: `make serve` runs the app, `make test` checks everything. Both set up what they need.

PYTHON ?= $(shell sh scripts/find-python.sh)
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

.PHONY: help serve test lint types contracts check unit bench several visitors ranking faults audit sbom pins clean

help:  ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

serve: $(VENV)/.serve  ## Run the app on http://127.0.0.1:8000 (HOST=0.0.0.0 for a phone in the same network)
	@exec $(BIN)/assessment serve --host $(HOST) --port $(PORT)

test: lint types contracts check unit  ## Lint, types, import contracts, the shipped questionnaire, all tests

lint: $(VENV)/.test
	$(BIN)/ruff check assessment tests benchmarks
	$(BIN)/ruff format --check assessment tests benchmarks

types: $(VENV)/.test
	$(BIN)/mypy

contracts: $(VENV)/.test
	$(BIN)/lint-imports

check: $(VENV)/.test
	$(BIN)/assessment check

unit: $(VENV)/.test
	sh scripts/need-chromium.sh
	$(BIN)/pytest -q -n auto --dist worksteal

faults: $(VENV)/.test  ## Far more examples of every property, every page on PostgreSQL, storms ten times as long
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -q -n auto tests/engine tests/reports tests/tenancy tests/delivery tests/web
	TEST_DATABASE=postgresql $(BIN)/pytest -q -n auto tests/console tests/web tests/api tests/delivery tests/journeys
	ASSESSMENT_STORM=long $(BIN)/pytest -q -s tests/faults tests/storage/test_migrating.py tests/api/test_document.py

audit: $(VENV)/.made  ## Ask which of the pinned packages have known holes (needs the internet)
	sh scripts/make-venv.sh "$(PYTHON)" $(VENV)/audit
	$(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/serve.txt -r requirements/postgres.txt

bench: $(VENV)/.test  ## Measure: one table of figures against their budgets
	$(BIN)/python -m benchmarks

several: $(VENV)/.test  ## Kill one of two servers behind nginx, restart PostgreSQL, and look for what was lost (Linux, a minute)
	$(BIN)/python -m benchmarks.several

visitors: $(VENV)/.test  ## 200 visitors at once, 50,000 requests: times, memory, open files (Linux, five minutes)
	$(BIN)/python -m benchmarks.visitors

ranking: $(VENV)/.test  ## Move every impact and weight, and write how the first actions change (docs/ranking.md)
	$(BIN)/python -m benchmarks.ranking

sbom:  ## Write the software bill of materials (CycloneDX) to dist/sbom.json
	@mkdir -p dist
	$(PYTHON) scripts/sbom.py > dist/sbom.json

pins: ## Compile the requirements files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml requirements/serve.in -o requirements/serve.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group test pyproject.toml requirements/serve.in -o requirements/test.txt
	awk '/^[a-z]/ {ours = /^psycopg/} ours' requirements/test.txt > requirements/postgres.txt

clean: ## Remove the environment and every cache; keeps the instance folder
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build

$(VENV)/.made:
	sh scripts/make-venv.sh "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.serve: $(VENV)/.made requirements/serve.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/serve.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.serve requirements/test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
