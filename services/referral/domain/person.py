"""A person as the vault knows them by pseudonym: kept by a rule, to be erased, or erased."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.referral.domain.consent import withdraw
from services.referral.domain.referral import Referral
from services.referral.domain.referral import Status as ReferralStatus
from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, move
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.person import ErasureHeld, PersonErased, PersonRetained
from sluss_contracts.vocabulary import Code, ConsentPurpose, Key, Role, Slug

OPEN_WORK = "open_work"
_PSEUDONYM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class UnknownPerson(Refusal):
    """The vault keeps nothing about anybody of this pseudonym."""

    code = "unknown_person"


class PersonIsErased(Refusal):
    """The person's key is destroyed: nothing can be read, kept or held any more."""

    code = "person_is_erased"


class NotYourself(Refusal):
    """A person asks for their own erasure and nobody else's."""

    code = "not_yourself"


class DateHasPassed(Refusal):
    """A rule that holds an erasure names a day to come."""

    code = "date_has_passed"


class Status(StrEnum):
    """What is to happen with what is kept."""

    KEPT = "kept"
    TO_BE_ERASED = "to_be_erased"
    ERASED = "erased"


LIFECYCLE = Lifecycle(
    "person",
    {
        PersonRetained: move(None, Status.KEPT, to=Status.KEPT),
        ErasureHeld: move(None, Status.KEPT, Status.TO_BE_ERASED, to=Status.TO_BE_ERASED),
        PersonErased: move(None, Status.KEPT, Status.TO_BE_ERASED, to=Status.ERASED),
    },
    Status,
)
"""Every step. Nothing is said of a person about whom no rule speaks and nobody has asked."""


class Person(BaseModel):
    """What has been decided about keeping somebody's data."""

    model_config = ConfigDict(frozen=True)

    person: Key
    status: Status
    asked: Code | None = None
    """Why they are to be erased."""
    held_because: Code | None = None
    rule: Code | None = None
    until: date | None = None
    """The day from which the rule no longer holds them."""


def evolve(held: Person | None, fact: PersonRetained | ErasureHeld | PersonErased) -> Person:
    """What a fact makes of it."""
    status = LIFECYCLE.after(held.status if held else None, type(fact))
    state = held or Person(person=fact.person, status=status)
    match fact:
        case PersonRetained():
            return state.model_copy(update={"status": status, "rule": fact.why, "until": fact.until})
        case ErasureHeld():
            ruled = {} if fact.until is None else {"rule": fact.why, "until": fact.until}
            asked = {"asked": fact.asked, "held_because": fact.why}
            return state.model_copy(update={"status": status, **asked, **ruled})
        case PersonErased():
            return state.model_copy(update={"status": status, "held_because": None})


@dataclass(frozen=True, slots=True)
class Work:
    """What the network does for a person."""

    referrals: Sequence[Referral] = ()
    """Those that are not over."""
    told: Mapping[Key, Collection[Slug]] | None = None
    """By referral: who has been told something of the person."""
    cases: bool = False
    """Whether any case is still open."""
    known: bool = True
    """Whether the vault keeps anything about the person at all."""


def erase(
    held: Person | None, person: Key, why: Code, work: Work, today: date, actor: Actor
) -> Sequence[Fact]:
    """Open work is closed first, as by a consent taken back; then the key is destroyed, or a rule holds it.

    Asking twice is asking once. Raises `UnknownPerson`, `NotYourself`.
    """
    if actor.role is Role.PERSON and actor.id != person:
        raise NotYourself
    if held is not None and held.status is Status.ERASED:
        return []
    if not work.known:
        raise UnknownPerson
    ending = [fact for referral in work.referrals for fact in _ended(referral, work)]
    busy = work.cases or any(one.status is ReferralStatus.OPEN for one in work.referrals)
    return [*ending, *_erased_or_held(held, person, why, busy=busy, today=today)]


def go_on(held: Person | None, work: Work, today: date) -> Sequence[Fact]:
    """A case was closed, or a rule has run out: erase who was to be erased, if nothing holds it now."""
    if held is None or held.status is not Status.TO_BE_ERASED:
        return []
    busy = work.cases or bool(work.referrals)
    return _erased_or_held(held, held.person, held.asked or "asked_by_person", busy=busy, today=today)


def hold(
    held: Person | None, person: Key, why: Code, until: date, today: date, known: bool
) -> Sequence[Fact]:
    """A rule says not before a date. Saying the same again changes nothing.

    Raises `PersonIsErased`, `UnknownPerson`, `DateHasPassed`.
    """
    if held is not None and held.status is Status.ERASED:
        raise PersonIsErased
    if not known:
        raise UnknownPerson
    if until <= today:
        raise DateHasPassed(f"{until} is not a day to come")
    if held is not None and (held.rule, held.until) == (why, until):
        return []
    if held is not None and held.status is Status.TO_BE_ERASED:
        return [ErasureHeld(person=person, why=why, until=until, asked=held.asked or "asked_by_person")]
    return [PersonRetained(person=person, why=why, until=until)]


def replay(held: Person | None, person: Key, why: Code, work: Work) -> Sequence[Fact]:
    """After an older backup was restored: what was decided then is decided, whatever stands there now.

    Work that is open again ends. Of the person the restored vault may know nothing. Raises `UnknownPerson`
    for what is no pseudonym.
    """
    if not _PSEUDONYM.fullmatch(person):
        raise UnknownPerson(f"{person} is nobody's pseudonym")
    if held is not None and held.status is Status.ERASED:
        return []
    ending = [fact for referral in work.referrals for fact in _ended(referral, work)]
    return [*ending, PersonErased(person=person, why=why)]


def _ended(referral: Referral, work: Work) -> Sequence[Fact]:
    told = (work.told or {}).get(referral.referral_id, ())
    return withdraw(referral, [ConsentPurpose.REFERRAL], [], told=told)


def _erased_or_held(
    held: Person | None, person: Key, why: Code, *, busy: bool, today: date
) -> Sequence[Fact]:
    asked = held is not None and held.status is Status.TO_BE_ERASED
    if held is not None and held.rule and held.until and today < held.until:
        if asked and held.held_because == held.rule:
            return []
        return [ErasureHeld(person=person, why=held.rule, until=held.until, asked=why)]
    if busy:
        if asked and held is not None and held.held_because == OPEN_WORK:
            return []
        return [ErasureHeld(person=person, why=OPEN_WORK, asked=why)]
    return [PersonErased(person=person, why=why)]
