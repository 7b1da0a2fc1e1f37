"""The smallest useful function app: one HTTP function that greets."""

import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="hello", methods=["GET", "POST"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    """Greet the `name` given in the query string or in a JSON body."""
    logging.info("Python HTTP trigger function processed a request.")

    name = req.params.get("name")
    if not name:
        try:
            name = req.get_json().get("name")
        except ValueError:
            logging.info("The request has no JSON body to take a name from.")

    if name:
        return func.HttpResponse(
            f"Hello, {name}. This HTTP-triggered function executed successfully."
        )
    return func.HttpResponse(
        "This HTTP-triggered function executed successfully. Pass a name in the query string "
        "or in the request body for a personalized response."
    )
