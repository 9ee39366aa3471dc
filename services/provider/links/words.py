"""What the pages of links say: the closed lists, and what follows from an answer."""

from __future__ import annotations

from collections.abc import Iterable

from babel import Locale

from services.runtime.web import mark
from sluss_contracts.offering import Access, Mode, Per
from sluss_contracts.vocabulary import Attendance

REASONS = {
    "group_is_full": mark("The group is full right now"),
    "not_this_term": mark("We are having a break, or begin again later"),
    "no_host": mark("We have nobody who can meet somebody new right now"),
    "wrong_level": mark("The group is at another level than somebody new would need"),
    "cannot_right_now": mark("It does not work for us right now, for another reason of our own"),
}
"""Why a provider says no: always a reason of its own, never one of the person's."""

CAME = {
    Attendance.ATTENDED: mark("Was there"),
    Attendance.ABSENT: mark("Was not there"),
    Attendance.EXCUSED: mark("Had told us beforehand"),
}

THANKS = {
    "welcome": (
        mark("Thank you, they are welcome"),
        mark(
            "Your answer has arrived. The person hears from their link worker, with the name of whoever "
            "meets them."
        ),
    ),
    "another_time": (
        mark("Thank you for suggesting another time"),
        mark("Your answer has arrived. The link worker asks the person, and the place is held meanwhile."),
    ),
    "no": (
        mark("Thank you for answering"),
        mark("Your answer has arrived. The link worker looks for something else together with the person."),
    ),
    "right": (
        mark("Thank you, it stays as it is"),
        mark(
            "What is published about your activity counts as right from today. We ask again in half a "
            "year or so."
        ),
    ),
    "changed": (
        mark("Thank you, it is changed"),
        mark("The change is published, and what is published counts as right from today."),
    ),
    "ended": (
        mark("Thank you for telling us"),
        mark(
            "The activity is no longer shown. Those who took part through the network hear from their "
            "link workers."
        ),
    ),
}
"""By what was answered: the heading, and what happens next."""

MODES = {
    Mode.ON_SITE: mark("On site"),
    Mode.DIGITAL: mark("Digitally"),
    Mode.BOTH: mark("Both on site and digitally"),
}
PER = {
    Per.TIME: mark("each time"),
    Per.MONTH: mark("a month"),
    Per.TERM: mark("a term"),
    Per.YEAR: mark("a year"),
    Per.WHOLE: mark("for all of it"),
}
ACCESS = {
    Access.STEP_FREE: mark("No steps"),
    Access.ACCESSIBLE_TOILET: mark("Accessible toilet"),
    Access.HEARING_LOOP: mark("Hearing loop"),
    Access.SIGN_LANGUAGE: mark("Sign language"),
    Access.EASY_LANGUAGE: mark("Easy language"),
    Access.QUIET: mark("Quiet surroundings"),
    Access.SITTING_DOWN: mark("Can be done sitting down"),
    Access.BUS_NEAR: mark("Bus stop nearby"),
    Access.PARKING: mark("Parking"),
    Access.CHILDREN_WELCOME: mark("Children are welcome"),
    Access.BRING_A_FRIEND: mark("Bring a friend if you like"),
    Access.BORROW_EQUIPMENT: mark("Equipment can be borrowed"),
}
"""Said to providers as the calendar says it to everybody."""
_OFTEN_SPOKEN = ("sv", "en", "ar", "fa", "fi", "pl", "so", "ti", "uk")


def languages(spoken: Iterable[str], said_in: str) -> list[tuple[str, str]]:
    """The languages to choose from, those that are spoken among them, and what each is called."""
    names = Locale(said_in).languages
    return [(code, str(names.get(code, code))) for code in dict.fromkeys((*_OFTEN_SPOKEN, *spoken))]


NOT_UNDERSTOOD = mark("Something in it could not be taken. Look through what you wrote, and send it again.")
SAY_ONE = mark("Choose one of the answers.")
SAY_WHY = mark("Choose why. It is shown to the link worker alone.")
SAY_WHEN = mark("Say which day and at what time.")
TO_COME = mark("Choose a time that is to come.")
HOST_TOO_LONG = mark("Write a first name or two, in at most 80 signs.")
SAY_SURE = mark("Tick the box, so that nothing is ended by mistake.")
SAY_SOMETHING = mark("Say of at least one person whether they were there.")
WRONG_IN = {
    "title": mark("Write what it is called, in at most 200 signs."),
    "about": mark("Write about it in at most 4000 signs."),
    "capacity": mark("Write how many can take part, as a number from 1 to 10000."),
    "mode": mark("Choose where one takes part."),
    "venue": mark("Write the name of the place; a postal code has five digits."),
    "cost": mark("Write what it costs in whole kronor; 0 if it is free."),
    "eligibility": mark("Write ages from 0 to 120, the lower one first."),
    "languages": mark("Choose at least one language."),
    "page": mark("Write the whole address of the page, beginning with https://"),
}
"""What to do, by the part of an activity that could not be taken."""
