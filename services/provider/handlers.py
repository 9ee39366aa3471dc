"""Messages about enrolments: from event, command or due date to decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.provider import store
from services.provider.calendar import writing as calendar
from services.provider.catalogue import END_WITH_ACTIVITY, SESSION_OVER
from services.provider.domain import answer, attendance, leaving, placing, session
from services.provider.domain.enrolment import NO_PROVIDER, Enrolment
from services.provider.domain.places import Catalogue
from services.provider.registry import ACTIVITY, ENROLMENT, SESSION, service
from services.runtime.decision import Decision, Wait
from services.runtime.pathways import Pathways, known_pathways
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed, CaseEnrolmentRequested
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    AgreeToTime,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
    SuggestAnotherTime,
)
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.event import Event
from sluss_contracts.pathway import BUILT_IN, Pathway
from sluss_contracts.plan import SupportAgreed
from sluss_contracts.vocabulary import Role

LOOK_AT_THE_LINE = "look_at_the_line"
"""Timer: something changed in an activity, so see whom its free places reach. Set by projections, due at
once, so that it looks after the change is committed and sees whatever happened meanwhile."""

CALL = "call"
"""Timer of an enrolment in line: a free place reaches it, unless somebody else has been quicker."""

OFFER_EXPIRES = "offer_expires"
"""Timer of an enrolment on offer: nobody has answered, and the grace has passed too."""

REPORT_DUE = "report_due"
"""Timer of an enrolment and a session: by now somebody should have said whether the person came."""

_ANSWER = {Role.PROVIDER, Role.LINK_WORKER, Role.COORDINATOR}
"""A provider answers itself, or by telephone to staff who write it down."""
_TAKE_PART = {Role.PROVIDER, Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.PERSON}


@service.on(CaseEnrolmentRequested)
def give_a_place(held: Held, event: Event[CaseEnrolmentRequested], ctx: Ctx) -> Decision:
    wanted, pathways, catalogue = event.data, _pathways(ctx), _catalogue(ctx)
    if not pathways.knows(wanted.pathway, wanted.pathway_version):
        return Wait("pathway.published")
    facts = placing.request(
        held.all(ENROLMENT),
        wanted,
        catalogue.of(wanted.activity),
        pathways.of(wanted.pathway, wanted.pathway_version),
        ctx.now,
        consent_withdrawn=catalogue.consent_withdrawn(wanted.referral_id, wanted.activity),
    )
    catalogue.newcomer(facts)
    return facts


@give_a_place.lookup
async def places(tx: Tx, events: Sequence[Event[CaseEnrolmentRequested]]) -> Catalogue:
    wanted = [each.data.activity for each in events]
    return await store.places_under_lock(tx, wanted, referrals=[each.data.referral_id for each in events])


@service.on(SupportAgreed)
def ask_for_a_host(held: Held, event: Event[SupportAgreed], ctx: Ctx) -> Decision:
    return placing.want_host(held.all(ENROLMENT).values(), event.data)


@service.timer(LOOK_AT_THE_LINE)
def look_at_the_line(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """All is done by the lookup: those whom a free place reaches are each called in their own transaction."""
    return []


@look_at_the_line.lookup
async def call_those_reached(tx: Tx, timers: Sequence[Timer]) -> None:
    for name, enrolment_id, referral_id in await store.first_in_line(
        tx, [each.data["activity"] for each in timers]
    ):
        await tx.timers.set(CALL, enrolment_id, referral_id, tx.now, activity=name)


@service.timer(CALL)
def call(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    catalogue, name = _catalogue(ctx), timer.data["activity"]
    waiting = held.get(ENROLMENT, timer.id)
    ahead = catalogue.ahead_of(timer.id, name)
    facts = placing.call(waiting, catalogue.of(name), ahead, _pathway_of(waiting, ctx), ctx.now)
    catalogue.called(facts)
    return facts


@call.lookup
async def places_and_line(tx: Tx, timers: Sequence[Timer]) -> Catalogue:
    return await store.places_under_lock(
        tx, [each.data["activity"] for each in timers], in_line=[each.id for each in timers]
    )


@service.command(AcceptEnrolment, by=_ANSWER)
def accept_enrolment(held: Held, command: AcceptEnrolment, ctx: Ctx) -> Decision:
    offered = held.get(ENROLMENT, command.enrolment_id)
    coming: store.ComingTo = ctx.looked_up
    first = coming.first.get(offered.activity) if offered else None
    return answer.accept(offered, command, first, ctx.now, coming.chosen.get(command.enrolment_id))


@accept_enrolment.lookup
async def first_sessions(tx: Tx, commands: Sequence[AcceptEnrolment]) -> store.ComingTo:
    return await store.coming_to(tx, {each.enrolment_id: each.starts for each in commands})


@service.command(DeclineEnrolment, by=_ANSWER)
def decline_enrolment(held: Held, command: DeclineEnrolment, ctx: Ctx) -> Decision:
    return answer.decline(held.get(ENROLMENT, command.enrolment_id), command)


@service.command(SuggestAnotherTime, by=_ANSWER)
def suggest_another_time(held: Held, command: SuggestAnotherTime, ctx: Ctx) -> Decision:
    offered = held.get(ENROLMENT, command.enrolment_id)
    return answer.suggest_another_time(offered, command, _pathway_of(offered, ctx), ctx.now)


@service.command(AgreeToTime, by={Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.PERSON})
def agree_to_time(held: Held, command: AgreeToTime, ctx: Ctx) -> Decision:
    return answer.agree_to_time(held.get(ENROLMENT, command.enrolment_id), command, ctx.now)


@service.timer(OFFER_EXPIRES)
def expire_offer(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return answer.expire(held.get(ENROLMENT, timer.id))


@service.command(EndEnrolment, by=_TAKE_PART)
def end_enrolment(held: Held, command: EndEnrolment, ctx: Ctx) -> Decision:
    return leaving.end(held.get(ENROLMENT, command.enrolment_id), command)


@service.on(CaseClosed)
def end_what_is_open(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    return leaving.close(held.all(ENROLMENT).values())


@service.on(ConsentWithdrawn)
def end_where_consent_is_withdrawn(held: Held, event: Event[ConsentWithdrawn], ctx: Ctx) -> Decision:
    return leaving.withdraw_consent(held.all(ENROLMENT).values(), event.data)


@service.timer(END_WITH_ACTIVITY)
def end_with_activity(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return leaving.withdraw_with_activity(held.get(ENROLMENT, timer.id))


@service.command(RecordAttendance, by=_TAKE_PART)
def record_attendance(held: Held, command: RecordAttendance, ctx: Ctx) -> Decision:
    known = held.get(ENROLMENT, command.enrolment_id)
    return attendance.record(known, command, command.actor.role, ctx.looked_up)


@record_attendance.lookup
async def sessions_named(tx: Tx, commands: Sequence[RecordAttendance]) -> dict[str, str]:
    return await store.activities_of_sessions(tx, [each.session_id for each in commands])


@service.timer(SESSION_OVER)
def session_over(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Whoever was expected is to be reported within what their pathway says, which the lookup sees to; and
    whoever runs it is asked."""
    there = held.one(ACTIVITY)
    expected: set[str] = ctx.looked_up
    return session.ask_who_came(
        held.get(SESSION, timer.id),
        there.provider if there else NO_PROVIDER,
        anybody_expected=timer.id in expected,
    )


