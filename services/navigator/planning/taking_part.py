"""Taking part: where each place stands, who came, another time, what it has led to, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.reading import Activity, Time, Told
from services.navigator.planning.shell import Shell, go_on, said_in
from services.runtime.web import Language, NothingHere, Pages, mark, site_of, visitor_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.planning import ReportSpillOver
from sluss_contracts.commands.provider import AgreeToTime, EndEnrolment, RecordAttendance
from sluss_contracts.enrolment import AnotherTimeSuggested, AttendanceRecorded
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.plan import SpillOverReported
from sluss_contracts.vocabulary import Attendance

PATH: Final = "/cases/{case_id}/taking-part"
PLACE: Final = PATH + "/{enrolment_id}"
LABELS: Final = {
    "session": mark("Which time"),
    "outcome": mark("Whether the person came"),
    "reason": mark("Why it ends"),
    "more_activities": mark("More activities than before"),
    "times_a_week": mark("Times a week, all in all"),
    "kinds": mark("Of what kind"),
}
_BACK: Final = timedelta(days=90)
_WAITS: Final = ("requested", "offered", "waitlisted")
_OPEN: Final = (*_WAITS, "accepted")


@dataclass(frozen=True, slots=True)
class Came:
    """One time that has been, and whether the person came."""

    session_id: str
    starts: datetime | None
    said: str


@dataclass(frozen=True, slots=True)
class Place:
    """One place as the page shows it."""

    enrolment_id: str
    status: str
    activity: str
    title: str
    provider: str
    state: str
    detail: str
    host: str | None
    starts: datetime | None
    suggested: datetime | None
    """When the provider would rather welcome the person; None once it is settled."""
    came: list[Came] = field(default_factory=list)
    past: list[Time] = field(default_factory=list)
    """Times that have begun, the latest first."""

    @property
    def open(self) -> bool:
        """Whether it holds a place, or waits for one."""
        return self.status in _OPEN


def taking_part_pages(shell: Shell) -> Pages:
    """Every place of a case, and what may be said of each."""
    pages = Pages("navigator taking part")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """Where each place stands."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        return await _show(request, opened, case, Filled())

    @pages.post(PLACE + "/attendance", roles=OPENS_CASES)
    async def attendance(request: Request, case_id: str, enrolment_id: str) -> Response:
        """Whether the person came, as they say themselves."""
        opened, case = await _theirs(request, case_id, enrolment_id)
        filled = await filled_in(request)
        try:
            session = filled.text("session", needed=True, longest=120)
            outcome = filled.choice("outcome", Attendance, needed=True)
            filled.must_be_clear(of=enrolment_id)
            said = {"session_id": session, "outcome": outcome}
            await send(request, RecordAttendance, filled, **_of(case_id, enrolment_id), **said)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal, enrolment_id)
        return go_on(opened, "taking-part", "attendance")

    @pages.post(PLACE + "/time", roles=OPENS_CASES)
    async def agree_to_time(request: Request, case_id: str, enrolment_id: str) -> Response:
        """The time the provider suggested suits the person."""
        opened, case = await _theirs(request, case_id, enrolment_id)
        filled = await filled_in(request)
        try:
            await send(request, AgreeToTime, filled, **_of(case_id, enrolment_id))
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal, enrolment_id)
        return go_on(opened, "taking-part", "time")

    @pages.post(PLACE + "/end", roles=OPENS_CASES)
    async def end(request: Request, case_id: str, enrolment_id: str) -> Response:
        """They take part no more, or do not want the place they asked for."""
        opened, case = await _theirs(request, case_id, enrolment_id)
        filled = await filled_in(request)
        try:
            reason = filled.choice("reason", words.ENDS, needed=True)
            filled.must_be_clear(of=enrolment_id)
            said = {"whose": words.ENDS[str(reason)][0], "reason": reason}
            await send(request, EndEnrolment, filled, **_of(case_id, enrolment_id), **said)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal, enrolment_id)
        return go_on(opened, "taking-part", "ended")

    @pages.post(PATH + "/led-to", roles=OPENS_CASES)
    async def led_to(request: Request, case_id: str) -> Response:
        """What the person says it has led to."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        filled = await filled_in(request)
        try:
            said = {
                "more_activities": filled.number("more_activities", 0, 50, needed=True),
                "times_a_week": filled.number("times_a_week", 0, 50, needed=True),
                "kinds": filled.choices("kinds", words.KINDS),
            }
            filled.must_be_clear()
            answer = await send(request, ReportSpillOver, filled, referral_id=case_id, **said)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        return go_on(opened, "taking-part", "spill_over" if answer.events else "unchanged")

    async def _theirs(request: Request, case_id: str, enrolment_id: str) -> tuple[OpenedCase, Case]:
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        if enrolment_id not in case.enrolments or not opened.mine:
            raise NothingHere
        return opened, case

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled,
        refusal: NotDone | None = None,
        about: str | None = None,
    ) -> Response:
        language, now = visitor_of(request).language, site_of(request).now()
        rows = await shell.reading.places(opened.referral_id)
        known = await shell.reading.activities([row["activity"] for row in rows])
        times = await shell.reading.times([row["activity"] for row in rows], now - _BACK, now)
        told = await shell.reading.told(opened.referral_id, AttendanceRecorded, AnotherTimeSuggested)
        places = [_place(row, known, times, told, language) for row in rows]
        return await shell.show(
            request,
            opened,
            "taking_part.html",
            refusal=refusal,
            labels=_labels(language, [place.enrolment_id for place in places]),
            filled=filled if filled else _led_to(case),
            about=about,
            places=sorted(places, key=lambda place: not place.open),
            outcomes=[(code, language.say(text)) for code, text in words.ATTENDANCE.items()],
            ends=[(code, language.say(text)) for code, (_, text) in words.ENDS.items()],
            kinds=[(code, language.say(text)) for code, text in words.KINDS.items()],
            may=opened.mine and not opened.closed,
            may_tell=opened.may(SpillOverReported),
            spill_over=case.spill_over,
        )

    return pages


def _labels(language: Language, enrolments: list[str]) -> dict[str, str]:
    """What the fields are called; those of each place's own forms end in its id."""
    said = said_in(language, LABELS)
    return said | {f"{name}-{id}": label for name, label in said.items() for id in enrolments}


