# One front door: `make help`. Everything happens in .venv and build/; nothing else is written.
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
VENV ?= .venv
BIN := $(VENV)/bin
NATIVE := $(shell find CMakeLists.txt cpp third_party stubs -type f 2>/dev/null)
PACKAGE := $(shell find src -name '*.py' -o -name py.typed 2>/dev/null)
SOURCES := pyproject.toml README.md LICENSE $(NATIVE) $(PACKAGE)
# Programs of the checks: nice, because the machine may be busy with something that matters more.
RUN := nice

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up -----------------------------------------------------------------------------------------------------------

$(VENV)/.tools: pyproject.toml scripts/set_up
	scripts/set_up $(VENV)
	touch $@

$(VENV)/.installed: $(VENV)/.tools $(SOURCES)
	$(RUN) $(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --force-reinstall .
	touch $@

.PHONY: install
install: $(VENV)/.installed ## build and install tracypy into .venv
