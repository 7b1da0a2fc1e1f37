"""The files that hold an app's keys (http.md 8.4), with keys that the tests know.

Called by the tables of section 8 and by others that need a key. The official layout: one file for
the host and one for each function, its name in lower case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MASTER = "master-Key=="
HOST = "host-key"
SECOND_HOST = "second-host-key"
SYSTEM = "system-key"
OWN = "own-key-of-{}"


def folder(temporary: Path) -> Path:
    """Where the key files of a host with this folder for temporary files are."""
    return temporary / "secrets" / "functions" / "secrets"


def environment(temporary: Path) -> dict[str, str]:
    """Variables that make a host keep its keys in files below `temporary`."""
    return {"AzureWebJobsSecretStorageType": "files", "TMPDIR": str(temporary)}


def _key(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "encrypted": False}


def write(temporary: Path, functions: Mapping[str, str]) -> None:
    """Write the host's keys, and for each of `functions` its name with its default key."""
    target = folder(temporary)
    target.mkdir(parents=True)
    common = {"hostName": "localhost", "instanceId": "", "source": "runtime", "decryptionKeyId": ""}
    host = {
        "masterKey": _key("master", MASTER),
        "functionKeys": [_key("default", HOST), _key("second", SECOND_HOST)],
        "systemKeys": [_key("durabletask_extension", SYSTEM)],
        **common,
    }
    (target / "host.json").write_text(json.dumps(host))
    for name, value in functions.items():
        document = {"keys": [_key("default", value)], **common}
        (target / f"{name.lower()}.json").write_text(json.dumps(document))
