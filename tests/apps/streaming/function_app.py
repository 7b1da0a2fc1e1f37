import asyncio
import logging
import pathlib

import azure.functions as func
from azurefunctions.extensions.http.fastapi import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Request,
    Response,
    StreamingResponse,
)
from pydantic import BaseModel

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


class Item(BaseModel):
    name: str
    price: float = 1.5


@app.route(route="seen/{id}/{*rest}")
async def seen(req: Request) -> JSONResponse:
    return JSONResponse(
        {
            "method": req.method,
            "path": req.url.path,
            "query": req.url.query,
            "headers": dict(req.headers),
            "path_params": dict(req.path_params),
            "body": (await req.body()).decode("latin-1"),
        }
    )


RESPONSES = {
    "response": lambda: Response(b"\x00\xff", 201, {"X-Own": "yes"}, "application/x-own"),
    "json": lambda: JSONResponse({"a": 1}),
    "html": lambda: HTMLResponse("<p>é</p>"),
    "plain": lambda: PlainTextResponse('{"a": 1}'),
    "redirect": lambda: RedirectResponse("/api/elsewhere"),
    "file": lambda: FileResponse(pathlib.Path(__file__).with_name("host.json")),
    "cookies": lambda: Response("", headers={"Set-Cookie": "A=b c; Path=/x; Max-Age=5"}),
    "empty": lambda: Response(status_code=204),
    "none": lambda: None,
}


@app.route(route="returned/{kind}")
async def returned(req: Request):
    return RESPONSES[req.path_params["kind"]]()


@app.route(route="returned_by_def/{kind}")
def returned_by_def(req: Request):
    return RESPONSES[req.path_params["kind"]]()


@app.route()
async def a_str(req: Request) -> str:
    return "text"


@app.route()
async def a_dict(req: Request) -> dict:
    return {"a": 1}


@app.route()
async def a_list(req: Request) -> list:
    return [1, "x"]


@app.route()
async def an_int(req: Request) -> int:
    return 7


@app.route()
async def a_float(req: Request) -> float:
    return 1.5


@app.route()
async def a_bool(req: Request) -> bool:
    return True


@app.route()
async def a_model(req: Request) -> Item:
    return Item(name="tea")


@app.route()
async def raising(req: Request) -> Response:
    raise ValueError("raised in a streaming function")


GATE = asyncio.Event()


@app.route()
async def open_gate(req: Request) -> PlainTextResponse:
    GATE.set()
    return PlainTextResponse("open")


@app.route()
async def gated(req: Request) -> StreamingResponse:
    """The second piece follows only when somebody has opened the gate."""

    async def pieces():
        yield b"first"
        await GATE.wait()
        GATE.clear()
        yield b"second"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@app.route()
async def endless(req: Request) -> StreamingResponse:
    async def pieces():
        try:
            while True:
                yield b"piece\n"
                await asyncio.sleep(0.01)
        finally:
            logging.info("the generator was closed")

    return StreamingResponse(pieces())


@app.route()
async def broken_off(req: Request) -> StreamingResponse:
    async def pieces():
        yield b"first"
        raise ValueError("in the middle of a stream")

    return StreamingResponse(pieces())


@app.route()
async def upload(req: Request) -> JSONResponse:
    """Says that it runs once the first bytes are there."""
    sizes = []
    async for piece in req.stream():
        if piece and not sizes:
            logging.info("the first piece of the upload is here")
        sizes.append(len(piece))
    return JSONResponse({"total": sum(sizes)})


@app.route()
async def of_the_other_kind(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("classic")


@app.route()
async def unannotated(req):
    return PlainTextResponse(type(req).__module__.split(".")[0])
