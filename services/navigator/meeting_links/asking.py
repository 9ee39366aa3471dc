"""The commands behind links to meetings, and the link itself: asked for by notify when it writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.navigator.deciding import by_whom, step, the_case
from services.navigator.domain import own_meeting
from services.navigator.domain.case import Case
from services.navigator.domain.worker import LinkWorker
from services.navigator.meeting_links import free
from services.navigator.meeting_links.keys import address_of, signer
from services.navigator.registry import navigator
from services.navigator.taken_times import booked_with, intervals, take_turns
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.meetings import (
    AskForMeetingTime,
    CallOffMeeting,
    ChooseMeetingTime,
    ConfirmMeeting,
    ReadMeetingLink,
)
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Role

THE_PERSON: Final = frozenset({Role.PERSON})
"""Whoever has the link; the pages behind it see that it is for this meeting."""
Times = dict[str, tuple[LinkWorker, list[dict[str, Any]]]]
"""Each link worker of a batch, and the meetings ahead of them: those of the batch as well."""


@navigator.command(ReadMeetingLink)
def read_meeting_link(held: Held, question: ReadMeetingLink, ctx: Ctx) -> Decision:
    case = the_case(held, question.referral_id)
    meeting = own_meeting.for_a_link(case, by_whom(ctx), question.meeting_id, ctx.now)
    address = address_of(signer().sign(question.meeting_id))
    return Done([], {"address": address, "starts": meeting.starts.isoformat()})


@navigator.command(ConfirmMeeting, by=THE_PERSON)
def confirm_meeting(held: Held, command: ConfirmMeeting, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: own_meeting.confirm(case, command.meeting_id, command.starts, ctx.now),
    )


@navigator.command(ChooseMeetingTime, by=THE_PERSON)
def choose_meeting_time(held: Held, command: ChooseMeetingTime, ctx: Ctx) -> Decision:
    times: Times = ctx.looked_up

    def choose(case: Case) -> Sequence[Fact]:
        meeting, (worker, ahead) = (
            case.meetings.get(command.meeting_id),
            times.get(case.worker or "", (None, [])),
        )
        booked = intervals(ahead, but=command.meeting_id)
        possible = free.free_for(meeting, worker, booked, ctx.now) if meeting else []
        facts = own_meeting.choose(case, command.meeting_id, command.starts, command.to, ctx.now, possible)
        if facts and meeting:
            ahead[:] = [row for row in ahead if row["meeting_id"] != command.meeting_id]
            ahead.append({"meeting_id": command.meeting_id, "starts": command.to, "minutes": meeting.minutes})
        return facts

    return step(held, command.referral_id, ctx, choose)


@choose_meeting_time.lookup
async def their_times(tx: Tx, commands: Sequence[ChooseMeetingTime]) -> Times:
    found: Times = {}
    for worker in set((await take_turns(tx, [command.referral_id for command in commands])).values()):
        state = await tx.value(free.WORKER, worker)
        found[worker] = LinkWorker.model_validate_json(state), await booked_with(tx, worker)
    return found


@navigator.command(AskForMeetingTime, by=THE_PERSON)
def ask_for_meeting_time(held: Held, command: AskForMeetingTime, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: own_meeting.ask_for_another(
            case, command.meeting_id, command.starts, ctx.now, days=command.days, parts=command.parts
        ),
    )


@navigator.command(CallOffMeeting, by=THE_PERSON)
def call_off_meeting(held: Held, command: CallOffMeeting, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: own_meeting.call_off(
            case, command.meeting_id, command.starts, ctx.now, contact=command.contact
        ),
    )
