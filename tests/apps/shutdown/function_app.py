import asyncio
import os
import pathlib
import threading
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

# The files that tell the test where a call is, and the call when it may go on.
FOLDER = pathlib.Path(os.environ["MEETING_FOLDER"])


@app.route()
def finish_later(req: func.HttpRequest) -> func.HttpResponse:
    (FOLDER / "entered").touch()
    while not (FOLDER / "released").exists():
        time.sleep(0.005)
    return func.HttpResponse("finished")


@app.route()
async def finish_later_async(req: func.HttpRequest) -> func.HttpResponse:
    (FOLDER / "entered").touch()
    while not (FOLDER / "released").exists():
        await asyncio.sleep(0.005)
    return func.HttpResponse("finished")


@app.route()
def never_finish(req: func.HttpRequest) -> func.HttpResponse:
    (FOLDER / "never_finish").touch()
    threading.Event().wait()


@app.route()
async def never_finish_async(req: func.HttpRequest) -> func.HttpResponse:
    (FOLDER / "never_finish_async").touch()
    await asyncio.Event().wait()


@app.route()
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")


@app.route()
def large(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b"l" * (8 * 1024 * 1024))
