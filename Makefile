# Two targets matter to a new user: `make report` and `make test`. Both need only Python 3.11+, git and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DATA   ?= ../shared/data

.PHONY: report test lint types layers check axe prove screenshots encoder lock docs models clean

report: $(READY)  ## analyse seeds/ and say where the report is
	$(BIN)/stance analyze seeds/ --out reports/seeds

test: $(READY)  ## the whole test suite
	$(BIN)/python -m pytest -n auto --dist worksteal -q

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

check: lint types layers test  ## all that CI runs

axe:  ## install the accessibility checker that tests/browser uses (needs npm)
	cd tests/browser && npm ci --no-audit --no-fund

screenshots: report  ## take the pictures in docs/ anew (needs Chromium)
	$(BIN)/python docs/screenshots.py reports/seeds/report.html

prove: $(READY)  ## long proofs: intervals, tests and scores are what they promise, no input breaks reading, no kill a run
	$(BIN)/python proofs/coverage.py --runs 5000
	$(BIN)/python proofs/fuzz.py --inputs 20000
	$(BIN)/python proofs/kills.py --kills 20
	$(BIN)/python proofs/scores.py $(DATA)

encoder: $(READY)  ## install what the optional encoder needs (torch, transformers)
	$(BIN)/pip install --quiet --disable-pip-version-check "torch==2.13.0" "transformers==5.24.0" safetensors

models: $(READY)  ## refit the shipped models (DATA: folder of the public sets of tone labels)
	$(BIN)/stance train seeds/gold/dev.jsonl --also training/alone.jsonl --also training/facts.jsonl --also training/passages.jsonl --also training/press.jsonl --tone-data $(DATA) --out src/stance/models

docs: $(READY)  ## regenerate docs/cli.md and the score tables
	$(BIN)/python docs/generate.py

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) dist build

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'stance needs Python 3.11 or newer; set PYTHON=... to one')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
