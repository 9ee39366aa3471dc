"""Messages about providers, activities and sessions: from command or due date to decision."""

from __future__ import annotations

from collections.abc import Sequence

from services.provider import store
from services.provider.domain import activity, provider, session
from services.provider.freshness import freshness
from services.provider.registry import ACTIVITY, PROVIDER, SESSION, service
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    RegisterProvider,
    RescheduleSession,
    ScheduleSession,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.vocabulary import Role

ASK_WHETHER_RIGHT = "ask_whether_right"
"""Timer of an activity: nobody has said for long that what is published is right."""

HIDE = "hide"
"""Timer of an activity: nobody answered."""

END_THOSE_IN_IT = "end_those_in_it"
"""Timer of a withdrawn activity, due at once: whoever takes part or waits is each ended by itself."""

END_WITH_ACTIVITY = "end_with_activity"
"""Timer of an enrolment whose activity takes place no more."""

SESSION_OVER = "session_over"
"""Timer of a session: it has taken place, and those expected are to be reported."""

_RUN_THEM = {Role.PROVIDER, Role.COORDINATOR, Role.OPERATOR}
_ANYBODY = set(Role) - {Role.SERVICE}


@service.command(RegisterProvider, by={Role.COORDINATOR, Role.OPERATOR})
def register_provider(held: Held, command: RegisterProvider, ctx: Ctx) -> Decision:
    return provider.register(held.one(PROVIDER), command)


@service.command(PublishActivity, by=_RUN_THEM)
def publish_activity(held: Held, command: PublishActivity, ctx: Ctx) -> Decision:
    known, ask_again = command.provider in ctx.looked_up, ctx.now + freshness().ask_after
    return activity.publish(held.one(ACTIVITY), command, ctx.now, ask_again, provider_is_known=known)


@publish_activity.lookup
async def registered_providers(tx: Tx, commands: Sequence[PublishActivity]) -> set[str]:
    return await store.known_providers(tx, [each.provider for each in commands])


@service.command(ProposeActivity, by=_ANYBODY)
def propose_activity(held: Held, command: ProposeActivity, ctx: Ctx) -> Decision:
    return activity.propose(held.one(ACTIVITY), command, ctx.now)


@service.command(PublishProposal, by={Role.COORDINATOR, Role.OPERATOR})
def publish_proposal(held: Held, command: PublishProposal, ctx: Ctx) -> Decision:
    known, ask_again = command.activity in ctx.looked_up, ctx.now + freshness().ask_after
    return activity.publish_proposal(held.one(ACTIVITY), command, ctx.now, ask_again, provider_is_known=known)


@publish_proposal.lookup
async def of_registered_providers(tx: Tx, commands: Sequence[PublishProposal]) -> set[str]:
    return await store.of_known_providers(tx, [each.activity for each in commands])


@service.command(VerifyActivity, by={Role.PROVIDER, Role.COORDINATOR, Role.LINK_WORKER})
def verify_activity(held: Held, command: VerifyActivity, ctx: Ctx) -> Decision:
    ask_again = ctx.now + freshness().ask_after
    facts = activity.verify(held.one(ACTIVITY), command, ctx.now, ask_again)
    return Done(facts, {"ask_again": ask_again.isoformat()})


@service.timer(ASK_WHETHER_RIGHT)
def ask_whether_right(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return activity.ask_whether_right(held.one(ACTIVITY), ctx.now + freshness().hide_after)


@service.timer(HIDE)
def hide(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return activity.expire(held.one(ACTIVITY))


@service.command(WithdrawActivity, by=_RUN_THEM)
def withdraw_activity(held: Held, command: WithdrawActivity, ctx: Ctx) -> Decision:
    return activity.withdraw(held.one(ACTIVITY), held.all(SESSION), command, ctx.now)


@service.timer(END_THOSE_IN_IT)
def end_those_in_it(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """All is done by the lookup: each is ended in a transaction of its own."""
    return []


@end_those_in_it.lookup
async def end_each(tx: Tx, timers: Sequence[Timer]) -> None:
    for enrolment_id, referral_id in await store.open_in(tx, [each.id for each in timers]):
        await tx.timers.set(END_WITH_ACTIVITY, enrolment_id, referral_id, tx.now)


@service.command(ScheduleSession, by=_RUN_THEM)
def schedule_session(held: Held, command: ScheduleSession, ctx: Ctx) -> Decision:
    there, sessions = held.one(ACTIVITY), held.all(SESSION)
    session_id, facts = session.schedule(there, sessions, command, ctx.new_id())
    return Done(facts, {"session_id": session_id})


@service.command(CancelSession, by=_RUN_THEM)
def cancel_session(held: Held, command: CancelSession, ctx: Ctx) -> Decision:
    return session.cancel(held.one(ACTIVITY), held.all(SESSION), command, ctx.now)


@service.command(RescheduleSession, by=_RUN_THEM)
def reschedule_session(held: Held, command: RescheduleSession, ctx: Ctx) -> Decision:
    return session.reschedule(held.one(ACTIVITY), held.all(SESSION), command, ctx.now)