def _of(case_id: str, enrolment_id: str) -> dict[str, str]:
    return {"referral_id": case_id, "enrolment_id": enrolment_id}


def _led_to(case: Case) -> Filled:
    said = case.spill_over
    if said is None:
        return Filled()
    return Filled(
        {
            "more_activities": (str(said.more_activities),),
            "times_a_week": (str(said.times_a_week),),
            "kinds": tuple(kind.value for kind in said.kinds),
        }
    )


def _place(
    row: Mapping[str, Any],
    known: Mapping[str, Activity],
    times: list[Time],
    told: list[Told],
    language: Language,
) -> Place:
    id, status = row["enrolment_id"], row["status"]
    activity = known.get(row["activity"])
    mine = [each for each in told if each.told.get("enrolment_id") == id]
    suggested = [each for each in mine if each.step == "enrolment.another_time_suggested"]
    starts = {time.session_id: time.starts for time in times}
    said = {
        each.told.get("session_id", ""): each.told.get("outcome")
        for each in mine
        if each.step == "attendance.recorded"
    }
    came = [
        Came(session, starts.get(session), words.called(outcome, language, words.ATTENDANCE))
        for session, outcome in said.items()
    ]
    begun = row["starts"]
    past = [
        time
        for time in reversed(times)
        if time.activity == row["activity"] and (begun is None or time.starts >= begun)
    ]
    return Place(
        enrolment_id=id,
        status=status,
        activity=row["activity"],
        title=activity.title if activity else row["activity"],
        provider=activity.provider_name if activity else "",
        state=words.called(status, language, words.PLACES),
        detail=_detail(row, language),
        host=row["host"],
        starts=row["starts"],
        suggested=datetime.fromisoformat(suggested[-1].told["starts"])
        if suggested and status == "offered"
        else None,
        came=came,
        past=past if status == "accepted" else [],
    )


_IN_LINE: Final = mark("Number %(position)s")
_ANSWER_BY: Final = mark("Answers by %(day)s")


def _detail(row: Mapping[str, Any], language: Language) -> str:
    """What more there is to say of where a place stands."""
    match row["status"]:
        case "waitlisted" if row["position"]:
            return language.say(_IN_LINE, position=row["position"])
        case "offered" if row["answer_by"]:
            return language.say(_ANSWER_BY, day=language.day(row["answer_by"]))
        case "declined" | "ended" if row["reason"]:
            ends = {code: text for code, (_, text) in words.ENDS.items()}
            whose = words.called(row["whose"], language) if row["whose"] else ""
            return ", ".join(part for part in (words.called(row["reason"], language, ends), whose) if part)
        case _:
            return ""
