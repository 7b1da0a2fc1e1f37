import azure.functions as func
from flask import Flask, Response, jsonify, redirect, request

flask_app = Flask(__name__)


@flask_app.route("/echo/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def echo(rest):
    return jsonify(
        method=request.method,
        path=request.path,
        rest=rest,
        query=request.query_string.decode(),
        args=request.args.to_dict(flat=False),
        body=request.get_data(as_text=True),
        content_type=request.headers.get("Content-Type"),
        custom=request.headers.get("X-Custom"),
        script_name=request.environ["SCRIPT_NAME"],
        function=request.environ["azure_functions.function_name"],
        invocation=request.environ["azure_functions.invocation_id"],
    )


@flask_app.get("/moved")
def moved():
    return redirect("/echo/there", code=302)


@flask_app.get("/failing")
def failing():
    return Response("the page of the app", status=503)


@flask_app.get("/raising")
def raising():
    raise ValueError("raised inside Flask")


app = func.WsgiFunctionApp(app=flask_app.wsgi_app, http_auth_level=func.AuthLevel.ANONYMOUS)
