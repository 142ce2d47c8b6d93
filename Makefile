# Needs make and Python 3.11 or newer, nothing else: the first target asked for makes .venv and installs the pinned packages.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PEERS := $(VENV)/peers

# A name on PATH is not enough: version managers leave stubs there, and some systems split venv off.
CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# Nothing below asks a model, whatever the shell that calls make has set; and every start after the first is a quick one.
unexport EXTRACTOR_MODEL OPENAI_API_KEY OPENAI_BASE_URL
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check bench bench-seeds clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(READY) ## records from examples/, then a comparison on gold: without key or network
	@mkdir -p out
	@$(BIN)/extractor extract examples/*.txt examples/report.pdf --concurrency 1 --format table -o out/demo.jsonl
	@echo "The same as JSON, one document a line: out/demo.jsonl"
	@echo
	@echo "What the rules for claims are worth: the offline engine with and without them, on the documents of eval/gold/dev"
	@$(BIN)/extractor-eval run --model offline --without claims --out out/eval

test: $(READY) ## all tests
	$(BIN)/pytest

check: $(READY) ## lint, formatting, types, direction of imports, tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

bench: $(PEERS) ## speed beside its peers, side by side in one run
	@for script in $(filter-out bench/seeds.py,$(wildcard bench/*.py)); do echo "# $$script"; $(BIN)/python $$script || exit; done

bench-seeds: $(READY) ## what the rules get right of the labelled documents in DIR=…
	@test -n "$(DIR)" || { echo "Say where they are: make bench-seeds DIR=…" >&2; exit 2; }
	$(BIN)/python bench/seeds.py "$(DIR)"

clean: ## remove .venv and all that was made
	rm -rf $(VENV) build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One install for every target: without the tools of `check` it would be only a few seconds faster.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || for python in $(CANDIDATES); do \
	  $$python -c '$(SUITABLE)' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$($$python --version)"; $$python -m venv $(VENV); break; \
	done; \
	test -x $(BIN)/python || { echo "No Python 3.11 or newer with venv was found; name one: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	@echo "Installing the packages that constraints.txt pins (half a minute, once)"
	@$(BIN)/python -m pip install -qq --upgrade pip --constraint constraints.txt
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[dev]'
	@touch $@

# What only `bench` runs beside the project's own.
$(PEERS): $(READY)
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[bench]'
	@touch $@
