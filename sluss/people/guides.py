"""What link workers, volunteers and the team do when something waits for them, as the pathway has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sluss.people.acting import Act, Scene
from sluss.people.activities import find, get_started, help_along, wait_for_a_place
from sluss.people.endings import close
from sluss.people.lives import Turn, guardian_rule_of
from sluss.people.meetings import contact, meet
from sluss.people.plans import agree_on_plan, follow_up
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import ClaimCase, CompleteTask, ResumeCase
from sluss_contracts.commands.referral import DecideGuardian, RecordConsent, WithdrawConsent
from sluss_contracts.vocabulary import ConsentPurpose, Role, TaskKind


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
            yield contact(scene)
        case TaskKind.HOLD_MEETING:
            yield from meet(scene)
        case TaskKind.AGREE_PLAN:
            yield from agree_on_plan(scene)
        case TaskKind.FIND_ACTIVITY:
            yield from find(scene)
        case TaskKind.AWAIT_PROVIDER:
            yield from wait_for_a_place(scene, task)
        case TaskKind.AWAIT_ATTENDANCE:
            yield from get_started(scene, task)
        case TaskKind.FOLLOW_UP if scene.case.followup:
            yield from follow_up(scene)
        case TaskKind.FOLLOW_UP if scene.said("followup.scheduled") and not scene.case.followups:
            yield from seen_to(scene, task)  # all have lapsed or been made, and none will come due
        case TaskKind.CLOSE_CASE:
            yield from close(scene, task)
        case TaskKind.GO_ALONG | TaskKind.BARRIER if task.get("about") in scene.case.supports:
            yield from help_along(scene, str(task["about"]))
        case TaskKind.FOLLOW_UP:
            return  # until it comes due
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
    TaskKind.FOLLOW_UP: "asked_the_person",
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
