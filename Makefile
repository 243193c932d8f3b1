# One front door: `make help`. Everything happens in .venv, build and .cache; nothing else is written.
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
VENV ?= .venv
BIN := $(VENV)/bin
CPP := $(shell find cpp -name '*.?pp')
PACKAGE := $(shell find src -type f ! -name '*.pyc' ! -name '*.so')
SOURCES := pyproject.toml README.md LICENSE CMakeLists.txt $(PACKAGE) \
           $(shell find cpp third_party stubs -type f)
# nice, because the machine may be busy with something that matters more.
RUN := nice $(BIN)/python -m
PIP := $(RUN) pip --disable-pip-version-check --quiet
PYTEST_ARGS ?=
# Most of their time tests wait for programs which they have started. 0: one after the other, as a debugger wants it.
JOBS ?= 2
SHARED_OUT := -n $(JOBS) --dist loadfile
# Recorded conversations and files of real peers; tests that need them are skipped without.
VECTORS ?= $(wildcard $(CURDIR)/../shared/vectors)
BENCH_ARGS ?=
# What the virtual environment gets: `frameworks` is without linters, `test` also without the frameworks that some tests are about.
SET_UP ?= all

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@echo 'PYTHONS="/path/to/python; chroot ROOT /usr/bin/python3.14" those of test-all.'
	@echo "PYTHON=/path/to/python chooses the interpreter, VENV=folder the virtual environment."
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up -----------------------------------------------------------------------------------------------------------

$(VENV)/.builders: pyproject.toml scripts/set_up scripts/requirements.py
	@scripts/set_up $(VENV) build
	@touch $@

TOOLS := $(VENV)/.tools-$(SET_UP)

$(TOOLS): $(VENV)/.builders
	@scripts/set_up $(VENV) $(SET_UP)
	@touch $@

.PHONY: tools
tools: $(TOOLS) ## set up what checking needs

$(VENV)/.installed: $(VENV)/.builders $(SOURCES)
	@echo "building and installing tracypy into $(VENV)"
	@$(PIP) install --no-build-isolation --no-deps --force-reinstall .
	@touch $@

.PHONY: install
install: $(VENV)/.installed ## build tracypy and install it into the virtual environment

# --- looking ----------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: install ## record examples/demo.py, sum it up, and say how to open the file
	@$(BIN)/python scripts/demo.py

.PHONY: examples
examples: $(TOOLS) install ## build examples/native, record what it does together with Python, and show that
	@mkdir -p build
	@nice $(BIN)/cmake -S examples/native -B build/examples -G Ninja -DCMAKE_MAKE_PROGRAM="$(abspath $(BIN))/ninja" \
	    -DPython_EXECUTABLE="$(abspath $(BIN))/python" >build/examples.log || { cat build/examples.log; exit 1; }
	@nice $(BIN)/cmake --build build/examples >build/examples.log || { cat build/examples.log; exit 1; }
	@cd build && $(abspath $(BIN))/python ../examples/native/run.py examples

# --- checking ---------------------------------------------------------------------------------------------------------

.PHONY: test
test: lint types stubs site instructions native pytest test-oldest ## every check there is, then the tests

.PHONY: lint
lint: $(TOOLS) $(VENV)/.installed ## ruff, clang-format, the layers, the sizes of files
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@nice $(BIN)/clang-format --dry-run --Werror $(CPP)
	@$(RUN) scripts.check_layers
	@$(RUN) scripts.check_sizes
	@$(RUN) scripts.check_kinds
	@nice $(BIN)/lint-imports --no-logo

