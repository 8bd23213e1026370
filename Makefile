# Two commands on a fresh machine with python3 and make:
#     make verify     run every claim and print the ledger
#     make test       run the tests
# A third, for the theorems in Coq (apt-get install coq libcoq-mathcomp-algebra libcoq-mathcomp-fingroup):
#     make proofs     build them from clean, print theorem, claim and axioms, check them again with coqchk
# Each makes the environment it needs in .venv (PYTHON=... chooses the interpreter).

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: verify verify-full proofs test lint types docs bench figures clean
.DEFAULT_GOAL := verify

$(VENV)/made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "quadrics needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	touch $@

# torch first, pinned: a range alone would fetch a CUDA build of several gigabytes on some machines.
$(VENV)/core: $(VENV)/made pyproject.toml constraints.txt
	$(PIP) "torch==$$(sed -n 's/^torch==//p' constraints.txt)"
	$(PIP) -e '.[fast,topology,flows]'
	touch $@

$(VENV)/dev: $(VENV)/core
	$(PIP) -e '.[fast,topology,flows,distributed,dev]'
	touch $@

$(VENV)/docs: $(VENV)/dev
	$(PIP) -e '.[fast,topology,flows,distributed,dev,docs]'
	touch $@

verify: $(VENV)/core
	mkdir -p results
	$(BIN)/quadrics verify --quick --json results/ledger.json

verify-full: $(VENV)/core
	mkdir -p results
	$(BIN)/quadrics verify --full --json results/ledger-full.json

proofs: $(VENV)/core
	$(BIN)/python -m proofs.kernel

# The documentation's own extensions are tested too.
test: $(VENV)/docs
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 $(PYTEST_ARGS)

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/dev
	$(BIN)/mypy

# The verdicts on the pages come from the last `make verify`, where there is one of this code.
docs: $(VENV)/docs
	QUADRICS_LEDGER="$(wildcard results/ledger.json)" $(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

# Targets beside figures; results with machine and versions go to benchmarks/results. `python -m benchmarks --help`
# names the others.
bench: $(VENV)/core
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks

figures: $(VENV)/core
	$(BIN)/python docs/make_figures.py

clean:
	rm -rf $(VENV) docs/_build results build *.egg-info
