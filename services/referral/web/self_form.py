"""Somebody asks for help for themselves, or for a relative: screen by screen, and the request. Pure."""

from __future__ import annotations

from datetime import date

from services.referral.web.fields import (
    Faults,
    Fields,
    Said,
    born_wrong,
    contact,
    gender,
    hours_wrong,
    in_order,
    language,
    needs_wrong,
    prefers,
    purposes,
    safe_contact,
    ways_that_are_wrong,
    without_nothing,
)
from services.runtime.web import mark
from sluss_contracts.vocabulary import Channel, ConsentPurpose, ConsentStatus, Slug

OWN_DOOR: Slug = "egen-anmalan"
"""The organisation that people who come by themselves are received by: the network's own door."""
ELSEWHERE = "annan-ort"
"""An area that no team has: the network's own team looks at it."""
SELF, RELATIVE = "self", "relative"

WHO = Fields(
    lines=(
        "whom",
        "name",
        "phone",
        "email",
        "born",
        "prefers",
        "not_before",
        "not_after",
        "must_not_know",
        "teller",
    ),
    several=("agreed", "never"),
)
WHAT = Fields(lines=("area", "language", "gender"), texts=("reason",), several=("needs",))


def who_wrong(said: Said, today: date) -> Faults:
    """What the first screen lacks."""
    faults = WHO.too_long(said) | ways_that_are_wrong(said) | hours_wrong(said) | born_wrong(said, today.year)
    if said["whom"] not in (SELF, RELATIVE):
        faults["whom"] = mark("Say whether it is for you or for somebody close to you.")
    if not said["name"]:
        faults["name"] = mark("Write a name. A first name is enough.")
    if not (said["phone"] or said["email"]):
        faults["phone"] = mark("Write a telephone number or an e-mail address, so that somebody can answer.")
    if said["whom"] == SELF and ConsentPurpose.REFERRAL.value not in said["agreed"]:
        faults["agreed"] = mark("Nobody may contact you before you have said yes to it.")
    if said["whom"] == RELATIVE and not said["teller"]:
        faults["teller"] = mark("Write your own name, so that we can say who has told us.")
    order = (
        "whom",
        "teller",
        "name",
        "phone",
        "email",
        "born",
        "prefers",
        "never",
        "not_before",
        "not_after",
    )
    return in_order(faults, (*order, "must_not_know", "agreed"))


def what_wrong(said: Said, today: date) -> Faults:
    """What the second screen lacks."""
    faults = needs_wrong(said) | WHAT.too_long(said)
    if not said["area"]:
        faults["area"] = mark("Choose where you live, or “Somewhere else”.")
    return in_order(faults, ("needs", "reason", "area", "language", "gender"))


def request(said: Said, unit: str, relative: str) -> Said:
    """The payload of the request; only of what was checked. Somebody's relative cannot agree for them, so
    they are asked first. `unit` and `relative` are how the two are called where staff read it."""
    own = said["whom"] == SELF
    person = {
        "name": said["name"],
        "contact": contact(said),
        "language": language(said),
        "born": int(said["born"]) if said["born"] else None,
        "safe_contact": safe_contact(said),
        "prefers": prefers(said),
    }
    # There is nobody to tell how it goes but the person.
    agreed = purposes(set(said["agreed"]) - {ConsentPurpose.FEEDBACK_TO_REFERRER.value}) if own else []
    status = ConsentStatus.GIVEN if own else ConsentStatus.TO_BE_ASKED
    teller = None if own else said["teller"]
    return without_nothing(
        {
            "person": without_nothing(person),
            "area": said["area"],
            "needs": said["needs"],
            "consent": without_nothing({"status": status.value, "purposes": agreed}),
            "referrer": without_nothing(
                {
                    "unit": unit if own else relative,
                    "person": teller,
                    "channel": (Channel.WEB if own else Channel.RELATIVE).value,
                }
            ),
            "reason": said["reason"],
            "requested_gender": gender(said),
            "pathway": said.get("pathway"),
        }
    )
