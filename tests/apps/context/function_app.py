import json
import threading

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def describe(context):
    context.tracer = "set by an extension"
    trace = context.trace_context
    return func.HttpResponse(
        json.dumps(
            {
                "invocation_id": context.invocation_id,
                "function_name": context.function_name,
                "function_directory": context.function_directory,
                "thread_local_is_real": isinstance(context.thread_local_storage, threading.local),
                "own_invocation_id": context.thread_local_storage.invocation_id,
                "trace_parent": trace.trace_parent,
                "trace_state": trace.trace_state,
                "deprecated_trace_parent": trace.Traceparent,
                "deprecated_trace_state": trace.Tracestate,
                "retry_count": context.retry_context.retry_count,
                "max_retry_count": context.retry_context.max_retry_count,
                "tracer": context.tracer,
            }
        ),
        mimetype="application/json",
    )


@app.route()
def in_thread(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return describe(context)


@app.function_name("InLoop")
@app.route(route="in_loop")
async def on_the_loop(req: func.HttpRequest, context) -> func.HttpResponse:
    return describe(context)


@app.route()
def attributes(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(dict(context.trace_context.attributes)))
