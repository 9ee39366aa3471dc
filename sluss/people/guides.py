"""What link workers, volunteers and the team do when something waits for them, as the pathway has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sluss.people.acting import PACKS, Act, Scene, answers_to
from sluss.people.lives import Turn, guardian_rule_of
from sluss.people.persons import FEEDBACK, WORDS
from sluss_contracts.case import AlternativeLookedAt
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import (
    AgreePlan,
    AgreeSupport,
    BookMeeting,
    ClaimCase,
    CloseCase,
    CompleteTask,
    GoalInWords,
    IssuePrescription,
    PauseCase,
    ReassignCase,
    RecordAlternatives,
    RecordContact,
    RecordMapping,
    RecordMeasure,
    RecordMeeting,
    RecordProgress,
    RecordSupport,
    RecordUnmetNeed,
    ReportSpillOver,
    RequestEnrolment,
    ResumeCase,
)
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.commands.provider import AgreeToTime, EndEnrolment
from sluss_contracts.commands.referral import (
    DecideGuardian,
    DeclineReferral,
    RecordConsent,
    RedirectReferral,
    WithdrawConsent,
)
from sluss_contracts.mapping import Relation
from sluss_contracts.pathway import Mark, Step
from sluss_contracts.vocabulary import (
    Barrier,
    CaseOutcome,
    ConsentPurpose,
    ContactOutcome,
    ContactWay,
    LonelyFor,
    MeetingKind,
    Need,
    PrescriptionKind,
    RelationWish,
    Role,
    SupportKind,
    TaskKind,
    Timepoint,
    Verdict,
    Whose,
)

_IN_VAIN = {Turn.HARD_TO_REACH: 2, Turn.UNREACHABLE: 99}
"""How many attempts to reach somebody lead nowhere."""
_BEFORE_THE_PLAN = (MeetingKind.MAPPING, MeetingKind.FIRST)
_OVER_WITHIN = timedelta(hours=1)


def on_task(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """What whoever has this task does next, or nothing yet."""
    if scene.said("case.paused") > scene.said("case.resumed"):
        if task["kind"] == TaskKind.RESUME_CASE:
            yield scene.act(f"resume:{scene.said('case.paused')}", ResumeCase)
        return
    match TaskKind(task["kind"]):
        case TaskKind.ASK_CONSENT:
            yield _ask(scene)
        case TaskKind.GUARDIAN if task["why"] == "guardian_to_be_decided":
            yield scene.act("guardian", DecideGuardian, rule=guardian_rule_of(scene.life))
        case TaskKind.CLAIM_CASE:
            yield from _claim(scene, str(task["team"]))
        case TaskKind.CONTACT_PERSON:
            yield _contact(scene, task)
        case TaskKind.HOLD_MEETING:
            yield from _meet(scene)
        case TaskKind.AGREE_PLAN:
            yield from _plan(scene)
        case TaskKind.FIND_ACTIVITY:
            yield from _find(scene)
        case TaskKind.AWAIT_PROVIDER:
            yield from _wait_for_a_place(scene, task)
        case TaskKind.AWAIT_ATTENDANCE:
            yield from _get_started(scene, task)
        case TaskKind.FOLLOW_UP if scene.case.followup:
            yield from _follow_up(scene)
        case TaskKind.CLOSE_CASE:
            yield from _close(scene, task)
        case TaskKind.GO_ALONG | TaskKind.BARRIER if task.get("about") in scene.case.supports:
            yield _help(scene, str(task["about"]))
        case _:
            yield from seen_to(scene, task)


def seen_to(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """What no step ends, somebody looks into and ticks off."""
    if TaskKind(task["kind"]) in _BY_HAND:
        fields = {"task_id": task["task_id"], "how": _BY_HAND[TaskKind(task["kind"])]}
        yield scene.act(f"task:{task['task_id']}", CompleteTask, hours=(2, 30), with_=fields)


_BY_HAND = {
    TaskKind.ACUTE_RISK: "called_back",
    TaskKind.GUARDIAN: "spoke_with_the_guardian",
    TaskKind.CHECK_MESSAGE: "asked_the_person",
    TaskKind.CHASE_DEADLINE: "looked_into",
    TaskKind.PROTECTED_PERSON: "seen_to_by_hand",
    TaskKind.EVALUATE: "asked_by_phone",
    TaskKind.NEW_ACTIVITY: "told_the_person",
    TaskKind.VERIFY_ACTIVITY: "asked_the_provider",
    TaskKind.GO_ALONG: "went_along",
    TaskKind.BARRIER: "helped",
    TaskKind.CONFIRM_WITHDRAWAL: "asked_the_provider",
}


def _ask(scene: Scene) -> Act:
    person = Actor(id="person", role=Role.PERSON)
    if scene.turn is Turn.ASKED_LATER_NO:
        return scene.act("said_no", WithdrawConsent, by=person, purposes=(ConsentPurpose.REFERRAL,))
    return scene.act("said_yes", RecordConsent, purposes=tuple(ConsentPurpose))


def _claim(scene: Scene, team: str) -> Iterator[Act]:
    members = [w for w, said in sorted(scene.picture.workers.items()) if said["team"] == team]
    near = [w for w in members if scene.case.area in scene.picture.workers[w]["areas"]]
    if members or scene.picture.workers:
        chance = scene.chance(f"claim:{scene.said('case.queued')}")
        worker = chance.choice(near or members or sorted(scene.picture.workers))
        actor = Actor(id=worker, role=Role.LINK_WORKER)
        yield scene.act(f"claim:{scene.said('case.queued')}", ClaimCase, by=actor, worker=worker)


def _contact(scene: Scene, task: dict[str, Any]) -> Act:
    tries = scene.case.attempts
    in_vain = tries < _IN_VAIN.get(scene.turn, 0) and not scene.said("meeting.booked")
    outcome = ContactOutcome.NO_ANSWER if in_vain else ContactOutcome.REACHED
    hours = (20, 60) if tries else (1, 20)
    return scene.act(f"contact:{tries}", RecordContact, hours=hours, way=ContactWay.PHONE, outcome=outcome)


def _meet(scene: Scene) -> Iterator[Act]:
    if scene.case.meeting is not None:
        yield _hold(scene, scene.case.meeting)
    elif not scene.said("meeting.booked") and (ending := _before_meeting(scene)):
        yield ending
    elif scene.turn is Turn.PAUSES and not scene.said("case.paused"):
        until = (scene.now + timedelta(days=14)).date()
        yield scene.act("pause", PauseCase, why="illness", until=until)
    else:
        yield _book(scene, _next_step(scene) or scene.pathway.steps[0])


def _before_meeting(scene: Scene) -> Act | None:
    """Some stories end on the phone."""
    feedback = "Vi har talats vid; det blir inget nu."
    match scene.turn:
        case Turn.SAYS_NO:
            return scene.act("close", CloseCase, outcome=CaseOutcome.PERSON_DECLINED, feedback=feedback)
        case Turn.MOVES_AWAY:
            return scene.act("close", CloseCase, outcome=CaseOutcome.MOVED)
        case Turn.OUTSIDE_REMIT:
            whose, why = Whose.NETWORK, "needs_treatment"
            return scene.act("decline", DeclineReferral, whose=whose, why=why, turn_to="Vårdcentralen")
        case Turn.MOVES_AREA if scene.life.elsewhere and scene.case.area != scene.life.elsewhere:
            return scene.act("redirect", RedirectReferral, why="moved", to_area=scene.life.elsewhere)
        case Turn.ONWARD if scene.life.elsewhere:
            right = scene.life.elsewhere
            return scene.act("redirect", RedirectReferral, why="right_actor", to_organisation=right)
        case _:
            return None


def _next_step(scene: Scene) -> Step | None:
    """The pathway's next meeting before a plan, if there is one left."""
    for step in scene.pathway.steps:
        if step.kind in _BEFORE_THE_PLAN and not step.optional and not scene.case.held[step.kind]:
            return step
    return None


