# Two commands do everything on a fresh machine with python3 (3.11 or later), make and git:
#   make demo     sample operator -> extracts -> warehouse -> published file, then what to open
#   make test     every test that this machine can run
# Tests run on three workers: the Spark ring mostly waits. WORKERS=0 runs them one after another. Numerical libraries
# get one thread each: threads of several workers that wait for each other by spinning made analyses 20 times slower.
# DEMO passes options on:  make demo DEMO="--subscribers 2000 --seed 7"

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?=
TESTS ?=
WORKERS ?= 3

.PHONY: demo test test-fast lint format clean setup

demo: $(READY)
	@$(BIN)/bass demo $(DEMO)

test: $(READY)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(TESTS)

test-fast: $(READY)
	@$(BIN)/pytest -m "not slow and not spark" $(TESTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/python -m orchestration.codegen --check
	$(BIN)/bass contract check
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: $(READY)

# uv installs the lock file in seconds; pip does the same in minutes where uv cannot find a package index.
$(READY): requirements.lock pyproject.toml
	@echo "installing into $(VENV) from requirements.lock (first time: about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "BASS needs Python 3.11 or later; set PYTHON=..." && exit 1)
	@$(PYTHON) -m venv --clear $(VENV)
	@sed -n '/^uv==/,/^ *# via/p' requirements.lock > $(VENV)/uv.lock
	@($(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock \
	  && VIRTUAL_ENV=$(VENV) UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock) \
	  || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/bass.pth"
	@printf '#!%s\nfrom orchestration.cli import main\n\nraise SystemExit(main())\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/bass
	@chmod +x $(BIN)/bass
	@touch $(READY)

clean:
	rm -rf $(VENV) home dbt_project/target dbt_project/logs .pytest_cache .ruff_cache .hypothesis
