# Two commands do all the set-up on a fresh machine: `make serve` (the site) and `make test` (everything).
PYTHON ?= python3
BIN := .venv/bin
# For every system and Python that is supported; what is pinned already stays as it is.
LOCK := ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --annotation-style line --python-version 3.11.5
# An environment whose Python was removed or upgraded is made again, like one that is not there.
BROKEN := $(shell test -x $(BIN)/python || echo yes)
only ?=
fresh ?=
check ?=
discard ?=
fix ?=
pictures ?=
larger ?=
port ?=
# The theme prints an advertisement for its successor at each build.
export NO_MKDOCS_2_WARNING := 1
# Text is UTF-8, whatever the locale: what tests start and what programs print as well.
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help serve build pages register test outputs record experiments models vendor lighthouse firefox lint lock links clean
.PHONY: $(if $(BROKEN),.venv/site .venv/lint .venv/test)
.NOTPARALLEL:

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: .venv/site .cache/notebooks links ## preview the site on http://127.0.0.1:8000, reloading as you save (port=8001 for another)
	@NOTEBOOK_CACHE=true $(BIN)/python -m scripts.serve $(if $(port),--port "$(port)")

build: .venv/site links ## write the site to site/, strictly (SITE_URL and REPO_URL set its addresses)
	$(BIN)/mkdocs build --strict

pages: .venv/site links ## write every generated part of a page from its data (check=1: only say what is out of date)
	@$(BIN)/python -m scripts.pages $(if $(check),--check) $(if $(discard),--discard)

register: .venv/site links ## record what the pages say now, and list the figures that need a source (only=docs/ladder/rag.md for one)
	@$(BIN)/python -m scripts.register $(only)

test: models ## check everything (only=tests/site for some; fresh=1: also what passed before; pictures=1: screenshots of all pages)
	-@$(BIN)/python -m scripts.fetch_browser_model  # without Node the tests of the models in the browser are left out, and say so
	$(BIN)/pytest -n 2 $(if $(fresh),--afresh )$(if $(pictures),--pictures )$(only)

outputs: models ## rewrite what the programs and labs print (only=rag/answer or only=labs/rag for some)
	$(BIN)/pytest tests/programs/test_programs.py tests/programs/test_labs.py::test_lab_prints_its_outputs -n 2 --update-outputs $(if $(only),-k "$(only)")

record: .venv/site $(if $(only),models) $(if $(filter ask search,$(only)),vendor build) ## run again what pages and tools show a record of (only=tune for one; alone it lists them)
	@$(BIN)/python -m scripts.record $(only)

experiments: models ## train and measure everything again, hours (only=knowledge for one; larger=1 with the larger model; goes on where it stopped)
	$(BIN)/python scripts/full_vectors.py experiments/run.py $(only) $(if $(larger),--larger)
	@$(BIN)/python -m scripts.pages

models: .venv/test links ## lay out the two models in .cache/huggingface (larger=1: also the experiments' larger one, 1.1 GB)
	$(BIN)/python -m scripts.lay_out_models $(if $(larger),--larger)

vendor: .venv/site ## fetch the two models that run in the reader's browser, 140 MB (needs Node); without them the tools say so
	$(BIN)/python -m scripts.fetch_browser_model

lighthouse: build ## audit every page as a phone would load it (needs Node and Chromium)
	npm ci --prefix scripts/lighthouse
	node scripts/lighthouse/lighthouse.mjs site

firefox: vendor build ## open every page in Firefox and use the tools (needs Node and Firefox)
	npm ci --prefix scripts/firefox
	node scripts/firefox/firefox.mjs site

lint: .venv/lint ## run the linters (fix=1: let them fix what they can; only=biome for one)
	$(BIN)/python -m scripts.lint $(if $(fix),--fix) $(only)

lock: .venv/lint ## write requirements/*.txt anew from requirements/*.in, with the checksums of all packages
	cd requirements && $(LOCK) site.in -o site.txt
	cd requirements && $(LOCK) -c site.txt lint.in -o lint.txt
	cd requirements && $(LOCK) -c site.txt -c lint.txt --excludes cuda.in --no-emit-package torch test.in -o test.txt
	cd requirements && $(LOCK) -c test.txt torch.in -o torch.txt
	cd requirements && $(LOCK) -c site.txt -c lint.txt -c test.txt links.in -o links.txt

clean: ## remove everything these commands made
	rm -rf .venv .cache .*_cache site test-results node_modules scripts/*/node_modules docs/assets/vendor/embedding docs/assets/vendor/writer docs/assets/vendor/.partial-*

# docs/snippets and docs/experiments: nothing to do but where git cannot make symbolic links.
links:
	@$(PYTHON) scripts/link_sources.py

.venv/site: requirements/site.txt
	@$(PYTHON) scripts/set_up.py site

.venv/lint: requirements/lint.txt
	@$(PYTHON) scripts/set_up.py lint

.venv/test: requirements/test.txt requirements/torch.txt .venv/site .venv/lint
	@$(PYTHON) scripts/set_up.py test

# The notebook plugin's cache goes by the notebooks alone, not by what shows them.
.cache/notebooks: requirements/site.txt mkdocs_html/notebook.html.j2
	@rm -rf $@ && mkdir -p $@
