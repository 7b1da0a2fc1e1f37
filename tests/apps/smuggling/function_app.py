import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

SMUGGLED = []


@app.route()
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/octet-stream")


@app.route()
def smuggled(req: func.HttpRequest) -> func.HttpResponse:
    """Nobody asks for this one: it is reached only if a body is read as a request."""
    SMUGGLED.append(req.url)
    return func.HttpResponse("smuggled")


@app.route()
def count(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(len(SMUGGLED)))