def _book(scene: Scene, step: Step) -> Act:
    times = scene.said("meeting.booked")
    chance = scene.chance(f"book:{times}")
    starts = max(scene.now, scene.since) + timedelta(days=chance.randint(1, 3))
    mode = step.modes[chance.randrange(min(2, len(step.modes)))]
    fields = {"kind": step.kind, "mode": mode, "starts": starts, "minutes": step.minutes}
    return scene.act(f"book:{times}", BookMeeting, with_=fields)


def _hold(scene: Scene, meeting: dict[str, Any]) -> Act:
    missed = scene.turn is Turn.MISSES_MEETING and not scene.said("meeting.missed")
    after = datetime.fromisoformat(meeting["starts"]) + _OVER_WITHIN
    what = f"held:{scene.said('meeting.booked')}"
    return scene.act(what, RecordMeeting, at=after, meeting_id=meeting["meeting_id"], held=not missed)


def _plan(scene: Scene) -> Iterator[Act]:
    """After meeting: screen, map, measure, and agree."""
    case, chance = scene.case, scene.chance("mapping")
    if case.meeting is not None:
        return
    screened = scene.pathway.preparation.screening
    if scene.turn is Turn.SCREENED_OUT and screened:
        turn_to = scene.pathway.preparation.redirect_to or "Vårdcentralen"
        fields = {"whose": Whose.ELIGIBILITY, "why": screened[0], "screened_out": True, "turn_to": turn_to}
        yield scene.act("decline", DeclineReferral, with_=fields)
    elif case.mapped is None:
        yield scene.act(
            "mapping",
            RecordMapping,
            hours=(0.5, 2),
            relations=(Relation(who="old_friend", wish=chance.choice(list(RelationWish))),),
            interests=(chance.choice(("music", "cooking", "walking", "crafts")),),
            needs=tuple(Need(need) for need in case.needs),
            barriers=(chance.choice((Barrier.GOING_ALONE, Barrier.TRANSPORT, Barrier.COST)),),
            lonely_for=chance.choice((LonelyFor.MONTHS, LonelyFor.YEARS)),
            what_matters=chance.choice(WORDS),
        )
    elif measure := _measure(scene, Timepoint.BASELINE):
        yield measure
    elif step := _next_step(scene):
        yield _book(scene, step)
    else:
        many = 2 if len(case.needs) > 1 else 1
        words = scene.chance("goals").sample(WORDS, many)
        goals = tuple(GoalInWords(words=each, kind=PrescriptionKind.SOCIAL) for each in words)
        yield scene.act("plan", AgreePlan, hours=(1, 8), goals=goals)


