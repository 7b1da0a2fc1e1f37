import asyncio
import json
import logging
import os
import pathlib
import threading
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

# Longer than any test waits, so that a missing partner fails the call and not the machine.
BOUND = 60

barriers = {}
barriers_lock = threading.Lock()
events = {}


def answer(value):
    return func.HttpResponse(json.dumps(value), mimetype="application/json")


def barrier_of(req):
    with barriers_lock:
        name, parties = req.params["name"], int(req.params["parties"])
        return barriers.setdefault(name, threading.Barrier(parties, timeout=BOUND))


def event_of(req):
    return events.setdefault(req.params["name"], threading.Event())


@app.route()
def meet(req: func.HttpRequest) -> func.HttpResponse:
    """Returns once as many calls as `parties` says are inside at the same time."""
    barrier_of(req).wait()
    return answer({"thread": threading.get_ident(), "pid": os.getpid()})


active = 0
most_active = 0


@app.route()
def meet_and_count(req: func.HttpRequest) -> func.HttpResponse:
    global active, most_active
    with barriers_lock:
        active += 1
        most_active = max(most_active, active)
    # Time for a thread too many to come in.
    time.sleep(0.01)
    barrier_of(req).wait()
    with barriers_lock:
        active -= 1
        return answer(most_active)


gathered = {}


@app.route()
async def gather(req: func.HttpRequest) -> func.HttpResponse:
    """Returns once as many calls as `parties` says are inside at the same time."""
    parties = int(req.params["parties"])
    count, everyone = gathered.setdefault(req.params["name"], ([], asyncio.Event()))
    count.append(req)
    if len(count) == parties:
        everyone.set()
    await asyncio.wait_for(everyone.wait(), BOUND)
    return answer(
        {
            "thread": threading.get_ident(),
            "is_main_thread": threading.current_thread() is threading.main_thread(),
            "loop": id(asyncio.get_running_loop()),
            "task": id(asyncio.current_task()),
        }
    )


@app.route()
def hold(req: func.HttpRequest) -> func.HttpResponse:
    """Blocks its thread until `release` or `release_async` is called."""
    logging.info("hold %s entered", req.params["name"])
    return answer(event_of(req).wait(BOUND))


@app.route()
async def hold_loop(req: func.HttpRequest) -> func.HttpResponse:
    """Blocks the loop itself, as careless code does."""
    logging.info("hold_loop %s entered", req.params["name"])
    return answer(event_of(req).wait(BOUND))


@app.route()
def release(req: func.HttpRequest) -> func.HttpResponse:
    event_of(req).set()
    return answer(True)


@app.route()
async def release_async(req: func.HttpRequest) -> func.HttpResponse:
    event_of(req).set()
    return answer(True)


@app.route()
def identify(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    logging.info("tag %s sync id %s", req.params["tag"], context.invocation_id)
    return answer([req.params["tag"], context.invocation_id])


@app.route()
async def identify_async(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    before = context.thread_local_storage.invocation_id
    if req.params.get("suspend"):
        await asyncio.sleep(0)
    logging.info("tag %s async id %s", req.params["tag"], context.invocation_id)
    assert before == context.invocation_id
    return answer([req.params["tag"], context.invocation_id])


@app.route()
def meet_across_processes(req: func.HttpRequest) -> func.HttpResponse:
    """Returns true once a second worker process has entered with the same name."""
    folder = pathlib.Path(req.params["folder"])
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + float(req.params["bound"])
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer({"pid": os.getpid(), "met": len(list(folder.iterdir())) >= 2})


@app.route()
def pid(req: func.HttpRequest) -> func.HttpResponse:
    return answer(os.getpid())


@app.route()
def slow(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(0.02)
    return answer(req.params["tag"])
