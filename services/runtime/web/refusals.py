"""What a rule that said no is called on a page, and what to do about it.

Every service's rules have a code (`Refusal.code`). Those that pages can meet are put into words here and in
the services' rooms; of one without words, the page shows the code and the message as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.runtime.languages import mark


@dataclass(frozen=True)
class Words:
    """One rule in words, marked for translation."""

    what: str
    what_to_do: str


STALE: Final = "stale"
UNCLEAR: Final = "malformed"
LATER: Final = frozenset({"try_again", "nobody_answers", "no_answer_in_time"})
"""Nothing is wrong with what was sent; it can be sent again as it is."""

_LATER = Words(
    mark("It could not be sent just now"),
    mark("Nothing you wrote is lost. Wait a moment, and send it again."),
)
SHARED: Final[Mapping[str, Words]] = {
    **dict.fromkeys(sorted(LATER), _LATER),
    STALE: Words(
        mark("Somebody else has changed this meanwhile"),
        mark(
            "Nothing was sent. The page shows how it is now, and the form what you wrote. "
            "Look at both, and send it again if it still holds."
        ),
    ),
    UNCLEAR: Words(
        mark("Something has to be mended"), mark("Look through what is marked, and send it again.")
    ),
    "not_allowed": Words(
        mark("Your role may not do this"), mark("Ask somebody in the right role, or your coordinator.")
    ),
    "internal_error": Words(
        mark("Something broke on our side"),
        mark("Nothing was changed. Try again; if it goes on, give the operators the message below."),
    ),
    "too_large": Words(mark("That was too much"), mark("Shorten what you wrote, and send it again.")),
    "command_id_taken": Words(
        mark("The form has been sent before"), mark("Look at how it is now, and send it again if need be.")
    ),
}
OTHER: Final = Words(
    mark("A rule of the network says no"),
    mark("Nothing was changed, and what you wrote is still in the form. The rule is named below."),
)

FAULTS: Final[Mapping[str, str]] = {
    "missing": mark("This is needed."),
    "too_short": mark("This is needed."),
    "too_long": mark("This is too long. Shorten it."),
    "too_small": mark("This is too little."),
    "too_large": mark("This is too much."),
    "unknown_word": mark("Choose one of the answers."),
    "wrong_format": mark("This is not written as it should be."),
}
"""What is wrong with a field, by the code of the fault."""
OTHER_FAULT: Final = mark("This could not be understood.")