def _measure(scene: Scene, at: Timepoint, *, better: float = 0.0) -> Act | None:
    wanted = next((each.instruments for each in scene.pathway.measures if each.at is at), ())
    for instrument in wanted:
        if instrument in PACKS and (instrument, at.value) not in scene.case.measured:
            what = f"measure:{at}:{instrument}"
            goal = {"goal_id": scene.case.goals[0]} if instrument == "goal-attainment" else {}
            answers = answers_to(instrument, scene.chance(what), better=better)
            fields = {"instrument": instrument, "at": at, "answers": answers, **goal}
            return scene.act(what, RecordMeasure, hours=(0.5, 2), with_=fields)
    return None


def _find(scene: Scene) -> Iterator[Act]:
    """From the plan to a place: contacts on the way, alternatives, a recept, the asking."""
    case = scene.case
    if case.meeting is not None:
        return  # first they meet as agreed
    if (step := _step_of(scene, MeetingKind.STEP_TWO)) and not case.held[MeetingKind.STEP_TWO]:
        yield _book(scene, step)
    elif case.held[MeetingKind.SHORT] < _short_contacts(scene):
        step = _step_of(scene, MeetingKind.SHORT)
        assert step is not None
        yield _book(scene, step)
    elif volunteer := _volunteer(scene):
        yield scene.act("to_a_volunteer", ReassignCase, worker=volunteer, because="volunteer_guides")
    elif scene.turn is Turn.UNMET and not scene.said("case.need_unmet"):
        need = Need(case.needs[0])
        yield scene.act("unmet", RecordUnmetNeed, need=need, why=_why_unmet(scene))
    elif scene.turn is Turn.UNMET:
        text = "Det som behövdes finns inte här än; det är antecknat."
        yield scene.act("close", CloseCase, outcome=CaseOutcome.COMPLETED, feedback=text)
    elif activity := _fitting(scene):
        yield _towards(scene, activity)
    else:
        yield from _close(scene, {"why": "nothing_else_to_do"})


