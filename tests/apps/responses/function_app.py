import copy
import json
import pickle
from collections import UserDict
from http import HTTPStatus

import azure.functions as func
from azure.functions import _abc

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


class Json(func.HttpResponse):
    def __init__(self, data, **kwargs):
        super().__init__(json.dumps(data), mimetype="application/json", **kwargs)


class Louder(func.HttpResponse):
    def get_body(self):
        return super().get_body().upper()


class Teapot(func.HttpResponse):
    @property
    def status_code(self):
        return 418


class Typed(func.HttpResponse):
    mimetype = "text/typed"


class Watched(func.HttpResponse):
    def __getattribute__(self, name):
        return b"watched" if name == "get_body" else super().__getattribute__(name)


class Renamed(func.HttpResponse):
    def __getattribute__(self, name):
        return 203 if name == "status_code" else super().__getattribute__(name)


class Foreign(_abc.HttpResponse):
    status_code = "203"
    mimetype = "text/foreign"
    charset = "utf-8"
    headers = {"X-Foreign": "yes"}

    def get_body(self):
        return None


class Text(str):
    pass


def changed(response, **headers):
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def with_cookies(response):
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=ÿ; HttpOnly")
    response.headers.add("X-Repeated", "first")
    response.headers.add("x-repeated", "last")
    return response


def put(response, name, value):
    setattr(response, name, value)
    return response


def longer(response):
    response._HttpResponse__body += b" and more"
    return response


R = func.HttpResponse
KEPT = R("kept", headers={"X-Kept": "1", "Set-Cookie": "kept=1"})
MADE = {
    "nothing": lambda: R(),
    "text": lambda: R("text"),
    "text_empty": lambda: R(""),
    "text_latin": lambda: R("é"),
    "text_wide": lambda: R("日本 😀"),
    "text_own": lambda: R(Text("own")),
    "text_json": lambda: R('{"a": 1}'),
    "text_large": lambda: R("é" * 40_000),
    "bytes": lambda: R(b"\x00\xff"),
    "bytes_large": lambda: R(bytes(range(256)) * 1024),
    "bytearray": lambda: R(bytearray(b"ba")),
    "latin": lambda: R("é", charset="latin-1", mimetype="text/html"),
    "utf16": lambda: R("é", charset="utf-16"),
    "charset_case": lambda: R("é", charset="UTF-8"),
    "charset_alone": lambda: R(b"x", charset="ascii"),
    "status": lambda: R("made", status_code=201),
    "status_enum": lambda: R("gone", status_code=HTTPStatus.GONE),
    "status_text": lambda: R("text", status_code="202"),
    "status_word": lambda: R("word", status_code="word"),
    "status_bool": lambda: R("true", status_code=True),
    "status_float": lambda: R("float", status_code=404.5),
    "status_large": lambda: R("large", status_code=10**30),
    "status_wrong": lambda: R("wrong", status_code=-5),
    "no_content": lambda: R(status_code=204),
    "html": lambda: R("<p>", mimetype="text/html"),
    "css": lambda: R("p {}", mimetype="text/css", charset="utf-8"),
    "csv": lambda: R("a,b", mimetype="text/csv", charset="ascii"),
    "calendar": lambda: R("BEGIN", mimetype="text/calendar"),
    "json": lambda: R("{}", mimetype="application/json"),
    "mimetype_empty": lambda: R("x", mimetype=""),
    "mimetype_wide": lambda: R("x", mimetype="application/日本"),
    "mimetype_number": lambda: R("x", mimetype=5),
    "mimetype_bytes": lambda: R("x", mimetype=b"text/html"),
    "headers": lambda: R("h", headers={"X-One": "1", "x-two": "", "X-Latin": "é"}),
    "headers_wide": lambda: R("h", headers={"X-Wide": "日本"}),
    "headers_number": lambda: R("h", headers={"X-Number": 5}),
    "headers_twice": lambda: R("h", headers={"X-A": "1", "x-a": "2"}),
    "headers_userdict": lambda: R("h", headers=UserDict({"X-One": "1"})),
    "headers_empty": lambda: R("h", headers={}),
    "headers_line": lambda: R("h", headers={"X-Line": "a\nb"}),
    "headers_content_type": lambda: R("<a/>", headers={"content-type": "application/xml"}),
    "headers_changed": lambda: changed(R("h", headers={"X-A": "1"}), X_A="2", X_B="3"),
    "headers_added": lambda: changed(R("h"), X_B="3", Content_Type="text/own"),
    "headers_cleared": lambda: (r := R("h", headers={"X-A": "1"})).headers.clear() or r,
    "headers_touched": lambda: (r := R("h", headers={"X-A": "1"})).headers and r,
    "location": lambda: R(status_code=302, headers={"Location": "/api/elsewhere"}),
    "cookies": lambda: with_cookies(R("c", headers={"Set-Cookie": "z=0"})),
    "cookie_given": lambda: R("c", headers={"Set-Cookie": "z=日本"}),
    "json_class": lambda: Json({"a": [1]}, status_code=201, headers={"X-A": "1"}),
    "louder": lambda: Louder("quiet"),
    "teapot": lambda: Teapot("tea"),
    "watched": lambda: Watched("a"),
    "renamed": lambda: Renamed("a"),
    "typed": lambda: Typed("typed"),
    "foreign": lambda: Foreign(),
    "instance_body": lambda: put(R("own"), "get_body", lambda: b"the instance's"),
    "instance_attribute": lambda: put(R("own"), "anything", 5),
    "longer": lambda: longer(R("text")),
    "private_status": lambda: put(R("text"), "_HttpResponse__status_code", 404),
    "private_body": lambda: put(R("text"), "_HttpResponse__body", "no bytes"),
    "looked_into": lambda: (r := R("text", headers={"X-A": "1"})) and vars(r) and r,
    "got_body": lambda: (r := R("é")).get_body() and r,
    "copied": lambda: copy.deepcopy(R("copied", headers={"X-A": "1"}, status_code=201)),
    "pickled": lambda: pickle.loads(pickle.dumps(R("pickled", headers={"X-A": "1"}))),
    "bare": lambda: R.__new__(R),
    "kept": lambda: KEPT,
    "refused": lambda: R(5),
    "refused_keyword": lambda: R("a", code=5),
    "refused_charset": lambda: R("a", charset="no-such"),
    "refused_text": lambda: R("\ud800"),
}


@app.route(route="sync/{name}")
def sync(req: func.HttpRequest) -> func.HttpResponse:
    return MADE[req.route_params["name"]]()


@app.route(route="async/{name}")
async def asynchronous(req: func.HttpRequest) -> func.HttpResponse:
    return MADE[req.route_params["name"]]()


@app.route()
def names(req: func.HttpRequest) -> func.HttpResponse:
    return R(json.dumps(list(MADE)), mimetype="application/json")


@app.route()
def made_by(req: func.HttpRequest) -> str:
    return ", ".join(cls.__module__ for cls in func.HttpResponse.__mro__)
