"""From a plan to an activity: which one, with whose help, and what is done while they wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sluss.people import choosing
from sluss.people.acting import Act, Scene
from sluss.people.endings import close
from sluss.people.lives import Turn
from sluss.people.meetings import OVER_WITHIN, book, step_of
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.navigator import CloseCase, ReassignCase, RecordUnmetNeed, RequestEnrolment
from sluss_contracts.commands.planning import (
    AgreeSupport,
    IssuePrescription,
    RecordAlternatives,
    RecordSupport,
)
from sluss_contracts.commands.provider import AgreeToTime, EndEnrolment
from sluss_contracts.commands.referral import WithdrawConsent
from sluss_contracts.matching import Match, Unanswered
from sluss_contracts.pathway import Mark
from sluss_contracts.vocabulary import (
    Barrier,
    CaseOutcome,
    ConsentPurpose,
    MeetingKind,
    Need,
    Role,
    SupportKind,
    Whose,
)

_BY_THE_GUIDE = (SupportKind.ACCOMPANIMENT, SupportKind.ESCORT)


def find(scene: Scene) -> Iterator[Act]:
    """From the plan to a place: contacts on the way, alternatives, a recept, the asking."""
    case = scene.case
    if case.meeting is not None:
        return  # first they meet as agreed
    if (step := step_of(scene, MeetingKind.STEP_TWO)) and not case.held[MeetingKind.STEP_TWO]:
        yield book(scene, step)
    elif case.held[MeetingKind.SHORT] < _short_contacts(scene):
        step = step_of(scene, MeetingKind.SHORT)
        assert step is not None
        yield book(scene, step)
    elif volunteer := _volunteer(scene):
        yield scene.act("to_a_volunteer", ReassignCase, worker=volunteer, because="volunteer_guides")
    elif scene.turn is Turn.UNMET and not scene.said("case.need_unmet"):
        need = Need(case.needs[0])
        yield scene.act("unmet", RecordUnmetNeed, need=need, why=_why_unmet(scene))
    elif scene.turn is Turn.UNMET:
        text = "Det som behövdes finns inte här än; det är antecknat."
        yield scene.act("close", CloseCase, outcome=CaseOutcome.COMPLETED, feedback=text)
    elif scene.said("case.need_unmet"):
        yield from close(scene, {"why": "nothing_else_to_do"})
    else:
        yield choosing.look(scene, partial(_towards, scene), partial(_nothing_suits, scene))


def _nothing_suits(scene: Scene, unmet: Sequence[Unanswered]) -> Command:
    """What nothing meets is written down."""
    need, why = (unmet[0].need, unmet[0].why) if unmet else (Need(scene.case.needs[0]), "did_not_suit")
    return scene.asked(f"unmet:{scene.said('case.need_unmet')}", RecordUnmetNeed, need=need, why=why)


def _towards(scene: Scene, shortlist: Sequence[Match]) -> Command:
    """The next thing before a place in the first of them is asked for, or the asking itself."""
    case, activity = scene.case, shortlist[0].activity
    goal = case.goals[(len(case.tried)) % len(case.goals)]
    if scene.marked(Mark.ALTERNATIVES) and not scene.said("alternatives.looked_at"):
        looked_at = choosing.looked_at(scene, shortlist)
        return scene.asked("alternatives", RecordAlternatives, goal_id=goal, alternatives=looked_at)
    if not scene.said("prescription.issued"):
        giver = scene.turn is Turn.GIVES and scene.marked(Mark.MAY_GIVE)
        return scene.asked("recept", IssuePrescription, goal_id=goal, activity=activity, giver=giver)
    times = scene.said("case.enrolment_requested")
    by_hand = {"by_hand": True} if case.protected else {}
    fields = {"activity": activity, "goal_id": goal, "because": shortlist[0].because, **by_hand}
    return scene.asked(f"request:{times}", RequestEnrolment, with_=fields)


def _short_contacts(scene: Scene) -> int:
    if step_of(scene, MeetingKind.SHORT) is None:
        return 0
    return scene.chance("contacts").randint(3, 4) if scene.marked(Mark.MANY_SHORT_CONTACTS) else 1


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


def wait_for_a_place(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """Those with several needs ask in several places; nobody waits in line for ever."""
    yield from _another_place(scene)
    enrolment = scene.picture.enrolments.get(str(task.get("about")))
    if enrolment and enrolment.number == 1 and _wants(scene, SupportKind.HOST):
        fields = {"kind": SupportKind.HOST, "enrolment_id": enrolment.id}
        yield scene.act("help:host", AgreeSupport, hours=(0.2, 1), with_=fields)
    elif enrolment and enrolment.status == "waitlisted":
        fields = {"enrolment_id": enrolment.id, "whose": Whose.NETWORK, "reason": "no_place_in_time"}
        at = enrolment.since + timedelta(days=scene.pathway.silence.in_line)
        yield scene.act(f"out_of_line:{enrolment.number}", EndEnrolment, at=at, with_=fields)
    elif task.get("why") == "another_time" and enrolment:
        yield scene.act(f"that_time:{enrolment.number}", AgreeToTime, enrolment_id=enrolment.id)


def _another_place(scene: Scene) -> Iterator[Act]:
    """A second need of the same person, at the same time as the first."""
    asked = scene.said("case.enrolment_requested")
    several = len(scene.case.goals) > 1 and scene.marked(Mark.MANY_SHORT_CONTACTS)
    if asked == 1 and several and scene.turn is Turn.USUAL and not scene.said("case.need_unmet"):
        yield choosing.look(scene, partial(_towards, scene), partial(_nothing_suits, scene))


def get_started(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
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
        if _wants(scene, kind) and enrolment.number == 1:
            giver = {"by": scene.case.worker} if kind in _BY_THE_GUIDE else {}
            barrier = {"barrier": _barrier(scene)} if kind is SupportKind.BARRIER_HELP else {}
            fields = {"kind": kind, "enrolment_id": enrolment.id, **giver, **barrier}
            yield scene.act(f"help:{kind}", AgreeSupport, hours=(1, 6), with_=fields)


def _wants(scene: Scene, kind: SupportKind) -> bool:
    """Whether a step of the pathway has this help, and nobody has agreed on it yet."""
    wanted = any(kind in step.support for step in scene.pathway.steps)
    return wanted and kind not in scene.case.offered_support


def _barrier(scene: Scene) -> Barrier:
    found = (scene.case.mapped or {}).get("barriers") or [Barrier.GOING_ALONE]
    return Barrier(found[0])


def help_along(scene: Scene, support_id: str) -> Iterator[Act]:
    """Whoever goes along does so the first time; not before there is one."""
    first = next((each.starts for each in scene.enrolments if each.starts), None)
    if first is None and any(each.status in ("offered", "waitlisted") for each in scene.enrolments):
        return
    at = first + OVER_WITHIN if first and first > scene.since else None
    yield scene.act(f"support:{support_id}", RecordSupport, at=at, support_id=support_id)
