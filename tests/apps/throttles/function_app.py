import logging
import pathlib
import threading
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

# Longer than any test waits, so that a missing partner fails the call and not the machine.
BOUND = 60

lock = threading.Lock()
active = 0
most_active = 0
barrier = threading.Barrier(2, timeout=BOUND)


@app.route()
def turn(req: func.HttpRequest) -> func.HttpResponse:
    """Runs until the file `gate` exists."""
    logging.info("turn %s began", req.params["tag"])
    deadline = time.monotonic() + BOUND
    while not pathlib.Path(req.params["gate"]).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(req.params["gate"])
        time.sleep(0.005)
    return func.HttpResponse(req.params["tag"])


@app.route()
def pair(req: func.HttpRequest) -> func.HttpResponse:
    """Returns once two calls are inside at the same time: how many there ever were."""
    global active, most_active
    with lock:
        active += 1
        most_active = max(most_active, active)
    # Time for one too many to come in.
    time.sleep(0.02)
    barrier.wait()
    with lock:
        active -= 1
        return func.HttpResponse(str(most_active))


@app.route()
def die(req: func.HttpRequest) -> func.HttpResponse:
    import os

    os._exit(3)


@app.route()
async def quick(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("quick")
