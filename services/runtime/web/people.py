"""Whom a page's referrals are about: asked of the vault for its visitor, shown, and kept nowhere.

The vault answers by role and consent, and writes every look into the access log: so a page asks for those it
shows and no others, says what it does with them (`Look`) and why (`purpose`, a code). Whether a case is the
visitor's at all, the page has found out before. When the vault does not answer, a page goes on with the
referrals' short names, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from starlette.requests import Request

from services.runtime.decision import Transient
from services.runtime.web.pages import actor_of
from services.runtime.web.site import site_of
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.commands.looking import ReadPersons, SearchPersons
from sluss_contracts.commands.referral import ReadPerson, ReadWords
from sluss_contracts.vocabulary import Look

PATIENCE: Final = 2.0
"""Seconds a page waits for the vault; then it goes on with short names."""
BATCH: Final = 200
"""Persons in one question."""
AMONG: Final = 5000
"""Referrals that one search looks through."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def short_id(referral: str) -> str:
    """A referral's name where its person is not shown: six signs of its random part, as in `K7-42MP`
    (Crockford's base 32).

    For people's eyes alone; it may, once in a great while, be the same for two referrals.
    """
    digits = "".join(sign for sign in referral if sign in "0123456789abcdefABCDEF")[-8:] or "0"
    number = int(digits, 16)
    signs = [_ALPHABET[number >> shift & 31] for shift in (25, 20, 15, 10, 5, 0)]
    return "".join(signs[:2]) + "-" + "".join(signs[2:])


@dataclass(frozen=True)
class People:
    """Who some referrals are about, as far as the visitor is told."""

    persons: Mapping[str, Mapping[str, str]]
    """By referral: `name`, `language`."""
    withheld: Mapping[str, str]
    """By referral: the code of the rule by which nothing is shown."""
    answered: bool = True
    """Whether the vault did."""

    def name(self, referral_id: str) -> str:
        """The person's name, or the referral's short one."""
        return self.persons.get(referral_id, {}).get("name") or short_id(referral_id)

    def is_named(self, referral_id: str) -> bool:
        """Whether `name` is the person's own."""
        return bool(self.persons.get(referral_id, {}).get("name"))


@dataclass(frozen=True)
class Person:
    """Whom one referral is about, as far as the visitor is told."""

    referral_id: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    """What `ReadPerson` answers: `name`, `contact`, `language`, `reason`, `safe_contact` …"""
    refused: Refused | None = None
    """The rule by which nothing is shown."""
    answered: bool = True

    @property
    def name(self) -> str:
        """The person's name, or the referral's short one."""
        return str(self.parts.get("name") or short_id(self.referral_id))


@dataclass(frozen=True)
class Hits:
    """Whom a search found, in the order in which the referrals were given."""

    hits: Sequence[Mapping[str, str]] = ()
    """Each with `referral_id` and what is told of the person."""
    more: bool = False
    """Whether there are others than those."""
    answered: bool = True


async def people_of(
    request: Request, referral_ids: Collection[str], *, purpose: str, action: Look = Look.LISTED
) -> People:
    """Who these referrals are about, for a list. Nobody with protected identity is named in one."""
    ids = list(dict.fromkeys(referral_ids))
    questions = [
        ReadPersons(
            **_by(request), referral_ids=tuple(ids[first : first + BATCH]), purpose=purpose, action=action
        )
        for first in range(0, len(ids), BATCH)
    ]
    answers = await asyncio.gather(*(_ask(request, question) for question in questions))
    persons: dict[str, Mapping[str, str]] = {}
    withheld: dict[str, str] = {}
    for answer in answers:
        if answer is not None and answer.ok:
            persons |= answer.result["persons"]
            withheld |= answer.result["withheld"]
    return People(persons, withheld, answered=all(answer is not None and answer.ok for answer in answers))


async def person_of(
    request: Request, referral_id: str, *, purpose: str, action: Look = Look.OPENED
) -> Person:
    """Whom one referral is about, in every part that the visitor's role may see."""
    question = ReadPerson(**_by(request), referral_id=referral_id, purpose=purpose, action=action)
    answer = await _ask(request, question)
    if answer is None:
        return Person(referral_id, answered=False)
    return Person(referral_id, answer.result, answer.refused)


async def words_of(
    request: Request, refs: Collection[str], *, purpose: str, action: Look = Look.OPENED
) -> Mapping[str, str] | None:
    """What the vault keeps under these references, by reference; None when it does not answer or says no."""
    if not refs:
        return {}
    question = ReadWords(**_by(request), refs=tuple(dict.fromkeys(refs)), purpose=purpose, action=action)
    answer = await _ask(request, question)
    return answer.result["words"] if answer is not None and answer.ok else None


async def find_people(request: Request, wanted: str, among: Sequence[str], *, purpose: str) -> Hits:
    """Which of these referrals (the visitor's own sight of the network, latest first, at most `AMONG`) are
    about somebody of this name, identity number or telephone number. Protected identities are never hits."""
    if not 2 <= len(wanted.strip()) <= 120:
        return Hits()
    question = SearchPersons(**_by(request), wanted=wanted, among=tuple(among[:AMONG]), purpose=purpose)
    answer = await _ask(request, question)
    if answer is None or not answer.ok:
        return Hits(answered=False)
    return Hits(answer.result["hits"], answer.result["more"] or len(among) > AMONG)


def _by(request: Request) -> dict[str, Any]:
    return {"command_id": uuid4(), "actor": actor_of(request)}


async def _ask(request: Request, question: Command) -> Answer | None:
    """The vault's answer, None when it gives none."""
    try:
        answer = await site_of(request).network.ask(question, timeout=PATIENCE)
    except Transient:
        return None
    return None if answer.refused and answer.refused.code in ("try_again", "internal_error") else answer
