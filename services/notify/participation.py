"""Taking part: from what providers say to what is waited for and written to the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notify import notices
from services.notify.appointments import (
    A_WEEK_BEFORE,
    SESSION_OFF,
    Appointed,
    Row,
    one_of_many,
    sessions_of,
    who_goes_elsewhere,
    who_takes_part,
    who_would_have_come,
)
from services.notify.courses import Known, course_of, known_courses
from services.notify.domain import deadline, message
from services.notify.registry import DEADLINE, MESSAGE, service
from services.notify.waiting import expect, expect_by, meet
from services.notify.writing import write
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.activity import ActivityAmended, ActivityRescheduled, SessionCancelled
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import Attendance, DeadlineKind, MessageTemplate

_OF_A_PLACE = (
    MessageTemplate.ACTIVITY_CONFIRMED,
    MessageTemplate.HOST_INTRODUCTION,
    MessageTemplate.SESSION_REMINDER,
    MessageTemplate.SESSION_MOVED,
    MessageTemplate.MISSED_SESSION,
)
_NOTHING_MORE = MessageAbout()


@service.on(EnrolmentOffered)
def wait_for_the_provider(held: Held, event: Event[EnrolmentOffered], ctx: Ctx) -> Decision:
    """The provider is asked. The provider service has set the date, from the same pathway."""
    fact = event.data
    return [
        *expect_by(
            held, fact.referral_id, DeadlineKind.OFFER_ANSWERED, fact.answer_by, about=fact.enrolment_id
        ),
        *notices.offer(ctx.looked_up, fact),
    ]


wait_for_the_provider.lookup(notices.known_notices)


@service.on(EnrolmentAccepted)
def confirm_the_activity(held: Held, event: Event[EnrolmentAccepted], ctx: Ctx) -> Decision:
    fact = event.data
    course = course_of(ctx, fact.referral_id)
    if isinstance(course, Wait):
        return course
    about = MessageAbout(
        starts=fact.starts,
        host=fact.host,
        activity=fact.activity,
        provider=fact.provider,
        session=fact.first_session,
    )
    return [
        *meet(held, DeadlineKind.OFFER_ANSWERED, fact.enrolment_id),
        *write(held, ctx, course, MessageTemplate.ACTIVITY_CONFIRMED, str(event.id), about),
    ]


@service.on(EnrolmentExpired)
def note_that_nobody_answered(held: Held, event: Event[EnrolmentExpired], ctx: Ctx) -> Decision:
    late = held.get(DEADLINE, deadline.name_of(DeadlineKind.OFFER_ANSWERED, event.data.enrolment_id))
    return deadline.pass_by(late, ctx.now)


@service.on(AnotherTimeSuggested)
def note_the_other_time(held: Held, event: Event[AnotherTimeSuggested], ctx: Ctx) -> Decision:
    """The provider has answered; now it is for the person to say."""
    return meet(held, DeadlineKind.OFFER_ANSWERED, event.data.enrolment_id)


@service.on(EnrolmentDeclined, EnrolmentEnded)
def wait_for_the_provider_no_more(
    held: Held, event: Event[EnrolmentDeclined | EnrolmentEnded], ctx: Ctx
) -> Decision:
    fact = event.data
    about_it = [each for each in held.all(MESSAGE).values() if each.provider == fact.provider]
    return [
        *meet(held, DeadlineKind.OFFER_ANSWERED, fact.enrolment_id),
        *(
            message.hold_back(about_it, message.NO_LONGER_TRUE, *_OF_A_PLACE)
            if isinstance(fact, EnrolmentEnded)
            else []
        ),
    ]


@dataclass(frozen=True, slots=True)
class Missing:
    """Sessions nobody has reported, with the courses of those who should have been there."""

    courses: Known
    sessions: Mapping[str, Mapping[str, Any]]


@service.on(AttendanceMissing)
def wait_for_the_report(held: Held, event: Event[AttendanceMissing], ctx: Ctx) -> Decision:
    """The pathway's patience runs from the end of the session. Whoever notices the silence has waited as
    long, so where the session is not known here the date has come."""
    fact, known = event.data, ctx.looked_up
    course = course_of(ctx, fact.referral_id, known=known.courses)
    if isinstance(course, Wait):
        return course
    session = known.sessions.get(fact.session_id)
    about = deadline.of_session(fact.enrolment_id, fact.session_id)
    return expect(
        held,
        course,
        DeadlineKind.SESSION_REPORTED,
        session["ends"] if session else event.time,
        about=about,
        tells=fact.enrolment_id,
        due=None if session else event.time,
    )


@wait_for_the_report.lookup
async def unreported(tx: Tx, events: Sequence[Event[AttendanceMissing]]) -> Missing:
    dates = await sessions_of(tx, [event.data.session_id for event in events])
    return Missing(await known_courses(tx, events), dates)


@service.on(AttendanceRecorded)
def ask_whoever_stayed_away(held: Held, event: Event[AttendanceRecorded], ctx: Ctx) -> Decision:
    """Somebody who did not come is asked how they are; a correction takes the question back."""
    fact = event.data
    course = course_of(ctx, fact.referral_id)
    if isinstance(course, Wait):
        return course
    about = deadline.of_session(fact.enrolment_id, fact.session_id)
    reported = meet(held, DeadlineKind.SESSION_REPORTED, about)
    if fact.outcome is not Attendance.ABSENT:
        asked = [each for each in held.all(MESSAGE).values() if each.session == fact.session_id]
        corrected = message.hold_back(asked, message.NO_LONGER_TRUE, MessageTemplate.MISSED_SESSION)
        return [*reported, *corrected]
    tells = MessageAbout(activity=fact.activity, provider=fact.provider, session=fact.session_id)
    return [
        *reported,
        *write(held, ctx, course, MessageTemplate.MISSED_SESSION, fact.session_id, tells),
    ]


@service.on(SessionCancelled)
def tell_that_it_is_off(held: Held, event: Event[SessionCancelled], ctx: Ctx) -> Decision:
    """What the schedule leaves out, or goes with its activity, is told a week before."""
    session = _coming(ctx, event.data.session_id)
    if session is None or (one_of_many(event.data) and session["starts"] - A_WEEK_BEFORE > ctx.now):
        return []
    return _off(ctx, event.data.activity, session, str(event.id))


@service.timer(SESSION_OFF)
def tell_what_the_schedule_leaves_out(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    session = _coming(ctx, timer.id)
    return _off(ctx, timer.key, session, f"off-{timer.id}") if session else []


@service.on(ActivityRescheduled)
def tell_the_new_time(held: Held, event: Event[ActivityRescheduled], ctx: Ctx) -> Decision:
    """Those who are to come to it for the first time; and everybody, of one that is moved by itself and of
    the first that the schedule moves. Not whoever begins later: where the schedule moves many, they are told
    of the one they begin with."""
    fact, session = event.data, _coming(ctx, event.data.session_id)
    if session is None or (fact.was == fact.starts and not fact.elsewhere):
        return []  # only how long it is: nobody is told of that
    begun = ctx.now if fact.by_schedule else session["starts"]
    told: list[tuple[Row, str | None]] = []
    for place in ctx.looked_up.in_activity(fact.activity):
        begins = place["first_session"] == fact.session_id
        later = place["starts"] is not None and place["starts"] > begun
        if begins or (fact.tells_all and not later):
            told.append((place, place["host"] if begins else None))
    said = MessageAbout(was=fact.was, elsewhere=fact.elsewhere or None)
    return _tell(ctx, MessageTemplate.SESSION_MOVED, session, told, str(event.id), said)


@service.on(ActivityAmended)
def tell_the_new_place(held: Held, event: Event[ActivityAmended], ctx: Ctx) -> Decision:
    """Each is told with the next session they come to that is where the activity is. What has a place of its
    own is where it was; where nothing is laid out, the place is told alone."""
    if not event.data.elsewhere:
        return []
    known: Appointed = ctx.looked_up
    said, facts = MessageAbout(elsewhere=True), list[Fact]()
    for place in known.in_activity(event.data.activity):
        session = known.next_for(place, ctx.now)
        if session is None:
            continue
        host = place["host"] if place["first_session"] == session["session_id"] else None
        told = _tell(ctx, MessageTemplate.SESSION_MOVED, session, [(place, host)], str(event.id), said)
        if isinstance(told, Wait):
            return told
        facts += told
    return facts


def _off(ctx: Ctx, activity: str, session: Row, cause: str) -> Decision:
    """To everybody but those who begin later: they were not to come to this one."""
    places: list[Row] = ctx.looked_up.in_activity(activity)
    told = [(each, None) for each in places if each["starts"] is None or each["starts"] <= session["starts"]]
    return _tell(ctx, MessageTemplate.SESSION_CANCELLED, session, told, cause)


def _coming(ctx: Ctx, session_id: str) -> Row | None:
    """The session, unless it has been: nobody is told of the past."""
    known: Appointed = ctx.looked_up
    session = known.sessions.get(session_id)
    return session if session and session["starts"] > ctx.now else None


def _tell(
    ctx: Ctx,
    template: MessageTemplate,
    session: Row,
    told: Iterable[tuple[Row, str | None]],
    cause: str,
    said: MessageAbout = _NOTHING_MORE,
) -> list[Fact] | Wait:
    """To each of these places, with the host who meets them; `said` is what there is to say besides."""
    known: Appointed = ctx.looked_up
    facts: list[Fact] = []
    for place, host in told:
        course = course_of(ctx, place["referral_id"], known=known.courses)
        if isinstance(course, Wait):
            return course
        about = said.model_copy(
            update={
                "starts": session["starts"],
                "host": host,
                "activity": place["activity"],
                "provider": place["provider"],
                "session": session["session_id"],
            }
        )
        facts += write(None, ctx, course, template, cause, about)
    return facts


confirm_the_activity.lookup(known_courses)
ask_whoever_stayed_away.lookup(known_courses)
tell_that_it_is_off.lookup(who_takes_part)
tell_what_the_schedule_leaves_out.lookup(who_would_have_come)
tell_the_new_time.lookup(who_takes_part)
tell_the_new_place.lookup(who_goes_elsewhere)
