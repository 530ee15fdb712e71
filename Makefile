# Targets are the interface for people and scripts; `make help` prints them.
# Nothing here needs Docker, a cloud account or a key.

PYTHON ?= python3
PORT ?= 0
VENV := .venv
PY := $(VENV)/bin/python
CLIENT := clients/typescript
# What is linted and typed: whatever of these exists.
SOURCES := $(wildcard layers/liveproof functions liveproof_cli liveproof_emulator simulator tools tests bench examples clients/python/src clients/python/examples)

export PYTHONPATH := $(CURDIR)/layers:$(CURDIR):$(CURDIR)/clients/python/src
# Bytecode is kept beside the packages that are imported: nothing is compiled twice, and nothing in vain.
export PYTHONDONTWRITEBYTECODE :=
# As they were written: neither make nor the shell sees a space, a quote or a dollar sign in a file's name.
override export IMAGE := $(value IMAGE)
override export VIDEO := $(value VIDEO)
override export LIVE_DATA := $(value LIVE_DATA)
override export CLOUD := $(value CLOUD)
override export CHECK := $(value CHECK)
override export STAGE := $(value STAGE)
override export REGION := $(value REGION)
override export VARS := $(value VARS)
override export NAME := $(value NAME)

# The packages of tests and builds, beside those of every target. Only the local AWS needs Node.js.
DEV = $(VENV)/bin/liveproof $(VENV)/.installed-dev
NODE = $(if $(filter tencent,$(CLOUD)),,node_modules/.installed)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help try demo local console emulator verify-deployment test test-quick attack contract mutants store-units check lint format format-check types new-check docs site plans \
	package deploy release bench clean lock .venv node_modules

