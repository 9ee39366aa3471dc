"""Tip us about something: anybody may suggest, without an account, and a coordinator looks at it first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from services.provider.calendar import reading
from services.provider.calendar.reading import Provider
from services.provider.web.calendar_codes import CATEGORIES
from services.provider.web.calendar_pace import Pace
from services.provider.web.calendar_query import LIST
from services.provider.web.calendar_seeing import KeptChoices, shown_activity, words_for
from services.provider.web.calendar_tip import Tip, tip_about, tip_from
from services.runtime.calls import Network
from services.runtime.decision import Transient
from services.runtime.web import ANYONE, Pages, mark, sender_of, site_of
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

TIPS = "/tipsa"
TRAP = "website"
"""A field no person sees. Whoever fills it in is a program, and is thanked like everybody else."""
COMMON_LANGUAGES = ("sv", "ar", "en", "fa", "fi", "so", "ti", "uk")
ANYBODY = Actor(id="anybody", role=Role.PERSON)
"""Whoever tips us says not who they are, and is not asked."""

_TOO_MANY = mark(
    "Many tips have come from where you are. What you wrote is still here: wait an hour and send it again."
)
_NOT_NOW = mark("The tip could not be taken now. What you wrote is still here: send it again in a while.")
_NOT_TAKEN = mark("The tip was not taken as it is. Change it and send it again.")


def tip_pages(engine: AsyncEngine, network: Network, choices: KeptChoices) -> Pages:
    """The form, what becomes of it, and the thanks."""
    pages = Pages("calendar tips")
    pace = Pace(each=10, all_=200)

    @pages.get(TIPS, roles=ANYONE)
    async def form(request: Request, om: str = "") -> Response:
        """An empty form, or one about an activity that somebody wants to correct."""
        tip = Tip.new()
        if om:
            found = await shown_activity(engine, request, om)
            tip = tip_about(found.told, found.provider.name)
        return await _show(request, tip)

    @pages.post(TIPS, roles=ANYONE)
    async def send(request: Request) -> Response:
        """Into the coordinators' queue. Sending the same form twice suggests it once."""
        given = await request.form()
        if given.get(TRAP):
            return _thanks()
        providers = await reading.all_providers(engine)
        tip = tip_from(_texts(given)).checked()
        if tip.faults:
            return await _show(request, tip, providers, status=400)
        if not pace.allows(sender_of(request)):
            return await _show(request, replace(tip, trouble=_TOO_MANY), providers, status=429)
        try:
            answer = await network.ask(tip.command({each.name: each.provider for each in providers}, ANYBODY))
        except Transient:
            return await _show(request, replace(tip, trouble=_NOT_NOW), providers, status=503)
        if not answer.ok:
            return await _show(request, replace(tip, trouble=_NOT_TAKEN), providers, status=409)
        return _thanks()

    @pages.get(f"{TIPS}/tack", roles=ANYONE)
    async def thanks(request: Request) -> Response:
        """What happens next."""
        return site_of(request).page(request, "calendar_thanks.html", list_at=LIST, tips_at=TIPS)

    async def _show(
        request: Request, tip: Tip, providers: list[Provider] | None = None, *, status: int = 200
    ) -> Response:
        there = await choices.now()
        words = words_for(request, there)
        context: dict[str, Any] = {
            "tip": tip,
            "words": words,
            "trap": TRAP,
            "providers": providers or await reading.all_providers(engine),
            "areas": sorted((area, words.area(area)) for area in there.areas),
            "categories": words.by_name(CATEGORIES),  # type: ignore[arg-type]
            "languages": words.tongues(sorted({*COMMON_LANGUAGES, *there.languages, tip.language})),
        }
        return site_of(request).page(request, "calendar_tip.html", status=status, **context)

    return pages


def _thanks() -> Response:
    return RedirectResponse(f"{TIPS}/tack", status_code=303)


def _texts(given: FormData) -> dict[str, str]:
    """The fields that hold text; files are none of ours."""
    return {name: value for name, value in given.items() if isinstance(value, str)}
