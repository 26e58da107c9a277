# Every target does the set-up it needs; `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-rapidocr demo test lint requirements bench docs clean

VENV := .venv/bin
WORKERS ?= 2

help: ## what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 /p' Makefile | awk '{ n = $$1; $$1 = ""; printf "  make %-15s%s\n", n, $$0 }'

setup: ## everything muniment needs to run, in .venv
	@bash setup/prepare.sh run

setup-test:
	@bash setup/prepare.sh test

setup-rapidocr: setup ## also a second reader for Chinese scans (300 MB)
	@echo "Installing RapidOCR in .venv"
	@UV_CACHE_DIR=.tools/cache .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes \
		--only-binary :all: -r requirements/rapidocr.txt </dev/null

demo: setup ## the workbench on the sample case, in your browser
	@$(VENV)/muniment demo

test: setup-test ## all tests; TESTS=tests/house for some of them
	@$(VENV)/python -m pytest -n $(WORKERS) $(TESTS)

lint: setup-test ## ruff, mypy and import-linter
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports

requirements: setup-test ## pin requirements/*.in with hashes; UPGRADE=all for newest
	@bash setup/compile-requirements.sh

bench: setup-test ## measure; prints ratios
	@$(VENV)/python -m bench

docs: setup-test ## write the generated reference pages and run the examples in docs
	@$(VENV)/python docs/write_reference.py
	@$(VENV)/python -m pytest tests/house/test_docs.py

clean: ## remove all that make has made here
	rm -rf .venv .tools .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist samples/built
	find src tests bench samples verifier docs -name __pycache__ -type d -prune -exec rm -rf {} +