help: ## print this list
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
		/^[a-z_.-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Run on this machine
try: $(VENV)/bin/liveproof $(if $(filter aws,$(CLOUD)),node_modules/.installed) ## one verification of your own file, step by step; IMAGE=photo.jpg, VIDEO=, LIVE_DATA=, CHECK=, CLOUD= (tencent needs no Node.js)
	@$(PY) -m tools.first_run

demo: $(VENV)/bin/liveproof $(NODE) ## run real files through every check on a local cloud; CLOUD=aws or tencent; IMAGE=, VIDEO= and LIVE_DATA= take your own
	@$(PY) -m tools.demo

local: $(VENV)/bin/liveproof $(NODE) console/dist/.built ## the local cloud, until Ctrl-C; the first line is JSON; CLOUD=aws or tencent; ARGS="--webhook URL --param NAME=VALUE"
	@$(PY) -m tools.local $(ARGS)

emulator: $(VENV)/bin/liveproof ## the vendors' APIs alone; PORT=; the first line on standard output is JSON
	@$(PY) -m liveproof_emulator --port $(PORT)

verify-deployment: override export API := $(value API)
verify-deployment: override export KEY := $(value KEY)
verify-deployment: override export BUDGET := $(value BUDGET)
verify-deployment: override export PRICE := $(value PRICE)
verify-deployment: $(VENV)/bin/liveproof ## try a deployment of yours and the real vendor; API=, KEY=, BUDGET=, PRICE=; IMAGE=, VIDEO=, LIVE_DATA= of a live person; ARGS="--yes --only NAME"
	@$(PY) -m tools.verify_deployment $(ARGS)

##@ Test
# In the order of tests/conftest.py.
PARALLEL := -q -n auto --dist loadgroup --no-loadscope-reorder

# The suites that need nothing but Python, as the table in tests/README.md names them.
QUICK := tests/api tests/checks tests/domain tests/files tests/use_cases tests/vendors \
	tests/webhooks tests/test_codes.py tests/test_decoding.py tests/test_facts.py tests/test_layers.py \
	tests/test_clock.py tests/test_md5.py tests/test_secret_documents.py tests/test_settings.py tests/test_values.py
test-quick: $(DEV) ## the suites of the core: under a minute, no Node, no local cloud
	$(PY) -m pytest $(PARALLEL) $(ARGS) $(QUICK)

TESTED := $(DEV) node_modules/.installed console/dist/.built
TESTS = $(PY) -m pytest $(or $(ARGS),$(PARALLEL))
TYPES = $(PY) -m mypy --strict $(SOURCES)
test: $(TESTED) ## all tests; ARGS= go to pytest
	$(TESTS)

attack: $(DEV) node_modules/.installed ## every attack on both local clouds, with a table per side; ARGS="--side NAME --cloud aws --json"
	@$(PY) -m tests.attack $(ARGS)

contract: $(DEV) node_modules/.installed ## ask both local clouds what docs/openapi.json allows and what it does not; CLOUD=, ARGS="--examples 50 --seed 1"
	@$(PY) -m tests.contract $(ARGS)

mutants: $(DEV) ## change the core in small ways and see that tests notice; SAMPLE= (0: at every place), SEED=, ARGS="--part domain --jobs 2 --json"
	@$(PY) -m tests.mutation --sample $(or $(SAMPLE),100) --seed $(or $(SEED),1) $(ARGS)

store-units: $(DEV) ## the write units and SQL statements of one verification of each check, against their budget
	@$(PY) -m tests.store_units

crash-matrix: $(DEV) ## stop functions at every moment, in every check, and see how it all ends; ARGS="--way NAME --stops 20 --run ID --json"
	@$(PY) -m tests.crash_matrix $(ARGS)

soak: $(DEV) node_modules/.installed ## 500 verifications while everything fails at times, then ten minutes of steady intake; N=, SECONDS=, CLOUD=
	@$(PY) -m tests.soak --count $(or $(N),500) --seconds $(or $(SECONDS),600) $(ARGS)

# The type checker uses one core, and the tests that start first wait for local clouds. A shell keeps
# Ctrl-C from what runs in its background.
check: format-check lint $(TESTED) ## the whole gate before a push: format, lint, types, tests; CI runs the same
	@$(TYPES) & types=$$!; trap "kill $$types; exit 130" INT TERM; $(TESTS); tests=$$?; \
	wait $$types || { echo "the type checker failed: make types" >&2; exit 1; }; exit $$tests

##@ Write and build
format: $(DEV) ## format the code and fix what ruff can fix
	$(VENV)/bin/ruff check --fix-only --quiet $(SOURCES)
	$(VENV)/bin/ruff format $(SOURCES)

format-check: $(DEV)
	$(VENV)/bin/ruff format --check $(SOURCES)

lint: $(DEV) ## ruff, without changes
	$(VENV)/bin/ruff check $(SOURCES)

types: $(DEV) ## mypy --strict
	$(TYPES)

new-check: $(DEV) ## the files of a new check and a list of what is left to do; NAME=
	@$(PY) -m tools.new_check "$$NAME"

docs: $(DEV) ## write the generated pages of docs/
	@$(PY) -m tools.docs

# Zensical needs Python 3.11.
SITE_TOOLS := build/site-tools
site: $(DEV) $(SITE_TOOLS)/.installed ## the documentation as a static site in build/site, without a network; a warning is an error
	@$(PY) -m tools.site $(SITE_TOOLS)/bin/python

plans: $(DEV) ## simulate the plans of docs/planning.md anew, with its picture; a quarter of an hour; ARGS="--only NAME"
	@$(PY) -m simulator.pages $(ARGS)

console: console/dist/.built ## the console's page, for `make local` and `liveproof console`

package: $(VENV)/bin/liveproof node_modules/.installed ## the files of a deployment: build/aws/cloudformation.json, build/tencent/packages.json and the zips
	@$(PY) -m tools.packaging

deploy: $(VENV)/bin/liveproof $(NODE) ## deploy what was checked and shown, after a question; STAGE=, REGION=, CLOUD=aws or tencent, VARS=FILE, ARGS="--param NAME=VALUE --yes"
	@$(PY) -m tools.deploy $(ARGS)

release: $(DEV) node_modules/.installed $(CLIENT)/dist/.built ## a release of what is committed, in build/release: packages, checksums, bills of materials, licences, audit
	@$(PY) -m tools.release

bench: $(DEV) node_modules/.installed ## every benchmark, a JSON line per figure; ARGS="--only NAME"
	@$(PY) -m bench $(ARGS)

##@ Install and remove
clean: ## remove everything that was built or installed
	rm -rf build $(VENV) node_modules $(CLIENT)/node_modules $(CLIENT)/dist console/node_modules console/dist .serverless .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-header
lock: $(DEV) ## write the lock files from requirements/*.in; ARGS=--upgrade takes newer versions
	$(LOCK) $(ARGS) requirements/dev.in -o requirements/dev.txt
	$(LOCK) $(ARGS) requirements/run.in -c requirements/dev.txt -o requirements/run.txt
	$(LOCK) $(ARGS) requirements/uv.in -c requirements/dev.txt -o requirements/uv.txt
	$(LOCK) $(ARGS) requirements/layer.in -c requirements/dev.txt -o requirements/layer.txt
	$(LOCK) $(ARGS) requirements/scf.in -c requirements/dev.txt -o requirements/scf.txt
	$(LOCK) $(ARGS) requirements/simulator.in -c requirements/dev.txt -o requirements/simulator.txt
	$(LOCK) $(ARGS) requirements/node.in -o requirements/node.txt
	$(LOCK) $(ARGS) liveproof_emulator/pyproject.toml requirements/emulator.in -c requirements/dev.txt -o requirements/emulator.txt
	$(LOCK) $(ARGS) requirements/sdk-intl.in -o requirements/sdk-intl.txt
	$(LOCK) $(ARGS) requirements/sdk-cos.in -o requirements/sdk-cos.txt
	$(LOCK) $(ARGS) requirements/mutants.in -o requirements/mutants.txt
	$(subst version 3.10,version 3.11,$(LOCK)) $(ARGS) requirements/site.in -o requirements/site.txt

.venv: $(DEV) ## the locked Python packages and the command .venv/bin/liveproof
node_modules: node_modules/.installed

# Two groups of packages: what runs, and what tests and builds. tools/install.py writes the stamps.
$(VENV)/.installed: requirements/run.txt requirements/uv.txt
	@$(PYTHON) -m tools.install run

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	@$(PY) -m tools.install dev

$(VENV)/bin/liveproof: tools/liveproof $(VENV)/.installed
	@install -m 755 $< $@

$(SITE_TOOLS)/.installed: requirements/site.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("The site needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ". Name another: make site PYTHON=python3.12")'
	@echo "installing what builds the site into $(SITE_TOOLS)" >&2
	@$(PYTHON) -m venv --clear $(SITE_TOOLS) >&2
	@$(SITE_TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/site.txt >&2
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/bin/liveproof
	@$(PY) -m tools.install node

# The TypeScript client has packages and a build of its own.
$(CLIENT)/node_modules/.installed: $(CLIENT)/package.json $(CLIENT)/package-lock.json | $(VENV)/bin/liveproof
	@echo "installing the locked Node packages into $(CLIENT)/node_modules" >&2
	@cd $(CLIENT) && "$(abspath $(PY))" -m tools.packaging.node npm ci --no-fund --no-audit --ignore-scripts >&2
	@touch $@

$(CLIENT)/dist/.built: $(CLIENT)/node_modules/.installed $(CLIENT)/build.mjs $(wildcard $(CLIENT)/tsconfig*.json $(CLIENT)/src/*.ts $(CLIENT)/src/*/*.ts)
	@cd $(CLIENT) && "$(abspath $(PY))" -m tools.packaging.node npm run --silent build >&2
	@touch $@

# The console's page, which uses the TypeScript client.
console/node_modules/.installed: console/package.json console/package-lock.json | $(CLIENT)/dist/.built
	@echo "installing the locked Node packages into console/node_modules" >&2
	@cd console && "$(abspath $(PY))" -m tools.packaging.node npm ci --no-fund --no-audit --ignore-scripts >&2
	@touch $@

console/dist/.built: console/node_modules/.installed $(CLIENT)/dist/.built $(wildcard console/index.html console/*.ts console/tsconfig.json console/public/* console/src/*.* console/src/*/*)
	@cd console && "$(abspath $(PY))" -m tools.packaging.node npm run --silent build >&2
	@touch $@
