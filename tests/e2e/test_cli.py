"""The command line: what it checks before it listens, what it prints, how it exits."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from .running_host import READY, command, environment, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import HostFactory

TWO_FUNCTIONS = """
import logging, os
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(methods=["GET", "POST"])
def alpha(req):
    return os.environ["WEBSITE_HOSTNAME"]

@app.route(route="Beta/{id:int}")
def beta(req):
    return "beta"
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder` until it ends by itself."""
    return subprocess.run(
        [*command(), *words],
        cwd=folder,
        env=environment(folder, {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def app_folder(folder: Path) -> Path:
    """An app of one file in `folder`."""
    (folder / "function_app.py").write_text(TWO_FUNCTIONS)
    (folder / "host.json").write_text('{"version": "2.0"}')
    (folder / "local.settings.json").write_text('{"IsEncrypted": false, "Values": {}}')
    return folder


def test_no_project_root(tmp_path: Path) -> None:
    ended = run(tmp_path, "start", "--port", str(free_port()))
    assert ended.returncode == 1
    assert (
        "Unable to find project root. Expecting to find one of host.json, local.settings.json in "
        "project root." in ended.stderr
    )
    assert "Traceback" not in ended.stderr


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(app_folder(tmp_path), "start", "--port", str(port))
    assert ended.returncode == 1
    assert (
        f"Port {port} is unavailable. Close the process using that port, or specify another port "
        "using --port [-p]." in ended.stderr
    )
    assert "Functions:" not in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [["--version"], ["-v"], ["version"]])
def test_version(tmp_path: Path, words: list[str]) -> None:
    ended = run(tmp_path, *words)
    assert ended.returncode == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", ended.stdout)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"], ["start", "--help"]])
def test_help(tmp_path: Path, words: list[str]) -> None:
    ended = run(tmp_path, *words)
    assert ended.returncode == 0
    assert "start" in ended.stdout
    if words[:1] == ["start"]:
        for option in ("--port", "--cors", "--functions", "--verbose", "--enableAuth"):
            assert option in ended.stdout


def test_an_unknown_command_shows_the_help(tmp_path: Path) -> None:
    ended = run(tmp_path, "nonsense")
    assert ended.returncode == 0
    assert "unknown argument nonsense" in ended.stdout + ended.stderr
    assert "start" in ended.stdout


def test_a_bad_address(tmp_path: Path) -> None:
    ended = run(app_folder(tmp_path), "start", "--address", "localhost")
    assert ended.returncode == 1
    assert (
        "Invalid --address value 'localhost'. Expected an IP address, for example 127.0.0.1 or "
        "0.0.0.0." in ended.stderr
    )


def test_a_missing_script_root(tmp_path: Path) -> None:
    ended = run(tmp_path, "start", "--script-root", "nowhere")
    assert ended.returncode == 1
    assert re.search('"[^"]*nowhere" doesn\'t exist', ended.stderr)


BANNER_LINE = re.compile(r"^\t(\w+): (.*)$", re.MULTILINE)


def test_the_banner(host: HostFactory) -> None:
    running = host("hello", files={"function_app.py": TWO_FUNCTIONS})
    running.wait_log(r"^For detailed output, run func with --verbose flag\.$")
    log = running.log()
    assert re.search(r"^Azure Functions Core Tools$", log, re.MULTILINE)
    assert re.search(r"^Core Tools Version: +\S", log, re.MULTILINE)
    assert re.search(r"^Function Runtime Version: +4\.", log, re.MULTILINE)
    assert re.search(rf"^\[[^]]+Z\] {READY}$", log, re.MULTILINE)
    # No methods: no bracket, and both spaces stay.
    assert (
        f"\nFunctions:\n\n\talpha: [GET,POST] http://localhost:{running.port}/api/alpha\n\n"
        f"\tbeta:  http://localhost:{running.port}/api/Beta/{{id:int}}\n\n" in log
    )


def test_the_port_reaches_functions(host: HostFactory) -> None:
    running = host("hello", files={"function_app.py": TWO_FUNCTIONS})
    assert running.get("/api/alpha").text == f"localhost:{running.port}"


@pytest.mark.parametrize("words", [("start",), ("host", "start"), ("START",)])
def test_words_that_start_a_host(host: HostFactory, words: tuple[str, ...]) -> None:
    running = host("hello", words=words, args=["--verbose"])
    assert running.get("/api/hello?name=Bob").status == 200
    assert "For detailed output" not in running.log()


def test_port_forms(host: HostFactory) -> None:
    for form in ("-p {}", "--port={}"):
        port = free_port()
        running = host("hello", port=port, tell_port=False, args=form.format(port).split())
        assert running.get("/api/hello").status == 200


def test_port_from_local_settings(host: HostFactory) -> None:
    port = free_port()
    settings = {"IsEncrypted": False, "Values": {}, "Host": {"LocalHttpPort": port}}
    files = {"local.settings.json": json.dumps(settings)}
    running = host("hello", port=port, tell_port=False, files=files)
    assert running.get("/api/hello").status == 200


def test_the_banner_says_localhost_whatever_the_address(host: HostFactory) -> None:
    running = host("hello", args=["--address", "0.0.0.0"])
    assert running.get("/api/hello").status == 200
    log = running.wait_log(r"hello: .*$")[0]
    assert f"http://localhost:{running.port}/api/hello" in log


def test_functions_option_loads_only_these(host: HostFactory) -> None:
    running = host("hello", files={"function_app.py": TWO_FUNCTIONS}, args=["--functions", "alpha"])
    running.wait_log(r"^\talpha: ")
    assert running.get("/api/alpha").status == 200
    assert running.get("/api/Beta/1").status == 404
    assert [name for name, _ in BANNER_LINE.findall(running.log())] == ["alpha"]


def test_functions_list_in_host_json(host: HostFactory) -> None:
    settings = {"version": "2.0", "functions": ["beta"]}
    files = {"function_app.py": TWO_FUNCTIONS, "host.json": json.dumps(settings)}
    running = host("hello", files=files)
    assert running.get("/api/Beta/1").text == "beta"
    assert running.get("/api/alpha").status == 404


def test_script_root_and_walking_up(host: HostFactory, tmp_path: Path) -> None:
    project = tmp_path / "elsewhere"
    (project / "deep" / "deeper").mkdir(parents=True)
    app_folder(project)
    for root in (project, project / "deep" / "deeper"):
        running = host("hello", args=["--script-root", str(root)])
        assert running.get("/api/Beta/1").text == "beta"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{not json", r"Unable to parse host configuration file '[^']*host\.json'\."),
        ("{}x", r"Unable to parse host configuration file '[^']*host\.json'\."),
        (
            '{"extensions": {}}',
            r"The host\.json file is missing the required 'version' property\. See "
            r"https://aka\.ms/functions-hostjson for steps to migrate the configuration file\.",
        ),
        (
            '{"version": "7.0"}',
            r"'7\.0' is an invalid value for host\.json 'version' property\. We recommend you set "
            r"the 'version' property to '2\.0'\.",
        ),
    ],
)
def test_a_bad_host_json(tmp_path: Path, content: str, message: str) -> None:
    (app_folder(tmp_path) / "host.json").write_text(content)
    ended = run(tmp_path, "start", "--port", str(free_port()))
    assert ended.returncode == 1
    assert re.search(message, ended.stderr)
    assert "Traceback" not in ended.stderr


def test_host_json_with_comments_and_trailing_commas(host: HostFactory) -> None:
    content = (
        '{ // why not\n "version": "2.0", /* more */\n'
        ' "Extensions": {"HTTP": {"RoutePrefix": "v3",},},}'
    )
    assert host("hello", files={"host.json": content}).get("/v3/hello").status == 200


def test_local_settings_that_are_no_json(host: HostFactory) -> None:
    running = host("hello", files={"local.settings.json": "{broken"})
    running.wait_log(r"Failed to read app settings file at '[^']*local\.settings\.json'\. Ensure")
    assert running.get("/api/hello").status == 200


GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_one_call_prints_one_executing_and_one_executed_line(host: HostFactory) -> None:
    running = host("hello")
    running.get("/api/hello?name=Bob")
    ended = running.wait_log(
        rf"^\[[^]]+Z\] Executed 'Functions\.hello' \(Succeeded, Id=({GUID}), Duration=\d+ms\)$"
    )
    log = running.log()
    assert re.findall(r"Executing '.*", log) == [
        "Executing 'Functions.hello' (Reason='This function was programmatically called via the "
        f"host APIs.', Id={ended[1]})"
    ]
    assert log.count("Executed '") == 1
