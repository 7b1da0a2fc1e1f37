"""socketify application: the fastest Python server we know of, by its own API.

Must never do more than the answer needs. Usage: `socketify_app.py PORT`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from socketify import App, AppListenOptions


def hello(res: Any, req: Any) -> None:
    res.write_header("Content-Type", "text/plain; charset=utf-8")
    res.end("Hello, " + req.get_query("name"))


async def hello_async(res: Any, req: Any) -> None:
    hello(res, req)


# socketify holds no reference to a response that waits for its body: the collector may take it,
# and the whole process aborts on the next chunk. So it is held here.
_waiting: set[Any] = set()


async def _read(res: Any) -> bytes:
    _waiting.add(res)
    try:
        data = await res.get_data()
    finally:
        _waiting.discard(res)
    body: bytes = data.getvalue()
    return body


async def echo(res: Any, req: Any) -> None:  # noqa: ARG001
    body = await _read(res)
    res.write_header("Content-Type", "application/octet-stream")
    res.end(body)


async def echo_json(res: Any, req: Any) -> None:  # noqa: ARG001
    body = json.dumps(json.loads(await _read(res)))
    res.write_header("Content-Type", "application/json")
    res.end(body)


def main() -> None:
    app = App()
    app.get("/api/hello", hello)
    app.get("/api/hello_async", hello_async)
    app.post("/api/echo", echo)
    app.post("/api/echo_json", echo_json)
    port = int(sys.argv[1])
    app.listen(AppListenOptions(port=port, host="127.0.0.1"), lambda _: None)
    app.run()


if __name__ == "__main__":
    main()
