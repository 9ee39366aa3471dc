"""What is to be done, why now, and where it is done: a task's codes in a link worker's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.navigator.web.words import CODES
from services.runtime.web import Language, mark
from sluss_contracts.vocabulary import TaskKind

WHAT: Final[dict[TaskKind, str]] = {
    TaskKind.CLAIM_CASE: mark("Somebody in the team takes the case"),
    TaskKind.CONTACT_PERSON: mark("Get in touch with the person"),
    TaskKind.HOLD_MEETING: mark("Book a meeting"),
    TaskKind.AGREE_PLAN: mark("Agree on a plan together"),
    TaskKind.FIND_ACTIVITY: mark("Find something that suits"),
    TaskKind.AWAIT_PROVIDER: mark("Wait for the organiser's answer"),
    TaskKind.AWAIT_ATTENDANCE: mark("Hear whether the person came"),
    TaskKind.FOLLOW_UP: mark("Ask how it went"),
    TaskKind.CLOSE_CASE: mark("Close the case, or think again"),
    TaskKind.ASK_CONSENT: mark("Ask the person for their consent"),
    TaskKind.CHECK_MESSAGE: mark("Look at a message that may not have arrived"),
    TaskKind.CHASE_DEADLINE: mark("Nothing has happened: find out why"),
    TaskKind.ACUTE_RISK: mark("Read at once: words of suicide or violence"),
    TaskKind.CONFIRM_WITHDRAWAL: mark("See that what was told has been removed"),
    TaskKind.BARRIER: mark("Help with what stands in the way"),
    TaskKind.GO_ALONG: mark("Come along the first time, or see that somebody does"),
    TaskKind.GUARDIAN: mark("Decide about the guardian"),
    TaskKind.PROTECTED_PERSON: mark("Protected identity: do by hand what is otherwise automatic"),
    TaskKind.EVALUATE: mark("See that the evaluation is answered"),
    TaskKind.RESUME_CASE: mark("Let the work go on after the pause"),
    TaskKind.NEW_ACTIVITY: mark("Tell of something new that may suit"),
    TaskKind.VERIFY_ACTIVITY: mark("See that what is published is still right"),
}
"""Each kind of task as something one does."""

MEET: Final = mark("Meet as you have agreed")
SAY_HOW_IT_WENT: Final = mark("Say how the meeting went")
"""What `hold_meeting` means once the meeting is booked, before it and after."""

WHY: Final[dict[str, str]] = {
    "consent_to_be_asked": mark("The person has not been asked yet; until then nothing goes onward"),
    "guardian_to_be_decided": mark("The person is a minor"),
    "guardian_consents": mark("The guardian is asked as well"),
    "guardian_informed": mark("The guardian is told"),
    "protected_identity": mark("The person's identity is protected"),
    "claimed": mark("You took the case"),
    "assigned": mark("The case is new with you"),
    "reached": mark("The person has been reached"),
    "no_answer": mark("Nobody answered last time"),
    "wrong_address": mark("The last way led nowhere"),
    "asked_to_call_back": mark("The person asked to be called back"),
    "not_reached": mark("The person could not be reached in all the attempts there are"),
    "meeting_booked": mark("The meeting is booked"),
    "meeting_moved": mark("The meeting is at another time"),
    "meeting_moved_by_person": mark("The person has chosen another time"),
    "meeting_time_unsuited": mark("The booked time does not suit the person"),
    "meeting_called_off": mark("The person cancelled the meeting"),
    "rather_not_contacted": mark(
        "The person cancelled the meeting and would rather not be contacted: let the case rest, or close it"
    ),
    "meeting_missed": mark("The person did not come to the meeting"),
    "meeting_cancelled": mark("The meeting was cancelled"),
    "met": mark("You have met"),
    "planning": mark("The planning talk comes next"),
    "mapping": mark("The mapping talk comes next"),
    "step_two": mark("The second step follows the plan"),
    "first": mark("The first meeting comes next"),
    "plan_agreed": mark("There is a plan"),
    "plan_revised": mark("The plan is a new one"),
    "requested": mark("A place is asked for"),
    "offered": mark("The organiser has been asked"),
    "waitlisted": mark("It is full; the person is in line"),
    "accepted": mark("The person has a place"),
    "attendance_missing": mark("Nobody has said whether the person came"),
    "absent": mark("The person did not come to the activity"),
    "attended": mark("The person has been there"),
    "excused": mark("The person had excused themselves"),
    "another_time_suggested": mark("The organiser suggests another time"),
    "declined_by_person": mark("The person said no"),
    "declined_by_provider": mark("The organiser said no"),
    "declined_by_network": mark("It could not be arranged"),
    "declined_by_eligibility": mark("It is for others than this person"),
    "offer_expired": mark("The organiser did not answer"),
    "enrolment_ended": mark("Taking part has ended"),
    "followup_due": mark("The day for it has come"),
    "followup_lapsed": mark("The follow-up was not made in time"),
    "nothing_else_to_do": mark("Nothing else is waiting"),
    "resumed": mark("The pause is over"),
    "consent_withdrawn": mark("The person took back a consent"),
    "sent_by_outside": mark("Somebody outside sends it out"),
    "evaluation_answered": mark("Nobody has answered the evaluation"),
    "agreed": mark("It was agreed"),
}
"""Why something is asked for, by its code; the codes that say themselves are in the board's words."""


