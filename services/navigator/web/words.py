"""The board's codes in people's words. Every text here is a key of the translations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.navigator.sights import Step
from services.navigator.steps import Lane, Mark
from services.runtime.web import Language, mark
from sluss_contracts.vocabulary import Role

SEES = {
    Role.LINK_WORKER: mark("Holds the cases. Sees the referrals of their own team, and each step taken."),
    Role.VOLUNTEER: mark("Walks beside people, unpaid. Sees only the referrals they hold themselves."),
    Role.COORDINATOR: mark(
        "Keeps the web together. Sees the whole board: where work gathers and what waits."
    ),
    Role.PROVIDER: mark("Opens the door. Sees an alias and the logistics of an offer, never the reason."),
    Role.REFERRER: mark(
        "Meets the person first. Sees what their organisation referred, and what it is told."
    ),
    Role.PERSON: mark("Anybody who lives here. Sees how the network works, and nobody's referral."),
    Role.OPERATOR: mark("Keeps it running. Sees the whole board, and every event in the console."),
}
"""Who somebody can be, and what each sees."""

LANES = {
    Lane.RECEIVED: (mark("Received"), mark("A referral has come in and has its receipt.")),
    Lane.ASSIGNED: (mark("Assigned"), mark("A link worker has it and gets in touch.")),
    Lane.MEETING: (mark("Meeting"), mark("They meet and talk about what matters.")),
    Lane.PLAN: (mark("Plan"), mark("They agree on what to aim for.")),
    Lane.ACTIVITY: (mark("Activity"), mark("An association or another opens its door.")),
    Lane.FOLLOW_UP: (mark("Follow-up"), mark("Somebody asks how it went.")),
    Lane.CLOSED: (mark("Closed with feedback"), mark("It is over, and the referrer knows how it went.")),
}
"""Each lane's name and what happens in it."""

MARKS = {
    Mark.CONSENT_AWAITED: mark("Awaits a yes"),
    Mark.IN_LINE: mark("In line"),
    Mark.NOT_REACHED: mark("Not reached"),
    Mark.MEETING_MISSED: mark("Missed"),
    Mark.MEETING_CANCELLED: mark("Cancelled"),
    Mark.OFFERED: mark("Offered"),
    Mark.WAITLISTED: mark("Waiting list"),
    Mark.DECLINED: mark("Declined"),
    Mark.ABSENT: mark("Absent"),
    Mark.FOLLOW_UP_DUE: mark("Due"),
    Mark.OVERDUE: mark("Overdue"),
    Mark.FEEDBACK_AWAITED: mark("Feedback due"),
    Mark.REFERRER_TOLD: mark("Referrer told"),
    Mark.ACUTE: mark("Acute"),
    Mark.PAUSED: mark("Resting"),
    Mark.OTHER_TIME: mark("Another time?"),
    Mark.OFFER_EXPIRED: mark("No answer"),
    Mark.UNREPORTED: mark("Not reported"),
    Mark.NEED_UNMET: mark("Need unmet"),
    Mark.TOGETHER: mark("With another"),
}

NEEDS_CARE = frozenset(
    {
        Mark.ACUTE,
        Mark.NOT_REACHED,
        Mark.MEETING_MISSED,
        Mark.DECLINED,
        Mark.OFFER_EXPIRED,
        Mark.ABSENT,
        Mark.UNREPORTED,
        Mark.OVERDUE,
        Mark.CONSENT_AWAITED,
    }
)
"""The marks somebody should look at; they carry another sign than the rest."""

