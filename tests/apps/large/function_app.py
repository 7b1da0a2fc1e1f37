import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def response(req):
    """`size` MiB of one letter: as bytes, as text, or as text that is not ASCII."""
    size = int(req.route_params["size"]) << 20
    bodies = {"bytes": b"b" * size, "text": "t" * size, "wide": "é" * (size // 2)}
    return func.HttpResponse(bodies[req.route_params["kind"]])


@app.route(route="threads/{kind}/{size}")
def threads(req: func.HttpRequest) -> func.HttpResponse:
    return response(req)


@app.route(route="tasks/{kind}/{size}")
async def tasks(req: func.HttpRequest) -> func.HttpResponse:
    return response(req)


@app.route(route="echo")
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body())


@app.route(route="quick")
def quick(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("quick")
