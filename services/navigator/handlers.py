"""What the navigator reacts to and carries out: from messages to decisions. The rules are in `domain`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.navigator import assigning, vaulting
from services.navigator.domain import case as cases
from services.navigator.domain import journey, team, work, worker
from services.navigator.domain.case import Case, Meeting
from services.navigator.domain.roles import may_keep_the_registry
from services.navigator.domain.rules import UnknownCase
from services.navigator.domain.task import Agenda
from services.navigator.registry import CASE, LINK_WORKER, TASK, TEAM, navigator
from services.navigator.store.heard import enrolments_over, known_activities
from services.navigator.store.workers import known_teams, team_of_each
from services.runtime.decision import Decision, Done, Wait
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.case import Goal
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import (
    AgreePlan,
    BookMeeting,
    ClaimCase,
    CloseCase,
    CompleteTask,
    RecordContact,
    RecordLeave,
    RecordMeeting,
    RegisterLinkWorker,
    RegisterTeam,
    RequestEnrolment,
)
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.followup import DeadlinePassed, FollowUpCancelled, FollowUpDone, FollowUpDue
from sluss_contracts.message import FeedbackSent, MessageFailed
from sluss_contracts.referral import ReferralAccepted, ReferralHeld

# --- the registry


@navigator.command(RegisterTeam)
def register_team(held: Held, command: RegisterTeam, ctx: Ctx) -> Decision:
    may_keep_the_registry(_by(ctx))
    wanted = team.Team(team=command.team, name=command.name, areas=command.areas)
    return team.register(held.get(TEAM, command.team), wanted)


@navigator.command(RegisterLinkWorker)
def register_link_worker(held: Held, command: RegisterLinkWorker, ctx: Ctx) -> Decision:
    may_keep_the_registry(_by(ctx))
    wanted = worker.LinkWorker(**command.model_dump(include=set(worker.LinkWorker.model_fields)))
    return worker.register(
        held.get(LINK_WORKER, command.worker), wanted, team_exists=command.team in ctx.looked_up
    )


@register_link_worker.lookup
async def teams_there_are(tx: Tx, commands: Sequence[RegisterLinkWorker]) -> set[str]:
    return await known_teams(tx, {command.team for command in commands})


@navigator.command(RecordLeave)
def record_leave(held: Held, command: RecordLeave, ctx: Ctx) -> Decision:
    may_keep_the_registry(_by(ctx), of=command.worker)
    leave = worker.Leave(starts=command.starts, ends=command.ends)
    return worker.record_leave(held.get(LINK_WORKER, command.worker), command.worker, leave)


# --- from referral to case


@navigator.on(ReferralHeld)
def ask_for_consent(held: Held, event: Event[ReferralHeld], ctx: Ctx) -> Decision:
    if held.one(CASE) or held.all(TASK):
        return []
    home = ctx.looked_up.of(event.data.area)
    agenda = Agenda(event.data.referral_id, {}, team=home, worker=None, now=ctx.now, new_id=ctx.new_id)
    journey.follow(None, event.data, agenda)
    return agenda.facts


ask_for_consent.lookup(assigning.homes_for)


@navigator.on(ReferralAccepted)
def assign(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
    if held.one(CASE):
        return []
    referral, looked_up = event.data, ctx.looked_up
    choice = looked_up.choose(referral)
    facts = cases.take_on(None, referral, choice, looked_up.homes.of(referral.area))
    return with_tasks(held, None, facts, ctx)


assign.lookup(assigning.assigning_for)


@navigator.command(ClaimCase)
def claim(held: Held, command: ClaimCase, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    return with_tasks(
        held, case, cases.claim(case, _by(ctx), command.worker, ctx.looked_up.get(command.worker)), ctx
    )


@claim.lookup
async def teams_of_claimants(tx: Tx, commands: Sequence[ClaimCase]) -> dict[str, str]:
    return await team_of_each(tx, [command.worker for command in commands])


# --- the link worker's work


@navigator.command(RecordContact)
def record_contact(held: Held, command: RecordContact, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    facts = work.record_contact(case, _by(ctx), command.way, command.outcome)
    return with_tasks(held, case, facts, ctx)


@navigator.command(BookMeeting)
def book_meeting(held: Held, command: BookMeeting, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    wanted = Meeting(**command.model_dump(include={"kind", "mode", "starts", "minutes"}))
    meeting_id, facts = work.book_meeting(case, _by(ctx), ctx.new_id(), wanted)
    return Done(with_tasks(held, case, facts, ctx), {"meeting_id": meeting_id})


@navigator.command(RecordMeeting)
def record_meeting(held: Held, command: RecordMeeting, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    facts = work.record_meeting(case, _by(ctx), command.meeting_id, command.held, command.minutes)
    return with_tasks(held, case, facts, ctx)


@navigator.command(AgreePlan)
def agree_plan(held: Held, command: AgreePlan, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    goals = [Goal(goal_id=ctx.new_id(), words=goal.words, kind=goal.kind) for goal in command.goals]
    facts = work.agree_plan(case, _by(ctx), goals)
    return Done(
        with_tasks(held, case, facts, ctx),
        {"version": case.plan_version + 1, "goal_ids": [goal.goal_id for goal in goals]},
    )


agree_plan.prepare(vaulting.keep_goals)


@navigator.command(RequestEnrolment)
def request_enrolment(held: Held, command: RequestEnrolment, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    activities, over = ctx.looked_up
    enrolment_id, facts = work.request_enrolment(
        case,
        _by(ctx),
        ctx.new_id(),
        command.activity,
        goal_id=command.goal_id,
        because=command.because,
        offered=command.activity in activities,
        over=over,
    )
    return Done(with_tasks(held, case, facts, ctx), {"enrolment_id": enrolment_id})


@request_enrolment.lookup
async def what_is_offered(tx: Tx, commands: Sequence[RequestEnrolment]) -> tuple[set[str], frozenset[str]]:
    return (
        await known_activities(tx, {command.activity for command in commands}),
        await enrolments_over(tx, {command.referral_id for command in commands}),
    )


@navigator.command(CloseCase)
def close_case(held: Held, command: CloseCase, ctx: Ctx) -> Decision:
    case = _case(held, command.referral_id)
    return with_tasks(held, case, cases.close(case, _by(ctx), command.outcome, command.feedback), ctx)


close_case.prepare(vaulting.keep_feedback)


@navigator.command(CompleteTask)
def complete_task(held: Held, command: CompleteTask, ctx: Ctx) -> Decision:
    case = held.one(CASE)
    cases.may_see_to(case, _by(ctx))
    agenda = _agenda(held, command.referral_id, case, ctx)
    agenda.complete(command.task_id, command.how)
    journey.leave_nobody_waiting(case, agenda)
    return agenda.facts


# --- what others say of a case


@navigator.on(
    EnrolmentOffered,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentWaitlisted,
    EnrolmentEnded,
    AttendanceRecorded,
)
def follow_enrolment(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    case = held.one(CASE)
    if case is None or event.data.enrolment_id not in case.enrolments:
        return Wait("case.enrolment_requested")
    return _heard(held, case, event, ctx)


@navigator.on(FollowUpDue, FollowUpDone, FollowUpCancelled, DeadlinePassed, MessageFailed, FeedbackSent)
def follow_up(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    case = held.one(CASE)
    if case is None and not held.all(TASK):
        return Wait("referral.accepted")
    return _heard(held, case, event, ctx)


def _heard(held: Held, case: Case | None, event: Event[Any], ctx: Ctx) -> Sequence[Fact]:
    agenda = _agenda(held, event.data.referral_id, case, ctx)
    journey.follow(case, event.data, agenda)
    return agenda.facts


def with_tasks(held: Held, case: Case | None, facts: Sequence[Fact], ctx: Ctx) -> list[Fact]:
    """The facts of a case and, after them, those of the tasks they end and open."""
    if not facts:
        return []
    after = case
    for fact in facts:
        after = cases.evolve(after, fact)
    assert after is not None
    agenda = _agenda(held, after.referral_id, case or after, ctx)
    for fact in facts:
        journey.follow(after, fact, agenda)
    return [*facts, *agenda.facts]


def _agenda(held: Held, referral_id: str, case: Case | None, ctx: Ctx) -> Agenda:
    """The tasks as they are, owned by whoever has the case, or by the team that was asked before it."""
    tasks = held.all(TASK)
    owner = case or next(iter(tasks.values()), None)
    if owner is None:
        raise UnknownCase(f"nothing is known of referral {referral_id}")
    return Agenda(referral_id, tasks, team=owner.team, worker=owner.worker, now=ctx.now, new_id=ctx.new_id)


def _case(held: Held, referral_id: str) -> Case:
    return cases.known(held.one(CASE), referral_id)


def _by(ctx: Ctx) -> Actor:
    if ctx.actor is None:
        raise TypeError("a command has an actor")
    return ctx.actor
