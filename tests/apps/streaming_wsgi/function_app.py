"""A WSGI app whose answers are generators: each path shows one way of it."""

import hashlib
import json
import logging
import os
import threading
from contextvars import ContextVar
from urllib.parse import parse_qs

import azure.functions as func

GATE = threading.Semaphore(0)
VARIABLE = ContextVar("VARIABLE", default=0)


def opened(environ):
    GATE.release()
    return [b"open"]


def events(environ, count):
    try:
        for number in range(int(count)):
            yield f"data: {number}\n\n".encode()
            GATE.acquire()
    finally:
        logging.info("the events were closed")


def endless(environ):
    try:
        while True:
            yield b"piece\n" * 1000
    finally:
        logging.info("the generator was closed")


def pieces(environ, count, size):
    """`count` pieces of `size` bytes, each of another letter."""
    for number in range(int(count)):
        yield bytes([97 + number % 26]) * int(size)


def broken_off(environ):
    yield b"first"
    raise ValueError("in the middle of a body")


def counted(environ, count):
    """What the context variable says in each pull; each adds one."""
    for _ in range(int(count)):
        yield f"{VARIABLE.get():9}\n".encode() * 1000
        VARIABLE.set(VARIABLE.get() + 1)


def md5(environ):
    digest, total = hashlib.md5(), 0
    while piece := environ["wsgi.input"].read(65536):
        digest.update(piece)
        total += len(piece)
    return [json.dumps({"md5": digest.hexdigest(), "total": total}).encode()]


def echo(environ):
    while piece := environ["wsgi.input"].read(65536):
        yield piece


def early(environ):
    return [b"no thanks"]


def pid(environ):
    return [str(os.getpid()).encode()]


def no_content(environ):
    return []


def told(environ):
    """A length without a body, as for HEAD."""
    return []


class Closing:
    """A result that wants to be closed."""

    def __iter__(self):
        yield b"a"
        yield b"b"

    def close(self):
        logging.info("the result was closed")


def closing(environ):
    return Closing()


PATHS = {
    "open": opened,
    "events": events,
    "endless": endless,
    "pieces": pieces,
    "broken_off": broken_off,
    "counted": counted,
    "md5": md5,
    "echo": echo,
    "early": early,
    "pid": pid,
    "no_content": no_content,
    "closing": closing,
    "told": told,
}


def written(start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"written, ")
    write(b"twice, ")
    return [b"then returned"]


def application(environ, start_response):
    name, *arguments = environ["PATH_INFO"].strip("/").split("/")
    if name == "written":
        return written(start_response)
    headers = [("Content-Type", "text/plain")]
    for length in parse_qs(environ["QUERY_STRING"]).get("length", []):
        headers.append(("Content-Length", length))
    status = "204 No Content" if name == "no_content" else "200 OK"
    start_response(status, headers)
    return PATHS[name](environ, *arguments)


app = func.WsgiFunctionApp(app=application, http_auth_level=func.AuthLevel.ANONYMOUS)
