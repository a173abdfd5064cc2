# Everything a developer runs; each target says what it does, and `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := provider simulator tests tools bench examples tools/engine/pulumi-language-python
.DEFAULT_GOAL := help
.PHONY: help environment engine lint types layers test test-all mutants chaos bench plot pictures witness demo requirements \
  dist clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

environment: .venv/.installed ## create .venv with the pinned tools and this project, when they have changed
	@:

# The version, which an installation keeps, is in a module.
.venv/.installed: requirements-dev.txt pyproject.toml simulator/pyproject.toml provider/pulumi_veza/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "$(PYTHON) is Python %d.%d, and 3.10 or later is \
	needed: name one, as in `make PYTHON=python3.12 demo`." % sys.version_info[:2])'
	@echo "Installing the tools and this project into .venv: about a minute on a new machine."
	@$(PYTHON) -m venv .venv
	@started=$$(date +%s) && export PIP_DISABLE_PIP_VERSION_CHECK=1 \
	  && $(BIN)/pip install --quiet --requirement requirements-dev.txt \
	  && $(BIN)/pip install --quiet --no-deps --no-build-isolation --editable . --editable ./simulator \
	  && touch $@ && echo "Installed in $$(($$(date +%s) - started)) s."

engine: ## find the Pulumi CLI, or build it once (5 to 10 minutes), and print the folder that holds it
	@$(PYTHON) tools/engine/install.py

lint: environment ## check the style of all code
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)

types: environment ## check the types
	@$(BIN)/mypy
	@$(BIN)/mypy tools/engine/install.py tools/engine/pulumi-language-python
	@$(BIN)/mypy tools/mutants.py
	@$(BIN)/mypy tools/dist.py
	@$(BIN)/mypy bench

layers: environment ## check that a module imports only from the layers below it
	@$(BIN)/lint-imports

test: environment engine lint types layers ## run every check, and all tests but the slow ones
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-all: environment engine lint types layers ## run every check and every test, and see whether they notice bugs
	@$(BIN)/pytest -n 2 --dist worksteal
	@$(BIN)/python tools/mutants.py

mutants: environment engine ## put deliberate bugs into a copy, and see that a test notices each; ONLY=guard for some
	@$(BIN)/python tools/mutants.py $(ONLY)

chaos: environment engine ## random programs under random faults; SECONDS=600, or SEED=1 to take a run again
	@$(BIN)/python -m tests.reliability.chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(STEPS),--steps $(STEPS)) $(if $(CALM),--calm $(CALM))

bench: environment engine ## measure the provider beside two that do nothing; SERIES="profiles delay", ROUNDS=3, OUTPUT=file
	@$(BIN)/python -m bench measure $(SERIES) $(if $(PROFILES),--profiles $(PROFILES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  --samples $(SAMPLES)
	@$(BIN)/python -m bench report --samples $(SAMPLES) $(if $(TITLE),--title "$(TITLE)") $(if $(OUTPUT),--output $(OUTPUT))
	@$(BIN)/python -m bench imports

SAMPLES = build/bench.jsonl

plot: environment ## draw how the operations grow, from what `make bench SERIES=growth` measured; PLOT=file.png
	@$(BIN)/pip install --quiet --requirement bench/requirements.txt
	@$(BIN)/python -m bench plot --samples $(SAMPLES) $(or $(PLOT),build/growth.svg build/growth.png)

pictures: environment engine ## draw the documentation's pictures again, from real runs
	@$(BIN)/python -m tools.pictures >/dev/null
	@$(BIN)/python -m tools.photograph >/dev/null

witness: environment engine ## record what users see, to compare it in a commit's diff; ONLY=commands for some
	@$(BIN)/python -m tests.witness $(ONLY) 2>/dev/null

demo: environment engine ## show the provider at work, offline, in a few minutes
	@$(BIN)/python tools/demo.py

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
  --constraint requirements-dev.txt --custom-compile-command "make requirements"

requirements: environment ## pin what users install, with hashes, in the versions that requirements-dev.txt has
	@$(LOCK) --extra policy pyproject.toml --output-file requirements.txt >/dev/null
	@$(LOCK) simulator/pyproject.toml --output-file simulator/requirements.txt >/dev/null

dist: environment ## build a release into dist/, and install it into an empty environment; URL=where its wheels will be
	@$(BIN)/python tools/dist.py $(if $(URL),--url $(URL))

clean: ## remove .venv, .demo (with what you changed there), dist and caches; ENGINE=1: the engine in your cache as well
	@rm -rf .venv .demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +
	@$(if $(ENGINE),$(PYTHON) tools/engine/install.py --remove,echo "The engine in your cache folder stays: make clean ENGINE=1 \
	  removes it.")
