# make demo: set up and run the bundled cohort into results/      make test: set up and run the tests
.PHONY: help setup demo test test-slow lint format docs lock clean

# the environment first on PATH, so that every `python` below and in the workflow is the locked one
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHON
unexport PYTHONPATH PYTHONSAFEPATH

help:
	@sed -n 1p Makefile | cut -c3-

setup:
	@sh envs/install.sh

demo: setup
	snakemake all exports

test: setup
	python -m pytest -m "not slow"

test-slow: setup
	python -m pytest -m slow

lint: setup
	ruff format --check .
	ruff check .
	mypy
	snakefmt --check --compact-diff workflow
	snakemake --lint

format: setup
	ruff format .
	ruff check --fix .
	snakefmt workflow

docs: setup
	python scripts/write_dictionary.py --out docs/tables.md --json docs/tables.json

lock: setup
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 envs/requirements.in -o envs/requirements.lock

clean:
	rm -rf results logs .snakemake
