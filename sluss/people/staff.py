"""What link workers and providers do when something waits for them: each answer is a command they would send.

Pure: given the picture, the time and a source of chance, say what this person does next, or nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from sluss.people.picture import Case, Enrolment, Picture
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.navigator import (
    AgreePlan,
    BookMeeting,
    ClaimCase,
    CloseCase,
    CompleteTask,
    GoalInWords,
    RecordContact,
    RecordMeeting,
    RequestEnrolment,
)
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    RecordAttendance,
    ScheduleSession,
)
from sluss_contracts.commands.referral import RecordConsent
from sluss_contracts.vocabulary import (
    Attendance,
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    MeetingKind,
    MeetingMode,
    PrescriptionKind,
    Role,
    TaskKind,
)

_WORDS = (
    "Vill ha någon att dricka kaffe med en dag i veckan.",
    "Vill komma ut och röra på mig utan att det är tävling.",
    "Vill lära känna någon som talar mitt språk.",
    "Vill känna att jag behövs.",
    "Vill få ordning på papperen så att jag kan sova.",
)
_FEEDBACK = (
    "Har kommit igång och går dit på egen hand.",
    "Trivs i gruppen och har fått en ny vän.",
    "Vill fortsätta; vi har sagt hej då för nu.",
)
_HOSTS = ("Maud", "Kjell", "Siv", "Abdi", "Rolf", "Inga")


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person will do: the command, and from when (network time)."""

    what: str
    """Identifies the occasion, so that nobody acts on it twice."""
    not_before: datetime
    command: Command


def acts(picture: Picture, now: datetime, seed: int) -> Iterator[Act]:
    """Everything somebody might do now or soon; the same picture and seed give the same acts."""
    for task in picture.tasks.values():
        if case := picture.cases.get(task["referral_id"]):
            yield from _on_task(picture, case, task, seed)
    for enrolment in picture.enrolments.values():
        yield from _by_provider(picture, enrolment, now, seed)


def _on_task(picture: Picture, case: Case, task: dict[str, object], seed: int) -> Iterator[Act]:
    kind, since = TaskKind(str(task["kind"])), task["since"]
    assert isinstance(since, datetime)
    occasion = f"{task['task_id']}:{case.attempts}:{(case.meeting or {}).get('meeting_id')}:{len(case.tried)}"
    chance = Random(f"{seed}:{occasion}")
    worker = case.worker or _somebody_of(picture, str(task["team"]), case, chance)
    # Before anybody has the case, its coordinator sees to what waits; a claim is always one's own.
    own = case.worker is not None or kind is TaskKind.CLAIM_CASE
    actor = Actor(id=worker or "team", role=Role.LINK_WORKER if own else Role.COORDINATOR)
    by = {"command_id": _id(seed, occasion), "actor": actor}
    soon = since + timedelta(hours=chance.uniform(1, 20))
    referral = case.referral

    def act(command: Command, at: datetime = soon) -> Act:
        return Act(occasion, at, command)

    match kind:
        case TaskKind.ASK_CONSENT:
            yield act(RecordConsent(**by, referral_id=referral))
        case TaskKind.CLAIM_CASE if worker:
            yield act(ClaimCase(**by, referral_id=referral, worker=worker))
        case TaskKind.CONTACT_PERSON:
            reached = case.attempts > 0 or chance.random() < 0.75
            outcome = ContactOutcome.REACHED if reached else ContactOutcome.NO_ANSWER
            at = soon + timedelta(days=case.attempts)
            yield act(RecordContact(**by, referral_id=referral, way=ContactWay.PHONE, outcome=outcome), at)
        case TaskKind.HOLD_MEETING if case.meeting is None:
            mode = chance.choice((MeetingMode.CLINIC, MeetingMode.HOME, MeetingMode.WALK, MeetingMode.PHONE))
            starts = soon + timedelta(days=chance.randint(1, 5))
            kind_ = MeetingKind.FIRST
            yield act(
                BookMeeting(**by, referral_id=referral, kind=kind_, mode=mode, starts=starts, minutes=45)
            )
        case TaskKind.HOLD_MEETING:
            meeting = case.meeting or {}
            after = datetime.fromisoformat(meeting["starts"]) + timedelta(hours=1)
            held = chance.random() < 0.9
            yield act(
                RecordMeeting(**by, referral_id=referral, meeting_id=meeting["meeting_id"], held=held), after
            )
        case TaskKind.AGREE_PLAN:
            goal = GoalInWords(words=chance.choice(_WORDS), kind=PrescriptionKind.SOCIAL)
            yield act(AgreePlan(**by, referral_id=referral, goals=(goal,)))
        case TaskKind.FIND_ACTIVITY:
            activity = _fitting(picture, case, chance)
            if activity:
                goal_id = case.goals[0] if case.goals else None
                yield act(
                    RequestEnrolment(
                        **by,
                        referral_id=referral,
                        activity=activity,
                        goal_id=goal_id,
                        because=("fits_needs",),
                    )
                )
        case TaskKind.FOLLOW_UP if case.followup:
            yield act(
                CompleteFollowUp(
                    **by, referral_id=referral, followup_id=case.followup, how_it_went="going_well"
                )
            )
        case TaskKind.CLOSE_CASE:
            text = chance.choice(_FEEDBACK)
            yield act(CloseCase(**by, referral_id=referral, outcome=CaseOutcome.COMPLETED, feedback=text))
        case TaskKind.CHECK_MESSAGE | TaskKind.CHASE_DEADLINE:
            yield act(CompleteTask(**by, referral_id=referral, task_id=str(task["task_id"]), how="done"))
        case _:
            pass  # waits for a provider, or for something else to happen first


