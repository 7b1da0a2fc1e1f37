import logging
import os
import time

import azure.functions as func


class HTTPException(Exception):
    """What web frameworks raise for an answer with a status."""

    def __init__(self, status_code):
        super().__init__(status_code)
        self.status_code = status_code


def divide(req):
    return str(1 // 0)


def http_exception(req):
    raise HTTPException(404)


def response(req):
    raise func.HttpResponse("no exception at all", status_code=404)


def end(req):
    os._exit(3)


def sleep(req):
    logging.info("sleeping %s", req.params["for"])
    time.sleep(float(req.params["for"]))
    logging.info("slept %s", req.params["for"])
    return "awake"


async def sleep_async(req):
    import asyncio

    await asyncio.sleep(float(req.params["for"]))
    return "awake"
