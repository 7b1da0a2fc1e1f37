import base64
import collections.abc
import http.client
import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def answer(value):
    return func.HttpResponse(json.dumps(value), mimetype="application/json")


@app.route()
def inspect(req: func.HttpRequest) -> func.HttpResponse:
    return answer(
        {
            "method": req.method,
            "url": req.url,
            "headers": list(req.headers.items()),
            "params": dict(req.params),
            "route_params": dict(req.route_params),
            "body": base64.b64encode(req.get_body()).decode(),
            "body_type": type(req.get_body()).__name__,
        }
    )


@app.route()
def header(req: func.HttpRequest) -> func.HttpResponse:
    name = req.params["name"]
    return answer(
        {
            "get": req.headers.get(name),
            "in": name in req.headers,
            "default": req.headers.get("x-not-sent", "default"),
            "missing_in": "x-not-sent" in req.headers,
            "length_is_count": len(req.headers) == len(list(req.headers)),
        }
    )


@app.route()
def json_body(req: func.HttpRequest) -> func.HttpResponse:
    try:
        value = req.get_json()
    except ValueError as error:
        return answer({"error": str(error), "chained": error.__cause__ is not None})
    fresh = isinstance(value, dict) and req.get_json() is not value
    return answer({"value": value, "parsed_again": fresh})


@app.route()
def form(req: func.HttpRequest) -> func.HttpResponse:
    return answer(
        {
            "first": {key: req.form[key] for key in req.form},
            "all": {key: req.form.getlist(key) for key in req.form},
            "files": [
                {
                    "field": key,
                    "filename": file.filename,
                    "content_type": file.content_type,
                    "x_part": file.headers.get("X-Part"),
                    "content": base64.b64encode(file.read()).decode(),
                }
                for key, file in req.files.items(multi=True)
            ],
            "types": [type(req.form).__name__, type(req.files).__name__],
            "parsed_once": req.form is req.form,
            "body_length": len(req.get_body()),
        }
    )


@app.route()
def kinds(req: func.HttpRequest) -> func.HttpResponse:
    return answer(
        {
            "is HttpRequest": isinstance(req, func.HttpRequest),
            "headers is Mapping": isinstance(req.headers, collections.abc.Mapping),
            "headers is no dict": not isinstance(req.headers, dict),
            "params is Mapping": isinstance(req.params, collections.abc.Mapping),
            "route_params is Mapping": isinstance(req.route_params, collections.abc.Mapping),
            "params equals a dict": req.params == {"a": "1", "b": "2"},
            "params unpacks": {**req.params} == {"a": "1", "b": "2"},
            "params copies": req.params.copy() == {"a": "1", "b": "2"},
            "params or": req.params | {"c": "3"} == {"a": "1", "b": "2", "c": "3"},
            "headers unpacks": "host" in {**req.headers},
        }
    )


def raised(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


@app.route()
def frozen(req: func.HttpRequest) -> func.HttpResponse:
    def assign(target, key):
        target[key] = "changed"

    outcome = {
        "params item": raised(lambda: assign(req.params, "a")),
        "route_params item": raised(lambda: assign(req.route_params, "a")),
        "headers item": raised(lambda: assign(req.headers, "host")),
        "form item": raised(lambda: assign(req.form, "a")),
    }
    for name in ("method", "url", "headers", "params", "route_params", "form", "files"):
        outcome[f"{name} attribute"] = raised(lambda name=name: setattr(req, name, "changed"))
    req.user = "set by a decorator"
    outcome["new attribute"] = req.user
    return answer(outcome)


@app.route()
async def in_loop(req: func.HttpRequest) -> func.HttpResponse:
    return answer({"body": base64.b64encode(req.get_body()).decode(), "params": dict(req.params)})


@app.route(methods=["GET"])
def kept(req: func.HttpRequest) -> func.HttpResponse:
    """Keeps a request beyond its call and reads it in a later one."""
    earlier = KEPT[0] if KEPT else None
    KEPT[:] = [req]
    if earlier is None:
        return answer(None)
    return answer([earlier.method, dict(earlier.params), earlier.headers.get("x-call")])


KEPT = []
