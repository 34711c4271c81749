# Everything a newcomer needs: `make build`, `make check`, `make serve`. The rest is `python build.py --help`.
# Works with GNU make 3.81 (macOS). Uses uv where there is one, venv and pip where not.
PY := .venv/bin/python

.PHONY: build check serve lock browser clean

build: .venv/.ready
	$(PY) build.py

serve: .venv/.ready
	$(PY) build.py serve

check: .venv/.ready browser
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/zizmor --quiet --offline --no-progress --persona=auditor .github
	$(PY) build.py check
	$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder

.venv/.ready: requirements.txt
	@rm -rf .venv
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --python '>=3.11' .venv && uv pip sync -q --python $(PY) --require-hashes requirements.txt; \
	else \
	  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (or install uv, which brings one)")' \
	  && python3 -m venv .venv && $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt; \
	fi
	@touch $@

# The tests need a real browser. Found, or installed: Playwright's own first, then Debian's as root. Never skipped.
browser: .venv/.ready
	@$(PY) tests/find_browser.py 2>/dev/null \
	  || $(PY) -m playwright install chromium-headless-shell \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q --no-install-recommends chromium-headless-shell libatomic1; } \
	  || true
	@$(PY) tests/find_browser.py

# After a change of dependencies in pyproject.toml (needs uv).
lock:
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade -o requirements.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
