import json

import azure.functions as func
from describing import describe

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

NAMES = []


@app.route(route="names", methods=["PUT"])
def names(req: func.HttpRequest) -> func.HttpResponse:
    """Says which header names the next requests are asked for, so that they need not carry them."""
    NAMES[:] = req.get_json()
    return func.HttpResponse("kept")


@app.route(route="sync/{id?}")
def by_def(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(describe(req, NAMES), mimetype="application/json")


@app.route(route="async/{id?}")
async def by_async_def(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(describe(req, NAMES), mimetype="application/json")
