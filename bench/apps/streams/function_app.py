"""The ASGI app of `pieces.py` as an Azure Functions app."""

from __future__ import annotations

import azure.functions as func
from pieces import app as pieces

app = func.AsgiFunctionApp(app=pieces, http_auth_level=func.AuthLevel.ANONYMOUS)
