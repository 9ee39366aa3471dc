"""The first page, where referrals visibly move, and a page for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.sights import Sight, sight_of, story
from services.navigator.steps import Lane
from services.navigator.web.live_board import LiveBoard, View
from services.navigator.web.words import LANES, MARKS, NEEDS_CARE, SEES, say_details, say_step
from services.runtime.web import ANYONE, Language, NothingHere, Pages, Site, site_of, visitor_of
from services.runtime.web.signing_in import demo_key

LATEST = 8
"""How many of the latest steps stand beside the board."""


def board_pages(live: LiveBoard, engine: AsyncEngine) -> Pages:
    """The pages, reading through this live board and this engine."""
    pages = Pages("navigator board")

    @pages.get("/", roles=ANYONE)
    async def first_page(request: Request) -> Response:
        """What Sluss is, the board as far as the visitor may see it, and who they can be."""
        site = site_of(request)
        sight = _sight(request)
        view = await live.view(sight) if sight else None
        offered = await site.demo_people() if site.demo_people else []
        one_of_each = {one.role: one for one in reversed(offered)}
        return site.page(
            request,
            "first.html",
            **_board(site, view),
            view=view,
            view_name=live.name(view) if view else "",
            roles=list(SEES),
            sees=SEES,
            one_of_each=one_of_each,
            demo_key=demo_key,
        )

    @pages.get("/tillganglighet", roles=ANYONE)
    async def accessibility(request: Request) -> Response:
        """How accessible the pages are, how that is tried, and what to do where they are not."""
        return site_of(request).page(request, "accessibility.html")

    @pages.get("/board/stream", roles=ANYONE, response_class=EventSourceResponse)
    async def stream(
        request: Request, sight: Annotated[Sight, Depends(_some_sight)], since: str = ""
    ) -> AsyncIterator[ServerSentEvent]:
        """The board's changes as they happen, going on after the view the browser has."""
        site, language = site_of(request), visitor_of(request).language
        number = live.number_of(request.headers.get("last-event-id") or since, sight)
        async for before, view in live.watch(sight, number):
            message = board_message(site, language, view, before)
            yield ServerSentEvent(event="board", id=live.name(view), raw_data=message, retry=2000)

    @pages.get("/referrals/{referral_id}", roles=ANYONE)
    async def referral(request: Request, referral_id: str) -> Response:
        """One referral's way, step by step."""
        sight = _some_sight(request)
        told = await story(engine, referral_id, sight) if "\0" not in referral_id else None
        if told is None:
            raise NothingHere
        site, language = site_of(request), visitor_of(request).language
        steps = [(one, say_step(one, told.names, language), say_details(one, language)) for one in told.steps]
        return site.page(request, "referral.html", story=told, steps=steps, **_board(site, None))

    return pages


def _sight(request: Request) -> Sight | None:
    return sight_of(visitor_of(request).identity, demo=site_of(request).is_demo)


def _some_sight(request: Request) -> Sight:
    """Asked before a stream begins, for a stream that has begun cannot become a 404."""
    sight = _sight(request)
    if sight is None:
        raise NothingHere
    return sight


def _board(site: Site, view: View | None) -> dict[str, Any]:
    """What the board's templates need."""
    most = max((lane.count for lane in view.lanes.values()), default=0) if view else 0
    return {
        "lanes": LANES,
        "lane_order": list(Lane),
        "marks": MARKS,
        "needs_care": NEEDS_CARE,
        "now": site.now(),
        "levels": {lane: water_level(shown.count, most) for lane, shown in view.lanes.items()}
        if view
        else {},
        "latest": view.latest(LATEST) if view else [],
    }


def water_level(count: int, most: int) -> int:
    """How high the water stands in a lane's lock, 0 to 20: full for the fullest lane, never quite dry."""
    return max(2, round(20 * count / most)) if count else 0


def board_message(site: Site, language: Language, view: View, before: int) -> str:
    """One update: every lane's count, level and order, and the cards that are new since `before`."""
    context = _board(site, view)
    cards = {
        card.referral: site.fragment("card.html", language, card=card, **context)
        for card in view.since(before)
    }
    message = {
        "now": _iso(context["now"]),
        "lanes": {
            lane.value: {
                "count": shown.count,
                "level": context["levels"][lane],
                "cards": [card.referral for card in shown.cards],
            }
            for lane, shown in view.lanes.items()
        },
        "cards": cards,
        "latest": site.fragment("latest.html", language, **context),
    }
    return orjson.dumps(message).decode()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
