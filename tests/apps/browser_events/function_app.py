import asyncio

import azure.functions as func
from azurefunctions.extensions.http.fastapi import PlainTextResponse, Request, StreamingResponse

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

NEXT = asyncio.Event()


@app.route(route="next", methods=["POST"])
async def go_on(req: Request) -> PlainTextResponse:
    NEXT.set()
    return PlainTextResponse("")


@app.route(methods=["GET"])
async def ticks(req: Request) -> StreamingResponse:
    """Makes each event only when the page has answered the one before."""

    async def events():
        for number in range(4):
            yield f"data: tick {number}\n\n"
            await NEXT.wait()
            NEXT.clear()

    return StreamingResponse(events(), media_type="text/event-stream")
