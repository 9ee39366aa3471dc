"""The rules that a step from the desk can meet, in words, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.runtime.web import mark
from services.runtime.web.refusals import Words

REFUSALS: Final[Mapping[str, Words]] = {
    "not_this_workers": Words(
        mark("The case is a colleague's"),
        mark("Ask them, or a coordinator, to hand it on. Nothing was changed."),
    ),
    "not_this_teams": Words(
        mark("The case waits for another team"), mark("A coordinator can move it to yours.")
    ),
    "not_assigned": Words(mark("Nobody has the case yet"), mark("Take it first, and send it again.")),
    "already_claimed": Words(
        mark("Somebody was quicker"),
        mark("A colleague has the case. Nothing was changed; there may be others in the inbox."),
    ),
    "already_closed": Words(
        mark("The case is closed"),
        mark("What is closed stays closed. If the person comes back, a new referral begins."),
    ),
    "unknown_case": Words(
        mark("There is no case yet"), mark("The person may not have been asked. Note their answer first.")
    ),
    "case_is_paused": Words(
        mark("The case rests"),
        mark("Let the work go on first, and send it again. Nothing you wrote is lost."),
    ),
    "no_such_meeting": Words(mark("There is no such meeting"), mark("Book it first.")),
    "meeting_already_recorded": Words(
        mark("Somebody has said what came of the meeting"), mark("If there was another, book that one.")
    ),
    "meeting_is_cancelled": Words(
        mark("The meeting is cancelled"), mark("Book a new one; a cancelled one is neither moved nor held.")
    ),
    "time_is_taken": Words(
        mark("That time has just been taken"),
        mark("Another meeting was booked then meanwhile. Nothing was changed; choose another time below."),
    ),
    "no_such_step": Words(
        mark("The pathway has no such meeting"), mark("Choose one of those that are offered.")
    ),
    "mode_not_in_step": Words(
        mark("On this pathway one does not meet like that"),
        mark("Choose another way to meet; each kind of meeting has its own."),
    ),
    "no_plan_yet": Words(mark("There is no plan yet"), mark("Agree on it with the person first.")),
    "pause_ends_in_the_past": Words(
        mark("That day has passed"), mark("Choose a day to come, and send it again.")
    ),
    "decided_by_the_referral": Words(
        mark("That is not for closing the case to say"),
        mark("The case ends so by itself when the referral is declined, sent on or taken back."),
    ),
    "unmet_need_not_recorded": Words(
        mark("Which need did nothing meet?"),
        mark(
            "The case led to no activity. Note which need nothing met, and close it then; "
            "what you wrote is kept."
        ),
    ),
    "unknown_worker": Words(
        mark("Nobody of that name is registered"), mark("Choose somebody from the list.")
    ),
    "no_successor": Words(
        mark("They cannot take over"),
        mark("Choose somebody else, who has not left, or let the network choose. Nothing was changed."),
    ),
    "leave_ends_before_it_starts": Words(
        mark("The last day is before the first"), mark("Change one of them, and send it again.")
    ),
    "hours_end_before_they_start": Words(
        mark("A time ends before it starts"), mark("Look at the day that is marked, and send it again.")
    ),
    "hours_overlap": Words(
        mark("Two times of one day overlap"), mark("Look at the day that is marked, and send it again.")
    ),
    "no_such_task": Words(mark("That task is gone"), mark("Look at the case as it is now.")),
    "done_by_its_step": Words(
        mark("That is done by its own step"), mark("Go back to the case and take the step it waits for.")
    ),
    "words_not_kept": Words(
        mark("What you wrote could not be kept"),
        mark("The vault did not take it, so nothing was changed. Send it again in a while."),
    ),
}
"""By the rule's code."""
