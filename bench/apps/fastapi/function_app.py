"""The FastAPI app as an Azure Functions app, as its documentation shows."""

from __future__ import annotations

import azure.functions as func
from shop import app as shop

app = func.AsgiFunctionApp(app=shop, http_auth_level=func.AuthLevel.ANONYMOUS)
