import asyncio
import contextlib

import azure.functions as func
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

started = []


@contextlib.asynccontextmanager
async def lifespan(_app):
    started.append("once")
    yield


fast_app = FastAPI(lifespan=lifespan)


class Item(BaseModel):
    name: str
    price: float


@fast_app.post("/items/{item_id}", status_code=201)
async def create(item_id: int, item: Item, verbose: bool = False):
    await asyncio.sleep(0)
    return {"id": item_id, "item": item, "verbose": verbose}


@fast_app.get("/scope/{rest:path}")
async def scope(request: Request):
    return {
        "method": request.method,
        "path": request.scope["path"],
        "query": request.scope["query_string"].decode(),
        "root_path": request.scope["root_path"],
        "custom": request.headers.get("x-custom"),
        "function": request.scope["azure_functions.function_name"],
        "invocation": request.scope["azure_functions.invocation_id"],
    }


@fast_app.post("/bytes")
async def echo_bytes(request: Request):
    return Response(await request.body(), media_type="application/octet-stream")


@fast_app.get("/sync")
def sync_endpoint():
    return {"ran": "in a thread"}


@fast_app.get("/streamed")
async def streamed():
    async def pieces():
        for number in range(100):
            yield f"piece {number}\n"

    return StreamingResponse(pieces(), media_type="text/plain")


@fast_app.get("/failing")
async def failing():
    return Response("the page of the app", status_code=503)


@fast_app.get("/raising")
async def raising():
    raise ValueError("raised inside FastAPI")


@fast_app.get("/started")
async def how_often_started():
    return started


app = func.AsgiFunctionApp(app=fast_app, http_auth_level=func.AuthLevel.ANONYMOUS)
