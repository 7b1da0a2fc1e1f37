import os

import azure.functions as func

STARTED = []


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        STARTED.append("once")
        if os.environ.get("FAIL_STARTUP"):
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": ",".join(STARTED).encode()})


app = func.AsgiFunctionApp(app=application)
