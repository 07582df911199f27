# Everything a person or a CI machine does with Feed Studio. `make` alone lists it.
# Written for GNU make 3.81, which is what macOS ships.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

# A CI machine has nobody to look at a browser; elsewhere Streamlit opens one where there is a display.
HEADLESS := $(if $(CI),--server.headless=true)

# Each process has a database server of its own; the tests of a file share what they set up.
AT_ONCE := --numprocesses=auto --maxprocesses=4 --dist=loadfile

.DEFAULT_GOAL := help
.PHONY: help run key test check fix bench migrate sample screenshot clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/run ## Serve the app on http://127.0.0.1:8501 (PORT=8502 for another port)
	@exec $(BIN)/streamlit run app.py --server.port=$(PORT) $(HEADLESS)

test: $(VENV)/dev ## Run the tests, real database and real browser included (ARGS="-k fold" for some)
	@FEED_STUDIO_CHROMIUM="$$($(BIN)/python -m scripts.browser)" && export FEED_STUDIO_CHROMIUM \
		&& $(BIN)/python -m pytest $(AT_ONCE) $(ARGS)

check: $(VENV)/dev ## Lint, formatting, types and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

fix: $(VENV)/dev ## Mend what ruff can mend by itself, and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev ## Measure against the targets (ONLY=generation for one)
	@$(BIN)/python -m bench $(ONLY)

migrate: $(VENV)/run ## Bring the database to the newest schema; the app also does this when it starts
	@$(BIN)/python -m lib.cli migrate

key: $(VENV)/run ## Make an API key for a program and print it, once (TENANT=acme for another team, NAME=batch)
	@$(BIN)/python -m lib.cli key $(if $(TENANT),--tenant '$(TENANT)') make $(NAME)

sample: $(VENV)/run ## Load sample captions, marked as such, to look around (ROWS=2000 TENANT=sample)
	@$(BIN)/python -m scripts.sample --rows=$(or $(ROWS),2000) --tenant=$(or $(TENANT),sample)

screenshot: $(VENV)/dev ## Make the README's pictures anew from the running app
	@$(BIN)/python -m scripts.screenshot

clean: ## Remove the virtual environment and caches; your data in .data stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

# Each stamp is written after everything it stands for; the second set contains the first.
$(VENV)/run: requirements.txt
	@PYTHON="$(PYTHON)" bash scripts/venv.sh $(VENV) requirements.txt
	@touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt
	@PYTHON="$(PYTHON)" bash scripts/venv.sh $(VENV) requirements-dev.txt
	@touch $(VENV)/run $@
