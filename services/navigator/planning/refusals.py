"""Why a step was not taken, and what to do about it, in the words of whoever sits with the person.

What the desk's steps meet as well is said there (`services.navigator.desk.refusals`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.runtime.web import mark
from services.runtime.web.refusals import Words

RULES: Final[Mapping[str, Words]] = {
    "not_yet_met": Words(
        mark("A plan is agreed with the person, and nobody has spoken with them yet."),
        mark("Record the contact or the meeting first, on the case's own page."),
    ),
    "no_such_goal": Words(
        mark("That goal is not in the plan any more."),
        mark("Choose one of the goals that are in it now."),
    ),
    "unknown_activity": Words(
        mark("The activity takes nobody new just now."),
        mark(
            "It is withdrawn, or hidden until somebody says that it is right. Choose another, or ask later."
        ),
    ),
    "protected_by_hand": Words(
        mark("The person has a protected identity, so nothing goes to a provider by itself."),
        mark("Agree with the person what the provider is told, and tick that the request is made by hand."),
    ),
    "no_alternatives_yet": Words(
        mark("In this way of working, alternatives are looked at together first."),
        mark("Write down what you looked at and what was said of it; then ask for the place."),
    ),
    "declined_without_reason": Words(
        mark("A no has a reason that somebody may learn from."),
        mark("Choose why for each activity the person said no to."),
    ),
    "not_on_this_pathway": Words(
        mark("That is not part of the way of working this case follows."),
        mark("Leave it out, or let a coordinator change the way of working."),
    ),
    "no_such_support": Words(
        mark("That help is not agreed any more."),
        mark("Look at what is agreed now, and agree on it anew."),
    ),
    "no_such_enrolment": Words(
        mark("The help belongs to a place that was never asked for."),
        mark("Choose one of the places that are asked for, or none."),
    ),
    "barrier_not_named": Words(
        mark("Help with something in the way names what it is."),
        mark("Choose what is in the way."),
    ),
    "not_answerable": Words(
        mark("One of the answers cannot be given to that question."),
        mark("Look through the answers that are marked."),
    ),
    "unknown_instrument": Words(
        mark("The network does not measure with that."),
        mark("Choose one of those in the list."),
    ),
    "not_comparable": Words(
        mark("The two were measured with different versions, so no difference can be told."),
        mark("Compare two measures of the same version."),
    ),
    "not_shown": Words(
        mark("This part of the case is not shown to your role."),
        mark("Ask the link worker who has the case."),
    ),
    "nothing_to_go_by": Words(
        mark("Nothing is known of what the person needs or likes."),
        mark("Record a mapping first, or say below what to look for."),
    ),
    "has_not_begun": Words(
        mark("That time has not been yet."),
        mark("Say who came when it is over."),
    ),
    "not_taking_part": Words(
        mark("The person has no place there any more."),
        mark("Look at where their taking part stands now."),
    ),
    "unknown_session": Words(
        mark("That time does not take place."),
        mark("Choose another of the times."),
    ),
    "no_time_suggested": Words(
        mark("The provider has suggested no other time."),
        mark("Look at where their taking part stands now."),
    ),
    "not_offered": Words(
        mark("The place is not held any more."),
        mark("Ask for it anew, or look for something else."),
    ),
    "offer_expired": Words(
        mark("Nobody answered in time, and the place has gone to somebody else."),
        mark("Ask for it anew, or look for something else."),
    ),
    "time_has_passed": Words(
        mark("The time that was suggested has passed."),
        mark("Ask the provider for another, or end this and ask anew."),
    ),
    "followup_is_cancelled": Words(
        mark("That follow-up was called off."),
        mark("A new plan usually has a follow-up of its own."),
    ),
    "followup_has_lapsed": Words(
        mark("It is too late for that follow-up."),
        mark("Contact the person anyway, on the case's own page. The next follow-up still comes."),
    ),
    "evaluation_not_due": Words(
        mark("It is not time for the evaluation yet."),
        mark("Wait until it is due; measures can be taken at any time on the page Measures."),
    ),
    "evaluation_is_cancelled": Words(
        mark("The evaluation was called off."),
        mark("The person is not to be asked."),
    ),
    "already_answered": Words(
        mark("The evaluation has been answered already."),
        mark("Nothing more is to do."),
    ),
    "instrument_not_asked": Words(
        mark("The evaluation does not ask that."),
        mark("Answer what it asks; other measures belong on the page Measures."),
    ),
}
