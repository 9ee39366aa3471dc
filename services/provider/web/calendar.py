"""The calendar everybody may look through: the list, one activity, and whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.provider.calendar import reading
from services.provider.calendar.reading import COUNTED, PAGE, Choices
from services.provider.calendar.wanted import Wanted
from services.provider.domain.activity import Status
from services.provider.web.calendar_codes import CATEGORIES, INTERESTS
from services.provider.web.calendar_feeds import feed_pages
from services.provider.web.calendar_query import COSTS, LIST, MODES, PROVIDERS, View, view_of
from services.provider.web.calendar_seeing import (
    KeptChoices,
    known_activity,
    show_activity,
    show_why_not,
    words_for,
)
from services.provider.web.calendar_signposts import signpost_pages
from services.provider.web.calendar_tips import tip_pages
from services.provider.web.calendar_words import Words
from services.runtime.calls import Network
from services.runtime.web import ANYONE, NothingHere, Pages, site_of
from sluss_contracts.offering import ActivityCategory, Interest, Mode
from sluss_contracts.vocabulary import Acceptance

_ONCE_CALLED = "/anordnare"
"""What `PROVIDERS` was called before."""


def calendar_pages(engine: AsyncEngine, network: Network) -> list[Pages]:
    """The calendar's route tables, reading through this engine and asking over this network."""
    # Calendars to follow come first: a path is matched by the first row that fits, and no activity is
    # called `kalender.ics`.
    choices = KeptChoices(engine)
    return [
        feed_pages(engine),
        _pages(engine, choices),
        tip_pages(engine, network, choices),
        signpost_pages(engine, network, choices),
    ]


def _pages(engine: AsyncEngine, choices: KeptChoices) -> Pages:
    pages = Pages("calendar")

    @pages.get(LIST, roles=ANYONE)
    async def activities(request: Request) -> Response:
        """What there is, as far as somebody wants to know, a page at a time."""
        view, there, now = view_of(request.query_params), await choices.now(), site_of(request).now()
        words = words_for(request, there)
        meanings = words.meanings(view.wanted.words)
        found = await reading.find(engine, view.wanted, now, page=view.page, meanings=meanings)
        chips, looser = wished_for(view, words), []
        for wish, said in chips if found.total == 0 else ():
            many = await reading.count(engine, view.wanted.without(wish), now, meanings=meanings)
            looser += [(wish, said, many)] if many else []
        return site_of(request).page(
            request,
            "calendar_list.html",
            view=view,
            words=words,
            found=found,
            pages=_numbers(view.page, -(-found.total // PAGE)),
            first_shown=PAGE * (view.page - 1) + 1,
            counted=COUNTED,
            chips=chips,
            looser=looser,
            areas=_areas(view.wanted, words, there),
            languages=words.tongues(_with(there.languages, view.wanted.language)),
            interests=words.by_name(INTERESTS),  # type: ignore[arg-type]
            categories=words.by_name(CATEGORIES),  # type: ignore[arg-type]
            modes=[(mode, words.mode(Mode(mode))) for mode in MODES],
            costs=COSTS,
            drop_in=Acceptance.DROP_IN,
        )

    @pages.get(LIST + "/{activity}", roles=ANYONE)
    async def activity(request: Request, activity: str, noted: str = "") -> Response:
        """One activity: what, when, where, for whom, and how one gets there."""
        known = await known_activity(engine, request, activity)
        if known.status is not Status.PUBLISHED:
            return show_why_not(request, known)
        return show_activity(request, known, await choices.now(), noted=bool(noted))

    @pages.get("/traff/{code}", roles=ANYONE)
    async def session(request: Request, code: str) -> Response:
        """One session, for those who are to come: when, where, and how one gets there; not what it is, for
        messages lead here."""
        meeting = await reading.meeting_of(engine, code, site_of(request).now()) if "\0" not in code else None
        if meeting is None:
            raise NothingHere
        page = site_of(request).page(
            request,
            "calendar_session.html",
            meeting=meeting,
            told=meeting.told,
            session=meeting.session,
            words=words_for(request, await choices.now()),
            now=site_of(request).now(),
            digital=Mode.DIGITAL,
            both=Mode.BOTH,
        )
        page.headers["X-Robots-Tag"] = "noindex"
        return page

    @pages.get(f"{_ONCE_CALLED}/{{rest:path}}", roles=ANYONE)
    async def moved(request: Request, rest: str) -> Response:
        """Where providers were before. Calendars that follow one, and printed addresses, find them still."""
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{PROVIDERS}/{quote(rest)}{query}", status_code=301)

    @pages.get(PROVIDERS + "/{provider}", roles=ANYONE)
    async def provider(request: Request, provider: str) -> Response:
        """Whoever runs things, and all they show."""
        view, words = view_of(request.query_params), words_for(request, await choices.now())
        known = await reading.provider_of(engine, provider) if "\0" not in provider else None
        if known is None:
            raise NothingHere
        wanted = Wanted(provider=known.provider)
        found = await reading.find(engine, wanted, site_of(request).now(), page=view.page, meanings={})
        return site_of(request).page(
            request,
            "calendar_provider.html",
            provider=known,
            words=words,
            view=view,
            found=found,
            pages=_numbers(view.page, -(-found.total // PAGE)),
            counted=COUNTED,
            drop_in=Acceptance.DROP_IN,
        )

    return pages


def wished_for(view: View, words: Words) -> list[tuple[str, str]]:
    """Every wish by its field, in words: what can be taken back."""
    wanted, said = view.wanted, {}
    if wanted.words:
        said["words"] = f"”{view.typed}”"
    if wanted.interest:
        said["interest"] = words.interest(Interest(wanted.interest))
    if wanted.category:
        said["category"] = words.category(ActivityCategory(wanted.category))
    if wanted.area:
        said["area"] = words.area(wanted.area)
    if wanted.days:
        said["days"] = words.listed([words.weekdays[day] for day in sorted(wanted.days)])
    if wanted.first:
        said["first"] = words.from_day(wanted.first)
    if wanted.last:
        said["last"] = words.to_day(wanted.last)
    if wanted.kronor is not None:
        said["kronor"] = words.at_most(wanted.kronor)
    if wanted.language:
        said["language"] = words.tongue(wanted.language).capitalize()
    if wanted.mode:
        said["mode"] = words.mode(Mode(wanted.mode))
    if wanted.age is not None:
        said["age"] = words.years(wanted.age)
    return list(said.items())


def _areas(wanted: Wanted, words: Words, choices: Choices) -> list[tuple[str, str]]:
    named = [(area, words.area(area)) for area in choices.areas]
    if wanted.area and wanted.area not in choices.areas:
        named.append((wanted.area, words.area(wanted.area)))
    return sorted(named, key=lambda pair: pair[1].lower())


def _with(known: Sequence[str], wanted: str | None) -> list[str]:
    return [*known, *([wanted] if wanted and wanted not in known else [])]


def _numbers(page: int, last: int) -> list[int | None]:
    """The numbers to show below a list: the ends and what is near; None where some are left out."""
    near: list[Any] = sorted({1, last, page - 1, page, page + 1} & set(range(1, last + 1)))
    shown: list[int | None] = []
    for number in near:
        if shown and isinstance(shown[-1], int) and number - shown[-1] > 1:
            shown.append(None)
        shown.append(number)
    return shown if last > 1 else []