def _towards(scene: Scene, activity: str) -> Act:
    """The next thing before a place in the activity is asked for, or the asking itself."""
    case = scene.case
    goal = case.goals[(len(case.tried)) % len(case.goals)]
    if scene.marked(Mark.ALTERNATIVES) and not scene.said("alternatives.looked_at"):
        return scene.act(
            "alternatives", RecordAlternatives, goal_id=goal, alternatives=_alternatives(scene, activity)
        )
    if not scene.said("prescription.issued"):
        giver = scene.turn is Turn.GIVES and scene.marked(Mark.MAY_GIVE)
        return scene.act("recept", IssuePrescription, goal_id=goal, activity=activity, giver=giver)
    times = scene.said("case.enrolment_requested")
    by_hand = {"by_hand": True} if case.protected else {}
    because = ("fits_needs", "near")
    fields = {"activity": activity, "goal_id": goal, "because": because, **by_hand}
    return scene.act(f"request:{times}", RequestEnrolment, with_=fields)


def _alternatives(scene: Scene, chosen: str) -> tuple[AlternativeLookedAt, ...]:
    chance = scene.chance("alternatives")
    near = (a for a in scene.picture.activities if _area_of(scene, a) == scene.case.area)
    others = sorted(activity for activity in near if activity != chosen)
    looked_at = chance.sample(others, min(2, len(others)))
    whys = ("too_far", "not_my_kind", "wrong_time", "too_many_people")
    return (
        AlternativeLookedAt(activity=chosen, fits=("fits_needs",), verdict=Verdict.CHOSEN),
        *(_declined(each, chance.choice(whys)) for each in looked_at),
    )


def _declined(activity: str, why: str) -> AlternativeLookedAt:
    return AlternativeLookedAt(activity=activity, fits=("near",), verdict=Verdict.DECLINED, why=why)


def _area_of(scene: Scene, activity: str) -> str:
    return str(scene.picture.activities[activity]["area"])


def _fitting(scene: Scene) -> str | None:
    """The activity that meets most needs, nearby and not tried before."""
    case, activities = scene.case, scene.picture.activities
    chance = scene.chance(f"activity:{len(case.tried)}")

    def rank(activity: str) -> tuple[bool, int, float]:
        meets = len(set(case.needs) & set(activities[activity]["needs"]))
        return _area_of(scene, activity) != case.area, -meets, chance.random()

    possible = (
        activity
        for activity, said in sorted(activities.items())
        if activity not in case.tried and said["provider"] not in case.shut_out
    )
    return min(possible, key=rank, default=None)


def _short_contacts(scene: Scene) -> int:
    if _step_of(scene, MeetingKind.SHORT) is None:
        return 0
    return scene.chance("contacts").randint(3, 4) if scene.marked(Mark.MANY_SHORT_CONTACTS) else 1


def _step_of(scene: Scene, kind: MeetingKind) -> Step | None:
    return next((step for step in scene.pathway.steps if step.kind is kind), None)


def _volunteer(scene: Scene) -> str | None:
    """Where volunteers guide, some people go on with one of them once there is a plan."""
    if not scene.marked(Mark.VOLUNTEERS) or scene.said("case.reassigned") or scene.case.protected:
        return None
    if scene.guide().role is not Role.LINK_WORKER or scene.chance("volunteer").random() > 0.7:
        return None
    team = [w for w, said in sorted(scene.picture.workers.items()) if said["team"] == scene.case.team]
    volunteers = [w for w in team if scene.picture.workers[w].get("engagement") == "volunteer"]
    return scene.chance("which volunteer").choice(volunteers) if volunteers else None


def _why_unmet(scene: Scene) -> str:
    return scene.chance("unmet").choice(("nothing_offered", "too_far", "language", "not_accessible"))


