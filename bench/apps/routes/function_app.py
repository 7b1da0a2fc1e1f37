"""Functions that differ in nothing but name and route: `BENCH_ROUTES` of 500, spread over all.

So the function that is called, in the middle, is in the table of 5 as in that of 500.
"""

from __future__ import annotations

import os

import azure.functions as func

ALL = 500

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def item(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"Item {req.route_params['id']}")


for number in range(0, ALL, ALL // int(os.environ.get("BENCH_ROUTES", "5"))):
    name = f"service{number:03}"
    app.function_name(name)(app.route(f"{name}/items/{{id}}", methods=["GET"])(item))
