import json

import azure.functions as func


def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answers with what it saw; every function of the app is this one."""
    seen = {
        "function": context.function_name,
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers.items()),
        "params": dict(req.params),
        "route_params": dict(req.route_params),
        "body": req.get_body().decode("latin-1"),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")
