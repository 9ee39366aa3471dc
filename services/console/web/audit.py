"""The operators' audit log as a page: one list, wherever each thing was done."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.console import audit
from services.console.web.events import SAID_PURPOSES
from services.console.web.frame import OPERATORS, console_page
from services.runtime.web import Pages, mark

DEEDS: Final = {
    "unmasked": mark("saw a masked field"),
    "exported": mark("saved a story"),
    "partner_added": mark("gave access to"),
    "partner_rotated": mark("gave new credentials to"),
    "partner_revoked": mark("ended the access of"),
    "partners_republished": mark("told the broker anew of"),
    "incident_begun": mark("began the incident"),
    "incident_ended": mark("ended the incident"),
    "replay": mark("proposed a replay of"),
    "dismiss": mark("put aside"),
    "try": mark("tried without effect"),
    "try_all": mark("tried without effect"),
    "propose": mark("proposed a correction of"),
    "approve": mark("approved what was proposed for"),
    "reject": mark("turned down what was proposed for"),
    "unmask": mark("saw a masked place of"),
}
"""What is told of a deed; whoever adds a kind of deed adds its words. A command is told by its name."""
NAMED: Final = frozenset(name for name in DEEDS if name.startswith(("partner", "incident")))
"""Those that are about something with a name, not about a story."""
_A_PAGE: Final = 50


def audit_pages(engine: AsyncEngine) -> Pages:
    """The page, reading through this engine."""
    pages = Pages("console audit")

    @pages.get("/console/audit", roles=OPERATORS)
    async def deeds(request: Request, before: str = "", actor: str = "") -> Response:
        """What operators have done, the newest first; one operator's if they are named."""
        wanted = actor.strip() or None
        place = audit.Mark.read(before)
        found = await audit.latest(engine, before=place, actor=wanted, most=_A_PAGE + 1)
        older = str(found[_A_PAGE - 1].mark) if len(found) > _A_PAGE else ""
        return console_page(
            request,
            "console_audit.html",
            deeds=found[:_A_PAGE],
            older=older,
            actor=wanted,
            said=DEEDS,
            named=NAMED,
            purposes=SAID_PURPOSES,
        )

    return pages
