import azure.functions as func
import fastapi

app = fastapi.FastAPI()

# The document leaves the leading slash out; FastAPI itself refuses such a path.
@app.get("/hello/{name}")
async def get_name(name: str):
  return {"name": name}

def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return func.AsgiMiddleware(app).handle(req, context)
