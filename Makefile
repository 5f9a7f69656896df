# Everything a person or a pipeline does with this repository. `make` alone lists it.
#
# The virtual environment is made once and renewed only when pyproject.toml or
# constraints.txt has changed. `make PYTHON=python3.12 …` picks another interpreter.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8080
# More for pytest, such as `make test PYTEST_ARGS="--no-cov -k opening"`.
PYTEST_ARGS ?=

PIP_INSTALL := $(BIN)/python -m pip install -qq --no-input --constraint constraints.txt

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# --- For everybody -----------------------------------------------------------------

.PHONY: help
help: ## List what can be made
	@echo "Drumbeat. Use: make <target>"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(VENV)/.ready-sandbox ## Show the whole story on the embedded GitLab, in under a minute
	@$(BIN)/drumbeat demo

.PHONY: sandbox
sandbox: $(VENV)/.ready-sandbox ## Look around in the demo's GitLab, on port 8080 (or PORT=…)
	@$(BIN)/drumbeat sandbox --seed demo --port $(PORT)

# --- For those who change Drumbeat -------------------------------------------------

.PHONY: test
test: $(VENV)/.ready-dev ## Run all tests, with branch coverage of automation/
	@$(BIN)/python -m pytest -q --numprocesses=auto --dist=worksteal --inline-snapshot=disable \
		--cov --cov-report=term $(PYTEST_ARGS)

CHECKS := check-format check-style check-types check-imports check-yaml check-policies check-ci

.PHONY: check $(CHECKS)
check: $(CHECKS) ## Check format, style, types, import rules, YAML, policies and the pipeline

# $(call step,NAME,COMMAND): one line when all is well, the whole output when it is not.
step = @if out=$$($(2) 2>&1); then echo "  ok    $(1)"; \
	else echo "  FAIL  $(1)"; printf '%s\n' "$$out"; exit 1; fi

check-format: $(VENV)/.ready-dev
	$(call step,format  (mend it with: make format),$(BIN)/ruff format --check .)

check-style: $(VENV)/.ready-dev
	$(call step,style,$(BIN)/ruff check .)

check-types: $(VENV)/.ready-dev
	$(call step,types,$(BIN)/mypy automation $(wildcard tests))

check-imports: $(VENV)/.ready-dev
	$(call step,imports,$(BIN)/lint-imports --no-logo)

check-yaml: $(VENV)/.ready-dev
	$(call step,YAML,$(BIN)/yamllint --strict .gitlab-ci.yml .yamllint.yml automation/starter \
		$(wildcard policies))

check-policies: $(VENV)/.ready-dev
	$(call step,policies and templates,$(BIN)/drumbeat lint)

check-ci: $(VENV)/.ready-dev
	$(call step,pipeline,$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml)

.PHONY: format
format: $(VENV)/.ready-dev ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

.PHONY: reference
reference: $(VENV)/.ready-sandbox ## Write docs/reference.md anew from the models
	@$(BIN)/drumbeat schema --format markdown > docs/reference.md

.PHONY: screenshots
screenshots: $(VENV)/.ready-dev ## Take the pictures of the README anew (needs a Chromium)
	@$(BIN)/python -m tests.readme.screenshots

.PHONY: constraints
constraints: ## Renew constraints.txt with the newest versions that pyproject.toml allows
	@echo "Looking for newer versions …"
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(PYTHON) -m venv "$$tmp/venv" && \
	"$$tmp/venv/bin/python" -m pip install -qq --no-input '.[dev,report]' && \
	{ grep '^#' constraints.txt; \
	  "$$tmp/venv/bin/python" -m pip freeze --exclude drumbeat; } > "$$tmp/new" && \
	cp "$$tmp/new" constraints.txt && \
	echo "constraints.txt is new. Now: make check test"

# Not a part of `check`: it asks a service on the internet, whose answer changes by the day.
# --strict, since a package that the service does not know is not thereby a safe one.
.PHONY: audit
audit: ## Look up known vulnerabilities of the versions in constraints.txt (needs the internet)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(PYTHON) -m venv "$$tmp/venv" && \
	"$$tmp/venv/bin/python" -m pip install -qq --no-input 'pip-audit>=2.10,<3' && \
	"$$tmp/venv/bin/pip-audit" --strict --disable-pip --no-deps --requirement constraints.txt

.PHONY: clean
clean: ## Remove the virtual environment, caches, reports and the sandbox's data
	@rm -rf $(VENV) build dist htmlcov preview public *.egg-info \
		.cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		.coverage .coverage.* .sandbox.db .sandbox.db-* \
		audit.jsonl gl-code-quality-report.json junit.xml outcomes.json plan.json
	@find automation tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- The virtual environment -------------------------------------------------------
# Three steps, each marked by a file when it is complete. They build on one another, so
# that `make -j` never runs two installations at once, and an interrupted one is resumed.

$(VENV)/.ready-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Drumbeat needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.ready-sandbox: $(VENV)/.ready-python pyproject.toml constraints.txt
	@echo "Installing Drumbeat into $(VENV) (once; well under a minute) …" >&2
	@$(PIP_INSTALL) --editable '.[sandbox]'
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready-sandbox
	@echo "Installing the tools for tests and checks …" >&2
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $@
