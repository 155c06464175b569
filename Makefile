# FolioLens: every way in. `make help` lists them.
PORT ?= 8000
ENV ?= dev
EXAMPLES ?= 500
DO ?= deploy
USERS ?= 1000
MINUTES ?= 10
BIN := .venv/bin
# At most two test processes: a third only waits on the machines this is built for.
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help run test check audit format fuzz bench load lock openapi screenshots package deploy

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Start everything and print the URL (PORT=8000)
	@./scripts/bootstrap run
	@exec $(BIN)/foliolens serve --port $(PORT)

test: ## Set up what the tests need and run all of them
	@./scripts/bootstrap dev
	@./scripts/browser > /dev/null
	$(BIN)/pytest -q -n 2 --dist loadfile $(TESTS)

check: ## Format, lint, types, architecture, secrets, audit, tests: what CI runs
	@./scripts/bootstrap dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	./scripts/secrets
	$(MAKE) audit
	$(MAKE) test

audit: ## Look the dependencies up among known vulnerabilities
	@./scripts/bootstrap dev
	$(BIN)/python scripts/audit.py

format: ## Format and mend what can be mended
	@./scripts/bootstrap dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: ## Look long for requests that break the contract, as nobody, user and operator (EXAMPLES=500)
	@./scripts/bootstrap dev
	FUZZ_EXAMPLES=$(EXAMPLES) FUZZ_CALLERS="anonymous user operator" \
		$(BIN)/pytest -q -n 2 --dist load tests/fuzz/test_openapi.py

bench: ## Measure the figures of docs/performance.md
	@./scripts/bootstrap dev
	$(BIN)/python -m bench

load: ## Let many people use a server of its own (USERS=1000 MINUTES=10)
	@./scripts/bootstrap dev
	$(BIN)/python -m bench.load_test --users $(USERS) --minutes $(MINUTES)

lock: ## Compile the lock files anew
	@./scripts/lock

openapi: ## Write openapi.json and the web app's types anew from the code
	@./scripts/bootstrap dev
	$(BIN)/python scripts/write_openapi.py
	$(BIN)/python scripts/write_api_types.py

screenshots: ## Take the README's pictures of the web app anew
	@./scripts/bootstrap dev
	$(BIN)/python scripts/screenshots.py

package: ## Build the Lambda functions' packages into build/lambda
	@./scripts/bootstrap dev
	$(BIN)/python -m infra.packages

deploy: ## Bring an environment up on AWS (ENV=dev); DO=diff, destroy or bootstrap does that instead
	@./scripts/bootstrap dev
	$(BIN)/python -m scripts.deploy $(ENV) $(DO)
