"""Pages in a browser: serves them from a port of their own, opens them, tells how it went.

Called by the tests of browsers. The browser is driven by tests/browser/visit.js.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from .tools import BROWSER

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = BROWSER / "pages"


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: standard error belongs to the tests."""


@contextlib.contextmanager
def another_origin() -> Iterator[str]:
    """Serve the pages from a free loopback port while the block runs; gives the origin."""
    handler = functools.partial(_Silent, directory=str(PAGES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def visit(node: str, chromium: str, url: str) -> dict[str, Any]:
    """Open `url` and return what visit.js tells: outcome, console, thrown, failed, answers."""
    done = subprocess.run(
        [node, "visit.js", chromium, url], cwd=BROWSER, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told
