"""What people need help with, in their own sort of words. Every text here is a key of the translations."""

from __future__ import annotations

from collections.abc import Iterable

from services.runtime.languages import Language, mark
from sluss_contracts.vocabulary import Need

NEEDS = {
    Need.COMPANY: mark("Company, people to be with"),
    Need.BEFRIENDING: mark("Somebody who keeps in touch"),
    Need.PHYSICAL_ACTIVITY: mark("Moving about"),
    Need.CULTURE: mark("Culture and creating"),
    Need.NATURE: mark("Nature and gardening"),
    Need.LANGUAGE: mark("Speaking Swedish"),
    Need.STUDIES: mark("Studies"),
    Need.WORK: mark("Work and something to do"),
    Need.DEBT: mark("Money and debts"),
    Need.HOUSING: mark("A place to live"),
    Need.PARENTING: mark("Being a parent"),
    Need.CARER_SUPPORT: mark("Caring for somebody close"),
    Need.GRIEF: mark("Grief and loss"),
    Need.MENTAL_WELLBEING: mark("Feeling low or worried"),
    Need.SUBSTANCE_USE: mark("Alcohol, drugs or gambling"),
    Need.DIGITAL_HELP: mark("Help with computer and telephone"),
    Need.VOLUNTEERING: mark("Helping others"),
    Need.MEANING: mark("Meaning, faith and life's questions"),
}
"""By code, in the order in which they are chosen from."""


def in_words(codes: Iterable[str], language: Language) -> str:
    """Needs as a line of words; one that a later release knows says itself."""
    return ", ".join(language.say(NEEDS[Need(code)]) if code in set(Need) else code for code in codes)
