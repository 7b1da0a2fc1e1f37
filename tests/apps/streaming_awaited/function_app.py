"""A bare ASGI app that gives up waiting for `receive`, in all the ways there are."""

import asyncio
import hashlib
import logging
import weakref

import anyio
import azure.functions as func
from starlette.requests import Request


async def answer(send, text):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


async def impatient(scope, receive, send):
    """Waits a millisecond for each message, again and again."""
    digest, gave_up, has_more = hashlib.md5(), False, True
    while has_more:
        try:
            message = await asyncio.wait_for(receive(), 0.001)
        except asyncio.TimeoutError:
            if not gave_up:
                logging.info("gave up waiting")
            gave_up = True
            continue
        digest.update(message["body"])
        has_more = message["more_body"]
    await answer(send, f"{digest.hexdigest()} {gave_up}")


async def abandoned(scope, receive, send):
    """How many of 100 cancelled waits are still known to anybody."""
    await receive()
    known = []
    for _ in range(100):
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        known.append(weakref.ref(waiting))
        waiting.cancel()
        await asyncio.wait([waiting])
        del waiting
    await asyncio.sleep(0)
    await answer(send, str(sum(reference() is not None for reference in known)))


async def as_tasks(scope, receive, send):
    """`receive` and `send` as Tasks and in a task group, the first way to wait for one of two."""
    message = await asyncio.create_task(receive())
    heard = []

    async with anyio.create_task_group() as group:

        async def listen():
            heard.append(await receive())

        group.start_soon(receive)
        group.start_soon(listen)
        await anyio.sleep(0)
        group.cancel_scope.cancel()
    start = {"type": "http.response.start", "status": 200, "headers": []}
    await asyncio.create_task(send(start))
    body = message["body"] + str(heard).encode()
    await asyncio.create_task(send({"type": "http.response.body", "body": body}))


async def polled(scope, receive, send):
    """Asks Starlette between two events whether the client has left."""
    request = Request(scope, receive, send)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while not await request.is_disconnected():
        await send({"type": "http.response.body", "body": b"data: x\n\n", "more_body": True})
        await asyncio.sleep(0.001)
    logging.info("saw that the client has left")


async def two_listeners(scope, receive, send):
    """Two Tasks wait for messages; each message goes to one of them, the end to both."""
    await receive()

    async def listen():
        return (await receive())["type"]

    listeners = [asyncio.create_task(listen()) for _ in range(2)]
    await asyncio.sleep(0)
    await answer(send, "answered")
    logging.info("both heard %s", sorted(await asyncio.gather(*listeners)))


PATHS = {
    "/impatient": impatient,
    "/abandoned": abandoned,
    "/as_tasks": as_tasks,
    "/polled": polled,
    "/two_listeners": two_listeners,
}


async def application(scope, receive, send):
    if scope["type"] == "http":
        await PATHS[scope["path"]](scope, receive, send)


app = func.AsgiFunctionApp(app=application, http_auth_level=func.AuthLevel.ANONYMOUS)
