"""Provides the programs that the tests of real clients drive: from PATH, or from Debian and npm.

Run as a script (`make tools`) it provides them all, and says what it could not; called by tests it
provides one, and fails the test with the reason if it cannot. It installs Debian packages as root
only, and writes nowhere in the project but to tests/browser/node_modules.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSER = Path(__file__).parent.parent / "browser"

PACKAGES = {
    "curl": "curl",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "chromium": "chromium",
    "node": "nodejs",
    "npm": "npm",
}
"""Programs, and the Debian packages that have them."""


class ToolError(Exception):
    """A program is not there and cannot be installed; the message says which and why."""


def program(name: str) -> str:
    """Return the path of program `name`, installed first if need be.

    Raises ToolError naming the package to install by hand.
    """
    if found := shutil.which(name):
        return found
    package = PACKAGES[name]
    advice = f"Expected the program '{name}' on PATH, found none."
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ToolError(f"{advice} Install Debian's package '{package}', or what has it elsewhere.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        done = subprocess.run(
            ["apt-get", "--quiet", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise ToolError(f"{advice} 'apt-get {' '.join(words)}' failed: {done.stderr.strip()}")
    if found := shutil.which(name):
        return found
    raise ToolError(f"{advice} Package '{package}' was installed and does not have it.")


def browser_driver() -> str:
    """Return the path of Node, with the modules of tests/browser installed.

    Raises ToolError with npm's own words.
    """
    node, npm = program("node"), program("npm")
    installed = BROWSER / "node_modules" / ".package-lock.json"
    lock = BROWSER / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=BROWSER,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise ToolError(f"'npm ci' in tests/browser failed: {done.stderr.strip()}")
        installed.touch()
    return node


def main() -> int:
    """Provide everything. Returns 0 in any case: the tests that miss something say so."""
    for provide in [*(lambda name=name: program(name) for name in PACKAGES), browser_driver]:
        try:
            print(provide())
        except ToolError as error:
            print(error, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
