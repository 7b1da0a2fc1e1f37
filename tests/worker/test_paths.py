"""The order of `sys.path`: spec worker 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ferrofunc.worker import paths
from ferrofunc.worker.paths import is_user_file

APP = Path("/srv/app")


@pytest.fixture
def search_path(monkeypatch):
    """`sys.path` as a list of a test's own."""

    def use(*entries):
        monkeypatch.setattr(sys, "path", list(entries))

    return use


def test_app_root_comes_last(search_path, tmp_path):
    search_path("/stdlib", "/venv/site-packages")
    paths.prepare(tmp_path, {})
    assert sys.path == ["/stdlib", "/venv/site-packages", str(tmp_path)]


def test_packages_of_the_app_come_first(search_path, tmp_path):
    packages = tmp_path / ".python_packages/lib/site-packages"
    packages.mkdir(parents=True)
    search_path("/stdlib", str(packages))
    paths.prepare(tmp_path, {})
    assert sys.path == [str(packages), "/stdlib", str(tmp_path)]


def test_what_python_dash_m_put_first_is_taken_out(search_path, tmp_path):
    search_path(str(tmp_path), "", "/stdlib")
    paths.prepare(tmp_path, {"PYTHONPATH": "/other"})
    assert sys.path == ["/stdlib", str(tmp_path)]


def test_pythonpath_keeps_its_place(search_path, tmp_path):
    search_path(str(tmp_path), "/stdlib")
    paths.prepare(tmp_path, {"PYTHONPATH": f"/other:{tmp_path}"})
    assert sys.path == [str(tmp_path), "/stdlib"]


def test_twice_is_once(search_path, tmp_path):
    (tmp_path / ".python_packages/lib/site-packages").mkdir(parents=True)
    search_path("", "/stdlib")
    paths.prepare(tmp_path, {})
    once = list(sys.path)
    paths.prepare(tmp_path, {})
    assert sys.path == once


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/srv/app/function_app.py", True),
        ("/srv/app/a/b.py", True),
        ("/srv/app/.venv/lib/python3.11/site-packages/x.py", False),
        ("/srv/app/.python_packages/lib/site-packages/x.py", False),
        ("/srv/application/x.py", False),
        ("/usr/lib/python3.11/json/__init__.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", False),
    ],
)
def test_is_user_file(file, expected):
    assert is_user_file(file, APP) is expected


FUNCTION = (
    "import azure.functions as func\napp = func.FunctionApp()\n"
    "@app.route()\ndef hello(req): ...\nhello._function._func.tell = lambda: found\n"
)


def test_packages_of_the_app_win_over_the_environment(index_app):
    report = index_app(
        {
            "function_app.py": "from uvloop import found\n" + FUNCTION,
            ".python_packages/lib/site-packages/uvloop/__init__.py": "found = 'own'\n",
        }
    )
    assert report.only["told"] == "own"


def test_an_installed_package_wins_over_a_module_of_the_app(index_app):
    report = index_app(
        {
            "function_app.py": "import uvloop\nfound = uvloop.__file__\n" + FUNCTION,
            "uvloop.py": "",
        }
    )
    assert report.only["told"] != str(report.root / "uvloop.py")
    assert report.only["told"].endswith("uvloop/__init__.py")


def test_the_app_finds_its_own_modules(index_app):
    report = index_app(
        {
            "function_app.py": "from shared.thing import found\n" + FUNCTION,
            "shared/thing.py": "found = 'thing'\n",
        }
    )
    assert report.only["told"] == "thing"
    assert report.sys_path[-1] == str(report.root)
