import base64
import collections.abc
import json
import os
import types

import azure.functions as func


def answer(value):
    return func.HttpResponse(json.dumps(value), mimetype="application/json")


def json_body(req):
    try:
        return answer({"value": req.get_json()})
    except ValueError as error:
        return answer({"error": str(error), "type": type(error).__name__})


def form(req):
    return answer(
        {
            "first": {key: req.form[key] for key in req.form},
            "all": {key: req.form.getlist(key) for key in req.form},
            "files": [
                {
                    "field": field,
                    "filename": file.filename,
                    "content_type": file.content_type,
                    "headers": dict(file.headers),
                    "content": base64.b64encode(file.stream.read()).decode(),
                }
                for field, file in req.files.items(multi=True)
            ],
        }
    )


def saved(req):
    """Saves the first file and answers with what is on the disk."""
    req.files["file"].save("saved.bin")
    with open("saved.bin", "rb") as file:
        content = file.read()
    os.remove("saved.bin")
    return func.HttpResponse(content)


def raised(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


def kinds(req):
    def assign(target):
        target["a"] = "changed"

    return answer(
        {
            "request": isinstance(req, func.HttpRequest),
            "body": type(req.get_body()) is bytes,
            "params": type(req.params) is types.MappingProxyType,
            "route_params": type(req.route_params) is types.MappingProxyType,
            "headers": isinstance(req.headers, collections.abc.Mapping),
            "headers are no dict": not isinstance(req.headers, dict),
            "header in another case": req.headers["X-kInD"] == req.headers.get("x-kind") == "k",
            "header that is not there": req.headers.get("x-other", "d") == "d",
            "param in another case": "A" not in req.params and req.params["a"] == "1",
            "form": raised(lambda: assign(req.form)) == "TypeError",
            "files": raised(lambda: assign(req.files)) == "TypeError",
            "no identity": not hasattr(req, "identity") and not hasattr(req, "identities"),
            "no cookies": not hasattr(req, "cookies"),
        }
    )


def context(req, context):
    trace, retry = context.trace_context, context.retry_context
    return answer(
        {
            "function_name": context.function_name,
            "directory": os.path.basename(context.function_directory),
            "invocation_id": context.invocation_id,
            "of the thread": context.thread_local_storage.invocation_id,
            "trace_parent": trace.trace_parent,
            "Traceparent": trace.Traceparent,
            "trace_state": trace.trace_state,
            "attributes": isinstance(trace.attributes, dict),
            "retry": retry if retry is None else retry.retry_count,
        }
    )
