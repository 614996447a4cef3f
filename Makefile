# Every target sets up what it needs (deploy/bootstrap.sh) and is instant to set up the second time.
#   PYTHON=3.8 | python3.12 | /path/to/python   the interpreter, python3 unless said
#   ARGS, PYTEST_ARGS                           passed on, e.g. make test PYTEST_ARGS="tests/unit -x"
#   WORKERS                                     processes that share the tests, one per core and four at most unless said; 0 for none
PYTHON ?= python3
WORKERS ?= logical
ARGS ?=
PYTEST_ARGS ?=
export PYTHON

BOOTSTRAP := deploy/bootstrap.sh
CODE := agent alerts models deploy
CHECKED := $(CODE) tests
# A file's tests stay together, and so does what they share.
PYTEST = python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint fix train-test lock clean

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## Watch a fire break out and follow the alert to a subscriber
	@$(BOOTSTRAP) demo beffroi demo $(ARGS)

test: ## Run the whole test suite
	@$(BOOTSTRAP) dev $(PYTEST) $(PYTEST_ARGS)

coverage: ## Run the whole test suite with branch coverage, which must reach the limit (Python 3.9 or newer)
	@$(BOOTSTRAP) dev $(PYTEST) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

lint: ## Check style, types and the layers
	@$(BOOTSTRAP) dev ruff check .
	@$(BOOTSTRAP) dev ruff format --check .
	@$(BOOTSTRAP) dev mypy $(CHECKED)
	@$(BOOTSTRAP) dev lint-imports

fix: ## Let ruff repair and format
	@$(BOOTSTRAP) dev ruff check --fix .
	@$(BOOTSTRAP) dev ruff format .

train-test: ## Run the tests of the model verbs, which need torch (Python 3.10 or newer)
	@$(BOOTSTRAP) train python -m pytest tests/pipeline $(PYTEST_ARGS)

lock: ## Resolve the newest packages of every Python at hand and rewrite constraints/
	@constraints/lock.sh

clean: ## Remove environments, caches and reports
	rm -rf .venvs .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov dist build
