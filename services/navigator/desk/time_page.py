"""A link worker's own time: the meetings ahead of them, when one may book them, and when they are away."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.navigator.desk import hours_form
from services.navigator.desk.frame import identity_of
from services.navigator.desk.meeting_words import SUITS, mode_of_meeting
from services.navigator.desk.today_page import GUIDES, names_for
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.diary import diary_of
from services.runtime.web import Pages, mark, site_of, visitor_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.staff import RecordLeave
from sluss_contracts.vocabulary import MeetingMode

SHOWN: Final = 100
"""So many meetings ahead are listed."""
DONE: Final = {
    "leave": mark("Noted. Nobody new comes to you while you are away."),
    "hours": mark("Your hours are noted. Free times in them are offered when a meeting is booked."),
}
"""What has been done, in words."""


def time_pages(engine: AsyncEngine) -> Pages:
    """The page and its form."""
    pages = Pages("navigator time")

    async def show(
        request: Request, *, refusal: NotDone | None = None, filled: SentForm | None = None
    ) -> Response:
        site, language, identity = site_of(request), visitor_of(request).language, identity_of(request)
        now = site.now()
        diary = await diary_of(engine, identity.actor.id, now)
        ahead = diary.booked[:SHOWN] if diary else ()
        people = await names_for(request, [each.referral_id for each in ahead])
        today = now.astimezone(LOCAL_TIME).date()
        return site.page(
            request,
            "my_time.html",
            status=refusal.status if refusal else 200,
            suits=SUITS,
            meetings=[
                (people.name(each.referral_id), each, mode_of_meeting(MeetingMode(each.mode), language))
                for each in ahead
            ],
            hours=hours_form.known(diary.hours, today, language) if diary else None,
            leaves=sorted((each for each in diary.leaves if each.ends >= today), key=lambda each: each.starts)
            if diary
            else (),
            today=today,
            refusal=refusal,
            filled=filled if filled is not None else SentForm(),
            done=language.say(DONE[done]) if (done := request.query_params.get("done")) in DONE else None,
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
        return RedirectResponse("/my-time?done=leave", status_code=303)

    return pages
