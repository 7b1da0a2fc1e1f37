import azure.functions as func


def main(req: func.HttpRequest, response: func.Out[func.HttpResponse]) -> None:
    response.set(func.HttpResponse("set", status_code=202))
