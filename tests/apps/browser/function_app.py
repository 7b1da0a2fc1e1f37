import asyncio
import json
import pathlib

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(methods=["GET"])
def page(req: func.HttpRequest) -> func.HttpResponse:
    text = pathlib.Path(__file__).with_name("page.html").read_bytes()
    return func.HttpResponse(text, mimetype="text/html")


@app.route(methods=["POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body(), mimetype="application/json")


@app.route(methods=["POST"])
def form(req: func.HttpRequest) -> func.HttpResponse:
    file = req.files["file"]
    seen = {"field": req.form["field"], "name": file.filename, "size": len(file.read())}
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route(methods=["GET"])
def large(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b"l" * int(req.params["size"]))


@app.route(methods=["GET"])
async def late(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(0.5)
    return func.HttpResponse("late")


@app.route(methods=["POST"])
def visit(req: func.HttpRequest) -> func.HttpResponse:
    """Says what came with the request, and leaves a cookie for the next one."""
    seen = {
        "sent": req.get_json(),
        "cookie": req.headers.get("cookie", ""),
        "own": req.headers.get("x-own"),
        "origin": req.headers.get("origin"),
    }
    response = func.HttpResponse(json.dumps(seen), mimetype="application/json")
    response.headers.add("Set-Cookie", "visited=yes; Path=/; HttpOnly")
    return response


@app.route(methods=["GET"])
def events(req: func.HttpRequest) -> func.HttpResponse:
    text = "".join(f"event: tick\nid: {n}\ndata: event {n}\n\n" for n in range(3))
    return func.HttpResponse(text, mimetype="text/event-stream")
