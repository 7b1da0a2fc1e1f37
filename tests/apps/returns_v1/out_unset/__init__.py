import azure.functions as func


def main(req: func.HttpRequest, response: func.Out[func.HttpResponse]) -> None:
    assert response.get() is None
