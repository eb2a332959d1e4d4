# Two commands set everything up: `make demo` and `make test`. Each makes `.venv` where it is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
# uv does not read pip's configuration, so a mirror set there is handed on.
INDEX := $(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null)
UV := $(if $(INDEX),UV_DEFAULT_INDEX=$(INDEX)) $(BIN)/uv
TRIED := --quiet --constraints constraints.txt --overrides overrides.txt
INSTALL := $(UV) pip install --python $(BIN)/python $(TRIED)

.PHONY: help setup demo up test check format schema architecture bench audit wheel constraints clean

help:
	@echo "make demo         run the main job on a sample city, from nothing"
	@echo "make up           start the Dagster UI, the daemon, the API and the monitor"
	@echo "make test         run every test"
	@echo "make check        lint, format, types and definitions"
	@echo "make schema       write down what sql/ amounts to, after a change there"
	@echo "make architecture draw docs/architecture.md from the code"
	@echo "make bench        measure speed and memory"
	@echo "make audit        look for known vulnerabilities in the dependencies"
	@echo "make wheel        what pip installs, in dist; ENVIRONMENT=folder installs it there as well"
	@echo "make constraints  resolve the dependencies anew"

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.runtime: $(BIN)/uv pyproject.toml constraints.txt overrides.txt
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.runtime
	$(INSTALL) --editable '.[dev,mlflow,celery,k8s]'
	@touch $@

setup: $(VENV)/.development

demo: $(VENV)/.runtime
	$(BIN)/food-inspections demo

up: $(VENV)/.runtime
	$(BIN)/food-inspections up

# Three processes on two cores: much of the time a test waits for a server that it has started.
test: $(VENV)/.development
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/dg check defs

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/.runtime
	$(BIN)/python -m food_inspections.storage.postgres.catalogue

architecture: $(VENV)/.runtime
	$(BIN)/python docs/draw_architecture.py

bench: $(VENV)/.development
	@for bench in $(basename $(notdir $(wildcard benchmarks/[a-z]*.py))); do \
		echo "== $$bench"; $(BIN)/python -m benchmarks.$$bench || exit 1; done

audit: $(VENV)/.development
	.ci/audit

wheel: $(BIN)/uv
	rm -rf dist build
	$(UV) build --quiet --out-dir dist
ifdef ENVIRONMENT
	$(PYTHON) -m venv --without-pip $(ENVIRONMENT)
	$(UV) pip install --python $(ENVIRONMENT)/bin/python $(TRIED) dist/*.whl
endif

constraints: $(BIN)/uv
	$(BIN)/uv pip compile --python-version 3.11 --universal --all-extras --overrides overrides.txt \
		--no-annotate --no-header --upgrade pyproject.toml --output-file constraints.txt

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
