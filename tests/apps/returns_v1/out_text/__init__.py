import azure.functions as func


def main(req: func.HttpRequest, response: func.Out[str]) -> None:
    response.set("as text")
