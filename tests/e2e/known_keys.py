"""`ferrofunc start` with keys that tests know, in place of those that a store would make.

A program, started by the tests of keys through `FERROFUNC_COMMAND`. Everything but the origin of
the keys is the real command.
"""

from __future__ import annotations

import sys
from typing import Any

MASTER = "the-master-key=="
HOST = ["default-host-key==", "second/host+key"]
SYSTEM = {"durabletask_extension": "the-system-key=="}
FUNCTIONS = {"keyed": ["key-of-keyed=="], "other": ["key-of-other=="]}


class KnownKeys:
    """A gateway that was given these keys and takes no others.

    Args:
        options: what the gateway takes.
    """

    def __init__(self, **options: Any) -> None:
        from ferrofunc import _core

        self._gateway = _core.Gateway(**options)
        self._gateway.set_keys(MASTER, HOST, SYSTEM, FUNCTIONS)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def set_keys(self, *_keys: object) -> None:
        """Keep the keys."""


def main() -> int:
    """Run the command line."""
    from ferrofunc import cli
    from ferrofunc.host import supervisor

    supervisor.Gateway = KnownKeys  # type: ignore[misc,assignment]
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
