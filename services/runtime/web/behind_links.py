"""Pages that open by a link sent to somebody: their address is the key to them, and told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.runtime.web.guessing import WAIT
from services.runtime.web.headers import OF_A_SECRET_ADDRESS
from services.runtime.web.site import site_of


class Over(Exception):
    """Nothing is to be answered by this link; or nothing ever was."""

    def __init__(self, *, wait: bool = False) -> None:
        self.wait = wait
        """This address has sent too much that leads nowhere."""


@dataclass(frozen=True)
class BehindLinks:
    """The pages of one room that open by links."""

    templates: str
    """The folder they lie in; `over.html` is the one for a link that is not good for anything (any more)."""

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        page = site_of(request).page(request, f"{self.templates}/{template}", status=status, **context)
        page.headers.update(OF_A_SECRET_ADDRESS)
        return page

    def over(self, request: Request, *, wait: bool = False, status: int = 404, **context: Any) -> Response:
        """Nothing is to be answered by this link; whoever has tried too many is told to wait."""
        page = self.page(request, "over.html", status=429 if wait else status, **context)
        if wait:
            page.headers.update(WAIT)
        return page


def led_on(path: str) -> Response:
    """Sent once; loading the next page again sends nothing."""
    return RedirectResponse(path, status_code=303, headers=OF_A_SECRET_ADDRESS)
