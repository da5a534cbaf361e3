# Two commands do all the set-up on a fresh machine: `make serve` (the site) and `make test` (everything).
PYTHON ?= python3
BIN := .venv/bin
# PyTorch's own index of CPU builds. Without it pip takes gigabytes of CUDA on Linux. Not fatal when out of reach.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH := $(shell grep '^torch==' requirements/test.txt)
# mkdocs itself, but that Python looks for garbage less often: that took a third of the time to build the site.
MKDOCS := import gc; gc.set_threshold(50_000); from mkdocs.__main__ import cli; cli(prog_name='mkdocs')
only ?=
fresh ?=
fix ?=
larger ?=
# The theme prints an advertisement for its successor at each build.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build test outputs experiments models vendor lighthouse lint clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: .venv/site .cache/notebooks ## preview the site on http://127.0.0.1:8000, reloading when docs/ or snippets/ change
	NOTEBOOK_CACHE=true $(BIN)/python -c "$(MKDOCS)" serve --livereload

build: .venv/site ## write the site to site/, strictly (SITE_URL and REPO_URL set its addresses)
	$(BIN)/mkdocs build --strict

test: models ## check everything (fresh=1: also what passed before and has not changed)
	-@$(BIN)/python scripts/fetch_browser_model.py  # without Node the tests of the model in the browser are left out, and say so
	$(BIN)/pytest -n 2 $(if $(fresh),--afresh)

outputs: models ## rewrite what the programs and labs print (only=rag/answer or only=labs/rag for some)
	$(BIN)/pytest tests/programs/test_programs.py tests/programs/test_labs.py::test_lab_prints_its_outputs -n 2 --update-outputs $(if $(only),-k "$(only)")

experiments: models ## train and measure everything again, hours (only=knowledge for one; goes on where it stopped)
	$(BIN)/python scripts/full_vectors.py experiments/run.py $(only)

models: .venv/test ## lay out the two models in .cache/huggingface (larger=1: also the experiments' larger one, 1.1 GB)
	$(BIN)/python scripts/lay_out_models.py $(if $(larger),--larger)

vendor: .venv/site ## fetch the model that the practice page runs in the browser (needs Node); without it the page says so
	$(BIN)/python scripts/fetch_browser_model.py

lighthouse: build ## audit every page as a phone would load it (needs Node and Chromium)
	npm install --prefix scripts/lighthouse --no-package-lock --no-audit --no-fund
	node scripts/lighthouse/lighthouse.mjs site

lint: .venv/test ## run the linters (fix=1: let them mend what they can; only=biome for one)
	$(BIN)/python -m scripts.lint $(if $(fix),--fix) $(only)

clean: ## remove everything these commands made
	rm -rf .venv .cache .*_cache site test-results node_modules scripts/*/node_modules docs/assets/vendor/embedding docs/assets/vendor/.partial-*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: try make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

.venv/site: requirements/site.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The notebook plugin's cache goes by the notebooks alone, not by what shows them.
.cache/notebooks: requirements/site.txt mkdocs_html/notebook.html.j2
	@rm -rf $@ && mkdir -p $@

.venv/test: requirements/test.txt .venv/site
	@echo "Installing PyTorch and what the tests need: some minutes without a word"
	-@$(BIN)/pip install --quiet --disable-pip-version-check --retries 1 --index-url $(TORCH_INDEX) --no-deps $(TORCH) 2>/dev/null
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
