"""The rules of the house that no compiler holds: who imports whom, headers, unsafe, paths.

A rule that has to change changes here first, in the tables below. `make lint` holds the rest.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "python" / "ferrofunc"
RUST = ROOT / "rust"

# Floors from the top down. A floor imports itself and what it stands on; host and worker stand
# side by side and meet on the Rings alone.
STANDS_ON = {
    "cli": {"host", "base"},
    "host": {"base"},
    "worker": {"base"},
    "base": set(),
}
CLI = {"__main__", "cli", "cli_help", "cli_options"}

# The doors to the compiled core.
CORE_DOORS = {
    "host.certificate",
    "host.supervisor",
    "worker.dispatch",
    "worker.main",
    "worker.native_response",
    "worker.support",
    "worker.zygote",
}

# What a floor may take besides the standard library: a worker's imports are in the way of the
# user's own, the host's are in the way of its start.
THIRD_PARTY = {
    "cli": set(),
    "host": set(),
    "worker": {"azure", "uvloop", "werkzeug"},
    "base": set(),
}

# What the app has imported already when these modules look for it; nobody else may.
BROUGHT_BY_THE_APP = {"worker.stream_functions": {"fastapi", "starlette"}}

# The one door to user code, and who may open it. What else imports by a name that is not in the
# source brings installed packages alone.
USER_CODE = "worker.import_user"
MAY_LOAD_USER_CODE = {"worker.load_v1", "worker.load_v2"}
LOADING = {"__import__", "eval", "exec", "exec_module", "import_module", "run_module", "run_path"}

UNSAFE_PLACES = (RUST / "wire", RUST / "py" / "src" / "ffi.rs")
SAFE_CRATES = ("gateway", "http", "route", "tls")

MACHINE_PATH = re.compile(
    # Azure's own folder for apps is no machine's.
    r"""(?<![\w.)}>*-])/(?:home/(?!site/)|Users/|root/|work/|mnt/|private/|var/folders/)[\w.]"""
)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below `ferrofunc`."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def floor(module: str) -> str:
    """The floor on which a module stands."""
    if module in CLI:
        return "cli"
    first = module.partition(".")[0]
    return first if first in STANDS_ON else "base"


def is_for_type_checkers(node: ast.AST) -> bool:
    """Whether `node` is `if TYPE_CHECKING:`."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def imports(path: Path, *, with_types: bool) -> set[str]:
    """The dotted names that a file imports, late imports included.

    `from a import b` counts as `a.b`, which may be a module or a name in one.
    """
    found: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text())]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: expected an absolute import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if is_for_type_checkers(node) and not with_types:
            pending += node.orelse  # type: ignore[attr-defined]
        else:
            pending += ast.iter_child_nodes(node)
    return found


def own_imports(path: Path, *, with_types: bool) -> set[str]:
    """The modules of the package that a file imports, as names below `ferrofunc`."""
    known = modules().keys() | {"_core"}
    found = set()
    for name in imports(path, with_types=with_types):
        if name == "ferrofunc" or name.startswith("ferrofunc."):
            below = name.removeprefix("ferrofunc").lstrip(".")
            found.add(below if below in known else below.rpartition(".")[0] or "__init__")
    return found


def rust_files() -> list[Path]:
    """Every Rust file of the workspace, tests and benches included."""
    files = [p for p in sorted(RUST.rglob("*.rs")) if "target" not in p.relative_to(RUST).parts]
    assert files
    return files


def test_imports_go_down_only() -> None:
    wrong = [
        f"{module} ({floor(module)}) imports {other} ({floor(other)})"
        for module, path in modules().items()
        for other in own_imports(path, with_types=True)
        if floor(other) not in STANDS_ON[floor(module)] | {floor(module)} and other != "_core"
    ]
    assert wrong == []


def test_no_two_modules_import_each_other() -> None:
    graph = {name: own_imports(path, with_types=True) for name, path in modules().items()}
    # Raises CycleError, which names the circle.
    assert TopologicalSorter(graph).prepare() is None


def test_the_core_has_named_doors() -> None:
    doors = {
        module
        for module, path in modules().items()
        if "_core" in own_imports(path, with_types=False)
    }
    assert doors == CORE_DOORS


def test_third_party_packages_have_a_floor() -> None:
    wrong = []
    for module, path in modules().items():
        packages = {name.partition(".")[0] for name in imports(path, with_types=False)}
        allowed = THIRD_PARTY[floor(module)] | BROUGHT_BY_THE_APP.get(module, set())
        foreign = packages - sys.stdlib_module_names - {"ferrofunc"} - allowed
        wrong += [f"{module} imports {name}" for name in sorted(foreign)]
    assert wrong == []


def test_user_code_has_one_door() -> None:
    openers = {
        module
        for module, path in modules().items()
        if USER_CODE in own_imports(path, with_types=True)
    }
    assert openers == MAY_LOAD_USER_CODE


def test_imports_by_name_have_named_places() -> None:
    callers = {
        module
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in LOADING
    }
    assert callers == {USER_CODE}


def test_every_python_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for folder in ("python", "tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        # Apps are what users write; what is hidden is not ours.
        if "apps" not in path.relative_to(ROOT).parts
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_every_rust_module_says_what_it_is_for() -> None:
    silent = [path for path in rust_files() if not path.read_text().startswith("//!")]
    assert silent == []


def code(line: str) -> str:
    """A line of Rust without comment and without what stands in quotes."""
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', line).partition("//")[0]


def test_unsafe_has_its_places() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in rust_files()
        if not any(path.is_relative_to(place) for place in UNSAFE_PLACES)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bunsafe\b", code(line))
    ]
    assert wrong == []


@pytest.mark.parametrize("crate", SAFE_CRATES)
def test_safe_crates_forbid_unsafe(crate: str) -> None:
    assert "\n#![forbid(unsafe_code)]\n" in (RUST / crate / "src" / "lib.rs").read_text()


def has_reason(lines: list[str], at: int) -> bool:
    """Whether the statement that reaches line `at` follows a comment with SAFETY in it."""
    while at > 0:
        at -= 1
        above = lines[at].strip()
        if above.startswith("//"):
            reason = ""
            while at >= 0 and lines[at].strip().startswith("//"):
                reason = lines[at] + reason
                at -= 1
            return "SAFETY:" in reason
        if not above or above[-1] in ";{}":
            return False
    return False


def test_every_unsafe_block_has_its_reason() -> None:
    silent = []
    blocks = 0
    for path in rust_files():
        lines = path.read_text().splitlines()
        for at, line in enumerate(lines):
            # What a function asks of its callers stands in its documentation.
            if re.search(r"\bunsafe\s*(?:\{|impl\b|extern\b(?!.*\bfn\b))", code(line)):
                blocks += 1
                if not has_reason(lines, at):
                    silent.append(f"{path.relative_to(ROOT)}:{at + 1}")
    assert silent == []
    assert blocks, "expected to find the blocks of the wire"


def test_no_file_names_a_machine_path() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("which files belong to the project is known to git alone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    wrong = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        # One that is deleted and not committed yet is listed all the same.
        if not name or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            wrong += [f"{name}:{number}: {found[0]}" for found in MACHINE_PATH.finditer(line)]
    assert wrong == []
