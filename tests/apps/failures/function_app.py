import asyncio
import sys

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


class OwnBaseException(BaseException):
    pass


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")


def deeper():
    raise ValueError("x")


@app.route()
def raising(req: func.HttpRequest) -> func.HttpResponse:
    deeper()


@app.route()
async def raising_async(req: func.HttpRequest) -> func.HttpResponse:
    deeper()


@app.route()
async def raising_after_suspension(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(0)
    deeper()


@app.route()
def chained(req: func.HttpRequest) -> func.HttpResponse:
    try:
        raise KeyError("the cause")
    except KeyError as error:
        raise RuntimeError("two\nlines") from error


@app.route()
def unprintable(req: func.HttpRequest) -> func.HttpResponse:
    raise Unprintable


@app.route()
def raised_response(req: func.HttpRequest) -> func.HttpResponse:
    raise func.HttpResponse("no exception at all", status_code=404)


@app.route()
def endless_recursion(req: func.HttpRequest) -> func.HttpResponse:
    return endless_recursion(req)


def leave(kind):
    if kind == "SystemExit":
        sys.exit(3)
    if kind == "KeyboardInterrupt":
        raise KeyboardInterrupt
    if kind == "CancelledError":
        raise asyncio.CancelledError
    if kind == "GeneratorExit":
        raise GeneratorExit
    if kind == "StopIteration":
        raise StopIteration
    raise OwnBaseException(kind)


@app.route()
def leaving(req: func.HttpRequest) -> func.HttpResponse:
    leave(req.params["kind"])


@app.route()
async def leaving_async(req: func.HttpRequest) -> func.HttpResponse:
    leave(req.params["kind"])


@app.route()
async def leaving_after_suspension(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(0)
    leave(req.params["kind"])


@app.route()
def fine(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("fine")


@app.route()
async def fine_async(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("fine")
