"""The frame every page of a case stands in: who it is, where it stands, and the ways to its other pages.

    opened = await frame.open(request, case_id)              # or the page for what is not there
    return await frame.show(request, opened, "plan.html", goals=…)

A template in it begins with `{% extends "case_frame.html" %}` and fills the block `case`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import HTMLResponse

from services.navigator.desk import task_words
from services.navigator.desk.opened import OpenedCase, open_case
from services.navigator.domain.case import Status
from services.navigator.domain.task import Task
from services.navigator.web.words import CODES
from services.runtime.web import Identity, Language, NothingHere, mark, site_of, visitor_of
from services.runtime.web.people import Person, person_of
from sluss_contracts.pathway import PartOfCase

ROOT: Final = "/cases/{case_id}"

_TABS: Final[tuple[tuple[str, str, PartOfCase | None], ...]] = (
    ("", mark("The case"), None),
    ("/mapping", mark("Mapping"), PartOfCase.MAPPING),
    ("/instruments", mark("Measures"), PartOfCase.MEASURES),
    ("/plan", mark("Plan"), PartOfCase.PLAN),
    ("/matching", mark("Matching"), PartOfCase.ENROLMENTS),
    ("/recept", mark("Recept"), PartOfCase.PLAN),
    ("/help", mark("Help to get started"), PartOfCase.ENROLMENTS),
    ("/taking-part", mark("Taking part"), PartOfCase.ENROLMENTS),
    ("/follow-up", mark("Follow-up"), PartOfCase.PLAN),
)
"""The pages of a case in the order of the work; each is shown to whoever sees the part it is about."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One way in the frame."""

    path: str
    label: str
    here: bool


@dataclass(frozen=True, slots=True)
class ToDo:
    """A task as a row shows it."""

    task: Task
    what: str
    why: str
    action: task_words.Action
    overdue: bool


class Frame:
    """Opens cases for visitors and shows pages in the frame. One for a site."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def open(self, request: Request, case_id: str, *, story: bool = False) -> OpenedCase:
        """The case, or `NothingHere`: unknown and not theirs look alike."""
        opened = await open_case(self.engine, identity_of(request), case_id, story=story)
        if opened is None:
            raise NothingHere
        return opened

    async def show(
        self,
        request: Request,
        opened: OpenedCase,
        template: str,
        *,
        status: int = 200,
        done: str | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A page of the case. `done` says, in the visitor's language, what has just been done."""
        site, language = site_of(request), visitor_of(request).language
        return site.page(
            request,
            template,
            status=status,
            opened=opened,
            who=await who_is(request, opened),
            tabs=tabs_of(request, opened),
            todo=[to_do(task, opened, site.now(), language) for task in opened.waiting],
            Status=Status,
            now=site.now(),
            done=done,
            codes=CODES,
            **context,
        )


async def who_is(request: Request, opened: OpenedCase) -> Person:
    """Whom the case is about, as far as the visitor's role and the pathway let them see."""
    if not opened.sees(PartOfCase.NAME):
        return Person(opened.referral_id)
    return await person_of(request, opened.referral_id, purpose="case")


def identity_of(request: Request) -> Identity:
    """Who is signed in, on a route that admits nobody else."""
    identity = visitor_of(request).identity
    assert identity is not None, "the route is for people who have signed in"
    return identity


def tabs_of(request: Request, opened: OpenedCase) -> list[Tab]:
    """The pages of the case that are there and theirs to see."""
    there = {row.path for row in site_of(request).rows}
    base = f"/cases/{opened.referral_id}"
    return [
        Tab(base + path, label, _is_at(request.url.path, base, path))
        for path, label, part in _TABS
        if ROOT + path in there and (part is None or (opened.case is not None and opened.sees(part)))
    ]


def _is_at(here: str, base: str, path: str) -> bool:
    """Whether a page is this one, or lies below it; everything lies below the case's own."""
    return here == base + path or (path != "" and here.startswith(f"{base}{path}/"))


def to_do(task: Task, opened: OpenedCase, now: datetime, language: Language) -> ToDo:
    """A task in words."""
    late = task.due < now
    return ToDo(
        task,
        task_words.what(task.kind, task.about, language, late=late),
        task_words.why(task.why, language),
        task_words.action(task.kind, task.about, opened.referral_id, task.task_id, late=late),
        late,
    )
