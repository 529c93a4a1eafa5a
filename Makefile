# One command each. On a bare Debian with python3, pip and make: `make run`, `make test`.
PY ?= python3
PORT ?= 8000
EFFORT ?= quick
ARGS ?= --both-databases
# A gate says the same of the same tests twice: their order is shuffled, each time alike. EFFORT=full shuffles anew.
SEED ?= $(if $(filter full,$(EFFORT)),default,20261122)
V := .venv
B := $(V)/bin
UV := $(B)/uv
export PORT EFFORT

.DEFAULT_GOAL := help
.PHONY: help run trail test mutants bench lint format pages lock browser scanner mailserver compiled clean fresh

help:  ## Say what can be done here.
	@grep -hE '^[a-z.]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):[^#]*## */  make \1|/' | column -t -s '|'

run: $(V)/.run compiled  ## Start the front door with its demonstration on http://127.0.0.1:8000 (PORT=... for another).
	$(B)/python -m demonstration

trail: $(V)/.run  ## Read the trail of the demonstration, and say what was altered.
	$(B)/python -m demonstration trail verify

test: $(V)/.test compiled browser scanner mailserver  ## Run every test on both databases (EFFORT=full for the long forms, ARGS=... for a part).
	$(B)/python -m pytest -q -n auto --maxprocesses=6 --dist loadfile --randomly-seed=$(SEED) $(ARGS)

mutants: $(V)/.test compiled  ## Take twenty rules out of a copy, one at a time: the tests of each must miss it (ARGS="GL-8 ..." for some).
	$(B)/python -m scripts.mutants $(filter-out --both-databases,$(ARGS))

bench: EFFORT = full
bench: $(V)/.test compiled  ## Measure the promises of speed, as ratios in one run (EFFORT=quick to see that it runs).
	$(B)/python -m benchmarks

lint: $(V)/.test  ## Check style, types, floors and known risks.
	$(B)/ruff check .
	$(B)/ruff format --check .
	$(B)/mypy
	$(B)/lint-imports
	$(B)/bandit -q -c pyproject.toml -r $(wildcard app.py demonstration helpdesk service_request infrastructure)

format: $(V)/.test  ## Lay the code out and mend what can be mended by itself.
	$(B)/ruff check --fix .
	$(B)/ruff format .

pages: $(V)/.test  ## Write the generated parts of docs/ anew: the tests of each rule, and every route.
	$(B)/python -m scripts.rules_page
	$(B)/python -m scripts.routes_page

# python3-venv is absent on a bare Debian, so pip is asked to install into an environment that has none.
$(UV):
	rm -rf $(V)
	$(PY) -m venv --without-pip $(V)
	$(PY) -m pip -q --python $(B)/python install uv

# Compiled as it is installed: uv writes no bytecode, and without it every start costs three seconds.
$(V)/.run: $(UV) requirements/run.lock
	$(UV) pip install -q --require-hashes --compile-bytecode --python $(B)/python -r requirements/run.lock
	@touch $@

$(V)/.test: $(V)/.run requirements/test.lock
	$(UV) pip install -q --require-hashes --compile-bytecode --python $(B)/python -r requirements/test.lock
	@touch $@

# Our own modules too: many tests start the product as a process of its own.
compiled: $(V)/.run
	@$(B)/python -m compileall -q app.py demonstration helpdesk service_request infrastructure

# Chromium, the library that Playwright's own node needs, and a font of our stack; only where we may install them.
browser:
	@if ! command -v chromium >/dev/null || ! ldconfig -p | grep -q libatomic.so.1 || ! ls /usr/share/fonts/truetype/liberation* >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends chromium libatomic1 fonts-liberation >/dev/null; \
	  else echo "No Chromium or libatomic1 here: browser tests are skipped. As root: apt-get install chromium libatomic1 fonts-liberation"; fi; fi

# clamd alone: the tests give it a database of one signature, so that nothing is fetched from anywhere.
scanner:
	@if ! PATH="$$PATH:/usr/sbin" command -v clamd >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends clamav-daemon >/dev/null; \
	  else echo "No clamd here: tests with a real scanner are skipped. As root: apt-get install clamav-daemon"; fi; fi

# Dovecot alone: the tests give it a folder and one user of their own, and nothing of the machine's.
mailserver:
	@if ! PATH="$$PATH:/usr/sbin" command -v dovecot >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends dovecot-imapd >/dev/null; \
	  else echo "No Dovecot here: tests with it are skipped, pymap stands in. As root: apt-get install dovecot-imapd"; fi; fi

lock: $(UV)  ## Resolve requirements/*.in anew, with hashes and no registry address.
	$(UV) pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url requirements/run.in -o requirements/run.lock
	$(UV) pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url -c requirements/run.lock requirements/test.in -o requirements/test.lock

clean:  ## Remove caches.
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -not -path './$(V)/*' -prune -exec rm -rf {} +

fresh: clean  ## Forget the demonstration's data and the environment: the next run starts as on the first day.
	rm -rf instance $(V)
