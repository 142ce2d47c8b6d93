# Needs make and Python 3.11 or newer, nothing else: the first target asked for makes .venv and installs the pinned packages.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PEERS := $(VENV)/peers
FUZZERS := $(VENV)/fuzzers
# On every core; a plain pytest runs them one after another.
TESTS := $(BIN)/pytest -n auto --dist worksteal

# A name on PATH is not enough: version managers leave stubs there, and some systems split venv off.
CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# Nothing below asks a model, whatever the shell that calls make has set; and every start after the first is a quick one.
unexport EXTRACTOR_MODEL OPENAI_API_KEY OPENAI_BASE_URL
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo replay chaos leaks orders fuzz test check bench bench-many bench-seeds bench-reports clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(READY) ## records from examples/, then a comparison on gold: without key or network
	@mkdir -p out
	@$(BIN)/extractor extract examples/*.txt examples/report.pdf --concurrency 1 --format table -o out/demo.jsonl
	@echo "The same as JSON, one document a line: out/demo.jsonl"
	@echo
	@$(MAKE) -s replay

# The scores must be those that prompts/scores.json tells: a change of the code that changes them is seen here.
BEST = $$($(BIN)/python -c 'from extractor.prompt import default; print(default())')
replay: $(READY) ## every prompt, by the recorded replies of a real model, and the rules: on gold, without key or network
	@mkdir -p out/eval
	@echo "A real model's replies to each prompt, and the rules, on the documents of eval/gold/dev (all figures: out/eval/dev.txt)"
	@$(BIN)/extractor-eval run --replay eval/recordings/dev --model offline --baseline one-line --out out/eval/dev >out/eval/dev.txt || test $$? = 1
	@$(BIN)/extractor-eval run --replay eval/recordings/test --model offline --split test --out out/eval/test >out/eval/test.txt || test $$? = 1
	@$(BIN)/extractor-eval standings out/eval/dev/*/ --baseline one-line $$(printf -- '--test %s ' out/eval/test/*/) --to out/eval/scores.json >out/eval/standings.md
	@$(BIN)/extractor-eval gate out/eval/dev/$(BEST) --baseline out/eval/dev/one-line
	@cmp out/eval/scores.json prompts/scores.json
	@$(BIN)/extractor prompts

chaos: $(READY) ## 2,000 documents under faults: as they are, killed 100 times, and with a third of the money; nothing lost or doubled
	$(BIN)/python tests/chaos.py $(ARGS)

orders: $(READY) ## documents that give orders, put to the rules, to a model that obeys them, and to a real one's replies
	$(BIN)/python tests/orders.py

fuzz: $(FUZZERS) ## made-up and malformed input to all that reads what others wrote; ARGS="--executions 100000" for more
	$(BIN)/python tests/fuzz.py $(ARGS)

leaks: $(READY) ## a server says the API key back in every place it can: where it is found afterwards (nowhere)
	$(BIN)/python tests/keyhunt.py $(ARGS)

test: $(READY) ## all tests
	$(TESTS)

check: $(READY) ## lint, formatting, types, direction of imports, tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TESTS)

bench: $(PEERS) ## speed beside its peers, side by side in one run
	@for script in $(filter-out bench/seeds.py bench/reports.py,$(wildcard bench/*.py)); do echo "# $$script"; $(BIN)/python $$script || exit; done

bench-many: $(READY) ## ten thousand documents: rate, memory, and twenty kills
	$(BIN)/python bench/many.py 10000 20

bench-seeds: $(READY) ## what the rules get right of the labelled documents in DIR=…
	@test -n "$(DIR)" || { echo "Say where they are: make bench-seeds DIR=…" >&2; exit 2; }
	$(BIN)/python bench/seeds.py "$(DIR)"

bench-reports: $(READY) ## what the rules get right of the labelled PDF reports in DIR=…, and what they take beside the bare text
	@test -n "$(DIR)" || { echo "Say where they are: make bench-reports DIR=…" >&2; exit 2; }
	$(BIN)/python bench/reports.py "$(DIR)"

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

# What only `fuzz` runs; it goes on without where a Python has no wheel of it.
$(FUZZERS): $(READY)
	@$(BIN)/python -m pip install -qq --only-binary atheris --constraint constraints.txt --editable '.[fuzz]' || \
	  echo "There is no atheris for this Python: hypothesis does it all"
	@touch $@
