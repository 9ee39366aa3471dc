"""Kinds and ways of meetings as the pathway and the board call them."""

from __future__ import annotations

from services.navigator.web.words import CODES
from services.runtime.web import Language
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
