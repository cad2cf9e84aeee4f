# Two commands do everything: `make ask` (see it work) and `make test` (prove that it works).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES := $(shell getconf _NPROCESSORS_ONLN)
CLOCKED = -m clock $(shell grep -rl --include='test_*.py' mark.clock tests)
TEST_FLAGS := --run-slow --run-install --run-training $(if $(CI),--require-browser)

# The suite starts hundreds of processes; without bytecode each of them compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help ask test check shapes format benchmarks clean browser

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

ask: $(VENV)/core.done ## install the light core, answer a question about a sample receipt, write its trace
	@mkdir -p out
	$(BIN)/lavr ask demos/images/receipt.png "What is the total?" --trace out/trace.html

test: browser $(VENV)/test.done ## install everything, check the code, run the whole suite
	$(MAKE) --jobs 2 check shapes $(VENV)/bytecode.done
	@# A machine may be halted for a moment: what came too late is tried once more.
	@$(BIN)/python -m pytest $(TEST_FLAGS) $(CLOCKED) || \
		$(BIN)/python -m pytest $(TEST_FLAGS) $(CLOCKED) --last-failed --last-failed-no-failures none
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TEST_FLAGS) -m "not clock" -n $(CORES) --maxprocesses 4 --dist loadscope

check: $(VENV)/test.done ## lint, format and types, without the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(VENV)/typing && ln -sfn $(CURDIR) $(VENV)/typing/lavr
	MYPYPATH=$(VENV)/typing $(BIN)/mypy -p lavr

shapes: $(VENV)/test.done ## train the detector of drawn shapes that tests use, for some minutes, once
	OMP_NUM_THREADS=1 $(BIN)/python -m lavr.tests.tools.shapes_detector

format: $(VENV)/test.done ## let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: $(VENV)/test.done ## measure what the README claims about speed and accuracy
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

browser: ## install Chromium for the browser tests where that is possible (root on Debian)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else echo "No Chromium here: the browser tests will be skipped. Install it to run them."; fi

clean: ## remove what was installed and written
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/core.done: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/test.done: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[test]'
	@touch $@ $(VENV)/core.done

# pip would compile every module while one core idles; here that is done beside the training. Tests need it done: a
# module that warns when it is compiled would be an error in whichever test imports it first. Some packages carry files
# that cannot be compiled, and need not.
$(VENV)/bytecode.done: $(VENV)/test.done
	$(BIN)/python -m compileall -qq $(VENV)/lib || true
	@touch $@
