import asyncio
import contextlib
import hashlib
import logging
import os

import azure.functions as func
from fastapi import BackgroundTasks, FastAPI, File, Form, HTTPException, Request, Response, UploadFile
from fastapi.responses import FileResponse, RedirectResponse
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

GATE = asyncio.Event()


@contextlib.asynccontextmanager
async def lifespan(_app):
    logging.info("the app starts up")
    if os.environ.get("FAIL_STARTUP"):
        raise RuntimeError("no database")
    yield {"database": "connected"}
    logging.info("the app shuts down")


fast_app = FastAPI(lifespan=lifespan)


@fast_app.post("/json")
async def as_json(request: Request):
    return {"got": await request.json()}


@fast_app.post("/form")
async def form(name: str = Form(), tags: list[str] = Form()):
    return {"name": name, "tags": tags}


@fast_app.post("/upload")
async def upload(file: UploadFile = File(), note: str = Form()):
    digest = hashlib.md5(await file.read()).hexdigest()
    return {"name": file.filename, "type": file.content_type, "md5": digest, "note": note}


COOKIES = ["a=1; Path=/; SameSite=Lax", "b=two words; HttpOnly", 'c="q"; Max-Age=5']


@fast_app.get("/cookies")
async def cookies():
    response = PlainTextResponse("cookies")
    for cookie in COOKIES:
        response.headers.append("Set-Cookie", cookie)
    return response


@fast_app.get("/moved")
async def moved():
    return RedirectResponse("/json", status_code=303)


@fast_app.get("/refused")
async def refused():
    raise HTTPException(418, "short and stout")


@fast_app.get("/failing")
async def failing():
    return Response("the page of the app", status_code=503, headers={"Retry-After": "7"})


@fast_app.get("/raising")
async def raising():
    raise ValueError("raised inside FastAPI")


@fast_app.get("/later")
async def later(tasks: BackgroundTasks):
    async def task():
        await GATE.wait()
        logging.info("the background task has run")

    tasks.add_task(task)
    return "accepted"


@fast_app.get("/open")
async def opened():
    GATE.set()
    return "open"


@fast_app.get("/state")
async def state(request: Request):
    return {"database": request.state.database}


@fast_app.get("/file")
async def file():
    return FileResponse("host.json", media_type="application/json")


async def inner(request):
    return PlainTextResponse(f"{request.scope['root_path']} {request.path_params['name']}")


fast_app.router.routes.append(Mount("/mounted", routes=[Route("/{name}", inner)]))

app = func.AsgiFunctionApp(app=fast_app, http_auth_level=func.AuthLevel.ANONYMOUS)