STEPS = {
    "referral.submitted": mark("%(organisation)s sent the referral."),
    "referral.accepted": mark("The network took it on."),
    "referral.held": mark("It waits until the person has been asked and has said yes."),
    "referral.linked": mark("It belongs with another referral of the same person."),
    "consent.given": mark("The person said yes."),
    "referral.closed": mark("The referral is over."),
    "referral.declined": mark("The network is not the right help; the referrer is told where to turn."),
    "referral.cancelled": mark("The referrer took the referral back."),
    "referral.redirected": mark("Somebody else is right for it, and the person agrees."),
    "referral.entered_in_error": mark("The referral was a mistake."),
    "consent.withdrawn": mark("The person took back something they had agreed to."),
    "alarm.raised": mark("Somebody wrote of suicide or violence. A human reads it at once."),
    "case.queued": mark("It waits in the inbox of %(team)s, for nobody fits just now."),
    "case.assigned": mark("%(worker)s in %(team)s was given it."),
    "case.claimed": mark("%(worker)s took it from the inbox of %(team)s."),
    "case.unassigned": mark("%(worker)s gave it back to %(team)s."),
    "case.reassigned": mark("%(worker)s in %(team)s took over."),
    "case.paused": mark("Nothing is asked of the person until %(until)s."),
    "case.resumed": mark("The work goes on."),
    "contact.attempted": mark("%(worker)s tried to reach the person."),
    "meeting.booked": mark("A meeting was booked for %(starts)s."),
    "meeting.held": mark("They met for %(minutes)s minutes."),
    "meeting.moved": mark("The meeting was moved to %(starts)s."),
    "meeting.cancelled": mark("The meeting was cancelled beforehand."),
    "meeting.confirmed": mark("The person has confirmed that they come on %(starts)s."),
    "meeting.time_unsuited": mark("%(starts)s does not suit the person, who asks for another time."),
    "meeting.missed": mark("The person did not come to the meeting."),
    "plan.agreed": mark("The person and the link worker agreed on a plan. Goals: %(goals)s."),
    "mapping.recorded": mark("The person told of their life and what matters."),
    "measure.recorded": mark("The person answered questions about how they are."),
    "plan.revised": mark("They thought again and agreed on a new plan. Goals: %(goals)s."),
    "goal.progressed": mark("The person says how far they have come: %(how_far)s of 10."),
    "prescription.issued": mark("The person was given a prescription to take along."),
    "alternatives.looked_at": mark("They looked at alternatives together: %(alternatives)s."),
    "support.agreed": mark("Help to get started was agreed."),
    "support.given": mark("The help that was agreed was given."),
    "spillover.reported": mark(
        "It has led to more: %(more_activities)s more activities, %(times_a_week)s times a week."
    ),
    "case.need_unmet": mark("Nothing in the network meets one of the person's needs."),
    "case.enrolment_requested": mark("The person wants to take part in %(activity)s."),
    "case.closed": mark("The link worker closed the case."),
    "enrolment.offered": mark("%(provider)s was asked about a place in %(activity)s."),
    "enrolment.accepted": mark("%(provider)s welcomes the person to %(activity)s."),
    "enrolment.declined": mark("%(provider)s has no place in %(activity)s."),
    "enrolment.waitlisted": mark("%(activity)s is full; the person is number %(position)s in line."),
    "enrolment.ended": mark("Taking part in %(activity)s through the network ended."),
    "enrolment.expired": mark("%(provider)s did not answer about %(activity)s."),
    "enrolment.another_time_suggested": mark("%(provider)s would rather welcome the person %(starts)s."),
    "attendance.missing": mark("Nobody has said whether the person came to %(activity)s."),
    "attendance.recorded": mark("Attendance was recorded for %(activity)s."),
    "followup.scheduled": mark("A follow-up was planned for %(due)s."),
    "followup.due": mark("It is time to ask how it went."),
    "followup.done": mark("The person was asked how it went."),
    "followup.cancelled": mark("The follow-up was called off."),
    "followup.lapsed": mark("Nobody asked how it went in time."),
    "evaluation.scheduled": mark("The person will be asked how they are on %(due)s."),
    "evaluation.due": mark("It is time to ask how the person is now."),
    "evaluation.answered": mark("The person answered how they are now."),
    "evaluation.lapsed": mark("No answer came about how the person is now."),
    "evaluation.cancelled": mark("The person will not be asked how they are."),
    "deadline.passed": mark("A deadline passed without an answer."),
    "feedback.sent": mark("%(organisation)s was told."),
    "feedback.overdue": mark("%(organisation)s should have been told by now."),
}

