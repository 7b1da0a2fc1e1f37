"""A Starlette app whose bodies stream: each path shows one way of it."""

import asyncio
import hashlib
import logging
import os

import azure.functions as func
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

GATE = asyncio.Semaphore(0)


async def opened(request):
    GATE.release()
    return PlainTextResponse("open")


async def events(request):
    async def pieces():
        try:
            for number in range(request.path_params["count"]):
                yield f"data: {number}\n\n"
                await GATE.acquire()
        finally:
            logging.info("the events were closed")

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def endless(request):
    async def pieces():
        try:
            while True:
                yield b"piece\n"
                await asyncio.sleep(0.01)
        finally:
            logging.info("the generator was closed")

    return StreamingResponse(pieces())


async def pieces(request):
    """`count` pieces of `size` bytes, each of another letter; `?length=` says Content-Length."""

    async def made():
        for number in range(request.path_params["count"]):
            yield bytes([97 + number % 26]) * request.path_params["size"]

    said = request.query_params.get("length")
    return StreamingResponse(made(), headers={"content-length": said} if said else None)


async def broken_off(request):
    async def made():
        yield b"first"
        await asyncio.sleep(0)
        raise ValueError("in the middle of a body")

    return StreamingResponse(made())


async def no_content(request):
    return Response(status_code=204)


async def md5(request):
    digest, total = hashlib.md5(), 0
    async for piece in request.stream():
        if piece and not total:
            logging.info("the first bytes are here")
        digest.update(piece)
        total += len(piece)
    return JSONResponse({"md5": digest.hexdigest(), "total": total})


async def early(request):
    return PlainTextResponse("no thanks")


async def told(request):
    """Content-Length without a body, as for HEAD."""
    return Response(headers={"content-length": "12345"})


async def pid(request):
    return PlainTextResponse(str(os.getpid()))


async def echo(scope, receive, send):
    # Starlette's StreamingResponse calls `receive` itself, to hear of a client that leaves.
    await send({"type": "http.response.start", "status": 200, "headers": []})
    has_more = True
    while has_more:
        message = await receive()
        has_more = message["more_body"]
        body = {"type": "http.response.body", "body": message["body"], "more_body": has_more}
        await send(body)


async def until_gone(scope, receive, send):
    while (message := await receive())["type"] != "http.disconnect":
        logging.info("got %d bytes", len(message["body"]))
    logging.info("heard http.disconnect")


routes = [
    Route("/open", opened),
    Route("/events/{count:int}", events),
    Route("/endless", endless),
    Route("/pieces/{count:int}/{size:int}", pieces),
    Route("/broken_off", broken_off),
    Route("/no_content", no_content),
    Route("/md5", md5, methods=["POST"]),
    Route("/early", early, methods=["POST"]),
    Route("/told", told, methods=["HEAD"]),
    Route("/pid", pid),
]
starlette_app = Starlette(routes=routes)


BARE = {"/echo": echo, "/until_gone": until_gone}


async def application(scope, receive, send):
    await BARE.get(scope.get("path"), starlette_app)(scope, receive, send)


app = func.AsgiFunctionApp(app=application, http_auth_level=func.AuthLevel.ANONYMOUS)