def _by_provider(picture: Picture, enrolment: Enrolment, now: datetime, seed: int) -> Iterator[Act]:
    place = {
        "referral_id": enrolment.referral,
        "enrolment_id": enrolment.id,
    }
    actor = Actor(id=enrolment.provider, role=Role.PROVIDER)
    if enrolment.status == "offered":
        occasion = f"offer:{enrolment.id}:{enrolment.since.isoformat()}"
        chance = Random(f"{seed}:{occasion}")
        by = {"command_id": _id(seed, occasion), "actor": actor, **place, "provider": enrolment.provider}
        answer: Command = (
            AcceptEnrolment(**by, host=chance.choice(_HOSTS))
            if chance.random() < 0.85
            else DeclineEnrolment(**by, reason="group_not_right_now")
        )
        yield Act(occasion, enrolment.since + timedelta(hours=chance.uniform(2, 40)), answer)
    elif enrolment.status == "accepted" and not enrolment.reported:
        coming = sorted((start, id) for id, start in picture.sessions[enrolment.activity].items())
        first = next((c for c in coming if c[0] > enrolment.since), None)
        if first is None:
            # The term is over: the association lays out the next weeks, as it would.
            last = max([start for start, _ in coming] or [now])
            starts = last + timedelta(days=7 * max(1, (now - last).days // 7 + 1))
            occasion = f"next:{enrolment.activity}:{starts.isoformat()}"
            by = {"command_id": _id(seed, occasion), "actor": actor}
            yield Act(occasion, now, ScheduleSession(**by, activity=enrolment.activity, starts=starts))
            return
        occasion = f"attendance:{enrolment.id}:{first[1]}"
        chance = Random(f"{seed}:{occasion}")
        came = chance.choices((Attendance.ATTENDED, Attendance.ABSENT, Attendance.EXCUSED), (85, 10, 5))[0]
        by = {"command_id": _id(seed, occasion), "actor": actor, **place}
        yield Act(
            occasion, first[0] + timedelta(hours=3), RecordAttendance(**by, session_id=first[1], outcome=came)
        )


def _somebody_of(picture: Picture, team: str, case: Case, chance: Random) -> str | None:
    members = [w for w, said in sorted(picture.workers.items()) if said["team"] == team]
    near = [w for w in members if case.area in picture.workers[w]["areas"]]
    return chance.choice(near or members) if members else None


def _fitting(picture: Picture, case: Case, chance: Random) -> str | None:
    def rank(activity: str) -> tuple[int, int, float]:
        said = picture.activities[activity]
        meets = len(set(case.needs) & set(said["needs"]))
        return -meets, said["area"] != case.area, chance.random()

    untried = [a for a in sorted(picture.activities) if a not in case.tried] or sorted(picture.activities)
    return min(untried, key=rank, default=None)


def _id(seed: int, occasion: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"sluss:simulated:{seed}:{occasion}")
