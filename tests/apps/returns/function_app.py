import http

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def text(req: func.HttpRequest) -> str:
    return req.get_body().decode()


@app.route()
async def text_async(req: func.HttpRequest) -> str:
    return req.get_body().decode()


WRONG = {
    "none": None,
    "bytes": b"bytes",
    "bytearray": bytearray(b"bytes"),
    "dict": {"a": 1},
    "list": ["a"],
    "tuple": ("body", 200),
    "int": 7,
    "bool": True,
    "generator": (piece for piece in ("a", "b")),
}


@app.route()
def wrong(req: func.HttpRequest):
    return WRONG[req.params["type"]]


@app.route()
async def wrong_async(req: func.HttpRequest):
    return WRONG[req.params["type"]]


@app.route()
def forgotten_return(req: func.HttpRequest) -> func.HttpResponse:
    func.HttpResponse("made but not returned")


@app.route(route="status/{code}")
def status(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=int(req.route_params["code"]))


@app.route(route="status_with_body/{code}")
def status_with_body(req: func.HttpRequest) -> func.HttpResponse:
    code = int(req.route_params["code"])
    return func.HttpResponse(f"body of {code}", status_code=code)


@app.route()
def enumerated(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("made", status_code=http.HTTPStatus.CREATED)


@app.route()
def status_text(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("body", status_code=req.params["code"])


@app.route()
def redirected(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        status_code=int(req.params["code"]), headers={"Location": "/api/elsewhere?x=1"}
    )


RESPONSES = {
    "defaults": lambda: func.HttpResponse("é"),
    "no_body": lambda: func.HttpResponse(),
    "bytes": lambda: func.HttpResponse(b"\x00\xff"),
    "bytearray": lambda: func.HttpResponse(bytearray(b"ba")),
    "json": lambda: func.HttpResponse('{"a":1}', mimetype="application/json"),
    "html": lambda: func.HttpResponse("<p>é</p>", mimetype="text/html", charset="latin-1"),
    "own_header": lambda: func.HttpResponse("<a/>", headers={"Content-Type": "application/xml"}),
    "own_header_lower": lambda: func.HttpResponse(
        "<a/>", headers={"content-type": "image/svg+xml"}, mimetype="text/csv"
    ),
}


@app.route()
def content_type(req: func.HttpRequest) -> func.HttpResponse:
    return RESPONSES[req.params["kind"]]()


@app.route()
def headers(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        "body", headers={"X-One": "1", "x-two": "two words", "Cache-Control": "no-store"}
    )


@app.route()
def repeated_headers(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("body")
    response.headers.add("X-Repeated", "first")
    response.headers.add("X-Repeated", "last")
    return response


@app.route()
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("body")
    for cookie in req.get_body().decode().splitlines():
        response.headers.add("Set-Cookie", cookie)
    return response


SHARED = func.HttpResponse("shared", headers={"Set-Cookie": "a=1; Path=/"})


@app.route()
def shared_response(req: func.HttpRequest) -> func.HttpResponse:
    return SHARED


@app.route()
def injected_header(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("body", headers={"X-A": "a\r\nX-Injected: yes"})


@app.route()
def wrong_body(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse({"a": 1})


class OwnResponse(func.HttpResponse):
    def __init__(self, text):
        super().__init__(text.upper(), status_code=203)


@app.route()
def subclass(req: func.HttpRequest) -> func.HttpResponse:
    return OwnResponse("shouted")


@app.route(binding_arg_name="response")
def out_response(req: func.HttpRequest, response: func.Out[func.HttpResponse]) -> None:
    assert response.get() is None
    response.set(func.HttpResponse("first", status_code=500))
    response.set(func.HttpResponse("set", status_code=202, headers={"X-Out": "yes"}))


@app.route(binding_arg_name="response")
async def out_text(req: func.HttpRequest, response: func.Out[str]) -> None:
    response.set(req.get_body().decode())


@app.route(binding_arg_name="response")
def out_unset(req: func.HttpRequest, response: func.Out[func.HttpResponse]) -> None:
    pass


@app.route(binding_arg_name="response")
def out_and_returned(req: func.HttpRequest, response: func.Out[func.HttpResponse]):
    response.set(func.HttpResponse("set"))
    return "returned"
