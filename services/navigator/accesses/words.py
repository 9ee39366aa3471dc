"""What the access log's codes are called."""

from __future__ import annotations

from typing import Final

from services.runtime.web import mark
from sluss_contracts.vocabulary import Look

ACTIONS: Final = {
    Look.SEARCH_HIT.value: mark("Found in a search"),
    Look.LISTED.value: mark("Stood in a list"),
    Look.OPENED.value: mark("Opened"),
    Look.PRINTED.value: mark("Printed"),
    Look.EXPORTED.value: mark("Taken out"),
    "read_person": mark("Read, to write to the person"),
    "read_words": mark("Read what was written"),
    "keep_words": mark("Wrote something down"),
    "change_contact": mark("Changed how the person is reached"),
    "read_access_log": mark("Looked at who has looked"),
}
PURPOSES: Final = {
    "today": mark("to see what is to be done"),
    "case": mark("for the work with the person"),
    "meeting": mark("for a meeting"),
    "hand_over": mark("to hand over to somebody else"),
    "find_case": mark("to find a case"),
    "send_message": mark("to send a message"),
    "feedback_to_referrer": mark("to tell who referred"),
    "follow_referral": mark("to follow what was referred"),
    "persons_extract": mark("because the person asked"),
}
DENIED: Final = mark("was not let")
"""Said with the rule's code."""
