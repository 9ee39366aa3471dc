"""Today: the page a link worker begins with. Each row is one thing to do, and leads to where it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

import orjson
from fastapi import Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.desk import task_words
from services.navigator.desk.frame import identity_of
from services.navigator.desk.meeting_words import SUITS, mode_of_meeting
from services.navigator.desk.today import News, Today, today_of
from services.navigator.store.desk import LOCAL_TIME, OpenTask, Urgency
from services.runtime.web import Language, Pages, mark, site_of, visitor_of
from services.runtime.web.people import People, people_of
from sluss_contracts.vocabulary import MeetingMode, Role

GUIDES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER})

GROUPS: Final[dict[Urgency, str]] = {
    Urgency.OVERDUE: mark("Past its day"),
    Urgency.TODAY: mark("Due today"),
    Urgency.TOMORROW: mark("Tomorrow"),
    Urgency.THIS_WEEK: mark("This week"),
    Urgency.LATER: mark("Later"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do."""

    who: str
    named: bool
    """Whether `who` is the person's name and not their alias."""
    case: str
    what: str
    why: str
    due: datetime
    organisation: str
    action: task_words.Action
    acute: bool


def today_pages(engine: AsyncEngine, news: News) -> Pages:
    """The page, and the stream that says how much is new."""
    pages = Pages("navigator today")

    @pages.get("/today", roles=GUIDES)
    async def today(request: Request) -> Response:
        site, visitor, identity = site_of(request), visitor_of(request), identity_of(request)
        now = site.now()
        found = await today_of(engine, identity, now, _midnight(now))
        cases = [each.referral_id for tasks in found.groups.values() for each in tasks]
        cases += [each["referral_id"] for each in found.meetings]
        people = await names_for(request, cases)
        return site.page(
            request,
            "today.html",
            groups=[
                (group, GROUPS[group], [_row(each, found, people, now, visitor.language) for each in tasks])
                for group, tasks in found.groups.items()
                if tasks
            ],
            found=found,
            suits=SUITS,
            meetings=[
                (
                    people.name(each["referral_id"]),
                    each,
                    mode_of_meeting(MeetingMode(each["mode"]), visitor.language),
                )
                for each in found.meetings
            ],
            people=people,
            now=now,
            Urgency=Urgency,
        )

    @pages.get("/today/stream", roles=GUIDES, response_class=EventSourceResponse)
    async def stream(request: Request, since: datetime) -> AsyncIterator[ServerSentEvent]:
        """How many things are new since the page was loaded, each time it is another number."""
        site, language = site_of(request), visitor_of(request).language
        async for count in news.counts(identity_of(request), since):
            said = site.fragment("news.html", language, count=count)
            yield ServerSentEvent(
                event="news",
                raw_data=orjson.dumps({"count": count, "said": said.strip()}).decode(),
                retry=5000,
            )

    return pages


async def names_for(request: Request, cases: list[str]) -> People:
    """Who these are about, for a list: volunteers see aliases alone."""
    if identity_of(request).role is Role.VOLUNTEER:
        return People({}, {})
    return await people_of(request, cases, purpose="today")


def _row(task: OpenTask, found: Today, people: People, now: datetime, language: Language) -> Row:
    late = task.due < now
    return Row(
        who=people.name(task.referral_id),
        named=people.is_named(task.referral_id),
        case=task.referral_id,
        what=task_words.what(task.kind, task.about, language, late=late),
        why=task_words.why(task.why, language),
        due=task.due,
        organisation=found.names.get(("organisation", task.organisation or ""), task.organisation or ""),
        action=task_words.action(task.kind, task.about, task.referral_id, task.task_id, late=late),
        acute=task.kind == "acute_risk",
    )


def _midnight(now: datetime) -> datetime:
    """When the day ends that it is now in Sweden."""
    tomorrow = now.astimezone(LOCAL_TIME).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), LOCAL_TIME)
