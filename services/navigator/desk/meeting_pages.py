"""Meetings: booked as the pathway proposes, moved, cancelled, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.meeting_words import kind_of_meeting, mode_of_meeting
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import (
    STEPS_IN_CASES,
    Step,
    language_of,
    moment_of,
    number_of,
)
from services.navigator.domain.meeting import Meeting
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.web import Language, NothingHere, Pages, mark, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.people import words_of
from sluss_contracts.case import MeetingBooked
from sluss_contracts.commands.navigator import BookMeeting, CancelMeeting, MoveMeeting, RecordMeeting
from sluss_contracts.vocabulary import MeetingKind, MeetingMode, Whose

REASONS: Final = {
    "other_time": mark("Another time suits better"),
    "illness": mark("Illness"),
    "travel": mark("Travel"),
    "link_worker_away": mark("The link worker is away"),
}
WHOSE: Final = {Whose.PERSON: mark("The person"), Whose.NETWORK: mark("We")}


def meeting_pages(frame: Frame) -> Pages:
    """The forms and what they send."""
    pages = Pages("navigator meetings")
    book = Step(BookMeeting, "step_book.html", "booked", MeetingBooked, _booked, _to_book)

    @pages.get(ROOT + "/meetings/book", roles=STEPS_IN_CASES)
    async def booking(request: Request, case_id: str) -> Response:
        return await book.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/meetings/book", roles=STEPS_IN_CASES)
    async def take_booking(request: Request, case_id: str) -> Response:
        return await book.take(frame, request, case_id)

    @pages.get(ROOT + "/meetings/{meeting_id}", roles=STEPS_IN_CASES)
    async def look(request: Request, case_id: str, meeting_id: str) -> Response:
        opened = await frame.open(request, case_id)
        return await _about(meeting_id).page(frame, request, opened)

    @pages.post(ROOT + "/meetings/{meeting_id}/held", roles=STEPS_IN_CASES)
    async def tell(request: Request, case_id: str, meeting_id: str) -> Response:
        came = (await read_form(request)).one("held") == "yes"
        return await _about(meeting_id, "held" if came else "missed").take(frame, request, case_id)

    @pages.post(ROOT + "/meetings/{meeting_id}/move", roles=STEPS_IN_CASES)
    async def move(request: Request, case_id: str, meeting_id: str) -> Response:
        return await _about(meeting_id, "moved").take(frame, request, case_id)

    @pages.post(ROOT + "/meetings/{meeting_id}/cancel", roles=STEPS_IN_CASES)
    async def cancel(request: Request, case_id: str, meeting_id: str) -> Response:
        return await _about(meeting_id, "cancelled").take(frame, request, case_id)

    return pages


def _about(meeting_id: str, done: str = "") -> Step:
    """What is done about one meeting."""

    async def given(request: Request, opened: OpenedCase) -> Mapping[str, Any]:
        meeting = opened.case.meetings.get(meeting_id) if opened.case else None
        if meeting is None:
            raise NothingHere
        refs = [ref for ref in (meeting.place, meeting.lone_work) if ref]
        words = await words_of(request, refs, purpose="meeting") if opened.mine else {}
        language = language_of(request)
        return {
            "meeting": meeting,
            "meeting_id": meeting_id,
            "kind": kind_of_meeting(opened.pathway, meeting.kind, language),
            "mode": mode_of_meeting(meeting.mode, language),
            "place": (words or {}).get(meeting.place or "", ""),
            "lone_work": (words or {}).get(meeting.lone_work or "", ""),
            "modes": _modes(opened, meeting, language),
            "reasons": [(code, language.say(said)) for code, said in REASONS.items()],
            "whose": [(each.value, language.say(said)) for each, said in WHOSE.items()],
            "local": meeting.starts.astimezone(LOCAL_TIME),
            "over": meeting.starts + timedelta(minutes=meeting.minutes) <= site_of(request).now(),
            "doing": done,
        }

    match done:
        case "moved":
            said: Any = _moved
            command: Any = MoveMeeting
        case "cancelled":
            command, said = (
                CancelMeeting,
                lambda form, _: {"whose": form.one("whose"), "why": form.one("why")},
            )
        case _:
            command, said = RecordMeeting, _came
    return Step(
        command,
        "step_meeting.html",
        done,
        said=lambda form, opened: {"meeting_id": meeting_id, **said(form, opened)},
        given=given,
    )


def _came(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    held = {"yes": True, "no": False}.get(form.one("held"))
    return {"held": held, "minutes": number_of(form, "minutes") if held else None}


def _booked(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"kind": form.one("kind"), **_moved(form, _)}


def _moved(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {
        "mode": form.some("mode"),
        "starts": moment_of(form, "day", "hour"),
        "minutes": number_of(form, "minutes"),
        "place": form.some("place"),
        "lone_work": form.some("lone_work"),
    }


async def _to_book(request: Request, opened: OpenedCase) -> Mapping[str, Any]:
    language = language_of(request)
    lengths: dict[MeetingKind, int] = {each.kind: each.minutes for each in opened.pathway.steps}
    if opened.pathway.followups:
        lengths[MeetingKind.FOLLOW_UP] = opened.pathway.followups[0].minutes
    asked = next((task.why for task in opened.waiting if task.why in lengths), None)
    had = {each.kind for each in opened.case.meetings.values() if each.held} if opened.case else set()
    proposed = asked or next((kind for kind in lengths if kind not in had), MeetingKind.FOLLOW_UP)
    modes = dict.fromkeys(mode for each in opened.pathway.steps for mode in each.modes)
    modes |= dict.fromkeys(mode for each in opened.pathway.followups for mode in each.modes)
    return {
        "kinds": [
            (kind.value, f"{kind_of_meeting(opened.pathway, kind, language)} ({minutes} min)")
            for kind, minutes in lengths.items()
        ],
        "proposed": proposed,
        "modes": [(mode.value, mode_of_meeting(mode, language)) for mode in modes],
        "home": MeetingMode.HOME in modes,
        "today": site_of(request).now().astimezone(LOCAL_TIME).date().isoformat(),
    }


def _modes(opened: OpenedCase, meeting: Meeting, language: Language) -> list[tuple[str, str]]:
    modes = next((each.modes for each in opened.pathway.steps if each.kind is meeting.kind), None)
    if modes is None:
        modes = opened.pathway.followups[0].modes if opened.pathway.followups else (meeting.mode,)
    return [(mode.value, mode_of_meeting(mode, language)) for mode in modes]
