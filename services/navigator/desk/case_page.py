"""The case: the next step on top, what is booked, what one may do, and one timeline of all that happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.ending_pages import need_in_words
from services.navigator.desk.frame import ROOT, Frame, identity_of
from services.navigator.desk.meeting_words import kind_of_meeting, mode_of_meeting, said_of
from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.desk.taking import said_done
from services.navigator.domain.roles import GUIDES
from services.navigator.web.words import say_details, say_step
from services.runtime.web import Language, Pages, mark, visitor_of
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.case import CaseClosed, CasePaused, CaseReassigned, CaseResumed
from sluss_contracts.event import Fact
from sluss_contracts.meeting import ContactAttempted, MeetingBooked
from sluss_contracts.pathway import PartOfCase

_STEPS: Final[tuple[tuple[type[Fact], str, str], ...]] = (
    (ContactAttempted, "/contact", mark("Note a contact")),
    (MeetingBooked, "/meetings/book", mark("Book a meeting")),
    (CasePaused, "/pause", mark("Pause")),
    (CaseResumed, "/pause", mark("Let the work go on")),
    (CaseReassigned, "/hand-on", mark("Hand on")),
    (NeedUnmet, "/unmet", mark("A need nothing meets")),
    (CaseClosed, "/close", mark("Close")),
)
"""What one may do besides what is asked for, in the order of the work."""


@dataclass(frozen=True, slots=True)
class Way:
    """Something one may do from here."""

    path: str
    label: str


def case_pages(frame: Frame) -> Pages:
    """The case's own page."""
    pages = Pages("navigator case")

    @pages.get(ROOT, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        opened = await frame.open(request, case_id, story=True)
        language = visitor_of(request).language
        story = [
            (each, say_step(each, opened.names, language), say_details(each, language))
            for each in opened.steps
        ]
        return await frame.show(
            request,
            opened,
            "case.html",
            done=said_done(request, language),
            acute="acute" in request.query_params,
            ways=ways_of(opened),
            story=story,
            booked=booked(opened, language),
            claimable=opened.in_line and identity_of(request).role in GUIDES,
            needs=needs_of(opened, language),
        )

    return pages


def ways_of(opened: OpenedCase) -> list[Way]:
    """The steps the case allows just now, and the visitor with it."""
    base = f"/cases/{opened.referral_id}"
    paused = opened.case is not None and opened.case.paused_until is not None
    return [
        Way(base + path, label)
        for fact, path, label in _STEPS
        if opened.may(fact) and not (paused and fact is CasePaused)
    ]


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting nobody has reported on."""

    meeting_id: str
    kind: str
    mode: str
    starts: datetime
    minutes: int
    person_said: str


def booked(opened: OpenedCase, language: Language) -> list[Booked]:
    """What is booked, the first first."""
    if opened.case is None or not opened.sees(PartOfCase.CONTACT):
        return []
    found = [
        Booked(
            meeting_id,
            kind_of_meeting(opened.pathway, meeting.kind, language),
            mode_of_meeting(meeting.mode, language),
            meeting.starts,
            meeting.minutes,
            said_of(meeting, language),
        )
        for meeting_id, meeting in opened.case.meetings.items()
        if meeting.ahead
    ]
    return sorted(found, key=lambda each: each.starts)


def needs_of(opened: OpenedCase, language: Language) -> list[str]:
    """What the person was referred for, for whoever sees the reason."""
    if not opened.sees(PartOfCase.REASON):
        return []
    return [need_in_words(need, language) for need in opened.referral.get("needs") or ()]
