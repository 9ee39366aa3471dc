"""Kinds and ways of meetings as the pathway and the board call them."""

from __future__ import annotations

from services.navigator.domain.meeting import Meeting
from services.navigator.web.words import CODES
from services.runtime.web import Language, mark
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import MeetingKind, MeetingMode


def kind_of_meeting(pathway: Pathway, kind: MeetingKind, language: Language) -> str:
    """As the pathway names its step; a follow-up meeting, which is none of its steps, as everybody does."""
    for step in pathway.steps:
        if step.kind is kind:
            return step.name.sv if language.code == "sv" else step.name.en
    said = language.say(CODES[kind.value])
    return said[:1].upper() + said[1:]


def mode_of_meeting(mode: MeetingMode, language: Language) -> str:
    """Where or how: `at home`, `by phone`."""
    return language.say(CODES[mode.value])


SUITS = {True: mark("The person has confirmed"), False: mark("Does not suit the person")}
"""What the person has said of a booked time by themselves."""
_BETTER = mark("Does not suit the person; better: %(when)s")


def said_of(meeting: Meeting, language: Language) -> str:
    """What the person has said of the time by themselves, and when another would suit; empty if nothing."""
    if meeting.confirmed:
        return language.say(SUITS[True])
    if meeting.unsuited is None:
        return ""
    times = [*meeting.unsuited.days, *meeting.unsuited.parts]
    if not times:
        return language.say(SUITS[False])
    when = ", ".join(language.say(CODES[each]) if each in CODES else each for each in times)
    return language.say(_BETTER, when=when)
