# What one does with this project, each by one word; `make` alone explains them.

PYTHON ?= python3
VENV := .venv/bin
RAPPORT := $(VENV)/python -m rapport_local
TESTS ?=
# A Python that was named makes the environment anew if it is another version; otherwise the one it has goes on.
# Looked up when it is needed, so that `make clean setup` finds what `clean` has left.
SETUP_PYTHON = $(if $(filter file,$(origin PYTHON)),$(shell test -x $(VENV)/python && echo $(VENV)/python || echo $(PYTHON)),$(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help setup up down status logs reset demo bench test test-slow test-all test-reliability lint format protos new-service lock images backup observability charts cluster-check clean

help: ## Explain the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-17s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Create .venv and install everything from the lock (PYTHON=python3.12 picks another Python)
	@command -v $(SETUP_PYTHON) >/dev/null || { \
		echo "setup: $(SETUP_PYTHON) is not installed; Rapport needs Python 3.11 or later (PYTHON=... names one)" >&2; exit 1; }
	@$(SETUP_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "setup: $(SETUP_PYTHON) is too old; Rapport needs Python 3.11 or later (PYTHON=python3.12 make ... names another)" >&2; exit 1; }
	@$(SETUP_PYTHON) deploy/local/bootstrap.py $(SETUP_OPTIONS)

up: setup ## Start everything on this machine and print where it is (PORTS_FROM=28000 moves all ports)
	@$(RAPPORT) up

down: setup ## Stop everything; the data stays
	@$(RAPPORT) down

status: setup ## Show what runs, where, and how much memory it takes
	@$(RAPPORT) status || test $$? = 3

logs: setup ## Show the end of the logs (SVC=contacts: of one part; FOLLOW=1: and what follows)
	@$(RAPPORT) logs $(SVC) $(if $(FOLLOW),--follow)

reset: setup ## Stop everything and delete all data, after asking (YES=1: without)
	@$(RAPPORT) reset $(if $(YES),--yes)

demo: SETUP_OPTIONS := --demo
demo: setup ## Show the running platform at work: import ten thousand people, sell, keep customers, help one
	@$(VENV)/python -m deploy.demo

# Duplicates are measured on a data set that the demonstration brings.
bench test test-slow test-all: SETUP_OPTIONS := --demo
bench: setup ## Measure everything that docs/performance.md speaks of
	@$(VENV)/python -m tests.performance

test: setup ## Run all tests but the slow ones (TESTS=services/contacts: some of them)
	@$(VENV)/pytest -n 2 --dist loadfile -m "not slow" $(TESTS)

test-slow: setup ## Run the slow tests that make test leaves out
	@$(VENV)/pytest -n 2 --dist loadfile -m slow $(TESTS)

test-all: setup ## Run all tests, those that take long included
	@$(VENV)/pytest -n 2 --dist loadfile $(TESTS)

test-reliability: setup ## Kill, cut and slow everything under load, and report what was lost: nothing (SEED=1 MINUTES=6)
	@$(VENV)/python -m tests.reliability $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

lint: setup ## Check style, types, imports and contracts
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/buf lint

format: setup ## Bring the code into shape
	@$(VENV)/ruff check --fix-only
	@$(VENV)/ruff format

protos: setup ## Generate the Python code of the contracts in protos/
	@$(VENV)/buf lint
	@$(VENV)/python deploy/tools/generate_protos.py

new-service: setup ## Lay out a new service (NAME=billing; RESOURCE=invoice says what it keeps, PLURAL=... what several are)
	@test -n "$(NAME)" || { echo "new-service: say what it is called: make new-service NAME=billing" >&2; exit 1; }
	@$(VENV)/python -m deploy.tools.new_service "$(NAME)" "$(RESOURCE)" "$(PLURAL)"

observability: setup ## Make Prometheus rules and Grafana dashboards of the objectives (deploy/observability)
	@$(VENV)/python -m deploy.observability

lock: setup ## Write the lock files anew from all pyproject.toml (UPGRADE=1: with the latest versions)
	@$(VENV)/python deploy/tools/lock.py $(if $(UPGRADE),--upgrade)

images: setup ## Build container images (SVC=contacts: one; BASE=image@sha256:... REGISTRY= TAG= INDEX_URL=; deploy/image/README.md)
	@BASE="$(BASE)" REGISTRY="$(REGISTRY)" TAG="$(TAG)" INDEX_URL="$(INDEX_URL)" TRUSTED_HOST="$(TRUSTED_HOST)" \
		PIP_CONF="$(PIP_CONF)" SOURCE_URL="$(SOURCE_URL)" UNPINNED="$(UNPINNED)" $(VENV)/python -m deploy.image.build $(SVC)

backup: setup ## Copy all databases of the running platform into a folder (TO=backups/today)
	@test -n "$(TO)" || { echo "backup: say where to: make backup TO=backups/today" >&2; exit 1; }
	@$(VENV)/rapport backup --to "$(TO)"

charts: setup ## Write what follows from the code into the charts, and package them all into dist/
	@$(VENV)/python -m deploy.tools.charts write
	@$(VENV)/python -m deploy.tools.charts package

cluster-check: setup ## Ask a cluster whether it would take the platform (KUBECONFIG=...; INSTALL=1 installs and uses it; VALUES=..., NAMESPACE=...)
	@test -n "$(KUBECONFIG)" || { echo "cluster-check: say how to reach the cluster: make cluster-check KUBECONFIG=~/.kube/config" >&2; exit 1; }
	@$(VENV)/python -m deploy.tools.cluster_check --kubeconfig "$(KUBECONFIG)" $(if $(INSTALL),--install) \
		$(if $(NAMESPACE),--namespace "$(NAMESPACE)") $(foreach file,$(VALUES),--values "$(file)")

clean: ## Delete caches and .venv; neither data nor code
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.rapport/*' -prune -exec rm -rf {} +
