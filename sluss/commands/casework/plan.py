"""The plan, what is done about it, and what nothing could be done about."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, by
from sluss.commands.casework.step import InRole, Referral, take
from sluss.reach import Failure, Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.navigator import RecordUnmetNeed, RequestEnrolment
from sluss_contracts.commands.planning import (
    AgreePlan,
    AgreeSupport,
    GoalInWords,
    IssuePrescription,
    RecordAlternatives,
    RecordProgress,
    RecordSupport,
    ReportSpillOver,
)
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import PrescriptionKind, Role, Verdict

Goal = Annotated[str, typer.Argument(help="The goal's id, as `sluss case plan` gave it.")]


def plan(
    referral: Referral,
    who: ActingAs,
    goals: Annotated[
        list[str] | None, typer.Argument(help="Each new goal, in the person's own words.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="A goal of the plan as it is that stays; several times.")
    ] = None,
    kind: PrescriptionKind = PrescriptionKind.SOCIAL,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person agrees to a plan; a later one revises it."""

    def command(id: str, there: Reached) -> Command:
        in_words = tuple(GoalInWords(words=goal, kind=kind) for goal in goals or ())
        return AgreePlan(**by(who, role), referral_id=id, goals=in_words, keep=tuple(keep or ()))

    take(data_dir, referral, "Plan agreed", command)


def progress(
    referral: Referral,
    goal: Goal,
    how_far: Annotated[int, typer.Argument(help="0 (not begun) to 10 (there).")],
    who: ActingAs,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """How far the person says they have come towards a goal."""

    def command(id: str, there: Reached) -> Command:
        return RecordProgress(**by(who, role), referral_id=id, goal_id=goal, how_far=how_far)

    take(data_dir, referral, "Progress recorded", command)


def prescribe(
    referral: Referral,
    goal: Goal,
    who: ActingAs,
    activity: Annotated[str | None, typer.Option(help="The activity's id.")] = None,
    kind: Annotated[PrescriptionKind | None, typer.Option(help="Left out: the goal's.")] = None,
    trial: Annotated[bool | None, typer.Option(help="Left out: as the pathway has it.")] = None,
    giver: Annotated[bool, typer.Option("--giver", help="The person is the one who gives.")] = False,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Write a recept for the person to take along."""

    def command(id: str, there: Reached) -> Command:
        return IssuePrescription(
            **by(who, role),
            referral_id=id,
            goal_id=goal,
            kind=kind,
            activity=activity,
            trial=trial,
            giver=giver,
        )

    take(data_dir, referral, "Prescription issued", command)


def alternatives(
    referral: Referral,
    looked_at: Annotated[
        list[str], typer.Argument(help="ACTIVITY=VERDICT[:WHY], as choir=chosen or walk=declined:too_far.")
    ],
    who: ActingAs,
    goal: Annotated[str | None, typer.Option(help="The goal they are for.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What was looked at together, what was chosen, and why not the rest."""

    def command(id: str, there: Reached) -> Command:
        looked = tuple(alternative_of(each) for each in looked_at)
        return RecordAlternatives(**by(who, role), referral_id=id, goal_id=goal, alternatives=looked)

    take(data_dir, referral, "Alternatives recorded", command)


def enrol(
    referral: Referral,
    activity: Annotated[str, typer.Argument(help="The activity's id.")],
    who: ActingAs,
    goal: Annotated[str | None, typer.Option(help="The goal it serves.")] = None,
    because: Annotated[
        list[str] | None,
        typer.Option(help="Why it fits, as `sluss case match` shows it; several times."),
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="For a protected identity: agreed with the person.")
    ] = False,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Ask a provider for a place."""

    def command(id: str, there: Reached) -> Command:
        return RequestEnrolment(
            **by(who, role),
            referral_id=id,
            activity=activity,
            goal_id=goal,
            because=tuple(because or ()),
            by_hand=by_hand,
        )

    take(data_dir, referral, "Place asked for", command)


def support(
    referral: Referral,
    kind: Annotated[str, typer.Argument(help="accompaniment, escort, host or barrier_help.")],
    who: ActingAs,
    giver: Annotated[
        str | None, typer.Option("--by", help="The link worker or volunteer who gives it.")
    ] = None,
    enrolment: Annotated[str | None, typer.Option(help="The enrolment it is about.")] = None,
    barrier: Annotated[str | None, typer.Option(help="As transport, cost, going_alone …")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Agree help to get started."""

    def command(id: str, there: Reached) -> Command:
        return AgreeSupport(
            **by(who, role), referral_id=id, kind=kind, by=giver, enrolment_id=enrolment, barrier=barrier
        )

    take(data_dir, referral, "Support agreed", command)


def supported(
    referral: Referral,
    support_id: Annotated[str, typer.Argument(help="The support's id, as `sluss case support` gave it.")],
    who: ActingAs,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The help that was agreed has been given."""

    def command(id: str, there: Reached) -> Command:
        return RecordSupport(**by(who, role), referral_id=id, support_id=support_id)

    take(data_dir, referral, "Support given", command)


def spill_over(
    referral: Referral,
    more_activities: Annotated[int, typer.Argument(help="How many more activities it led to.")],
    times_a_week: Annotated[int, typer.Argument(help="How often, all together.")],
    who: ActingAs,
    kind: Annotated[list[PrescriptionKind] | None, typer.Option(help="Of which kinds.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What the person says it led to."""

    def command(id: str, there: Reached) -> Command:
        return ReportSpillOver(
            **by(who, role),
            referral_id=id,
            more_activities=more_activities,
            times_a_week=times_a_week,
            kinds=tuple(kind or ()),
        )

    take(data_dir, referral, "Spill-over reported", command)


def unmet(
    referral: Referral,
    need: Annotated[str, typer.Argument(help="As company, work, language …")],
    why: Annotated[str, typer.Argument(help="A code: nothing_offered, full, too_far, too_costly …")],
    who: ActingAs,
    area: Annotated[str | None, typer.Option(help="Left out: where the referral is from.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Nothing in the network meets this need here."""

    def command(id: str, there: Reached) -> Command:
        return RecordUnmetNeed(**by(who, role), referral_id=id, need=need, why=why, area=area)

    take(data_dir, referral, "Unmet need recorded", command)


def alternative_of(text: str) -> AlternativeLookedAt:
    """`walk=declined:too_far` as what was said of an activity. Raises `Failure` with how to write it."""
    activity, _, said = text.partition("=")
    verdict, _, why = said.partition(":")
    try:
        return AlternativeLookedAt(activity=activity, verdict=Verdict(verdict), why=why or None)
    except ValueError:
        verdicts = ", ".join(Verdict)
        raise Failure(
            f"{text!r} is no alternative", remedy=f"write ACTIVITY=VERDICT[:WHY]; verdicts: {verdicts}"
        ) from None
