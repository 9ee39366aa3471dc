"""What a referrer reads of a referral, in words. Every text here is a key of the translations."""

from __future__ import annotations

from services.navigator.referrers.reading import Which
from services.runtime.web import mark
from sluss_contracts.vocabulary import CaseOutcome

WHICH = {Which.OPEN: mark("Under way"), Which.OVER: mark("Over"), Which.ALL: mark("All")}

STANDING = {
    "referral.submitted": mark("Received"),
    "referral.held": mark("The person is to be asked"),
    "referral.accepted": mark("Taken on"),
    "case.queued": mark("Waits for a link worker"),
    "case.assigned": mark("A link worker has it"),
    "case.claimed": mark("A link worker has it"),
    "plan.agreed": mark("There is a plan"),
    "feedback.sent": mark("You have been told more"),
    "referral.closed": mark("Over"),
    "referral.declined": mark("Not the right help"),
    "referral.cancelled": mark("Taken back"),
    "referral.redirected": mark("Sent on"),
    "referral.entered_in_error": mark("Void"),
}
"""By the last step a referrer was told of."""

REASONS = {
    "person_asked": mark("The person does not want it any more"),
    "no_longer_needed": mark("It is no longer needed"),
    "found_other_help": mark("They have found other help"),
}
ERRORS = {
    "wrong_person": mark("It was about the wrong person"),
    "sent_twice": mark("It was sent by mistake, or twice"),
}
"""What should never have been: void, and counted nowhere."""
DONE = {
    "cancel": mark("The referral is taken back. It may take a moment before it shows below."),
    "error": mark("The referral is void. It may take a moment before it shows below."),
}

TOLD = {
    "accepted": mark("We have received the referral and take it on."),
    "in_line": mark("The referral waits for a link worker who has room."),
    "assigned": mark("A link worker has taken it on and gets in touch."),
    "plan_agreed": mark("There is a plan, made together with the person."),
    "closed": mark("Our work with the referral is over."),
}
OUTCOMES = {
    CaseOutcome.COMPLETED.value: mark("What was planned is done."),
    CaseOutcome.UNREACHABLE.value: mark("We have not reached the person, though we tried several times."),
    CaseOutcome.PERSON_DECLINED.value: mark("The person has said no thank you."),
    CaseOutcome.MOVED.value: mark("The person has moved."),
    CaseOutcome.DECEASED.value: mark("The person has died."),
    CaseOutcome.FAILED.value: mark("We have not been able to help as was meant."),
    CaseOutcome.SCREENED_OUT.value: mark("Something else than we can offer helps better."),
    CaseOutcome.OUTSIDE_REMIT.value: mark("It is outside what we can help with."),
    CaseOutcome.REDIRECTED.value: mark("It has gone on to somebody who is right for it."),
    CaseOutcome.CANCELLED.value: mark("You have taken it back."),
    CaseOutcome.CONSENT_WITHDRAWN.value: mark("The person does not want it any longer."),
    CaseOutcome.ENTERED_IN_ERROR.value: mark("It was made by mistake and does not count."),
}
