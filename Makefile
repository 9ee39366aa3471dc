# The workflow, written down. `make setup` needs Python 3.11 or newer with venv, and a network.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What every start imports: compiled once at set-up, not by five processes at the first start.
STARTED := sluss.machine.network, sluss.people.simulation, services.runtime.migrate, sluss.front.__main__, \
           services.referral.app, services.navigator.app, services.provider.app, services.notify.app, \
           services.console.web
unexport PYTHONDONTWRITEBYTECODE
FAST   := not slow and not faults and not browser

.DEFAULT_GOAL := help
.PHONY: help setup demo test drills check lint types bench picture lock schemas clean

help:  ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.ready  ## prepare .venv with every package at its locked version and hash

# uv itself comes from its own entry in the lock file, so that nothing unlocked ever runs.
$(VENV)/.uv: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sluss needs Python 3.11 or newer; run make PYTHON=/path/to/python3.11 setup")'
	@$(PYTHON) -c 'import sys, importlib.util as u; sys.exit(u.find_spec("ensurepip") is None and "this Python cannot make environments: install its venv package (Debian and Ubuntu: apt-get install python3-venv)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^uv==/ {on=1} on {print} on && !/\\$$/ {exit}' requirements.lock > $(VENV)/uv.lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock.txt
	@touch $@

$(VENV)/.packages: requirements.lock $(VENV)/.uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

$(VENV)/.ready: $(VENV)/.packages pyproject.toml contracts/pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e ./contracts -e .
	@$(BIN)/python -c 'import $(STARTED)'
	@touch $@

demo: setup  ## the whole network on this machine, with people in it
	@$(BIN)/sluss up --demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m sluss_contracts.generate --check
	$(BIN)/python -m sluss.lifecycles --check
	$(BIN)/python -m sluss.compatibility check

types: setup
	$(BIN)/mypy contracts/sluss_contracts services sluss tests $(wildcard benchmarks)

# Three processes on two cores: fast tests wait for Postgres and the broker a quarter of their time.
# Lint and types side by side; what each says stays together where make can do that (4.0 and newer).
check: setup  ## lint, types and the fast tests (two and a half minutes on 2 cores)
	@$(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) lint types
	$(BIN)/pytest -q -n 3 --dist worksteal -m "$(FAST)"

test: setup $(VENV)/.browser $(VENV)/.asyncapi  ## every test (about 15 minutes on 2 cores)
	$(BIN)/pytest -q -n 3 --dist worksteal -m "$(FAST)"
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations 20 -m "not ($(FAST)) and not alone"
	$(BIN)/pytest -q -m "alone and not drill" --maxfail 3

# Chromium comes from the operating system's own packages; where it cannot be installed the browser
# tests say so themselves and fail.
$(VENV)/.browser: $(VENV)/.ready deploy/install-chromium
	@deploy/install-chromium
	@if command -v chromium-headless-shell || command -v chromium; then touch $@; fi >/dev/null

$(VENV)/.asyncapi: $(VENV)/.ready deploy/install-asyncapi
	@deploy/install-asyncapi
	@if test -d $(VENV)/node/node_modules/@asyncapi/parser; then touch $@; fi

drills: setup  ## follow the operators' runbooks, one incident after another (about four minutes)
	$(BIN)/pytest -q -m drill

bench: setup  ## measure the six hops beside peers, in one interleaved run
	$(BIN)/python -m benchmarks

picture: setup  ## the README's pictures, from the demonstration that runs
	$(BIN)/python docs/pictures/take.py

schemas: setup  ## write all that is made from the code: schemas, AsyncAPI, event pages, lifecycles, traceability
	$(BIN)/python -m sluss_contracts.generate
	$(BIN)/python -m sluss.lifecycles
	$(BIN)/python -m tests.architecture.traceability

# Every extra is locked together; the local contracts package is not in a registry and is left out.
lock:  ## resolve requirements.lock anew
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
	    --no-emit-index-url --no-header --no-emit-package sluss-contracts \
	    pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-emit-package sluss-contracts --constraint requirements.lock \
	    pyproject.toml -o deploy/runtime.lock

clean:  ## remove the environment, caches and the single machine's data
	rm -rf $(VENV) .sluss build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
