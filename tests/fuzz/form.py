"""Arbitrary bodies of forms: parsed as `azure.functions` parses them, with the same errors; and
bodies made of known fields, which must come back whole.

Run by `make fuzz`; takes libFuzzer's options.
"""

from __future__ import annotations

import sys
from typing import Any

import atheris

with atheris.instrument_imports(
    include=["ferrofunc.worker.form", "werkzeug.formparser", "werkzeug.sansio.multipart"]
):
    # The library brings the parser.
    from azure.functions.http import HttpRequest
    from ferrofunc.worker import form

MULTIPART = "multipart/form-data; boundary="
CONTENT_TYPES = [
    MULTIPART + "x",
    MULTIPART + '"-- x"',
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "",
]
NAMES = ("a", "b", "b", "é")


def plain(fields: Any, files: Any) -> tuple[Any, Any]:
    """Both multi-dicts as lists that can be compared."""
    contents = [
        (name, file.filename, file.content_type, file.stream.read())
        for name, file in files.items(multi=True)
    ]
    return list(fields.items(multi=True)), contents


def outcome(parse: Any) -> Any:
    """What comes of parsing: the two lists, or the kind of error."""
    try:
        return plain(*parse())
    except Exception as error:
        return type(error)


def check_any(data: atheris.FuzzedDataProvider) -> None:
    """Whatever a client sends."""
    content_type = data.PickValueInList(CONTENT_TYPES)
    if data.ConsumeBool():
        content_type += data.ConsumeUnicodeNoSurrogates(16)
    body = data.ConsumeBytes(data.remaining_bytes())

    def library() -> tuple[Any, Any]:
        request = HttpRequest(
            "POST",
            "http://localhost/",
            headers={"Content-Type": content_type},
            params={},
            route_params={},
            body_type="bytes",
            body=body,
        )
        return request.form, request.files

    ours = outcome(lambda: form.parse(body, content_type))
    assert ours == outcome(library), (content_type, body)
    assert not isinstance(ours, type), f"{ours.__name__} for {content_type!r}, {body!r}"


def check_known(data: atheris.FuzzedDataProvider) -> None:
    """Fields and files written as a browser writes them."""
    boundary = b"----boundary"
    fields, files, body = [], [], b""
    for name in NAMES[: data.ConsumeIntInRange(0, len(NAMES))]:
        content = data.ConsumeBytes(24)
        head = f'Content-Disposition: form-data; name="{name}"'
        if data.ConsumeBool():
            files.append((name, "f.bin", "application/octet-stream", content))
            head += '; filename="f.bin"\r\nContent-Type: application/octet-stream'
        else:
            content = content.decode(errors="replace").encode()
            fields.append((name, content.decode()))
        if boundary in content:
            return
        body += b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary, head.encode(), content)
    body += b"--%b--\r\n" % boundary
    assert plain(*form.parse(body, MULTIPART + boundary.decode())) == (fields, files), body


def check(data: bytes) -> None:
    """The first bit chooses what is tried."""
    provider = atheris.FuzzedDataProvider(data)
    (check_any if provider.ConsumeBool() else check_known)(provider)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
