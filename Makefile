# `make` lists the targets. Set-up happens by itself, in .venv, from the hash-checked requirements.lock.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
READY := .venv/.requirements.lock
RAY := .venv/.engines.lock
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

repro: $(READY) $(if $(filter ray,$(ENGINE)),$(RAY)) ## run the pipeline and print where the report is; PROFILE=paper: the papers' own sizes and datasets; JOBS=4: so many stages at once; ENGINE=slurm or ray: on a cluster
	@set -e; knobs=$(if $(PROFILE),$$(python -m stages.profile --name "$(PROFILE)")); \
	if [ -n "$(JOBS)$(ENGINE)" ]; then \
		eval "python -m stages.repro --jobs='$(JOBS)' --engine='$(ENGINE)' $(if $(SETTINGS),--settings='$(SETTINGS)') $$knobs"; \
	elif [ -n "$$knobs" ]; then eval "dvc exp run $$knobs"; else dvc repro; fi
	@echo "The report: $(CURDIR)/reports/index.html"

sweep: $(READY) ## run all of one sweep: NAME=ijae-lambda
	@set -e; words=$$(python -m stages.sweeps --name "$(NAME)"); eval "dvc exp run $$words"

weights: $(READY) ## get the published networks into weights/ (0.9 GB); NETWORKS="inception lpips-alex" gets those alone
	python -m stages.fetch.published $(foreach network,$(NETWORKS),--network $(network))

archive: $(READY) ## pack report, tables, params, locks and provenance into replication.zip, an RO-Crate
	python -m stages.render.archive --root . --out replication.zip

test: $(READY) $(RAY) ## run the whole test suite, on up to four cores
	python -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(READY) ## ruff and mypy
	ruff check . && ruff format --check . && mypy

pipeline: $(READY) ## write every dvc.yaml anew from the rooms, after adding a file or an import
	python -m stages.pipeline

setup: $(READY) $(if $(filter ray,$(ENGINE)),$(RAY)) ## only make .venv; ENGINE=ray with what that needs

lock: $(READY) ## pin requirements.in and engines.in anew
	$(COMPILE) --upgrade requirements.in -o requirements.lock
	$(COMPILE) --upgrade engines.in -o engines.lock

# uv installs 240 packages in a fraction of pip's time; pip fetches it, at the version and hash that the lock pins.
# Bytecode is compiled once, here: a run is hundreds of processes, and `import torch` takes twice as long without.
$(READY): requirements.lock
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	.venv/bin/uv pip sync -q --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock
	@cp requirements.lock $@

# Beside the rest, at the versions that the rest has: engines.in names requirements.lock as its constraint.
$(RAY): engines.lock $(READY)
	.venv/bin/uv pip install -q --require-hashes --compile-bytecode --python .venv/bin/python -r engines.lock
	@cp engines.lock $@

.PHONY: help repro sweep weights archive test lint pipeline setup lock
.DEFAULT_GOAL := help
