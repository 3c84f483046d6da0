# Every target makes what it needs first: a virtual environment in .venv with the versions of constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PACKAGE := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help reproduce test lab bench lint clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

reproduce: $(VENV)/.core ## run every notebook; figures, tables and findings go to data/processed
	@$(BIN)/survey reproduce

test: $(VENV)/.test ## run the tests (ARGS="-k rake" for some of them)
	@$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist=loadfile $(ARGS)

lab: $(VENV)/.core ## open the notebooks in JupyterLab
	@$(BIN)/survey lab

bench: $(VENV)/.bench ## measure: time of import, estimation and weighting
	@$(BIN)/python -m benchmarks

lint: $(VENV)/.test ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy

clean: ## remove what can be made again, but for the environment (.venv)
	@find data/processed -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Compiling happens at the first import of what is really used; compiling all of it would double the wait.
$(VENV)/.core: $(PACKAGE) | $(VENV)/bin/python
	@echo "Installing the toolkit into $(VENV) (about half a minute, once) ..."
	@$(PIP) install -qq --no-compile -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(PACKAGE) | $(VENV)/bin/python
	@echo "Installing the toolkit and its tests into $(VENV) (about half a minute, once) ..."
	@$(PIP) install -qq --no-compile -c constraints.txt -e ".[test]"
	@touch $(VENV)/.core $@

$(VENV)/.bench: $(PACKAGE) | $(VENV)/bin/python
	@echo "Installing the toolkit, its tests and the packages it is measured beside into $(VENV) (once) ..."
	@$(PIP) install -qq --no-compile -c constraints.txt -e ".[test,bench]"
	@touch $(VENV)/.core $(VENV)/.test $@
