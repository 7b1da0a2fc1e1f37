"""What a request says of itself, as JSON can hold it; asked of ferrofunc's and of the library's."""

import base64
import json


def outcome(call):
    """The value of a call by its repr, or its exception by type and text."""
    try:
        return repr(call())
    except Exception as error:
        return [type(error).__name__, str(error), type(error.__cause__).__name__]


def of_headers(headers, names):
    return {
        "iterated": list(headers),
        "items": [list(item) for item in headers.items()],
        "keys": list(headers.keys()),
        "values": list(headers.values()),
        "length": len(headers),
        "bool": bool(headers),
        "unpacked": {**headers},
        "equal": [headers == dict(headers.items()), headers != {}, headers == 7],
        "got": [headers.get(name) for name in names],
        "got with default": [headers.get(name, "default") for name in names],
        "indexed": [outcome(lambda name=name: headers[name]) for name in names],
        "contained": [name in headers for name in names],
        "contained in keys": [name in headers.keys() for name in names],
        "contained in items": [(name, headers.get(name)) in headers.items() for name in names],
        "hash": outcome(lambda: hash(headers))[0],
    }


def of_params(params):
    return {
        "type": type(params).__name__,
        "items": list(map(list, params.items())),
        "odd": [outcome(lambda: params["not there"]), outcome(lambda: params.get("not there"))],
    }


def of_file(field, file):
    with file.stream as stream:
        content = base64.b64encode(stream.read()).decode()
    headers = [list(item) for item in file.headers.items()]
    return [field, file.filename, file.content_type, headers, content]


def of_form(req):
    form, files = req.form, req.files
    return {
        "types": [type(form).__name__, type(files).__name__],
        "form": [[key, form[key], form.getlist(key)] for key in form],
        "files": [of_file(field, file) for field, file in files.items(multi=True)],
    }


def describe(req, names):
    """Everything that a function can learn of `req`; `names` are looked up among its headers."""
    return json.dumps(
        {
            "method": req.method,
            "url": req.url,
            "headers": of_headers(req.headers, names),
            "params": of_params(req.params),
            "route_params": of_params(req.route_params),
            "body": base64.b64encode(req.get_body()).decode(),
            "body_type": type(req.get_body()).__name__,
            "json": outcome(req.get_json),
            "form": outcome(lambda: json.dumps(of_form(req))),
        }
    )
