#!/bin/sh
# Makes bench/.peers (the peers' own environment) and builds the load generators bench/openloop and
# bench/bulk. Run it again after a change of requirements.txt or requirements/test.lock. Must never
# touch the project's .venv.
# PYTHON chooses the interpreter; by default the one behind .venv, so that ferrofunc and its peers
# run on the same build of Python.
set -eu

bench=$(cd "$(dirname "$0")/.." && pwd)
repository=$(dirname "$bench")

if [ -z "${PYTHON:-}" ]; then
    if [ -x "$repository/.venv/bin/python" ]; then
        PYTHON=$repository/.venv/bin/python
    else
        PYTHON=python3.11
    fi
fi

missing() {
    echo "setup.sh: expected $1, found none. $2" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null || missing "the interpreter $PYTHON" "Set PYTHON to a CPython 3.11 or 3.12."
command -v wrk >/dev/null || missing "wrk" "On Debian: apt-get install wrk"
command -v cargo >/dev/null || missing "cargo" "Install Rust 1.88 or later."
if ! ldconfig -p 2>/dev/null | grep -q 'libuv\.so\.1'; then
    missing "libuv.so.1, which socketify needs" "On Debian: apt-get install libuv1"
fi

"$PYTHON" -m venv "$bench/.peers"
"$bench/.peers/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$bench/peers/requirements.txt"
for generator in openloop bulk; do
    cargo build --release --quiet --locked --manifest-path "$bench/$generator/Cargo.toml"
done
echo "setup.sh: ready. Next: $bench/.peers/bin/python $bench/e2e/run.py"
