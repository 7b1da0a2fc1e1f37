# The guide's streaming samples (upload and download), and what surrounds them.
import asyncio
import hashlib
import logging
import threading

import azure.functions as func
from azurefunctions.extensions.http.fastapi import JSONResponse, Request, StreamingResponse
from fastapi import HTTPException
from pydantic import BaseModel

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
more = asyncio.Semaphore(0)


class Item(BaseModel):
    name: str
    count: int = 1


def generate_sensor_data():
    for i in range(10):
        yield f"data: {{'temperature': {20 + i}, 'humidity': {50 + i}}}\n\n"


@app.route(route="stream", methods=[func.HttpMethod.GET])
async def stream_sensor_data(req: Request) -> StreamingResponse:
    return StreamingResponse(generate_sensor_data(), media_type="text/event-stream")


@app.route(route="streaming_upload", methods=[func.HttpMethod.POST])
async def streaming_upload(req: Request) -> JSONResponse:
    digest, chunks = hashlib.md5(), 0
    async for chunk in req.stream():
        digest.update(chunk)
        chunks += 1
    return JSONResponse({"md5": digest.hexdigest(), "chunks": chunks})


@app.route(route="on_demand", methods=["GET"])
async def on_demand(req: Request) -> StreamingResponse:
    async def events():
        number = 0
        try:
            while True:
                yield f"data: {number}\n\n"
                number += 1
                await more.acquire()
        finally:
            logging.info("the generator was closed")

    return StreamingResponse(events(), media_type="text/event-stream")


@app.route(route="more", methods=["POST"])
async def release(req: Request) -> str:
    more.release()
    return "released"


@app.route(route="for_ever", methods=["GET"])
async def for_ever(req: Request) -> str:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        logging.info("the function was cancelled")
        raise


@app.route(route="in_a_thread/{number:int}", methods=["GET"])
def in_a_thread(req: Request, context: func.Context) -> dict:
    logging.info("said in a thread")
    return {
        "route": req.path_params,
        "query": dict(req.query_params),
        "is_main": threading.current_thread() is threading.main_thread(),
        "function": context.function_name,
    }


@app.route(route="model", methods=["GET"])
async def model(req: Request) -> Item:
    return Item(name="bolt")


@app.route(route="refused", methods=["GET"])
async def refused(req: Request) -> dict:
    raise HTTPException(418, "short and stout")


@app.route(route="classic", methods=["GET"])
def classic(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"classic {req.params.get('name')}")