def _wait_for_a_place(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """Those with several needs ask in several places; nobody waits in line for ever."""
    yield from _another_place(scene)
    enrolment = scene.picture.enrolments.get(str(task.get("about")))
    if enrolment and enrolment.status == "waitlisted":
        fields = {"enrolment_id": enrolment.id, "whose": Whose.NETWORK, "reason": "no_place_in_time"}
        at = enrolment.since + timedelta(days=scene.pathway.silence.in_line)
        yield scene.act(f"out_of_line:{enrolment.number}", EndEnrolment, at=at, with_=fields)
    elif task.get("why") == "another_time" and enrolment:
        yield scene.act(f"that_time:{enrolment.number}", AgreeToTime, enrolment_id=enrolment.id)


def _another_place(scene: Scene) -> Iterator[Act]:
    """A second need of the same person, at the same time as the first."""
    asked = scene.said("case.enrolment_requested")
    several = len(scene.case.goals) > 1 and scene.marked(Mark.MANY_SHORT_CONTACTS)
    if asked == 1 and several and scene.turn is Turn.USUAL and (activity := _fitting(scene)):
        yield _towards(scene, activity)


def _get_started(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """A place: who meets the newcomer, who comes along? Before the first session."""
    enrolment = scene.picture.enrolments.get(str(task.get("about")))
    if enrolment is None:
        return
    yield from _another_place(scene)
    if scene.turn is Turn.WITHDRAWS and not scene.picture.receivers.get(scene.case.referral):
        person = Actor(id="person", role=Role.PERSON)
        back = (ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER)
        yield scene.act("withdraws", WithdrawConsent, by=person, purposes=back)
        return
    if scene.turn is Turn.WITHDRAWS_FROM_PROVIDER and enrolment.number == 1:
        person = Actor(id="person", role=Role.PERSON)
        yield scene.act("withdraws", WithdrawConsent, by=person, receivers=(enrolment.provider,))
        return
    wanted = [kind for step in scene.pathway.steps for kind in step.support]
    for kind in dict.fromkeys(wanted):
        if kind not in scene.case.offered_support and enrolment.number == 1:
            giver = {"by": scene.case.worker} if kind in _BY_THE_GUIDE else {}
            barrier = {"barrier": _barrier(scene)} if kind is SupportKind.BARRIER_HELP else {}
            fields = {"kind": kind, "enrolment_id": enrolment.id, **giver, **barrier}
            yield scene.act(f"help:{kind}", AgreeSupport, hours=(1, 6), with_=fields)
            return


_BY_THE_GUIDE = (SupportKind.ACCOMPANIMENT, SupportKind.ESCORT)


def _barrier(scene: Scene) -> Barrier:
    found = (scene.case.mapped or {}).get("barriers") or [Barrier.GOING_ALONE]
    return Barrier(found[0])


def _help(scene: Scene, support_id: str) -> Act:
    """Whoever goes along does so the first time."""
    first = next((each.starts for each in scene.enrolments if each.starts), None)
    at = first + _OVER_WITHIN if first and first > scene.since else None
    return scene.act(f"support:{support_id}", RecordSupport, at=at, support_id=support_id)


def _follow_up(scene: Scene) -> Iterator[Act]:
    """How did it go, how far is the goal, what else did it lead to?"""
    times = scene.said("followup.done")
    done = scene.chance(f"progress:{times}").random() < 0.6 + 0.3 * times
    if measure := _measure(scene, Timepoint.FOLLOW_UP, better=0.3):
        yield measure
    elif scene.case.goals and scene.said("goal.progressed") <= times:
        goal, how_far = scene.case.goals[0], 10 if done else 6
        yield scene.act(f"progress:{times}", RecordProgress, hours=(0.5, 2), goal_id=goal, how_far=how_far)
    elif scene.marked(Mark.SPILL_OVER) and not scene.said("spillover.reported"):
        chance = scene.chance("spill over")
        more, often = chance.randint(1, 2), chance.randint(1, 4)
        told = {"more_activities": more, "times_a_week": often}
        yield scene.act("spill_over", ReportSpillOver, hours=(0.5, 2), with_=told)
    else:
        how = "going_well" if done else "needs_more_time"
        fields = {"followup_id": scene.case.followup, "how_it_went": how}
        yield scene.act(f"followed_up:{times}", CompleteFollowUp, with_=fields)


def _close(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """What is left is to close, with a word to the referrer."""
    if task.get("why") == "not_reached":
        text = "Vi har sökt personen flera gånger utan att få kontakt."
        yield scene.act("close", CloseCase, outcome=CaseOutcome.UNREACHABLE, feedback=text)
        return
    came = any(each.status == "accepted" or each.reported for each in scene.enrolments)
    if scene.marked(Mark.UNMET_NEEDS) and not came and not scene.said("case.need_unmet"):
        need = Need(scene.case.needs[0])
        yield scene.act("unmet", RecordUnmetNeed, need=need, why="did_not_suit")
        return
    text = scene.chance("feedback").choice(FEEDBACK)
    times = scene.said("followup.done") + scene.said("case.need_unmet")
    yield scene.act(f"close:{times}", CloseCase, outcome=CaseOutcome.COMPLETED, feedback=text)
