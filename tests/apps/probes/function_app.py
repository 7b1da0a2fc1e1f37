import asyncio
import json

import aiohttp
import azure.functions as func
import probes

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def names(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(sorted(probes.PROBES)))


@app.route(route="probe/{name}")
async def probe(req: func.HttpRequest) -> func.HttpResponse:
    await probes.PROBES[req.route_params["name"]]()
    return func.HttpResponse("held")


session = None


@app.route()
async def fetch(req: func.HttpRequest) -> func.HttpResponse:
    """Calls another function of this host by a client that outlives the call."""
    global session
    if session is None:
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
    async with session.get(req.params["url"]) as response:
        return func.HttpResponse(await response.read(), status_code=response.status)


@app.route()
async def cancel_self_and_return(req: func.HttpRequest) -> func.HttpResponse:
    """Leaves a cancellation behind that nobody waited for."""
    asyncio.current_task().cancel()
    return func.HttpResponse("returned")


done = []


@app.route()
async def add_done_callback(req: func.HttpRequest) -> func.HttpResponse:
    tag = req.params["tag"]
    asyncio.current_task().add_done_callback(lambda task: done.append(tag))
    if req.params.get("suspend"):
        await asyncio.sleep(0)
    return func.HttpResponse(tag)


@app.route()
async def done_callbacks(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(done))
