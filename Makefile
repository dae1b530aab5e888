# Everything a person or CI types. `make` alone lists it. PORT, DATA_DIR, DATABASE_URL, CELERY_BROKER_URL choose where.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)
APPS := config practice clients assessments homework reports dashboard portal
CODE := $(APPS) scripts benchmarks tests manage.py
PYTEST_ARGS ?=
WORKERS ?= auto

.PHONY: help setup run demo-reset test browser check format bench lock secrets clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

# The stamps say which requirements the environment was made from.
$(VENV)/.product: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.product

setup: $(VENV)/.development ## make the environment (and local secrets), nothing else
	@$(BIN)/python -m config.env

run: $(VENV)/.product ## start the product here: web, worker, beat, demo practice (Ctrl-C stops all)
	@$(BIN)/python -m config.env
	@exec $(BIN)/python -m config.run --with-parent

demo-reset: $(VENV)/.product ## throw the demo practice away and make it afresh
	@$(BIN)/python -m config.env
	@$(BIN)/python -m config.reset

test: setup ## the whole suite, but for the browser's part
	$(BIN)/python -m pytest -n $(WORKERS) --ignore tests/browser $(PYTEST_ARGS)

browser: setup ## the journeys in headless Chromium, against the real processes
	$(BIN)/python -m pytest tests/browser $(PYTEST_ARGS)

CHECKS := check-format check-lint check-imports check-templates check-migrations check-security check-types
.PHONY: $(CHECKS)

check: setup ## format, lint, types, import contracts, templates, migrations, security
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

check-format:
	$(BIN)/ruff format --check $(CODE)
check-lint:
	$(BIN)/ruff check $(CODE)
check-imports:
	$(BIN)/lint-imports --no-logo
check-templates:
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m scripts.templates
check-migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run
check-security:
	$(BIN)/bandit --quiet --severity-level medium --configfile pyproject.toml --recursive $(APPS) scripts
check-types:
	$(BIN)/mypy $(APPS) scripts

format: setup ## put code into shape
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup ## what is measured, as ratios in one run
	$(BIN)/python -m benchmarks.run

lock: setup ## pin the newest versions that pyproject.toml allows, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements.txt pyproject.toml --group dev --output-file requirements-dev.txt

secrets: $(VENV)/.product ## make the secret files that docker compose hands out (once)
	$(BIN)/python -m config.env --compose secrets

clean: ## remove the environment and caches (never the data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .artifacts
