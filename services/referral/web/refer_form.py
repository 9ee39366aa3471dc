"""A professional's referral, screen by screen, and the request it becomes. Pure."""

from __future__ import annotations

from datetime import date

from services.referral.domain.minors import OF_AGE, Age, age_by_number, age_by_year
from services.referral.vault.identity import read_identity
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
    number_wrong,
    prefers,
    safe_contact,
    ways_that_are_wrong,
    without_nothing,
)
from services.runtime.web import mark
from sluss_contracts.vocabulary import Channel, ConsentPurpose, ConsentStatus, GuardianRule, Protection

WHO = Fields(
    lines=(
        *("name", "phone", "email", "number", "born", "language", "prefers", "consent", "protected"),
        *("not_before", "not_after", "must_not_know", "guardian_rule", "guardian_phone"),
    ),
    several=("never",),
)
WHAT = Fields(lines=("area", "gender", "pathway", "unit", "person"), texts=("reason",), several=("needs",))

GUARDIAN_RULES = {
    GuardianRule.CONSENTS.value: mark("The guardian consents"),
    GuardianRule.INFORMED.value: mark("The guardian is told"),
    GuardianRule.WITHHELD.value: mark("The guardian is rightly left out"),
}
"""What a professional may have decided of a minor; said nothing, the team decides."""


def who_wrong(said: Said, today: date) -> Faults:
    """What the first screen lacks."""
    faults = WHO.too_long(said) | ways_that_are_wrong(said) | number_wrong(said) | hours_wrong(said)
    faults |= born_wrong(said, today.year)
    if not said["name"]:
        faults["name"] = mark("Write what the person is called.")
    if not (said["phone"] or said["email"] or said["number"]):
        faults["phone"] = mark("Write at least a telephone number, an e-mail address or a personal number.")
    if said["consent"] not in set(ConsentStatus):
        faults["consent"] = mark("Say whether the person has agreed.")
    return in_order(faults, (*WHO.lines, "never"))


def what_wrong(said: Said, today: date) -> Faults:
    """What the second screen lacks."""
    faults = needs_wrong(said) | WHAT.too_long(said)
    if not said["area"]:
        faults["area"] = mark("Choose where the person lives or wants to be helped.")
    if not said["unit"]:
        faults["unit"] = mark("Write your unit: what is told comes back to it.")
    return in_order(faults, ("needs", "reason", *WHAT.lines))


def is_minor(said: Said, today: date) -> bool:
    """Whether the person is under age, as far as is known."""
    age = age_of(said, today)
    return age is not None and age.years < OF_AGE


def age_of(said: Said, today: date) -> Age | None:
    """The person's age, by number or by year."""
    number = read_identity(said.get("number") or "")
    if number is not None:
        return age_by_number(number, today)
    return age_by_year(int(said["born"]), today) if said.get("born") else None


def request(said: Said) -> Said:
    """The payload of the request, as the contract has it; only of what was checked."""
    agreed = said["consent"] == ConsentStatus.GIVEN
    person = {
        "name": said["name"],
        "identity_number": said["number"],
        "contact": contact(said),
        "language": language(said),
        "born": int(said["born"]) if said["born"] else None,
        "protection": Protection.CONFIDENTIAL.value if said["protected"] else None,
        "safe_contact": safe_contact(said),
        "prefers": prefers(said),
        "guardian": without_nothing({"phone": said["guardian_phone"]}),
        "guardian_rule": said["guardian_rule"] if said["guardian_rule"] in GUARDIAN_RULES else None,
    }
    purposes = (ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER) if agreed else ()
    return without_nothing(
        {
            "person": without_nothing(person),
            "area": said["area"],
            "needs": said["needs"],
            "consent": without_nothing(
                {"status": said["consent"], "purposes": [each.value for each in purposes]}
            ),
            "referrer": without_nothing(
                {"unit": said["unit"], "person": said["person"], "channel": Channel.STAFF.value}
            ),
            "reason": said["reason"],
            "requested_gender": gender(said),
            "pathway": said["pathway"],
        }
    )
