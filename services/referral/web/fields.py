"""What comes out of a form: cleaned text by field, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from starlette.datastructures import FormData

from services.referral.vault.identity import read_identity
from services.runtime.web import mark
from sluss_contracts.vocabulary import ConsentPurpose, Gender, MessageWay, Need

LINE, TEXT = 200, 4000
"""Signs that fit into a line and into a free text."""
COMMON_LANGUAGES = ("sv", "ar", "en", "fa", "fi", "so", "ti", "uk")
NEVER = ("phone", "sms", "email", "letter")
"""Ways that somebody may say must not be used."""

Said = dict[str, Any]
Faults = dict[str, str]
"""By field, what to do about it, in the order of the form."""

TOO_LONG = mark("This is too long. Shorten it.")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{4,30}")


@dataclass(frozen=True)
class Fields:
    """The fields of one screen, by how they are read."""

    lines: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    several: tuple[str, ...] = ()

    def read(self, given: FormData) -> Said:
        """What was sent, without what no keyboard types; a field that was not sent is empty."""
        said: Said = {name: _clean(given.get(name)) for name in self.lines}
        said |= {name: _clean(given.get(name), lines=True) for name in self.texts}
        return said | {name: [_clean(one) for one in given.getlist(name)] for name in self.several}

    def empty(self) -> Said:
        """The screen before anybody has written."""
        return dict.fromkeys((*self.lines, *self.texts), "") | {name: [] for name in self.several}

    def too_long(self, said: Said) -> Faults:
        """The fields that hold more than is taken."""
        most = dict.fromkeys(self.lines, LINE) | dict.fromkeys(self.texts, TEXT)
        return {name: TOO_LONG for name, limit in most.items() if len(said[name]) > limit}


def _clean(value: Any, *, lines: bool = False) -> str:
    if not isinstance(value, str):
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "\n" if lines else ""
    return "".join(sign for sign in text if sign.isprintable() or sign in kept).strip()


def ways_that_are_wrong(said: Said) -> Faults:
    """A telephone number and an e-mail address that nobody can be reached by."""
    faults: Faults = {}
    for name in ("phone", "guardian_phone"):
        if said.get(name) and not _PHONE.fullmatch(said[name]):
            faults[name] = mark("This is no telephone number. Write digits only, as 070-123 45 67.")
    if said.get("email") and not _EMAIL.fullmatch(said["email"]):
        faults["email"] = mark("This is no e-mail address. Write it as name@example.org.")
    return faults


def born_wrong(said: Said, this_year: int) -> Faults:
    """A year of birth in which nobody alive was born."""
    if said["born"] and not (said["born"].isdecimal() and 1900 <= int(said["born"]) <= this_year):
        return {"born": mark("Write the year with four digits, as 1950.")}
    return {}


def number_wrong(said: Said) -> Faults:
    """What is no personal or co-ordination number (the `personnummer` library's word)."""
    if said["number"] and read_identity(said["number"]) is None:
        return {"number": mark("This is no personal identity number. Check the digits, or leave it empty.")}
    return {}


def needs_wrong(said: Said) -> Faults:
    """No need chosen, or none we know."""
    if not said["needs"] or not set(said["needs"]) <= set(Need):
        return {"needs": mark("Choose at least one thing.")}
    return {}


def hours_wrong(said: Said) -> Faults:
    """Hours outside which nobody may call, written otherwise than a clock does."""
    return {
        name: mark("Write a time of day, as 08:00.")
        for name in ("not_before", "not_after")
        if said[name] and _hour(said[name]) is None
    }


def safe_contact(said: Said) -> Said | None:
    """What must not be done when the person is reached, as the contract has it."""
    found = {
        "never": [way for way in said["never"] if way in NEVER],
        "not_before": _hour(said["not_before"]),
        "not_after": _hour(said["not_after"]),
        "must_not_know": said["must_not_know"] or None,
    }
    rules = {name: value for name, value in found.items() if value}
    return rules or None


def _hour(text: str) -> str | None:
    try:
        return time.fromisoformat(text).strftime("%H:%M:%S")
    except ValueError:
        return None


def contact(said: Said) -> Said:
    """How the person is reached, as the contract has it."""
    return {name: said[name] for name in ("phone", "email") if said[name]}


def prefers(said: Said) -> list[str]:
    """How the person would rather be written to."""
    return (
        [said["prefers"]] if said["prefers"] in (MessageWay.SMS, MessageWay.EMAIL, MessageWay.LETTER) else []
    )


def gender(said: Said) -> str | None:
    """Of the link worker, where it matters."""
    return said["gender"] if said["gender"] in set(Gender) else None


def language(said: Said) -> str:
    """What the person wants to speak."""
    return said["language"] if re.fullmatch(r"[a-z]{2,3}", said["language"]) else "sv"


def purposes(chosen: Iterable[str]) -> list[str]:
    """What is agreed to, in the contract's order."""
    wanted = set(chosen)
    return [each.value for each in ConsentPurpose if each.value in wanted]


def without_nothing(content: Mapping[str, Any]) -> Said:
    """The same without what is not said."""
    return {name: value for name, value in content.items() if value not in (None, "", [], {}, ())}


def in_order(faults: Faults, fields: Sequence[str]) -> Faults:
    """The faults as the fields stand on the page."""
    return {name: faults[name] for name in fields if name in faults} | faults
