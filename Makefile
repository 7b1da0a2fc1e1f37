# Every chore of the project. `make` alone lists them. `.ci/run` calls `lint` and `test`.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
RUST := $(shell find rust -name '*.rs' -not -path '*/target/*') $(wildcard rust/*/Cargo.toml) Cargo.toml Cargo.lock
FUZZ_SECONDS ?= 60
LOCK := requirements/test.lock
INSTALL := $(BIN)/python -m pip install --quiet --constraint $(LOCK)
export CARGO_TERM_PROGRESS_WHEN ?= auto

.DEFAULT_GOAL := help
.PHONY: help build run test test-rust test-python tools lint format loom sanitize valgrind fuzz bench bench-micro lock clean

help: ## list these chores
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMPS)/venv: $(LOCK)
	@command -v $(PYTHON) >/dev/null || { echo "Expected $(PYTHON) on PATH. Install Python 3.11, or name another: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(INSTALL) --group dev
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(STAMPS)/venv pyproject.toml
	$(INSTALL) --group test
	touch $@

$(STAMPS)/build: $(STAMPS)/venv pyproject.toml $(RUST)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) PIP_CONSTRAINT=$(CURDIR)/$(LOCK) $(BIN)/maturin develop --release --quiet
	$(BIN)/python -m compileall -q python
	touch $@

$(STAMPS)/tools: $(STAMPS)/venv tests/clients/tools.py tests/browser/package-lock.json
	$(BIN)/python tests/clients/tools.py
	touch $@

build: $(STAMPS)/build ## release build, as .venv/bin/ferrofunc

run: build ## build and start examples/hello
	cd examples/hello && ../../$(BIN)/ferrofunc start

test: test-rust test-python ## all tests (installs what they need)

test-rust:
	cargo test --workspace --quiet

test-python: $(STAMPS)/test tools build
	$(BIN)/python -m pytest

tools: $(STAMPS)/tools ## curl, load generators and a browser for the tests: Debian packages, npm

lint: $(STAMPS)/test build ## formats, clippy, ruff, types, stub against the compiled module
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/python -m mypy.stubtest ferrofunc._core

format: $(STAMPS)/venv ## apply the formats
	cargo fmt --all
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

loom: ## ring and wake-up under the model checker
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom CARGO_PROFILE_RELEASE_LTO=off \
	  CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo test --release -p ferrofunc-wire --test loom

sanitize: ## the wire's tests under the address sanitizer
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/sanitize \
	  cargo test -p ferrofunc-wire --target x86_64-unknown-linux-gnu --tests

valgrind: ## the wire's tests under valgrind (its clock test apart: valgrind hides the vDSO)
	PROPTEST_CASES=8 WIRE_FRAMES=2000 \
	  CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite" \
	  cargo test -p ferrofunc-wire --tests -- --skip the_clock_does_not_go_back

fuzz: $(STAMPS)/build ## each fuzz target, of Rust and of Python, for FUZZ_SECONDS (60)
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@for crate in rust/wire rust/http rust/route; do \
	  for target in $$(cd $$crate && RUSTC_BOOTSTRAP=1 cargo fuzz list); do \
	    echo "== $$crate $$target"; \
	    (cd $$crate && RUSTC_BOOTSTRAP=1 cargo fuzz run --release $$target -- -max_total_time=$(FUZZ_SECONDS)) || exit 1; \
	  done; \
	done
	$(INSTALL) --group fuzz
	@for target in cookies form; do \
	  echo "== tests/fuzz $$target"; \
	  $(BIN)/python tests/fuzz/$$target.py -dict=tests/fuzz/$$target.dict -max_len=600 \
	    -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=target/fuzz-$$target- || exit 1; \
	done

bench-micro: $(STAMPS)/test build ## parse, route, ring (cargo) and request, dispatch (pytest-benchmark)
	cargo bench --workspace
	$(INSTALL) --group bench
	$(BIN)/python -m pytest bench/micro --benchmark-only

bench: $(STAMPS)/test build ## end to end beside the peers, in interleaved rounds; see bench/README.md
	bench/peers/setup.sh
	bench/.peers/bin/python bench/e2e/run.py
	bench/.peers/bin/python bench/e2e/readme.py

lock: ## renew requirements/test.lock: the newest versions that pyproject.toml allows
	$(PYTHON) -m venv target/lock
	target/lock/bin/python -m pip install --quiet 'uv>=0.13,<1'
	target/lock/bin/uv pip compile pyproject.toml --group dev --group test --group fuzz --group bench \
	  --universal --python-version 3.11 --upgrade --no-annotate --quiet \
	  --custom-compile-command 'make lock' --output-file $(LOCK)

clean: ## remove what was built
	rm -rf target $(VENV) bench/.peers bench/openloop/target bench/bulk/target
