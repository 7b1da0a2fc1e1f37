import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def params(req):
    return func.HttpResponse(json.dumps(dict(req.route_params)), mimetype="application/json")


@app.route(route="hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")


@app.function_name("RenamedFunction")
@app.route()
def renamed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("renamed")


@app.route(route="items/{id:int}")
def b_items(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="items/{name}", methods=["GET"])
def c_items_by_name(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("by name " + req.route_params["name"])


@app.route(route="items/special")
def d_hidden_by_c(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("special " + req.method)


@app.route(route="strict/{id:int}")
def strict(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="optional/{id:int?}")
def optional(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="default/{id=5}")
def default(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="files/{*path}")
def files(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="parts/{name}.{ext}")
def parts(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="between/{n:range(3,7)}/{word:alpha}")
def between(req: func.HttpRequest) -> func.HttpResponse:
    return params(req)


@app.route(route="locked", auth_level=func.AuthLevel.FUNCTION)
def locked(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("unlocked")


@app.route(route="Administrators/list")
def e_conflicts(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route(route="HELLO", methods=["GET"])
def z_conflicts(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")
