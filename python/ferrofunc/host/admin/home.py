"""The page at `/`, where no function claims it (http.md 3.3). Open to everybody."""

from __future__ import annotations

from ferrofunc.host import home_page
from ferrofunc.host.admin.answer import Response, empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ferrofunc.settings import Settings


def page(settings: Settings) -> Response:
    """Return the home page, or 204 when it is switched off."""
    if settings.is_homepage_disabled:
        return empty(204)
    return Response(
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=home_page.HTML.encode(),
    )
