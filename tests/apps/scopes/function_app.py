"""A bare ASGI app and a bare WSGI app that tell what they were called with."""

import json

import azure.functions as func


def plain(value):
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return type(value).__name__


async def asgi_app(scope, receive, send):
    message = await receive()
    messages = [message]
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
        messages.append(message)
    if scope["path"].endswith("/raising"):
        raise ValueError("raised inside the ASGI app")
    status = 503 if scope["path"].endswith("/failing") else 200
    body = json.dumps({"scope": plain(dict(scope)), "messages": plain(messages)}).encode()
    headers = [(b"content-type", b"application/json"), (b"x-own", b"yes"), (b"set-cookie", b"a=1")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body[:10], "more_body": True})
    await send({"type": "http.response.body", "body": body[10:]})


def wsgi_app(environ, start_response):
    path = environ["PATH_INFO"]
    if path.endswith("/raising"):
        raise ValueError("raised inside the WSGI app")
    body = environ["wsgi.input"].read()
    seen = {key: plain(value) for key, value in environ.items()}
    text = json.dumps({"environ": seen, "body": plain(body)}).encode()
    status = "503 Service Unavailable" if path.endswith("/failing") else "200 OK"
    start_response(status, [("Content-Type", "application/json"), ("X-Own", "yes")])
    return [text[:10], text[10:]]


app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
asgi = func.AsgiMiddleware(asgi_app)
wsgi = func.WsgiMiddleware(wsgi_app)


@app.route(route="asgi/{*rest}")
async def by_asgi(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await asgi.handle_async(req, context)


@app.route(route="wsgi/{*rest}")
def by_wsgi(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return wsgi.handle(req, context)