BY_THE_PERSON = {
    "meeting.moved": mark("The person moved the meeting to %(starts)s."),
    "meeting.cancelled": mark("The person cancelled the meeting beforehand."),
}
"""The same steps when the person took them."""

CODES = {
    # channels
    "staff": mark("by staff"),
    "web": mark("on the web"),
    "national_health_portal": mark("through 1177"),
    "relative": mark("by a relative"),
    "self": mark("by the person"),
    # outcomes of a case
    "completed": mark("completed"),
    "unreachable": mark("could not be reached"),
    "person_declined": mark("the person declined"),
    "moved": mark("moved"),
    "deceased": mark("deceased"),
    "failed": mark("did not succeed"),
    "screened_out": mark("something else helps better"),
    "outside_remit": mark("not for this network"),
    "redirected": mark("sent on to somebody else"),
    "cancelled": mark("the referrer took it back"),
    "consent_withdrawn": mark("the person withdrew their consent"),
    "entered_in_error": mark("referred by mistake"),
    # contact
    "reached": mark("reached"),
    "no_answer": mark("no answer"),
    "wrong_address": mark("wrong address"),
    "asked_to_call_back": mark("asked to be called back"),
    "phone": mark("by phone"),
    "sms": mark("by text message"),
    "email": mark("by e-mail"),
    "letter": mark("by letter"),
    "visit": mark("by a visit"),
    # meetings
    "first": mark("first meeting"),
    "planning": mark("planning"),
    "step_two": mark("second step"),
    "clinic": mark("at the clinic"),
    "home": mark("at home"),
    "video": mark("by video"),
    "walk": mark("on a walk"),
    "other_time": mark("another time suits better"),
    "link_worker_away": mark("the link worker is away"),
    "follow_up": mark("follow-up meeting"),
    "mapping": mark("mapping talk"),
    "short": mark("short contact"),
    # prescriptions and support
    "social": mark("social"),
    "culture": mark("culture"),
    "physical": mark("physical"),
    "support": mark("support"),
    "accompaniment": mark("somebody comes along"),
    "escort": mark("somebody fetches them"),
    "host": mark("a host meets them"),
    "barrier_help": mark("help with what stands in the way"),
    # measures
    "baseline": mark("at the beginning"),
    "evaluation": mark("at the evaluation"),
    "link": mark("by a link"),
    "paper": mark("on paper"),
    "outside": mark("through somebody outside"),
    # attendance
    "attended": mark("came"),
    "absent": mark("did not come"),
    "excused": mark("had excused themselves"),
    # whose reason
    "person": mark("the person's reason"),
    "provider": mark("the provider's reason"),
    "network": mark("the network's reason"),
    "eligibility": mark("outside who it is for"),
    # why this link worker, or nobody
    "had_this_person_before": mark("knows the person from before"),
    "requested_gender": mark("of the gender asked for"),
    "speaks_language": mark("speaks the language"),
    "knows_the_needs": mark("knows the needs well"),
    "only_one_who_fits": mark("the only one who fits"),
    "least_load": mark("has the most room"),
    "first_in_order": mark("first among equals"),
    "named_successor": mark("named to take over"),
    "no_capacity": mark("nobody has room"),
    "on_leave": mark("on leave"),
    "needs_employed": mark("not for volunteers"),
    "no_requested_gender": mark("nobody of the gender asked for"),
    "no_language": mark("nobody speaks the language"),
    "other_area": mark("works in other areas"),
    "no_worker_in_area": mark("nobody works in the area"),
    "no_team_for_area": mark("no team covers the area"),
    "gave_it_back": mark("gave it back"),
    "protected_identity": mark("with care, by hand"),
    # why somebody else, why a rest, why unmet
    "handed_on": mark("handed on"),
    "conflict_of_interest": mark("knows the person privately"),
    "asked_for_another": mark("the person asked for somebody else"),
    "link_worker_left": mark("the link worker left"),
    "illness": mark("illness"),
    "called_off": mark("called off"),
    # when it suits
    "monday": mark("Mondays"),
    "tuesday": mark("Tuesdays"),
    "wednesday": mark("Wednesdays"),
    "thursday": mark("Thursdays"),
    "friday": mark("Fridays"),
    "saturday": mark("Saturdays"),
    "sunday": mark("Sundays"),
    "morning": mark("in the morning"),
    "afternoon": mark("in the afternoon"),
    "evening": mark("in the evening"),
    "travel": mark("travel"),
    "nothing_offered": mark("nothing is offered"),
    "full": mark("everything is full"),
    "too_far": mark("too far away"),
    "too_costly": mark("too costly"),
    "not_accessible": mark("not accessible"),
    "did_not_suit": mark("did not suit"),
    # why this activity, why not, and why no longer
    "fits_needs": mark("fits what the person needs"),
    "group_not_right_now": mark("the group cannot take in anybody just now"),
    "already_enrolled": mark("takes part already"),
    "unknown_activity": mark("there is no such activity"),
    "self_sustaining": mark("goes on by themselves"),
    "person_stopped": mark("the person stopped"),
    "provider_cannot_continue": mark("the provider cannot go on"),
    "case_closed": mark("the case is closed"),
    "plan_revised": mark("the plan is a new one"),
    "consent_to_be_asked": mark("the person has not been asked yet"),
    "guardian_to_be_decided": mark("somebody decides whether a guardian is asked"),
    "going_well": mark("it goes well"),
    # what nobody did in time
    "consent_asked": mark("the person was not asked"),
    "case_claimed": mark("nobody took the case"),
    "person_reached": mark("the person was not reached"),
    "offer_answered": mark("the provider did not answer"),
    "feedback_sent": mark("the referrer was not told"),
    "session_reported": mark("nobody said who came"),
    "receipt_fetched": mark("the receipt was not fetched"),
    "withdrawal_confirmed": mark("a receiver has not confirmed"),
    "evaluation_answered": mark("the evaluation was not answered"),
    # feedback points
    "acceptance": mark("at acceptance"),
    "assignment": mark("at assignment"),
    "plan": mark("at the plan"),
    "closure": mark("at closure"),
}
"""Codes the contracts name, for those that are shown beside a step."""

