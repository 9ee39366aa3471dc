"""The calendar for other calendars to follow (iCalendar, RFC 5545): of an activity, a provider, a view."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote

from fastapi import Request
from icalendar import Calendar, Event, Timezone, vDuration, vText
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.provider.calendar import following, reading
from services.provider.calendar.following import Occasion
from services.provider.calendar.wanted import Wanted
from services.provider.calendar.writing import ZONE
from services.provider.web.calendar_query import LIST, PROVIDERS, view_of
from services.provider.web.calendar_words import Words
from services.runtime.languages import DEFAULT
from services.runtime.web import ANYONE, Language, NothingHere, Pages, mark, site_of
from services.runtime.web.headers import is_https

KEPT = timedelta(minutes=15)
"""How long whoever fetched a calendar may keep it before asking again."""
ASK_EVERY = timedelta(hours=6)
"""How often whoever follows one is asked to look."""
_RULES_FROM, _RULES_TO = date(2020, 1, 1), date(2060, 1, 1)
"""Between when the changes of the clocks are told along."""
MEDIA_TYPE = "text/calendar; charset=utf-8"


def feed_pages(engine: AsyncEngine) -> Pages:
    """The calendars, reading through this engine. Their language is in their address (`lang`), since who
    fetches them is a program."""
    pages = Pages("calendar feeds")

    @pages.get(LIST + "/kalender.ics", roles=ANYONE)
    async def of_a_view(request: Request, lang: str = DEFAULT) -> Response:
        """Everything that a view of the list finds."""
        view, words = view_of(request.query_params), _words(request, lang)
        meanings = words.meanings(view.wanted.words)
        found = await following.of_wanted(engine, view.wanted, words.now, meanings=meanings)
        return _answer(request, words, words.say(mark("Activities")), found)

    @pages.get(LIST + "/{activity}/kalender.ics", roles=ANYONE)
    async def of_an_activity(request: Request, activity: str, lang: str = DEFAULT) -> Response:
        """One activity's sessions."""
        words = _words(request, lang)
        found = await following.of_activity(engine, activity, words.now) if "\0" not in activity else None
        if found is None:
            raise NothingHere
        name = found[0].told.title if found else words.say(mark("Activities"))
        return _answer(request, words, name, found, file=activity)

    @pages.get(PROVIDERS + "/{provider}/kalender.ics", roles=ANYONE)
    async def of_a_provider(request: Request, provider: str, lang: str = DEFAULT) -> Response:
        """All that one provider shows."""
        words = _words(request, lang)
        known = await reading.provider_of(engine, provider) if "\0" not in provider else None
        if known is None:
            raise NothingHere
        found = await following.of_wanted(engine, Wanted(provider=provider), words.now, meanings={})
        return _answer(request, words, known.name, found, file=provider)

    return pages


def _words(request: Request, lang: str) -> Words:
    spoken = site_of(request).spoken
    language: Language = spoken.get(lang, spoken[DEFAULT])
    return Words(language, site_of(request).now())


def _answer(
    request: Request, words: Words, name: str, occasions: Sequence[Occasion], *, file: str = "aktiviteter"
) -> Response:
    body = written(occasions, name, words, site_address(request))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={int(KEPT.total_seconds())}"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{quote(file, safe="")}.ics"'
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def site_address(request: Request) -> str:
    """Where the site is, as whoever asked knows it."""
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    return f"{'https' if is_https(request.scope) else 'http'}://{host}"


def written(occasions: Sequence[Occasion], name: str, words: Words, site: str) -> bytes:
    """The calendar as it is sent: the same for the same sessions, so that nothing is fetched twice."""
    calendar = Calendar()
    calendar.add("prodid", "-//Sluss//Activities//SV")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for called in ("name", "x-wr-calname"):
        calendar.add(called, vText(_lines(name)))  # the library would not escape these by itself
    calendar.add("x-wr-timezone", ZONE.key)
    calendar.add("refresh-interval", ASK_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(ASK_EVERY))
    # A calendar without a component is none (RFC 5545, 3.6): the time zone is there in any case.
    calendar.add_component(Timezone.from_tzid(ZONE.key, first_date=_RULES_FROM, last_date=_RULES_TO))
    for each in occasions:
        calendar.add_component(_event(each, words, site))
    return bytes(calendar.to_ical())


def _event(occasion: Occasion, words: Words, site: str) -> Event:
    session, told = occasion.session, occasion.told
    title = _lines(told.title)
    event = Event()
    event.add("uid", f"{session.session_id}@sluss")
    event.add("sequence", session.changes)
    event.add("dtstamp", session.changed)
    event.add("last-modified", session.changed)
    event.add("dtstart", session.starts.astimezone(ZONE))
    event.add("dtend", session.ends.astimezone(ZONE))
    event.add("status", _status(occasion))
    event.add("transp", "TRANSPARENT")
    if session.cancelled:
        title = words.say(mark("Cancelled: %(title)s"), title=title)
    elif not occasion.confirmed:
        title = words.say(mark("Not confirmed: %(title)s"), title=title)
    event.add("summary", title)
    event.add("description", _description(occasion, words, site))
    if venue := session.venue or told.venue:
        event.add("location", _lines(words.place(venue)))
    event.add("url", f"{site}{LIST}/{told.activity}")
    if told.category:
        event.add("categories", [words.category(told.category)])
    return event


def _status(occasion: Occasion) -> str:
    if occasion.session.cancelled:
        return "CANCELLED"
    return "CONFIRMED" if occasion.confirmed else "TENTATIVE"


def _lines(text: str) -> str:
    """A text with one kind of line break, the only one a calendar's text can hold."""
    return "\n".join(text.splitlines())


def _description(occasion: Occasion, words: Words, site: str) -> str:
    told = occasion.told
    lines = [told.about, occasion.provider, words.cost(told.cost) if told.cost else None]
    return _lines("\n".join(line for line in [*lines, f"{site}{LIST}/{told.activity}"] if line))