.PHONY: types
types: $(TOOLS) $(VENV)/.installed ## mypy --strict; pyright: every type of the public interface is annotated; both: examples
	@$(RUN) mypy --strict
	@for platform in win32 darwin; do $(RUN) mypy --strict --platform $$platform --cache-dir .mypy_cache/$$platform src/tracypy || exit 1; done
	@nice $(BIN)/python scripts/check_public_types.py
	@$(RUN) mypy --strict --python-version 3.14 --cache-dir .mypy_cache/examples $(wildcard examples/*.py)
	@$(RUN) pyright --warnings -p tests/typing/examples.json

.PHONY: stubs
stubs: $(TOOLS) $(VENV)/.installed ## the native module against its stub
	@nice $(BIN)/python scripts/stub.py check

.PHONY: stub-write
stub-write: $(TOOLS) $(VENV)/.installed ## write the native module's stub anew
	@$(BIN)/python scripts/stub.py write

.PHONY: site
site: $(TOOLS) ## build the documentation's site into build/site; a dead link is an error
	@nice $(BIN)/python scripts/build_site.py

.PHONY: instructions
instructions: $(TOOLS) $(VENV)/.installed ## instructions per call, counted by valgrind, against benchmarks/instructions.json
	@nice $(BIN)/python scripts/check_instructions.py

.PHONY: pytest
pytest: $(TOOLS) $(VENV)/.installed ## the tests alone; PYTEST_ARGS="-k zones" for some of them, JOBS=0 one by one
	@$(RUN) pytest $(SHARED_OUT) $(PYTEST_ARGS)

.PHONY: test-all
test-all: $(TOOLS) ## the tests on every interpreter there is, which scripts/test_all.py finds; ends with a table
	@$(BIN)/python -m scripts.test_all $(SHARED_OUT) $(PYTEST_ARGS)

# What the oldest interpreter has differently shows in few minutes: it builds, and calls are zones.
.PHONY: test-oldest
test-oldest: $(TOOLS) ## that it builds for Python 3.12, if there is one, and the tests of units and zones there
	@$(BIN)/python -m scripts.test_all --light --only 3.12 $(SHARED_OUT) tests/unit tests/integration/test_zones_*.py

.PHONY: test-heavy
test-heavy: $(TOOLS) $(VENV)/.installed ## the tests that need Ray, torch, JAX, JupyterLab and Panda3D, which it installs: some gigabytes
	@$(BIN)/python scripts/requirements.py heavy >$(VENV)/heavy.txt
	@$(PIP) install --only-binary :all: -r $(VENV)/heavy.txt
	@$(RUN) pytest -m heavy $(PYTEST_ARGS)

# With sanitizers, in a folder of its own: make native SANITIZE=thread
comma := ,
NATIVE := build/native$(addprefix -,$(firstword $(subst $(comma), ,$(SANITIZE))))
NATIVE_TESTS := native_tests events_tests analysis_tests journal_tests recorder_tests tracefile_tests capture_tests
TEST ?=

$(NATIVE)/build.ninja: $(TOOLS) tests/native/CMakeLists.txt
	@mkdir -p build
	@nice $(BIN)/cmake -S tests/native -B $(NATIVE) -G Ninja -DCMAKE_MAKE_PROGRAM="$(CURDIR)/$(BIN)/ninja" \
	    -DTRACYPY_NATIVE_TESTS=ON -DTRACYPY_SANITIZE="$(SANITIZE)" >build/native.log || { cat build/native.log; exit 1; }
	@touch $@

.PHONY: native
native: $(NATIVE)/build.ninja ## the tests of the native layers, which know no Python; TEST=part of a name for some of them
	@nice $(BIN)/cmake --build $(NATIVE) >build/native.log || { cat build/native.log; exit 1; }
	@$(NATIVE)/wire_table | cmp - docs/wire-events.md || { echo "docs/wire-events.md is old: run make docs"; exit 1; }
	@test -n "$(VECTORS)" || echo "there are no recorded vectors: what needs them is left out (tests/vectors/README.md)"
	@ran=no; for tests in $(NATIVE_TESTS); do \
	    $(if $(VECTORS),TRACYPY_VECTORS="$(VECTORS)") $(NATIVE)/$$tests $(TEST); \
	    case $$? in 0) ran=yes;; 2) ;; *) exit 1;; esac; \
	done; test $$ran = yes || { echo "no test's name contains $(TEST)"; exit 1; }

# Builds of its own, beside the normal one: make sanitize SANITIZE=thread PYTEST_ARGS="-k zones"
sanitize: SANITIZE ?= address,undefined
SANITIZED = $(VENV)-$(firstword $(subst $(comma), ,$(SANITIZE)))
library = $(shell $${CXX:-c++} -print-file-name=$(1))
# The interpreter has neither: the sanitizer has to be there before it, and to find what throws C++ exceptions.
PRELOAD = $(call library,$(if $(filter thread,$(SANITIZE)),libtsan.so,libasan.so)) $(call library,libstdc++.so)

.PHONY: sanitize
sanitize: ## the tests on a build with sanitizers (SANITIZE=address,undefined or thread)
	@scripts/set_up $(SANITIZED) build && scripts/set_up $(SANITIZED) all
	@nice $(SANITIZED)/bin/python -m pip --disable-pip-version-check --quiet install --no-build-isolation --no-deps \
	    --force-reinstall --config-settings=cmake.define.TRACYPY_SANITIZE=$(SANITIZE) --config-settings=cmake.define.TRACYPY_TOGETHER=OFF \
	    --config-settings=build-dir=build/sanitize-$(firstword $(subst $(comma), ,$(SANITIZE))) .
	@LD_PRELOAD="$(PRELOAD)" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=suppressions=$(CURDIR)/scripts/tsan.supp \
	    nice $(SANITIZED)/bin/python -m pytest $(PYTEST_ARGS)

# Golden data, which is not in the repository: make vectors TOOLS=/path VECTORS=../shared/vectors
TOOLS ?=

.PHONY: vectors
vectors: $(VENV)/.builders ## record what real Tracy tools say, for the tests; tests/vectors/README.md says of what
	@test -n "$(TOOLS)" || { echo "name the tools: make vectors TOOLS=/folder (see tests/vectors/README.md)"; exit 2; }
	@$(BIN)/python scripts/record_vectors.py "$(TOOLS)" "$(or $(VECTORS),$(CURDIR)/../shared/vectors)"

.PHONY: bench
bench: $(TOOLS) $(VENV)/.installed ## measure what docs/performance.md states
	@$(BIN)/python benchmarks/light.py
	@$(BIN)/python benchmarks/c_calls.py
	@$(BIN)/python benchmarks/native_zones.py
	@$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

.PHONY: format
format: $(TOOLS) ## let ruff and clang-format write the sources as they want them
	@$(RUN) ruff check --fix
	@$(RUN) ruff format
	@$(BIN)/clang-format -i $(CPP)

.PHONY: docs
docs: $(TOOLS) $(VENV)/.installed $(NATIVE)/build.ninja ## write the generated pages of docs/ anew
	@nice $(BIN)/cmake --build $(NATIVE) --target wire_table >$(NATIVE).log || { cat $(NATIVE).log; exit 1; }
	@$(NATIVE)/wire_table >docs/wire-events.md
	@$(BIN)/python scripts/write_docs.py

# --- releasing --------------------------------------------------------------------------------------------------------

# Unpacked sources of LZ4 and Zstandard, which are compiled in; they are fetched if they are not there.
CODECS ?= $(CURDIR)/build/codecs

$(VENV)/.releasers: $(VENV)/.builders
	@$(BIN)/python scripts/requirements.py release >$(VENV)/requirements-release.txt
	@$(PIP) install -r $(VENV)/requirements-release.txt
	@touch $@

.PHONY: dist
dist: $(VENV)/.releasers ## build the source distribution and a wheel of it into dist/, as they are released, and check both
	@test -d $(CODECS) || $(BIN)/python scripts/fetch_codecs.py $(CODECS)
	@rm -rf dist build/dist && mkdir -p build
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(RUN) build --outdir build/dist \
	    -C cmake.define.TRACYPY_CODECS=$(abspath $(CODECS)) >build/dist.log 2>&1 || { tail -n 50 build/dist.log; exit 1; }
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) PATH="$(abspath $(BIN)):$$PATH" $(RUN) auditwheel repair --zip-compression-level 9 --wheel-dir dist build/dist/*.whl >build/dist.log 2>&1 || \
	    { cat build/dist.log; exit 1; }
	@mv build/dist/*.tar.gz dist
	@$(BIN)/python scripts/check_wheel.py dist
	@$(RUN) twine check --strict dist/*

.PHONY: reproducible
reproducible: $(VENV)/.releasers ## build what is released twice, in two folders, and compare the bytes
	@test -d $(CODECS) || $(BIN)/python scripts/fetch_codecs.py $(CODECS)
	@nice $(BIN)/python scripts/check_reproducible.py $(CODECS) $(VENV)

.PHONY: clean
clean: ## remove what was built
	rm -rf build dist $(VENV)/.installed
