import asyncio
import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")


@app.route()
async def echo_async(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")


@app.route()
async def echo_late(req: func.HttpRequest) -> func.HttpResponse:
    """Answers after every call that came with it has had the chance to answer."""
    await asyncio.sleep(0.05)
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")


@app.route()
def large(req: func.HttpRequest) -> func.HttpResponse:
    size = int(req.params["size"])
    return func.HttpResponse((b"0123456789abcdef" * (size // 16 + 1))[:size])


@app.route()
async def outlives_its_caller(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("%s entered", req.params["tag"])
    await asyncio.sleep(0.2)
    logging.info("%s finished", req.params["tag"])
    return func.HttpResponse("to nobody")
