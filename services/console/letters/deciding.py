"""What one operator proposed, as a page on which another agrees to it or does not."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import Form, Request
from nats.aio.client import Client
from starlette.responses import RedirectResponse, Response

from services.console.letters.asking import told
from services.console.letters.differing import changes
from services.console.letters.pages import SAID, given_reason, known_service
from services.console.letters.reading import letter, proposals, type_of
from services.console.web.frame import OPERATORS, console_page
from services.runtime.tending.errands import Approve, Reject
from services.runtime.web import NothingHere, Pages, actor_of


def proposal_pages(pool: asyncpg.Pool, client: Client | None) -> Pages:
    """The page. Without a broker one may look and not decide."""
    pages = Pages("console proposals")

    async def one(request: Request, service: str, number: int, status: int = 200, **more: Any) -> Response:
        async with pool.acquire() as connection:
            found = await proposals(connection, [known_service(service)], decided=True, number=number)
            if not found:
                raise NothingHere
            about = [await letter(connection, service, each) for each in found[0].letters]
        body = found[0].body
        given: dict[str, Any] = {"refused": None, **more}
        return console_page(
            request, "proposal.html", status=status, service=service, proposal=found[0], letters=about,
            changes=changes(about[0], body) if body else (), type_of=type_of, said=SAID, errand=uuid4(),
            me=actor_of(request).id, **given,
        )  # fmt: skip

    @pages.get("/console/deadletters/{service}/proposals/{number}", roles=OPERATORS)
    async def show(request: Request, service: str, number: int) -> Response:
        """What would be replayed, who wants it and why; what an event put right says otherwise."""
        return await one(request, service, number)

    @pages.post("/console/deadletters/{service}/proposals/{number}", roles=OPERATORS)
    async def decide(
        request: Request,
        service: str,
        number: int,
        act: Annotated[str, Form(pattern="^(approve|reject)$")],
        errand: Annotated[UUID, Form()],
        reason: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        """Agree to what somebody else proposed, or do not."""
        kind = Approve if act == "approve" else Reject
        asked = kind(id=errand, actor=actor_of(request), reason=given_reason(reason), proposal=number)
        answer = await told(client, known_service(service), asked)
        if answer.refused:
            return await one(request, service, number, status=400, refused=answer.refused)
        count = len(answer.result.get("done", ())) or 1
        return RedirectResponse(f"/console/deadletters?done={act}&count={count}", 303)

    return pages
