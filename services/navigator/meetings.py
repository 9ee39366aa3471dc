"""The link worker's commands about meetings: booked, moved, cancelled, held or missed."""

from __future__ import annotations

from services.navigator import taken_times, vaulting
from services.navigator.deciding import CASEWORK, by_whom, made, pathway_of, step, the_case, with_tasks
from services.navigator.domain import work
from services.navigator.registry import navigator
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from sluss_contracts.commands.meetings import BookMeeting, CancelMeeting, MoveMeeting, RecordMeeting


@navigator.command(BookMeeting, by=CASEWORK)
def book_meeting(held: Held, command: BookMeeting, ctx: Ctx) -> Decision:
    booked = made(
        held,
        command.referral_id,
        ctx,
        lambda case: work.book_meeting(
            case,
            by_whom(ctx),
            ctx.new_id(),
            command.starts,
            kind=command.kind,
            mode=command.mode,
            minutes=command.minutes,
            pathway=pathway_of(case, ctx),
            place=command.place,
            lone_work=command.lone_work,
            others=taken_times.intervals(ctx.looked_up.get(command.referral_id, ())),
        ),
        named="meeting_id",
    )
    return Done(booked.facts, booked.result | vaulting.alarm(command.acute))


book_meeting.prepare(vaulting.keep_where_they_meet)
book_meeting.lookup(taken_times.times_taken)


@navigator.command(MoveMeeting, by=CASEWORK)
def move_meeting(held: Held, command: MoveMeeting, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    facts = work.move_meeting(
        case,
        by_whom(ctx),
        command.meeting_id,
        command.starts,
        mode=command.mode,
        minutes=command.minutes,
        pathway=pathway_of(case, ctx),
        place=command.place,
        lone_work=command.lone_work,
        others=taken_times.intervals(ctx.looked_up.get(command.referral_id, ()), but=command.meeting_id),
    )
    return Done(with_tasks(held, case, facts, ctx), vaulting.alarm(command.acute))


move_meeting.prepare(vaulting.keep_where_they_meet)
move_meeting.lookup(taken_times.times_taken)


@navigator.command(CancelMeeting, by=CASEWORK)
def cancel_meeting(held: Held, command: CancelMeeting, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: work.cancel_meeting(case, by_whom(ctx), command.meeting_id, command.whose, command.why),
    )


@navigator.command(RecordMeeting, by=CASEWORK)
def record_meeting(held: Held, command: RecordMeeting, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: work.record_meeting(
            case, by_whom(ctx), command.meeting_id, command.held, command.minutes
        ),
    )
