"""The link worker's commands: contact, the plan, places, support, pauses, the end. Meetings are elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator import vaulting
from services.navigator.assigning import local_day
from services.navigator.deciding import (
    CASEWORK,
    agenda_of,
    by_whom,
    made,
    pathway_of,
    step,
    the_case,
    with_tasks,
)
from services.navigator.domain import ending, journey, pausing, plan, standing, support, work
from services.navigator.registry import CASE, navigator
from services.navigator.store.heard import areas_of, enrolments_over, enrolments_taken_up
from services.navigator.store.offers import known_activities
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.navigator import (
    CloseCase,
    CompleteTask,
    PauseCase,
    RecordContact,
    RecordUnmetNeed,
    RequestEnrolment,
    ResumeCase,
)
from sluss_contracts.commands.planning import (
    AgreePlan,
    AgreeSupport,
    IssuePrescription,
    RecordAlternatives,
    RecordProgress,
    RecordSupport,
    ReportSpillOver,
)
from sluss_contracts.plan import Goal

# --- contact


@navigator.command(RecordContact, by=CASEWORK)
def record_contact(held: Held, command: RecordContact, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    contact = pathway_of(case, ctx).contact
    facts = work.record_contact(case, by_whom(ctx), command.way, command.outcome, contact)
    return with_tasks(held, case, facts, ctx)


# --- the plan and what is done about it


@navigator.command(AgreePlan, by=CASEWORK)
def agree_plan(held: Held, command: AgreePlan, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    goals = [Goal(goal_id=ctx.new_id(), words=goal.words, kind=goal.kind) for goal in command.goals]
    facts = plan.agree(case, by_whom(ctx), goals, command.keep)
    told = {"version": case.plan_version + bool(facts), "goal_ids": [goal.goal_id for goal in goals]}
    return Done(with_tasks(held, case, facts, ctx), told | vaulting.alarm(command.acute))


agree_plan.prepare(vaulting.keep_goals)


@navigator.command(RecordProgress, by=CASEWORK)
def record_progress(held: Held, command: RecordProgress, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.record_progress(case, by_whom(ctx), command.goal_id, command.how_far),
    )


@navigator.command(IssuePrescription, by=CASEWORK)
def issue_prescription(held: Held, command: IssuePrescription, ctx: Ctx) -> Decision:
    return made(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.prescribe(
            case,
            by_whom(ctx),
            ctx.new_id(),
            command.goal_id,
            kind=command.kind,
            activity=command.activity,
            trial=command.trial,
            giver=command.giver,
            known=command.activity in ctx.looked_up,
            pathway=pathway_of(case, ctx),
        ),
        named="prescription_id",
    )


@issue_prescription.lookup
async def activities_prescribed(tx: Tx, commands: Sequence[IssuePrescription]) -> set[str]:
    return await known_activities(tx, {command.activity for command in commands if command.activity})


@navigator.command(RecordAlternatives, by=CASEWORK)
def record_alternatives(held: Held, command: RecordAlternatives, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.look_at(case, by_whom(ctx), command.goal_id, command.alternatives),
    )


@navigator.command(RequestEnrolment, by=CASEWORK)
def request_enrolment(held: Held, command: RequestEnrolment, ctx: Ctx) -> Decision:
    activities, over = ctx.looked_up
    return made(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.request_enrolment(
            case,
            by_whom(ctx),
            ctx.new_id(),
            command.activity,
            goal_id=command.goal_id,
            because=command.because,
            offered=command.activity in activities,
            over=over,
            pathway=pathway_of(case, ctx),
            by_hand=command.by_hand,
        ),
        named="enrolment_id",
    )


@request_enrolment.lookup
async def what_is_offered(tx: Tx, commands: Sequence[RequestEnrolment]) -> tuple[set[str], frozenset[str]]:
    return (
        await known_activities(tx, {command.activity for command in commands}),
        await enrolments_over(tx, {command.referral_id for command in commands}),
    )


@navigator.command(ReportSpillOver, by=CASEWORK)
def report_spill_over(held: Held, command: ReportSpillOver, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.report_spill_over(
            case, by_whom(ctx), command.more_activities, command.times_a_week, command.kinds
        ),
    )


@navigator.command(RecordUnmetNeed, by=CASEWORK)
def record_unmet_need(held: Held, command: RecordUnmetNeed, ctx: Ctx) -> Decision:
    area = command.area or ctx.looked_up.get(command.referral_id, "")
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: plan.need_unmet(case, by_whom(ctx), command.need, area, command.why),
    )


@record_unmet_need.lookup
async def where_they_live(tx: Tx, commands: Sequence[RecordUnmetNeed]) -> dict[str, str]:
    return await areas_of(tx, {command.referral_id for command in commands})


# --- support, pauses


@navigator.command(AgreeSupport, by=CASEWORK)
def agree_support(held: Held, command: AgreeSupport, ctx: Ctx) -> Decision:
    return made(
        held,
        command.referral_id,
        ctx,
        lambda case: support.agree(
            case,
            by_whom(ctx),
            ctx.new_id(),
            command.kind,
            giver=command.by,
            enrolment_id=command.enrolment_id,
            barrier=command.barrier,
        ),
        named="support_id",
    )


@navigator.command(RecordSupport, by=CASEWORK)
def record_support(held: Held, command: RecordSupport, ctx: Ctx) -> Decision:
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: support.give(case, by_whom(ctx), command.support_id),
    )


@navigator.command(PauseCase, by=CASEWORK)
def pause_case(held: Held, command: PauseCase, ctx: Ctx) -> Decision:
    today = local_day(ctx.now)
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: pausing.pause(case, by_whom(ctx), command.why, command.until, today),
    )


@navigator.command(ResumeCase, by=CASEWORK)
def resume_case(held: Held, command: ResumeCase, ctx: Ctx) -> Decision:
    return step(held, command.referral_id, ctx, lambda case: pausing.resume(case, by_whom(ctx)))


# --- the end


@navigator.command(CloseCase, by=CASEWORK)
def close_case(held: Held, command: CloseCase, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    facts = ending.close(
        case,
        by_whom(ctx),
        command.outcome,
        command.feedback,
        pathway=pathway_of(case, ctx),
        taken_up=ctx.looked_up,
    )
    return Done(with_tasks(held, case, facts, ctx), vaulting.alarm(command.acute))


close_case.prepare(vaulting.keep_feedback)


@close_case.lookup
async def what_was_taken_up(tx: Tx, commands: Sequence[CloseCase]) -> frozenset[str]:
    return await enrolments_taken_up(tx, {command.referral_id for command in commands})


@navigator.command(CompleteTask, by=CASEWORK)
def complete_task(held: Held, command: CompleteTask, ctx: Ctx) -> Decision:
    case = held.one(CASE)
    standing.may_see_to(case, by_whom(ctx))
    agenda = agenda_of(held, command.referral_id, case, ctx)
    agenda.complete(command.task_id, command.how)
    journey.leave_nobody_waiting(case, agenda)
    return agenda.facts
