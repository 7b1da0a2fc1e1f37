"""The measured app: one anonymous HTTP function per workload, written as a user would write it.

Run by ferrofunc and by `peers/pure_host.py`; the other peers answer the same in their own terms.
"""

from __future__ import annotations

import asyncio
import json
import time

import azure.functions as func

SLEEP_SECONDS = 0.01

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"Hello, {req.params.get('name')}")


@app.route(route="hello_async", methods=["GET"])
async def hello_async(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"Hello, {req.params.get('name')}")


@app.route(route="sleep_sync", methods=["GET"])
def sleep_sync(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    time.sleep(SLEEP_SECONDS)
    return func.HttpResponse("slept")


@app.route(route="sleep_async", methods=["GET"])
async def sleep_async(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    await asyncio.sleep(SLEEP_SECONDS)
    return func.HttpResponse("slept")


@app.route(route="echo", methods=["POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")


@app.route(route="echo_json", methods=["POST"])
def echo_json(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(req.get_json()), mimetype="application/json")
