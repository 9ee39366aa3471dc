"""What the codes of the work with one person are called. Every text here is a key of the translations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from services.navigator.web.match_words import BARRIERS, INTERESTS, NEEDS, OTHERS
from services.navigator.web.words import CODES
from services.runtime.web import Language, mark

RELATIONS: Final[Mapping[str, str]] = {
    "partner": mark("partner"),
    "former_partner": mark("former partner"),
    "parent": mark("parent"),
    "child": mark("child"),
    "grandchild": mark("grandchild"),
    "sister": mark("sister"),
    "brother": mark("brother"),
    "relative": mark("relative"),
    "friend": mark("friend"),
    "old_friend": mark("old friend"),
    "neighbour": mark("neighbour"),
    "colleague": mark("colleague"),
    "former_colleague": mark("former colleague"),
    "schoolmate": mark("schoolmate"),
    "association": mark("somebody in an association"),
    "congregation": mark("somebody in a congregation"),
    "online_friend": mark("friend on the net"),
    "contact_person": mark("contact person"),
    "pet": mark("pet"),
}
"""Who somebody is to the person: never a name."""

WISHES: Final[Mapping[str, str]] = {
    "deepen": mark("wants more of it"),
    "resume": mark("wants to take it up again"),
    "keep": mark("keep as it is"),
    "leave": mark("wants less of it"),
}

LONELY_FOR: Final[Mapping[str, str]] = {
    "not_lonely": mark("Is not lonely"),
    "weeks": mark("For weeks"),
    "months": mark("For months"),
    "years": mark("For years"),
    "always": mark("For as long as they remember"),
    "unknown": mark("Not asked, or not known"),
}

SUPPORT_LEVELS: Final[Mapping[str, str]] = {
    "light": mark("Little: a hint is enough"),
    "usual": mark("Some: we do it together"),
    "close": mark("Much: somebody at their side"),
}

KINDS: Final[Mapping[str, str]] = {
    "social": mark("Social"),
    "culture": mark("Culture"),
    "physical": mark("Physical activity"),
    "support": mark("Support"),
}

TIMEPOINTS: Final[Mapping[str, str]] = {
    "baseline": mark("At the beginning"),
    "follow_up": mark("At a follow-up"),
    "evaluation": mark("At the evaluation"),
}

VERDICTS: Final[Mapping[str, str]] = {
    "later": mark("To look at together"),
    "chosen": mark("Chosen"),
    "declined": mark("No thanks"),
}

SUPPORTS: Final[Mapping[str, str]] = {
    "accompaniment": mark("Somebody comes along the first time"),
    "escort": mark("Somebody fetches the person"),
    "host": mark("Somebody there meets the person"),
    "barrier_help": mark("Help with something that is in the way"),
}

ATTENDANCE: Final[Mapping[str, str]] = {
    "attended": mark("Came"),
    "absent": mark("Did not come"),
    "excused": mark("Had said that they could not"),
}

ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "self_sustaining": ("person", mark("Goes on by themselves, without the network")),
    "person_stopped": ("person", mark("Does not want to go there any more")),
    "wrong_time": ("person", mark("The time does not suit")),
    "not_well_enough": ("person", mark("Is not well enough just now")),
    "provider_cannot_continue": ("provider", mark("Whoever runs it cannot go on")),
    "another_fits_better": ("network", mark("Something else fits better")),
}
"""Why somebody takes part no more, and whose reason that is."""

WENT: Final[Mapping[str, str]] = {
    "going_well": mark("It goes well"),
    "needs_more": mark("On the way, and more is needed"),
    "stopped": mark("They have stopped going"),
    "not_begun": mark("It has not begun"),
    "not_reached": mark("Could not be reached"),
}
"""What was told at a follow-up."""

WHY_UNMET: Final[Mapping[str, str]] = {
    "nothing_offered": mark("Nothing of the kind is offered"),
    "full": mark("Everything is full"),
    "too_far": mark("Too far away"),
    "too_costly": mark("Too costly"),
    "language": mark("Not in the person's language"),
    "not_accessible": mark("Not accessible"),
    "not_eligible": mark("Not for the person's age or gender"),
    "other_mode": mark("One takes part in another way than the person can"),
    "not_verified": mark("Nobody knows whether it still takes place"),
    "did_not_suit": mark("Nothing suited the person"),
}

UNKNOWN: Final[Mapping[str, str]] = {
    "others_who_come": mark("how many come by themselves"),
    "cost": mark("what it costs"),
    "times": mark("when the next time is"),
    "place": mark("the exact place"),
}
"""What nobody has said of an activity."""

PLACES: Final[Mapping[str, str]] = {
    "requested": mark("Asked for; the network passes it on"),
    "offered": mark("The provider is asked"),
    "waitlisted": mark("In line"),
    "accepted": mark("Welcome"),
    "declined": mark("No place"),
    "expired": mark("The provider did not answer"),
    "ended": mark("Over"),
}
"""Where somebody's taking part stands."""


def called(code: str | None, language: Language, *names: Mapping[str, str]) -> str:
    """What a code is called by the first of the tables that knows it; one that none knows says itself."""
    if code is None:
        return ""
    for table in (*names, OTHERS, CODES):
        if code in table:
            return language.say(table[code])
    return code.replace("_", " ")


def named(codes: Iterable[str], names: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Codes with what they are called, in the order of what they are called."""
    found = [(str(code), called(str(code), language, names)) for code in codes]
    return sorted(found, key=lambda pair: pair[1].casefold())


def need(code: str, language: Language) -> str:
    """What a need is called."""
    return called(code, language, NEEDS)


def interest(code: str, language: Language) -> str:
    """What an interest is called."""
    return called(code, language, {**NEEDS, **INTERESTS})


def barrier(code: str, language: Language) -> str:
    """What stands in the way."""
    return called(code, language, BARRIERS)
