"""Fixtures of the end-to-end tests: start the real command on a copy of an app, stop it, report.

`host` gives a test hosts of its own; `shared_host` gives the tests of one module a host that they
only read from. Both check at the end that the host stops cleanly. A failing test carries the log
of every host that ran during it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from e2e.running_host import LOG_TAIL, READY, RunningHost, environment, free_port

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

# The apps are data of the tests; some hold tests of their own.
collect_ignore = ["apps"]

TESTS = Path(__file__).parent
APP_FOLDERS = (TESTS / "apps", TESTS.parent / "examples")

HOST_JSON = '{"version": "2.0"}\n'
LOCAL_SETTINGS = '{"IsEncrypted": false, "Values": {"FUNCTIONS_WORKER_RUNTIME": "python"}}\n'

RUNNING: pytest.StashKey[list[RunningHost]] = pytest.StashKey()


def copy_app(app: str, target: Path, files: Mapping[str, str | None]) -> Path:
    """Copy app `app` to `target` and write `files` over it; None as content removes a file.

    A folder without host.json or local.settings.json gets the smallest valid one, so that an app
    is one file unless its behaviour needs more.
    """
    source = next(folder / app for folder in APP_FOLDERS if (folder / app).is_dir())
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in (("host.json", HOST_JSON), ("local.settings.json", LOCAL_SETTINGS)):
        if not (target / name).exists():
            (target / name).write_text(content)
    for name, text in files.items():
        path = target / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return target


class HostFactory:
    """Starts hosts in numbered folders below `folder` and stops them all in the end."""

    def __init__(self, folder: Path, running: list[RunningHost]) -> None:
        self._folder = folder
        self._running = running
        self._started: list[RunningHost] = []

    def __call__(
        self,
        app: str = "hello",
        *,
        env: Mapping[str, str] | None = None,
        args: Sequence[str] = (),
        files: Mapping[str, str | None] | None = None,
        ready: str | None = READY,
        words: Sequence[str] = ("start",),
        port: int | None = None,
        tell_port: bool = True,
    ) -> RunningHost:
        """Start a host and wait until it is ready.

        Args:
            app: a folder of tests/apps or examples.
            env: additions to the shell's environment.
            args: arguments after `start --port N`.
            files: contents by relative path, written over the copy of the app.
            ready: what the log shows once the test can begin; None does not wait at all.
            words: the command before its arguments.
            port: the port; default a free one.
            tell_port: whether to pass it as `--port`.
        """
        folder = self._folder / f"{app}-{len(self._started)}"
        folder.mkdir(parents=True)
        home = folder / "home"
        home.mkdir()
        port = port or free_port()
        told = ("--port", str(port)) if tell_port else ()
        started = RunningHost(
            copy_app(app, folder / "app", files or {}),
            port,
            [*words, *told, *args],
            environment(home, env or {}),
            folder / "host.log",
        )
        self._started.append(started)
        self._running.append(started)
        if ready is not None:
            started.wait_ready(ready)
        return started

    def stop_all(self) -> None:
        """Stop every host; the first that does not stop cleanly fails the test after the last."""
        failures = []
        for started in self._started:
            try:
                started.stop()
            except AssertionError as failure:
                failures.append(failure)
            self._running.remove(started)
        if failures:
            raise failures[0]


@pytest.fixture
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[HostFactory]:
    """A factory of hosts that belong to one test."""
    factory = HostFactory(tmp_path, request.config.stash.setdefault(RUNNING, []))
    yield factory
    factory.stop_all()


@pytest.fixture(scope="module")
def shared_host(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[HostFactory]:
    """A factory of hosts that live as long as the module's tests, which must leave them whole."""
    factory = HostFactory(
        tmp_path_factory.mktemp("shared"), request.config.stash.setdefault(RUNNING, [])
    )
    yield factory
    factory.stop_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the end of every running host's log into the report of a failing test."""
    report = yield
    if report.failed:
        for running in item.config.stash.get(RUNNING, []):
            title = f"log of {running.folder.parent.name}"
            report.sections.append((title, running.log()[-LOG_TAIL:]))
    return report