@session_over.lookup
async def expect_reports(tx: Tx, timers: Sequence[Timer]) -> set[str]:
    """Gives the sessions at which anybody was expected."""
    await calendar.move_on(tx, [each.id for each in timers])
    pathways = await known_pathways(tx)
    everybody = await store.expected_at(tx, [each.id for each in timers])
    for expected in everybody:
        within = pathways.of(expected.pathway, expected.pathway_version).silence.session_reported
        await tx.timers.set(
            REPORT_DUE,
            f"{expected.enrolment_id}/{expected.session_id}",
            expected.referral_id,
            expected.over + timedelta(days=within),
            enrolment_id=expected.enrolment_id,
            session_id=expected.session_id,
        )
    return {expected.session_id for expected in everybody}


@service.timer(REPORT_DUE)
def miss_a_report(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    known = held.get(ENROLMENT, timer.data["enrolment_id"])
    return attendance.miss(known, timer.data["session_id"])


def _pathways(ctx: Ctx) -> Pathways:
    given: Pathways = ctx.given
    return given


def _catalogue(ctx: Ctx) -> Catalogue:
    looked_up: Catalogue = ctx.looked_up
    return looked_up


def _pathway_of(enrolment: Enrolment | None, ctx: Ctx) -> Pathway:
    """The way of working of an enrolment, known since it began; of none, what is never asked for."""
    if enrolment is None:
        return BUILT_IN
    return _pathways(ctx).of(enrolment.pathway, enrolment.pathway_version)
