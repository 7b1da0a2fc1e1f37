import contextvars
import hashlib

import azure.functions as func
from flask import Flask, Response, jsonify, redirect, request, session, stream_with_context

flask_app = Flask(__name__)
flask_app.secret_key = "for tests"
PULLS = contextvars.ContextVar("PULLS", default=0)


@flask_app.post("/json")
def as_json():
    return jsonify(got=request.get_json())


@flask_app.post("/form")
def form():
    return jsonify(request.form.to_dict(flat=False))


@flask_app.post("/upload")
def upload():
    file = request.files["file"]
    digest = hashlib.md5(file.stream.read()).hexdigest()
    return jsonify(name=file.filename, type=file.mimetype, md5=digest, note=request.form["note"])


COOKIES = ["a=1; Path=/; SameSite=Lax", "b=two words; HttpOnly", 'c="q"; Max-Age=5']


@flask_app.get("/cookies")
def cookies():
    response = Response("cookies")
    for cookie in COOKIES:
        response.headers.add("Set-Cookie", cookie)
    return response


@flask_app.get("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    return str(session["count"])


@flask_app.get("/moved")
def moved():
    return redirect("/json", code=303)


@flask_app.get("/failing")
def failing():
    return Response("the page of the app", status=503, headers={"Retry-After": "7"})


@flask_app.get("/raising")
def raising():
    raise ValueError("raised inside Flask")


@flask_app.get("/pulls/<int:count>")
def pulls(count):
    """A stream that keeps the request and a context variable from one pull to the next."""

    def made():
        for _ in range(count):
            PULLS.set(PULLS.get() + 1)
            yield f"{request.path} {PULLS.get()}\n".ljust(1000)

    return Response(stream_with_context(made()), mimetype="text/plain")


@flask_app.get("/environ")
def environ():
    return jsonify({key: str(value) for key, value in request.environ.items()})


app = func.WsgiFunctionApp(app=flask_app.wsgi_app, http_auth_level=func.AuthLevel.ANONYMOUS)
