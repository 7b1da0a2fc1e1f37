import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def plain(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("plain ran for %s", req.headers.get("origin", "nobody"))
    return func.HttpResponse("plain " + req.method)


@app.route()
async def own(req: func.HttpRequest) -> func.HttpResponse:
    headers = {"access-control-allow-origin": "https://mine", "Vary": "Accept"}
    return func.HttpResponse("own", headers=headers)


@app.route()
def varied(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("varied", headers={"Vary": "Accept-Encoding"})


@app.route()
def failing(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("on purpose")
