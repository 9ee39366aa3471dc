"""Messages in: from event, command or due date to decision."""

from __future__ import annotations

from collections.abc import Sequence

from services.provider import store
from services.provider.domain import activity, enrolment, provider
from services.provider.domain.places import Catalogue
from services.provider.registry import ACTIVITY, ENROLMENT, PROVIDER, SESSION, service
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed, CaseEnrolmentRequested
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    PublishActivity,
    RecordAttendance,
    RegisterProvider,
    ScheduleSession,
)
from sluss_contracts.event import Event
from sluss_contracts.vocabulary import Role

LOOK_AT_THE_LINE = "look_at_the_line"
"""Timer: something changed in an activity, so see whom its free places reach. Set by projections, due at
once, so that it looks after the change is committed and sees whatever happened meanwhile."""

CALL = "call"
"""Timer of an enrolment in line: a free place reaches it, unless somebody else has been quicker."""


@service.command(RegisterProvider)
def register_provider(held: Held, command: RegisterProvider, ctx: Ctx) -> Decision:
    return provider.register(held.one(PROVIDER), command)


@service.command(PublishActivity)
def publish_activity(held: Held, command: PublishActivity, ctx: Ctx) -> Decision:
    known = command.provider in ctx.looked_up
    return activity.publish(held.one(ACTIVITY), command, provider_is_known=known)


@publish_activity.lookup
async def registered_providers(tx: Tx, commands: Sequence[PublishActivity]) -> set[str]:
    return await store.known_providers(tx, [each.provider for each in commands])


@service.command(ScheduleSession)
def schedule_session(held: Held, command: ScheduleSession, ctx: Ctx) -> Decision:
    session_id, facts = activity.schedule(held.one(ACTIVITY), held.all(SESSION), command, ctx.new_id())
    return Done(facts, {"session_id": session_id})


@service.on(CaseEnrolmentRequested)
def give_a_place(held: Held, event: Event[CaseEnrolmentRequested], ctx: Ctx) -> Decision:
    catalogue: Catalogue = ctx.looked_up
    facts = enrolment.request(held.all(ENROLMENT), event.data, catalogue.of(event.data.activity), ctx.now)
    catalogue.newcomer(facts)
    return facts


@give_a_place.lookup
async def places(tx: Tx, events: Sequence[Event[CaseEnrolmentRequested]]) -> Catalogue:
    return await store.places_under_lock(tx, [each.data.activity for each in events])


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
    catalogue: Catalogue = ctx.looked_up
    name = timer.data["activity"]
    ahead = catalogue.ahead_of(timer.id, name)
    facts = enrolment.call(held.get(ENROLMENT, timer.id), catalogue.of(name), ahead, ctx.now)
    catalogue.called(facts)
    return facts


@call.lookup
async def places_and_line(tx: Tx, timers: Sequence[Timer]) -> Catalogue:
    return await store.places_under_lock(
        tx, [each.data["activity"] for each in timers], in_line=[each.id for each in timers]
    )


@service.command(AcceptEnrolment)
def accept_enrolment(held: Held, command: AcceptEnrolment, ctx: Ctx) -> Decision:
    offered = held.get(ENROLMENT, command.enrolment_id)
    first = ctx.looked_up.get(offered.activity) if offered else None
    return enrolment.accept(offered, command, first)


@accept_enrolment.lookup
async def first_sessions(tx: Tx, commands: Sequence[AcceptEnrolment]) -> object:
    wanted = await store.activities_of(tx, [each.enrolment_id for each in commands])
    return await store.next_sessions(tx, wanted.values())


@service.command(DeclineEnrolment)
def decline_enrolment(held: Held, command: DeclineEnrolment, ctx: Ctx) -> Decision:
    return enrolment.decline(held.get(ENROLMENT, command.enrolment_id), command)


@service.command(EndEnrolment)
def end_enrolment(held: Held, command: EndEnrolment, ctx: Ctx) -> Decision:
    return enrolment.end(held.get(ENROLMENT, command.enrolment_id), command)


@service.on(CaseClosed)
def end_what_is_open(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    return enrolment.close(held.all(ENROLMENT).values())


@service.command(RecordAttendance)
def record_attendance(held: Held, command: RecordAttendance, ctx: Ctx) -> Decision:
    by = ctx.actor.role if ctx.actor else Role.SERVICE
    known = held.get(ENROLMENT, command.enrolment_id)
    return enrolment.record_attendance(known, command, by, ctx.looked_up)


@record_attendance.lookup
async def sessions_named(tx: Tx, commands: Sequence[RecordAttendance]) -> dict[str, str]:
    return await store.activities_of_sessions(tx, [each.session_id for each in commands])
