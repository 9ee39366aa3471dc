"""What the pages of links to meetings say. Nothing tells whom they are for, or why they meet."""

from __future__ import annotations

from typing import Final

from services.runtime.web import mark
from sluss_contracts.vocabulary import MeetingMode, PartOfDay, Weekday

WHERE: Final = {
    MeetingMode.CLINIC: mark("Where you have agreed to meet"),
    MeetingMode.HOME: mark("At your home"),
    MeetingMode.PHONE: mark("By phone; you are called"),
    MeetingMode.VIDEO: mark("By video"),
    MeetingMode.WALK: mark("On a walk, from where you have agreed"),
}

DAYS: Final = {
    Weekday.MONDAY: mark("Mondays"),
    Weekday.TUESDAY: mark("Tuesdays"),
    Weekday.WEDNESDAY: mark("Wednesdays"),
    Weekday.THURSDAY: mark("Thursdays"),
    Weekday.FRIDAY: mark("Fridays"),
}
"""When link workers usually meet people; whoever can only at other times says so when they are called."""
PARTS: Final = {
    PartOfDay.MORNING: mark("In the morning"),
    PartOfDay.AFTERNOON: mark("In the afternoon"),
    PartOfDay.EVENING: mark("In the evening"),
}

DONE: Final = {
    "confirmed": mark("Thank you. We know that you are coming."),
    "moved": mark("Thank you. The new time is booked, and you get a message about it."),
    "asked": mark("Thank you. You are contacted, so that you can find another time together."),
}
"""Said above the meeting when something has been answered."""

THANKS: Final = {
    "cancelled": mark("The time is cancelled. You are contacted about another."),
    "cancelled-for-now": mark(
        "The time is cancelled, and nobody contacts you about another unless you want it. Nothing else has "
        "changed: get in touch whenever you like."
    ),
}
"""What follows once it is cancelled, by what was answered."""

SAY_ONE: Final = mark("Choose one of the answers.")
SAY_A_TIME: Final = mark("Choose a time, or tick when it would suit you.")
TAKEN: Final = mark("That time has just been taken. Please choose another.")
