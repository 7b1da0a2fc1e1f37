import logging
import sys
import threading

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
logger = logging.getLogger("orders.incoming")


@app.route()
def levels(req: func.HttpRequest) -> func.HttpResponse:
    tag = req.params["tag"]
    logging.debug("%s debug", tag)
    logging.info("%s info", tag)
    logging.warning("%s warning", tag)
    logging.error("%s error", tag)
    logging.critical("%s critical", tag)
    return func.HttpResponse(tag)


@app.route()
def levels_named(req: func.HttpRequest) -> func.HttpResponse:
    logger.info("%s named info", req.params["tag"])
    return func.HttpResponse()


@app.route()
def printed(req: func.HttpRequest) -> func.HttpResponse:
    print(f"{req.params['tag']} stdout")
    print(f"{req.params['tag']} stderr", file=sys.stderr)
    return func.HttpResponse()


@app.route()
def caught(req: func.HttpRequest) -> func.HttpResponse:
    try:
        raise KeyError(req.params["tag"])
    except KeyError:
        logging.exception("%s caught", req.params["tag"])
    return func.HttpResponse()


@app.route()
def naked_thread(req: func.HttpRequest) -> func.HttpResponse:
    tag = req.params["tag"]
    thread = threading.Thread(target=logging.info, args=(f"{tag} from a naked thread",))
    thread.start()
    thread.join()
    logging.info("%s after the thread", tag)
    return func.HttpResponse()


@app.route()
async def quiet(req: func.HttpRequest) -> func.HttpResponse:
    import asyncio

    logging.info("%s quiet, first step", req.params["tag"])
    await asyncio.sleep(0)
    logging.info("%s quiet, second step", req.params["tag"])
    return func.HttpResponse()


@app.route()
async def loud(req: func.HttpRequest) -> func.HttpResponse:
    import asyncio

    logging.info("%s loud, first step", req.params["tag"])
    await asyncio.sleep(0)
    logging.info("%s loud, second step", req.params["tag"])
    return func.HttpResponse()


@app.route()
def quiet_sync(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("%s quiet in a thread", req.params["tag"])
    return func.HttpResponse()


@app.route()
def loud_sync(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("%s loud in a thread", req.params["tag"])
    return func.HttpResponse()
