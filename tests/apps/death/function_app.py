import asyncio
import ctypes
import logging
import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def pid(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(os.getpid()))


@app.route()
async def pid_async(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(os.getpid()))


@app.route()
async def wait_forever(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("waiting %s", req.params["tag"])
    await asyncio.Event().wait()


@app.route()
def leave_at_once(req: func.HttpRequest) -> func.HttpResponse:
    os._exit(3)


@app.route()
def break_memory(req: func.HttpRequest) -> func.HttpResponse:
    ctypes.string_at(0)


@app.route()
async def break_memory_async(req: func.HttpRequest) -> func.HttpResponse:
    ctypes.string_at(0)


@app.route()
def die_half_way_through_a_body(req: func.HttpRequest) -> func.HttpResponse:
    assert len(req.get_body()) == 4 * 1024 * 1024
    os._exit(4)
