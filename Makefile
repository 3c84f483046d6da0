# Every target makes what it needs first: a virtual environment in .venv with the versions of constraints.txt.
# Others, beside it: make VENV=.venv-lowest PINS=constraints-min.txt test, or PINS= for the newest there are.
ifeq ($(OS),Windows_NT)
PYTHON ?= python
else
PYTHON ?= python3
endif
VENV ?= .venv
PINS ?= constraints.txt
# programs of an environment are in Scripts, and end in .exe, on Windows
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
EXE := $(if $(filter Windows_NT,$(OS)),.exe)
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install -qq --no-compile $(if $(PINS),-c $(PINS))
PACKAGE := pyproject.toml $(PINS)
SLOW := $(if $(filter 1,$(SURVEY_TEST_ALL) $(SURVEY_REQUIRE_ALL)),,yes)
export SURVEY_PINS := $(PINS)
# nothing is compiled at the installation (see below): were it not kept either, every process would compile it all anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help reproduce test coverage lab bench gallery lint clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

reproduce: $(VENV)/.core ## run every notebook; figures, tables and findings go to data/processed
	@$(BIN)/survey reproduce

# The plugin nbmake takes three seconds at the start of every worker: its tests (tests/notebooks) call it in a process of its own.
test: $(VENV)/$(if $(SLOW),.test,.checks) ## run the tests (ARGS="-k rake" for some of them, SURVEY_TEST_ALL=1 for the slow ones too)
	$(if $(SLOW),@echo "Leaving out the slow tests (marked so); all of them: SURVEY_TEST_ALL=1 make test")
	@$(BIN)/python -m pytest -p no:nbmake -n logical --maxprocesses=4 --dist=loadfile $(if $(SLOW),-m "not slow") $(ARGS)

coverage: $(VENV)/$(if $(SLOW),.test,.checks) ## run the tests and say which lines of the package they reach
	@$(MAKE) --no-print-directory test ARGS='--cov --cov-report=term:skip-covered $(ARGS)'

lab: $(VENV)/.core ## open the notebooks in JupyterLab (ARGS="--no-browser --port 9999")
	@$(BIN)/survey lab $(ARGS)

bench: $(VENV)/.bench ## measure: time of import, estimation and weighting
	@$(BIN)/python -m benchmarks

gallery: $(VENV)/.core ## write docs/gallery.md: every kind of exhibit with the code that makes it
	@$(BIN)/python -m docs.gallery

lint: $(VENV)/.checks ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy

clean: ## remove what can be made again, but for the environment (.venv)
	@find data/processed -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The pip that comes with Python 3.11 takes twice the time that a newer one takes for all that follows.
$(BIN)/python$(EXE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --upgrade pip || echo "Going on with the pip that came with Python."

# Compiling happens at the first import of what is really used; compiling all of it would double the wait.
$(VENV)/.core: $(PACKAGE) | $(BIN)/python$(EXE)
	@echo "Installing the toolkit into $(VENV) (a minute or more, once) ..."
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.test: $(PACKAGE) | $(BIN)/python$(EXE)
	@echo "Installing the toolkit and its tests into $(VENV) (a minute or more, once) ..."
	@$(INSTALL) -e ".[test]"
	@touch $(VENV)/.core $@

# Half a gigabyte that the quick tests can do without: checkers of style and types, a browser's driver, a second opinion.
$(VENV)/.checks: $(PACKAGE) | $(BIN)/python$(EXE)
	@echo "Installing the toolkit, its tests and what checks it into $(VENV) (a minute or more, once) ..."
	@$(INSTALL) -e ".[test,checks]"
	@touch $(VENV)/.core $(VENV)/.test $@

$(VENV)/.bench: $(PACKAGE) | $(BIN)/python$(EXE)
	@echo "Installing the toolkit, its tests and the packages it is measured beside into $(VENV) (once) ..."
	@$(INSTALL) -e ".[test,checks,bench]"
	@touch $(VENV)/.core $(VENV)/.test $(VENV)/.checks $@