HOST = mark("Host: %(host)s")
NO_CONTACT = mark("would rather not be contacted about another time")

_DETAILS = (
    "because",
    "why",
    "way",
    "outcome",
    "kind",
    "barrier",
    "need",
    "mode",
    "channel",
    "whose",
    "reason",
    "point",
    "how_it_went",
    "at",
    "how",
    "days",
    "parts",
    "host",
)
"""What stands beside a step, in this order."""


def say_step(step: Step, names: Mapping[tuple[str, str], str], language: Language) -> str:
    """One step as a sentence. An unknown step is named by its code, so that none is hidden."""
    sentence = STEPS.get(step.step)
    if step.told.get("by_person"):
        sentence = BY_THE_PERSON.get(step.step, sentence)
    if sentence is None:
        return step.step
    values: dict[str, Any] = {}
    for field, value in step.told.items():
        values[field] = names.get((field, value), value) if isinstance(value, str) else value
    for moment in ("starts", "due"):
        if moment in values:
            values[moment] = language.moment(datetime.fromisoformat(values[moment]))
    if "until" in values:
        values["until"] = language.day(datetime.fromisoformat(f"{values['until']}T12:00+00:00"))
    return language.say(sentence, **values)


def say_details(step: Step, language: Language) -> list[str]:
    """The codes beside a step, each in words; one that has none is shown as it is, without underscores."""
    said = []
    for field in _DETAILS:
        value = step.told.get(field, ())
        for code in [value] if isinstance(value, str) else value:
            if field == "host":
                said.append(language.say(HOST, host=code))
            else:
                said.append(language.say(CODES[code]) if code in CODES else code.replace("_", " "))
    if step.told.get("contact") is False:
        said.append(language.say(NO_CONTACT))
    return said
