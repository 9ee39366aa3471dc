"""Who may see what of a person: the vault answers by role, and no service while consent is to be asked.

The role is the one the asking service vouches for. Which link worker has the case is not known here, so any
link worker is answered; the log of accesses is what holds them to account.

Source of the roles' rights: the patient-data rules the network is built on (need to know for the care
relation; providers and volunteers see an alias and the logistics, never the reason).
"""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

from services.referral.domain.referral import CONSENT_TO_BE_ASKED
from services.runtime.decision import Refusal
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import GuardianRule, Protection, Role


class NotForThisRole(Refusal):
    """The role may not see this."""

    code = "not_for_this_role"


class ConsentIsToBeAsked(Refusal):
    """The person has not been asked yet: only who is to ask them may know who they are."""

    code = CONSENT_TO_BE_ASKED


class ConsentIsWithdrawn(Refusal):
    """The person has not agreed, or does no longer: nothing is sent to them, and little is shown."""

    code = "consent_is_withdrawn"


class IdentityIsProtected(Refusal):
    """Somebody with protected identity stands in no list, no search and no export; open their case."""

    code = "protected_identity"


class Shown(StrEnum):
    """One part of a person's record."""

    NAME = "name"
    CONTACT = "contact"
    """Ways to reach the person, and never without their rules for it."""
    LANGUAGE = "language"
    REASON = "reason"
    WORDS = "words"
    REFERRER = "referrer"


_WHOLE = frozenset(Shown)
_RIGHTS: dict[Role, frozenset[Shown]] = {
    Role.LINK_WORKER: _WHOLE,
    Role.COORDINATOR: frozenset({Shown.NAME, Shown.LANGUAGE, Shown.REFERRER}),
    Role.VOLUNTEER: frozenset({Shown.NAME, Shown.CONTACT, Shown.LANGUAGE}),
}
_SEE_IT_THROUGH = frozenset({Role.LINK_WORKER, Role.COORDINATOR})
_NOTIFY = frozenset({Shown.NAME, Shown.CONTACT, Shown.LANGUAGE, Shown.REFERRER, Shown.WORDS})
"""It writes to the person, and to the referrer the words that were marked for them."""


def rights(actor: Actor) -> Set[Shown]:
    """What the actor may see at all; nothing for roles that are not listed."""
    if actor.role is Role.SERVICE:
        return _NOTIFY if actor.id == "notify" else frozenset()
    return _RIGHTS.get(actor.role, frozenset())


def may_read_person(actor: Actor, *, held: bool, withdrawn: bool = False) -> Set[Shown]:
    """What of a person's record the actor is shown.

    Once consent is taken back, staff still see whose case it was, so that they can see its end through.
    Raises `NotForThisRole`, `ConsentIsToBeAsked`, `ConsentIsWithdrawn`.
    """
    shown = rights(actor) & {Shown.NAME, Shown.CONTACT, Shown.LANGUAGE, Shown.REASON}
    if not shown:
        raise NotForThisRole(f"the role {actor.role.value} is shown nothing of a person's record")
    if held and actor.role is Role.SERVICE:
        raise ConsentIsToBeAsked
    if withdrawn:
        if actor.role not in _SEE_IT_THROUGH:
            raise ConsentIsWithdrawn
        return shown & {Shown.NAME, Shown.LANGUAGE}
    return shown


def may_list_person(
    actor: Actor, protection: Protection, *, submitted_by: str, held: bool, withdrawn: bool
) -> Set[Shown]:
    """What of a person stands in a list or among the hits of a search.

    A referrer is told whom its own organisation named, for it wrote the name itself; of any other it hears
    nothing. Raises `NotForThisRole`, `ConsentIsToBeAsked`, `ConsentIsWithdrawn`, `IdentityIsProtected`.
    """
    if actor.role is Role.REFERRER and actor.organisation and actor.organisation == submitted_by:
        if withdrawn:
            raise ConsentIsWithdrawn
        shown: Set[Shown] = frozenset({Shown.NAME})
    else:
        shown = may_read_person(actor, held=held, withdrawn=withdrawn) & {Shown.NAME, Shown.LANGUAGE}
    if protection is not Protection.NONE:
        raise IdentityIsProtected
    return shown


def shows_address(actor: Actor, protection: Protection) -> bool:
    """Whether the actor may learn where the person lives: of a protected person, only the courier may."""
    return protection is Protection.NONE or (actor.role is Role.SERVICE and actor.id == "notify")


def shows_guardian(actor: Actor, rule: GuardianRule) -> bool:
    """Whether the actor may learn how a guardian is reached: nobody where the rule is that they are left out,
    and no service before there is a rule."""
    if rule is GuardianRule.TO_BE_DECIDED:
        return actor.role is Role.LINK_WORKER
    return rule in (GuardianRule.CONSENTS, GuardianRule.INFORMED)


def require(actor: Actor, part: Shown) -> None:
    """Raises `NotForThisRole` when the actor may not see this part."""
    if part not in rights(actor):
        raise NotForThisRole(f"the role {actor.role.value} is not shown {part.value}")
