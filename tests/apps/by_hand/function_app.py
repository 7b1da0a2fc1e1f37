import asyncio
import json
import logging
import os
import pathlib
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

VERSION = "one"


def wait_for(gate: str) -> None:
    logging.info("waiting for %s", gate)
    while not pathlib.Path(gate).exists():
        time.sleep(0.005)


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def tick(timer: func.TimerRequest, context: func.Context) -> None:
    logging.info("tick %s %s", timer.past_due, context.invocation_id)


@app.queue_trigger(arg_name="message", queue_name="q", connection="AzureWebJobsStorage")
def take(message: func.QueueMessage) -> None:
    logging.info("took %s", message.get_body().decode())


@app.queue_trigger(arg_name="message", queue_name="q", connection="AzureWebJobsStorage")
async def take_async(message: str) -> None:
    await asyncio.sleep(0)
    logging.info("took %s", message)


@app.generic_trigger(arg_name="event", type="rabbitMQTrigger", data_type="binary")
def size(event: bytes) -> None:
    logging.info("size %d", len(event))


@app.event_grid_trigger(arg_name="event")
def grid(event: func.EventGridEvent) -> None:
    logging.info("event %s", event.get_json())
    if event.get_json() == "bad":
        raise ValueError("a bad event")


@app.warm_up_trigger(arg_name="warm")
def warmup(warm) -> None:
    logging.info("warm by %s", type(warm).__name__)


@app.queue_trigger(arg_name="gate", queue_name="q", connection="AzureWebJobsStorage")
def wait(gate: str) -> None:
    wait_for(gate)
    logging.info("went through")


@app.queue_trigger(arg_name="message", queue_name="q", connection="AzureWebJobsStorage")
def leave(message: str) -> None:
    os._exit(3)


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def fail(timer: func.TimerRequest) -> None:
    raise RuntimeError("on purpose")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def answer(timer: func.TimerRequest):
    return "nobody asked"


@app.blob_trigger(arg_name="blob", path="in/{name}", connection="AzureWebJobsStorage")
def blob(blob: func.InputStream) -> None:
    logging.info("never reached")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
@app.queue_output(arg_name="out", queue_name="q", connection="AzureWebJobsStorage")
def write(timer: func.TimerRequest, out: func.Out[str]) -> None:
    logging.info("never reached")


@app.route(route="show/{name?}")
def show(req: func.HttpRequest) -> func.HttpResponse:
    logging.info(
        "shown %s",
        json.dumps([req.method, req.url, dict(req.params), req.get_body().decode()]),
    )
    return func.HttpResponse(VERSION)


@app.route(route="held")
def held(req: func.HttpRequest) -> func.HttpResponse:
    wait_for(req.params["gate"])
    return func.HttpResponse(VERSION)
