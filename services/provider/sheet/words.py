"""The words a spreadsheet may use for ours: the calendar's own, in Swedish and in English, and the codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from services.runtime.languages import load_languages
from sluss_contracts.offering import ActivityCategory, Interest, Per
from sluss_contracts.vocabulary import Need, PrescriptionKind

_KINDS = {
    PrescriptionKind.SOCIAL: ("social", "socialt", "gemenskap"),
    PrescriptionKind.CULTURE: ("kultur", "kulturell"),
    PrescriptionKind.PHYSICAL: ("fysisk", "fysiskt", "rörelse", "motion", "idrott"),
    PrescriptionKind.SUPPORT: ("stöd", "hjälp"),
}
_NEEDS = {
    Need.COMPANY: ("sällskap", "gemenskap", "träffa folk"),
    Need.BEFRIENDING: ("vän", "kontaktperson", "besöksvän"),
    Need.PHYSICAL_ACTIVITY: ("rörelse", "motion", "fysisk aktivitet", "exercise"),
    Need.CULTURE: ("kultur",),
    Need.NATURE: ("natur",),
    Need.LANGUAGE: ("språk", "språkträning", "svenska"),
    Need.STUDIES: ("studier", "läxor"),
    Need.WORK: ("arbete", "jobb"),
    Need.DEBT: ("skulder", "ekonomi"),
    Need.HOUSING: ("bostad", "boende"),
    Need.PARENTING: ("föräldraskap", "föräldrar"),
    Need.CARER_SUPPORT: ("anhörigstöd", "anhöriga"),
    Need.GRIEF: ("sorg",),
    Need.MENTAL_WELLBEING: ("må bra", "psykisk hälsa", "wellbeing"),
    Need.SUBSTANCE_USE: ("alkohol och droger", "missbruk", "beroende"),
    Need.DIGITAL_HELP: ("digital hjälp", "datorhjälp"),
    Need.VOLUNTEERING: ("engagemang", "volontär", "frivilligarbete"),
    Need.MEANING: ("mening", "meningsfullhet"),
}
PER = {
    Per.TIME: ("gång", "gången", "tillfälle", "gg", "time", "session"),
    Per.MONTH: ("månad", "månaden", "mån", "month"),
    Per.TERM: ("termin", "terminen", "term"),
    Per.YEAR: ("år", "året", "year"),
    Per.WHOLE: ("totalt", "hela", "kurs", "kursen", "whole", "course"),
}


@cache
def categories() -> Mapping[str, ActivityCategory]:
    """By word, in small letters."""
    from services.provider.web.calendar_codes import CATEGORIES  # the pages there show this room's too

    return {word: ActivityCategory(code) for word, code in _called(CATEGORIES).items()}


@cache
def interests() -> Mapping[str, Interest]:
    """By word, in small letters."""
    from services.provider.web.calendar_codes import INTERESTS

    return {word: Interest(code) for word, code in _called(INTERESTS).items()}


@cache
def needs() -> Mapping[str, Need]:
    """By word, in small letters."""
    found = {word: need for need in Need for word in (need.value, need.value.replace("_", " "))}
    return found | {word: need for need, many in _NEEDS.items() for word in many}


@cache
def kinds() -> Mapping[str, PrescriptionKind]:
    """By word, in small letters."""
    found = {kind.value: kind for kind in PrescriptionKind}
    return found | {word: kind for kind, many in _KINDS.items() for word in many}


@cache
def languages() -> Mapping[str, str]:
    """By name, in small letters: `arabiska`, `arabic`, `ar`."""
    found: dict[str, str] = {}
    for locale in (Locale("en"), Locale("sv")):
        for code, name in locale.languages.items():
            if 2 <= len(code) <= 3:
                found |= {name.lower(): code, code: code}
    return found


def _called(texts: Mapping[Any, str]) -> dict[str, str]:
    spoken = load_languages([Path(__file__).parents[1] / "web"])
    found = {}
    for code, text in texts.items():
        for word in (
            str(code),
            str(code).replace("_", " "),
            text,
            *(each.say(text) for each in spoken.values()),
        ):
            found[word.lower()] = str(code)
    return found
