"""The app as a zip file (http.md 11, configuration.md 11)."""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from .admin_host import AdminHost
from .making import App

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "app").mkdir()
    return App(tmp_path / "app").write("function_app.py", "x = 1\n").local({"Secret": "s"})


def download(app: App, query: str = "", **environ: str) -> zipfile.ZipFile:
    host = AdminHost(app, environ=environ)
    (response,) = host.later("GET", f"/admin/functions/download{query}")
    assert response.status == 200
    headers = dict(response.headers)
    assert headers["Content-Type"] == "application/zip"
    site = environ.get("WEBSITE_SITE_NAME", "functions")
    assert headers["Content-Disposition"] == f'attachment; filename="{site}.zip"'
    return zipfile.ZipFile(io.BytesIO(response.body))


def test_content(app: App) -> None:
    app.write("a/b.txt", "text").write("empty.txt", "").write(".git/config", "")
    packed = download(app)
    assert packed.namelist() == ["empty.txt", "function_app.py", "host.json", "a/b.txt"]
    assert packed.read("a/b.txt") == b"text"
    assert packed.testzip() is None


def test_funcignore(app: App) -> None:
    app.write(".funcignore", "*.txt\n!keep.txt\ndata/\n").write("a.txt", "").write("keep.txt", "")
    app.write("data/x", "")
    assert download(app).namelist() == ["function_app.py", "host.json", "keep.txt"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?includeAppSettings=true", True),
        ("?includeCsproj=false&includeappsettings=True", True),
        ("?includeAppSettings=false", False),
        ("?includeCsproj=true", False),
    ],
)
def test_settings_when_asked_for(app: App, query: str, expected: bool) -> None:
    assert ("local.settings.json" in download(app, query).namelist()) is expected


def test_name_of_the_site(app: App) -> None:
    download(app, WEBSITE_SITE_NAME="my-site")


def test_what_lies_elsewhere_stays_there(app: App) -> None:
    outside = app.root.parent / "outside.txt"
    outside.write_text("secret")
    (app.root / "link.txt").symlink_to(outside)
    (app.root / "folder").symlink_to(app.root.parent)
    (app.root / "own.py").symlink_to(app.root / "function_app.py")
    os.mkfifo(app.root / "pipe")
    assert download(app).namelist() == ["function_app.py", "host.json", "own.py"]


def test_a_time_that_zip_files_do_not_know(app: App) -> None:
    os.utime(app.root / "function_app.py", (0, 0))
    assert "function_app.py" in download(app).namelist()


def test_a_file_that_cannot_be_read(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *_: object) -> None:
        raise PermissionError(13, "Permission denied", "the file")

    monkeypatch.setattr(zipfile.ZipFile, "write", refuse)
    (response,) = AdminHost(app).later("GET", "/admin/functions/download")
    assert response.status == 500
    assert response.body == b"Cannot pack the app: the file: Permission denied."
