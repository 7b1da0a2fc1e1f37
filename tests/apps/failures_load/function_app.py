import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def fine(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("fine")


@app.route()
def extra_parameter(req: func.HttpRequest, nobody_binds_this) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route()
def wrong_trigger_type(req: func.TimerRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route()
def wrong_return_type(req: func.HttpRequest) -> dict:
    return {}


@app.route()
def wrong_context(req: func.HttpRequest, context: str) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route(binding_arg_name="bare")
def bare_out(req: func.HttpRequest, bare: func.Out) -> None:
    pass
