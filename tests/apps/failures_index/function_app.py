import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route()
def never_indexed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("indexed after all")


raise RuntimeError("import of the app fails here")
