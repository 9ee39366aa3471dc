"""When meetings with a link worker may be booked: the week, and the days from which it is another.

A link worker says it of themselves, a coordinator of anybody.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.navigator.desk import hours_form
from services.navigator.desk.frame import identity_of
from services.navigator.desk.today_page import GUIDES
from services.navigator.domain.hours import hours_on
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.diary import Diary, diary_of
from services.runtime.web import NothingHere, Pages, mark, site_of, visitor_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.vocabulary import Role

OWN: Final = "/my-time/hours"
ANYBODYS: Final = "/coordinator/hours/{worker}"
BACK: Final = "/taken-back"
"""Below either: hours that were to hold from some day are taken back."""

_FIELDS: Final = {
    "valid_from": mark("From"),
    "minutes_between": mark("Minutes between two meetings"),
    "times": mark("The week"),
}


def hours_pages(engine: AsyncEngine) -> Pages:
    """The same page for whoever's hours they are and for a coordinator."""
    pages = Pages("navigator hours")

    @pages.get(OWN, roles=GUIDES)
    async def own(request: Request) -> Response:
        return await _show(request, engine, identity_of(request).actor.id)

    @pages.post(OWN, roles=GUIDES)
    async def set_own(request: Request) -> Response:
        return await _take(request, engine, identity_of(request).actor.id)

    @pages.post(OWN + BACK, roles=GUIDES)
    async def take_back_own(request: Request) -> Response:
        return await _take(request, engine, identity_of(request).actor.id, back=True)

    @pages.get(ANYBODYS, roles={Role.COORDINATOR})
    async def anybodys(request: Request, worker: str) -> Response:
        return await _show(request, engine, worker)

    @pages.post(ANYBODYS, roles={Role.COORDINATOR})
    async def set_anybodys(request: Request, worker: str) -> Response:
        return await _take(request, engine, worker)

    @pages.post(ANYBODYS + BACK, roles={Role.COORDINATOR})
    async def take_back_anybodys(request: Request, worker: str) -> Response:
        return await _take(request, engine, worker, back=True)

    return pages


async def _take(request: Request, engine: AsyncEngine, worker: str, *, back: bool = False) -> Response:
    form = await read_form(request)
    diary = await _diary(request, engine, worker)
    mine = identity_of(request).actor.id == worker
    try:
        said = _before(diary, form.one("valid_from")) if back else hours_form.said(form)
        await send(request, SetHours, form, worker=worker, **said)
    except NotDone as no:
        if back:
            return await _show(request, engine, worker, refusal=no)
        return await _show(request, engine, worker, refusal=hours_form.by_weekday(no, form), filled=form)
    return RedirectResponse(
        "/my-time?done=hours" if mine else f"{ANYBODYS.format(worker=worker)}?done=1", status_code=303
    )


def _before(diary: Diary, valid_from: str) -> dict[str, Any]:
    """What held before a day: said anew of that day, it takes back what was to hold from it."""
    day = _day(valid_from)
    last = next((each for each in reversed(diary.hours) if day and each.valid_from < day), None)
    return {
        "valid_from": valid_from,
        "times": last.times if last else (),
        "minutes_between": last.minutes_between if last else 0,
    }


async def _show(
    request: Request,
    engine: AsyncEngine,
    worker: str,
    *,
    refusal: NotDone | None = None,
    filled: SentForm | None = None,
) -> Response:
    site, language = site_of(request), visitor_of(request).language
    diary = await _diary(request, engine, worker)
    today = site.now().astimezone(LOCAL_TIME).date()
    asked = _day(request.query_params.get("from", ""))
    wanted = asked if asked in {each.valid_from for each in diary.hours} else None
    starts = wanted if wanted and wanted > today else today
    mine = identity_of(request).actor.id == worker
    form = filled if filled is not None else SentForm()
    held = hours_on(diary.hours, starts)
    days = hours_form.days(held, form, language)
    fields = {name: language.say(text) for name, text in _FIELDS.items()}
    return site.page(
        request,
        "hours.html",
        status=refusal.status if refusal else 200,
        mine=mine,
        name=diary.name,
        at=OWN if mine else ANYBODYS.format(worker=worker),
        back="/my-time" if mine else f"/coordinator/caseloads/{worker}",
        sequence=diary.sequence,
        known=hours_form.known(diary.hours, today, language),
        days=days,
        labels=fields | {day.code: day.name for day in days},
        starts=starts.isoformat(),
        between=held.minutes_between if held else 0,
        refusal=refusal,
        filled=form,
        done="done" in request.query_params,
    )


async def _diary(request: Request, engine: AsyncEngine, worker: str) -> Diary:
    found = None if "\0" in worker else await diary_of(engine, worker, site_of(request).now())
    if found is None:
        raise NothingHere
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