@dataclass(frozen=True, slots=True)
class Action:
    """The one main thing to do about a task: what the button says, and where it leads."""

    label: str
    path: str


_ACTIONS: Final[dict[TaskKind, tuple[str, str]]] = {
    TaskKind.CLAIM_CASE: (mark("Look and take it"), ""),
    TaskKind.CONTACT_PERSON: (mark("Note a contact"), "/contact"),
    TaskKind.HOLD_MEETING: (mark("Book"), "/meetings/book"),
    TaskKind.AGREE_PLAN: (mark("Write the plan"), "/plan"),
    TaskKind.FIND_ACTIVITY: (mark("Look for something"), "/matching"),
    TaskKind.AWAIT_PROVIDER: (mark("See the answer"), "/taking-part"),
    TaskKind.AWAIT_ATTENDANCE: (mark("Say who came"), "/taking-part"),
    TaskKind.FOLLOW_UP: (mark("Follow up"), "/follow-up"),
    TaskKind.CLOSE_CASE: (mark("Close"), "/close"),
    TaskKind.ASK_CONSENT: (mark("Note the answer"), "/consent"),
    TaskKind.GUARDIAN: (mark("Decide"), "/guardian"),
    TaskKind.BARRIER: (mark("See the help"), "/help"),
    TaskKind.GO_ALONG: (mark("See the help"), "/help"),
    TaskKind.EVALUATE: (mark("Fill in together"), "/follow-up"),
    TaskKind.RESUME_CASE: (mark("Go on"), "/pause"),
    TaskKind.NEW_ACTIVITY: (mark("See what is new"), "/matching"),
}
_LOOK: Final = mark("Look")
_SAY_HOW: Final = mark("Say how it went")
_MEETING: Final = mark("See the meeting")


def what(kind: str, about: str | None, language: Language, *, late: bool = False) -> str:
    """What is to be done. A kind without words says its own name, so that nothing is hidden."""
    if kind == TaskKind.HOLD_MEETING and about:
        return language.say(SAY_HOW_IT_WENT if late else MEET)
    known = WHAT.get(TaskKind(kind)) if kind in set(TaskKind) else None
    return language.say(known) if known else kind.replace("_", " ")


def why(code: str, language: Language) -> str:
    """Why it is asked for now, beginning with a capital."""
    if code in WHY:
        return language.say(WHY[code])
    said = language.say(CODES[code]) if code in CODES else code.replace("_", " ")
    return said[:1].upper() + said[1:]


def action(kind: str, about: str | None, referral_id: str, task_id: str, *, late: bool = False) -> Action:
    """Where it is done."""
    case = f"/cases/{referral_id}"
    if kind == TaskKind.HOLD_MEETING and about:
        return Action(_SAY_HOW if late else _MEETING, f"{case}/meetings/{about}")
    if kind in _ACTIONS:
        label, path = _ACTIONS[TaskKind(kind)]
        return Action(label, case + path)
    return Action(_LOOK, f"{case}/tasks/{task_id}")
