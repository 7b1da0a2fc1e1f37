"""`index` in a fresh interpreter, where nothing was imported ahead of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import ferrofunc
import pytest

RUN = """
import json, os, sys
from pathlib import Path
from ferrofunc.worker.index import index, table
found = index(Path(sys.argv[1]), os.environ)
json.dump([found.error and found.error.text, table(found)], open(sys.argv[2], "w"))
"""


@pytest.fixture
def run(tmp_path):
    def start(code, folder="app", **environ):
        root = tmp_path / "real"
        root.mkdir()
        (root / "function_app.py").write_text(code)
        (tmp_path / "app").symlink_to(root)
        package = str(Path(ferrofunc.__file__).parent.parent)
        done = subprocess.run(
            [sys.executable, "-c", RUN, folder, str(tmp_path / "result")],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": package, **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        return done, *json.loads((tmp_path / "result").read_text())

    return start


APP = "import azure.functions as func\napp = func.FunctionApp()\n"


def test_fresh_interpreter_relative_root_and_symbolic_link(run, tmp_path):
    done, error, table = run(APP + "print('shown')\n@app.route()\ndef hello(req): ...\n")
    assert error is None
    assert [row["name"] for row in table] == ["hello"]
    # Paths stay as the user wrote them, links unresolved.
    assert table[0]["directory"] == str(tmp_path / "app")
    assert done.stdout == "shown\n"


def test_broken_app_ends_in_a_value(run):
    _, error, table = run("raise SystemExit(7)\n")
    assert error.startswith("SystemExit: ")
    assert table == []


def test_script_name_is_read_from_the_environment(run):
    _, error, _ = run(APP, PYTHON_SCRIPT_FILE_NAME="bad name.py")
    assert error == "InvalidFileNameError: Invalid file name: bad name.py"


def test_loading_needs_the_standard_library_and_azure_functions_alone():
    code = (
        "import sys, azure.functions\nbefore = set(sys.modules)\n"
        "import ferrofunc.worker.index\nprint(*sorted(set(sys.modules) - before))\n"
    )
    package = str(Path(ferrofunc.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": package},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = done.stdout.split()
    foreign = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert foreign == {"ferrofunc"}
    assert not any(name.startswith("ferrofunc.host") for name in imported)
