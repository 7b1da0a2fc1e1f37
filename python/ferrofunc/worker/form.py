"""Form fields and files of a request body, parsed as `azure.functions` parses them.

Called by the compiled core when `form` or `files` of a request is touched for the first time
(spec worker 8.1, http 4).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any


def parse(body: bytes, content_type: str) -> tuple[Any, Any]:
    """Return (form, files), both immutable multi-dicts; empty for any other content type."""
    from werkzeug.datastructures import ImmutableMultiDict
    from werkzeug.formparser import FormDataParser, default_stream_factory
    from werkzeug.http import parse_options_header

    mimetype, options = parse_options_header(content_type)
    parser = FormDataParser(
        default_stream_factory,
        max_form_memory_size=None,
        max_content_length=None,
        cls=ImmutableMultiDict,
    )
    _, form, files = parser.parse(BytesIO(body), mimetype, len(body), options)
    return form, files
