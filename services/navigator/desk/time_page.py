"""A link worker's own time: the meetings ahead of them, and when they are away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import Text, bindparam, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.navigator.desk.frame import identity_of
from services.navigator.desk.inbox import leaves_of
from services.navigator.desk.meeting_words import mode_of_meeting
from services.navigator.desk.today_page import GUIDES, names_for
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.tables import meeting
from services.runtime.web import Pages, site_of, visitor_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.navigator import RecordLeave
from sluss_contracts.vocabulary import MeetingMode

_AHEAD = (
    select(meeting.c.meeting_id, meeting.c.referral_id, meeting.c.starts, meeting.c.minutes, meeting.c.mode)
    .where(
        meeting.c.worker == bindparam("worker", type_=Text),
        meeting.c.held.is_(None),
        meeting.c.cancelled.is_(False),
        meeting.c.starts >= bindparam("from", type_=TIMESTAMP(timezone=True)),
    )
    .order_by(meeting.c.starts)
    .limit(100)
)


def time_pages(engine: AsyncEngine) -> Pages:
    """The page and its form."""
    pages = Pages("navigator time")

    async def show(
        request: Request, *, refusal: NotDone | None = None, filled: SentForm | None = None
    ) -> Response:
        site, language, identity = site_of(request), visitor_of(request).language, identity_of(request)
        now = site.now()
        asked: dict[str, Any] = {"worker": identity.actor.id, "from": now - timedelta(hours=4)}
        async with engine.connect() as connection:
            ahead = [dict(row) for row in (await connection.execute(_AHEAD, asked)).mappings()]
        people = await names_for(request, [each["referral_id"] for each in ahead])
        today = now.astimezone(LOCAL_TIME).date()
        return site.page(
            request,
            "my_time.html",
            status=refusal.status if refusal else 200,
            meetings=[
                (
                    people.name(each["referral_id"]),
                    each,
                    mode_of_meeting(MeetingMode(each["mode"]), language),
                )
                for each in ahead
            ],
            leaves=[each for each in await leaves_of(engine, identity.actor.id) if each["ends"] >= today],
            today=today,
            refusal=refusal,
            filled=filled if filled is not None else SentForm(),
            done="done" in request.query_params,
        )

    @pages.get("/my-time", roles=GUIDES)
    async def look(request: Request) -> Response:
        return await show(request)

    @pages.post("/my-time/leave", roles=GUIDES)
    async def leave(request: Request) -> Response:
        """One is away; nobody new is given to them then."""
        form = await read_form(request)
        said = {"starts": form.one("starts"), "ends": form.one("ends")}
        try:
            await send(request, RecordLeave, form, worker=identity_of(request).actor.id, **said)
        except NotDone as no:
            return await show(request, refusal=no, filled=form)
        return RedirectResponse("/my-time?done=1", status_code=303)

    return pages
