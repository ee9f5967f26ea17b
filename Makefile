# Every target sets up what it needs: Debian 12 with python3, python3-venv and make is enough.
#
#   make demo    three trials at work in the browser, on this computer alone; Ctrl-C ends it
#   make report  the report of the ChiCTR pilot, from its study file and its published data
#   make test    everything that must hold: format, lint, types, layers, docs, tests with coverage
#   make lint    the part of it that takes seconds
#   make format  mend format and imports
#   make messages  bring the catalogues of translations up to date and compile them
#   make screenshots  pictures of every page in build/screenshots: light, dark, tablet, right to left
#   make docs    rewrite the generated pages and build the site into site/
#   make bench   time and memory against peers
#   make test-pythons  the tests on every supported Python that is found here
#   make clean   remove all that was made here

PYTHON ?= python3
PORT ?= 8000
STUDY ?= chictr2000030261
WORKERS ?= 2
PYTHONS := 3.11 3.12 3.13

VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
UV_VERSION := 0.13.9

# uv uses the Python that is here and fetches none.
export UV_PYTHON_DOWNLOADS := never
# Tests start hundreds of processes: without its compiled files each would compile a thousand modules anew.
unexport PYTHONDONTWRITEBYTECODE
# Where the system has certificates they count: a hospital's network often brings its own.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
export UV_PROJECT_ENVIRONMENT := $(VENV)
export NO_MKDOCS_2_WARNING := 1  # see docs/decisions/0009

# Two stamps, since the demo needs a quarter of what the tests need. Neither removes what the other brought.
RUNTIME := $(VENV)/.synced-runtime
ALL := $(VENV)/.synced-all
LOCK := pyproject.toml uv.lock

.DEFAULT_GOAL := help
.PHONY: help demo report test lint format messages screenshots docs bench test-pythons clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

demo: $(RUNTIME)
	@$(BIN)/exotrial demo --home demo/home --port $(PORT)

report: $(RUNTIME)
	@$(BIN)/exotrial report studies/$(STUDY) --out demo/$(STUDY)
	@echo
	@echo "The report lies in $(CURDIR)/demo/$(STUDY)"

test: lint $(ALL)
	$(BIN)/mkdocs build --strict --quiet
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered

lint: $(ALL)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m exotrial.web.messages --check

format: $(ALL)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(ALL)
	$(BIN)/python -m exotrial.web.messages

screenshots: $(ALL)
	$(BIN)/python -m tests.web.pages.screenshots build/screenshots

docs: $(ALL)
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict --quiet
	@echo "The site lies in $(CURDIR)/site/index.html"

bench: $(ALL)
	@set -e; for name in exact_tests report_scale forms audit_verify nta flow pages registries; do \
		echo "== benchmarks/$$name.py"; $(BIN)/python -m benchmarks.$$name; \
	done; \
	echo "== benchmarks/forms.py --peer"; UV="$(UV)" $(BIN)/python -m benchmarks.forms --peer

test-pythons: $(ALL)
	@set -e; for version in $(PYTHONS); do \
		if ! $(UV) python find --no-project "$$version" >/dev/null 2>&1; then \
			echo "Python $$version: not found here, left out"; continue; \
		fi; \
		echo "== Python $$version"; \
		UV_PROJECT_ENVIRONMENT=.venv-$$version $(UV) sync --frozen --quiet --python "$$version"; \
		.venv-$$version/bin/python -m pytest -n $(WORKERS) --dist loadgroup; \
	done

clean:
	rm -rf $(VENV) $(foreach version,$(PYTHONS),.venv-$(version)) site build dist demo .coverage \
		.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(RUNTIME): $(LOCK) | $(BIN)/python $(UV)
	$(UV) sync --frozen --quiet --no-default-groups --inexact
	@touch $@

$(ALL): $(LOCK) | $(BIN)/python $(UV)
	$(UV) sync --frozen --quiet
	@touch $@ $(RUNTIME)

# Where uv is not installed, it goes into the environment that it will fill.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
