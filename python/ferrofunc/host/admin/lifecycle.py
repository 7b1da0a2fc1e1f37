"""`/admin/host`: what changes the host's state (http.md 11).

Each endpoint decides, and lets the host act; the answer never waits for it.
"""

from __future__ import annotations

from pathlib import Path

from ferrofunc import project
from ferrofunc.host.admin.answer import BAD_REQUEST, as_json, as_text, empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.host.admin.answer import Response
    from ferrofunc.host.admin.call import Call

_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>This function app is offline</title></head>
<body>
<h1>This function app is offline</h1>
<p>It was taken offline on purpose, and will be back.</p>
</body>
</html>
"""


def restart(call: Call) -> Response:
    """Load the app again. The answer says where the host keeps what, in the official words."""
    settings = call.view.settings
    call.acts.restart("asked for by the admin API")
    return as_json(
        {
            "isSelfHost": True,
            "secretsPath": str(call.acts.keys.folder),
            "scriptPath": settings.app_root,
            "logPath": settings.setting("FUNCTIONS_LOG_PATH") or "",
            "testDataPath": settings.setting("FUNCTIONS_TEST_DATA_PATH") or "",
            "hasParentScope": False,
            "isStandbyConfiguration": False,
            "isFileSystemReadOnly": False,
            "isScmRunFromPackage": False,
        }
    )


def state(call: Call) -> Response:
    """Take the app offline, or bring it back, by the file that everybody can see."""
    try:
        wanted = call.json()
    except ValueError:
        return BAD_REQUEST
    wanted = wanted.lower() if isinstance(wanted, str) else None
    now = call.view.state.lower()
    if wanted not in ("offline", "running"):
        return BAD_REQUEST
    if wanted == now:
        return empty(200)
    page = Path(call.view.settings.app_root, project.APP_OFFLINE)
    try:
        if wanted == "offline":
            page.write_text(_PAGE, encoding="utf-8")
        elif now == "offline":
            page.unlink(missing_ok=True)
        else:
            # It is starting, or in error: no file keeps it from running.
            return BAD_REQUEST
    except OSError as error:
        return as_text(f"Cannot write or remove '{page}': {error.strerror}.", 500)
    call.acts.look_offline()
    return empty(202)


def drain(call: Call) -> Response:
    """Stop listeners and let work end."""
    call.acts.drain()
    return empty(202)


def drain_status(call: Call) -> Response:
    """Return how much work is left."""
    left = call.running
    told = "InProgress" if left else "Completed"
    return as_json(
        {
            "state": told if call.acts.is_draining else "Disabled",
            "outstandingInvocations": left,
            "outstandingRetries": 0,
        }
    )


def resume(call: Call) -> Response:
    """Start listeners again; a host that does not run has none to start."""
    if call.view.state != "Running":
        return empty(409)
    call.acts.resume()
    return as_json({"state": call.view.state})
