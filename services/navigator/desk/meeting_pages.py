"""Meetings: booked as the pathway proposes, moved, cancelled, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.meeting_words import kind_of_meeting, mode_of_meeting, said_of
from services.navigator.desk.offered_times import doubts, knows_of_another, offered, wanted_moment
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import (
    STEPS_IN_CASES,
    Step,
    language_of,
    number_of,
)
from services.navigator.domain.meeting import Meeting
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.web import Language, NothingHere, Pages, mark, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.people import words_of
from sluss_contracts.commands.meetings import BookMeeting, CancelMeeting, MoveMeeting, RecordMeeting
from sluss_contracts.meeting import MeetingBooked
from sluss_contracts.vocabulary import MeetingKind, MeetingMode, Whose

REASONS: Final = {
    "other_time": mark("Another time suits better"),
    "illness": mark("Illness"),
    "travel": mark("Travel"),
    "link_worker_away": mark("The link worker is away"),
}
LONGEST_MEETING: Final = 480
"""Minutes; a meeting that is said to take longer is refused."""
WHOSE: Final = {Whose.PERSON: mark("The person"), Whose.NETWORK: mark("We")}


def meeting_pages(frame: Frame) -> Pages:
    """The forms and what they send."""
    pages = Pages("navigator meetings")

    async def to_book(request: Request, opened: OpenedCase, form: SentForm) -> Mapping[str, Any]:
        given = _to_book(request, opened)
        minutes = _asked_minutes(form, _lengths(opened), given["proposed"])
        offer = await offered(frame, request, opened, minutes)
        return {**given, "free": offer, "against": (), "knows": "", "seen": None}

    async def before_booking(request: Request, opened: OpenedCase, form: SentForm) -> Mapping[str, Any]:
        minutes = _asked_minutes(form, _lengths(opened), form.one("kind"))
        return await doubts(frame, request, opened, form, minutes)

    book = Step(
        BookMeeting, "step_book.html", "booked", MeetingBooked, _booked, given=to_book, doubts=before_booking
    )

    @pages.get(ROOT + "/meetings/book", roles=STEPS_IN_CASES)
    async def booking(request: Request, case_id: str) -> Response:
        return await book.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/meetings/book", roles=STEPS_IN_CASES)
    async def take_booking(request: Request, case_id: str) -> Response:
        form = await read_form(request)
        if form.one("look"):  # at the free times for another kind of meeting, or another length
            return await book.page(frame, request, await frame.open(request, case_id), filled=form)
        return await book.take(frame, request, case_id)

    @pages.get(ROOT + "/meetings/{meeting_id}", roles=STEPS_IN_CASES)
    async def look(request: Request, case_id: str, meeting_id: str) -> Response:
        opened = await frame.open(request, case_id)
        return await _about(frame, meeting_id).page(frame, request, opened)

    @pages.post(ROOT + "/meetings/{meeting_id}/held", roles=STEPS_IN_CASES)
    async def tell(request: Request, case_id: str, meeting_id: str) -> Response:
        came = (await read_form(request)).one("held") == "yes"
        return await _about(frame, meeting_id, "held" if came else "missed").take(frame, request, case_id)

    @pages.post(ROOT + "/meetings/{meeting_id}/move", roles=STEPS_IN_CASES)
    async def move(request: Request, case_id: str, meeting_id: str) -> Response:
        return await _about(frame, meeting_id, "moved").take(frame, request, case_id)

    @pages.post(ROOT + "/meetings/{meeting_id}/cancel", roles=STEPS_IN_CASES)
    async def cancel(request: Request, case_id: str, meeting_id: str) -> Response:
        return await _about(frame, meeting_id, "cancelled").take(frame, request, case_id)

    return pages


def _about(frame: Frame, meeting_id: str, done: str = "") -> Step:
    """What is done about one meeting."""

    async def before_moving(request: Request, opened: OpenedCase, form: SentForm) -> Mapping[str, Any]:
        return await doubts(frame, request, opened, form, _meeting(opened, meeting_id).minutes, meeting_id)

    async def given(request: Request, opened: OpenedCase, form: SentForm) -> Mapping[str, Any]:
        meeting = _meeting(opened, meeting_id)
        refs = [ref for ref in (meeting.place, meeting.lone_work) if ref]
        words = await words_of(request, refs, purpose="meeting") if opened.mine else {}
        language = language_of(request)
        return {
            "meeting": meeting,
            "meeting_id": meeting_id,
            "kind": kind_of_meeting(opened.pathway, meeting.kind, language),
            "mode": mode_of_meeting(meeting.mode, language),
            "person_said": said_of(meeting, language) if meeting.ahead else "",
            "place": (words or {}).get(meeting.place or "", ""),
            "lone_work": (words or {}).get(meeting.lone_work or "", ""),
            "modes": _modes(opened, meeting, language),
            "reasons": [(code, language.say(said)) for code, said in REASONS.items()],
            "whose": [(each.value, language.say(said)) for each, said in WHOSE.items()],
            "free": await offered(frame, request, opened, meeting.minutes, meeting_id)
            if meeting.ahead and opened.mine
            else None,
            "against": (),
            "knows": "",
            "seen": None,
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
        doubts=before_moving if done == "moved" else None,
    )


def _meeting(opened: OpenedCase, meeting_id: str) -> Meeting:
    meeting = opened.case.meetings.get(meeting_id) if opened.case else None
    if meeting is None:
        raise NothingHere
    return meeting


def _came(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    held = {"yes": True, "no": False}.get(form.one("held"))
    return {"held": held, "minutes": number_of(form, "minutes") if held else None}


def _booked(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"kind": form.one("kind"), **_moved(form, _)}


def _moved(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {
        "mode": form.some("mode"),
        "starts": wanted_moment(form),
        "minutes": number_of(form, "minutes"),
        "place": form.some("place"),
        "lone_work": form.some("lone_work"),
        "only_if_free": not knows_of_another(form),
    }


def _lengths(opened: OpenedCase) -> dict[MeetingKind, int]:
    """How long each kind of meeting takes on the case's pathway."""
    lengths: dict[MeetingKind, int] = {each.kind: each.minutes for each in opened.pathway.steps}
    if opened.pathway.followups:
        lengths[MeetingKind.FOLLOW_UP] = opened.pathway.followups[0].minutes
    return lengths


def _asked_minutes(form: SentForm, lengths: Mapping[MeetingKind, int], proposed: str) -> int:
    """How long the meeting that is filled in will take: as is said, or as the pathway has its kind."""
    said = number_of(form, "minutes")
    if isinstance(said, int) and 0 < said <= LONGEST_MEETING:
        return said
    by_kind = {kind.value: minutes for kind, minutes in lengths.items()}
    return by_kind.get(form.one("kind") or proposed) or next(iter(by_kind.values()), 60)


def _to_book(request: Request, opened: OpenedCase) -> dict[str, Any]:
    language, lengths = language_of(request), _lengths(opened)
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
