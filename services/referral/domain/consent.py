"""Consent: what for, and towards whom; given later, widened, taken back, and what follows from each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.referral.domain.referral import (
    LIFECYCLE,
    Referral,
    ReferralIsOver,
    Status,
    UnknownReferral,
    evolve,
    onward,
    union,
)
from services.runtime.decision import Refusal
from sluss_contracts.command import Actor
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn, GuardianDecided, WithdrawalConfirmed
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Entry
from sluss_contracts.referral import ReferralClosed
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, GuardianRule, Key, Role, Slug


class ConsentIsNotToBeReferred(Refusal):
    """A held referral goes on only when the person agrees to being referred."""

    code = "consent_is_not_to_be_referred"


class ConsentIsNotEnough(Refusal):
    """The pathway asks for more before anything goes onward."""

    code = "consent_is_not_enough"


class NothingToConfirm(Refusal):
    """Nobody has asked this receiver to remove anything."""

    code = "nothing_to_confirm"


class NotAMinor(Refusal):
    """The rule for guardians is for minors alone."""

    code = "not_a_minor"


class NoDecision(Refusal):
    """To be decided is what it is already; say `consents`, `informed`, `withheld` or `not_a_minor`."""

    code = "no_decision"


def may_speak_of(held: Referral | None, actor: Actor) -> None:
    """A referrer passes on what the person says of their own organisation's referrals, and knows of no other.

    Raises `UnknownReferral`.
    """
    if actor.role is Role.REFERRER and (held is None or held.organisation != actor.organisation):
        raise UnknownReferral(f"{actor.organisation or 'nobody'} has made no referral of this id")


def record_consent(
    held: Referral | None,
    purposes: Sequence[ConsentPurpose],
    receivers: Sequence[Slug],
    *,
    entry: Entry | None = None,
    duplicate_of: Key | None = None,
) -> Sequence[Fact]:
    """The person says yes: a held referral goes on. On an open one a wider consent is noted, the same is not.

    Raises `UnknownReferral`, `ReferralIsOver`, `ConsentIsNotToBeReferred`, `ConsentIsNotEnough`.
    """
    if held is None:
        raise UnknownReferral
    if not LIFECYCLE.allows(held.status, ConsentGiven):
        raise ReferralIsOver
    widened = union(held.purposes, purposes), union(held.receivers, receivers)
    if held.status is Status.HELD and ConsentPurpose.REFERRAL not in widened[0]:
        raise ConsentIsNotToBeReferred("add the purpose 'referral', or leave the referral held")
    entry = entry or Entry()
    if held.status is Status.HELD and (lacks := set(entry.consent) - set(widened[0])):
        names = ", ".join(sorted(purpose.value for purpose in lacks))
        raise ConsentIsNotEnough(
            f"this pathway also asks for consent to {names}; leave it held or redirect it"
        )
    if widened == (held.purposes, held.receivers):
        return []
    given = ConsentGiven(
        referral_id=held.referral_id, person=held.person, purposes=widened[0], receivers=widened[1]
    )
    if held.status is Status.OPEN:
        return [given]
    return [given, *onward(evolve(held, given), entry, duplicate_of)]


def decide_guardian(
    held: Referral | None, rule: GuardianRule, *, entry: Entry | None = None, duplicate_of: Key | None = None
) -> Sequence[Fact]:
    """Somebody decides whether a minor's guardian consents, is told or is left out. Twice is once.

    Raises `UnknownReferral`, `ReferralIsOver`, `NoDecision`, `NotAMinor`.
    """
    if held is None:
        raise UnknownReferral
    if not LIFECYCLE.allows(held.status, GuardianDecided):
        raise ReferralIsOver
    if rule is GuardianRule.TO_BE_DECIDED:
        raise NoDecision
    if held.guardian_rule is rule:
        return []
    if held.guardian_rule is GuardianRule.NOT_A_MINOR:
        raise NotAMinor
    decided = GuardianDecided(referral_id=held.referral_id, rule=rule)
    after = evolve(held, decided)
    if held.status is Status.OPEN or not after.agreed:
        return [decided]  # it goes on when the person has said yes
    return [decided, *onward(after, entry or Entry(), duplicate_of)]


def withdraw(
    held: Referral | None,
    purposes: Sequence[ConsentPurpose],
    receivers: Sequence[Slug],
    *,
    told: Collection[Slug] = (),
) -> Sequence[Fact]:
    """The person takes back what they agreed to. `told` are receivers that have been told something of them.

    Without `referral` the work ends; of one who had not been asked yet, it is the answer no. What was taken
    back already is not taken back again. Raises `UnknownReferral`, `ReferralIsOver` (of what is void).
    """
    if held is None:
        raise UnknownReferral
    if not LIFECYCLE.allows(held.status, ConsentWithdrawn):
        raise ReferralIsOver
    says_no = held.status is Status.HELD and not held.agreed
    back = tuple(
        purpose
        for purpose in dict.fromkeys(purposes)
        if purpose in held.purposes or (says_no and purpose is ConsentPurpose.REFERRAL)
    )
    shut_out = tuple(name for name in dict.fromkeys(receivers) if name not in held.withdrawn_receivers)
    if shut_out and held.receivers and not set(held.receivers) - set(shut_out):
        # With nobody left that is named, the consent must not come to mean anybody.
        back = union(back, [p for p in (ConsentPurpose.SHARE_WITH_PROVIDER,) if p in held.purposes])
    if not back and not shut_out:
        return []
    of_all = {ConsentPurpose.REFERRAL, ConsentPurpose.SHARE_WITH_PROVIDER} & set(back)
    asked = {*held.to_confirm, *held.confirmed}
    withdrawn = ConsentWithdrawn(
        referral_id=held.referral_id,
        person=held.person,
        purposes=back,
        receivers=shut_out,
        shared_with=tuple(sorted(n for n in set(told) - asked if of_all or n in shut_out)),
    )
    if ConsentPurpose.REFERRAL not in back or held.over:
        return [withdrawn]
    outcome = CaseOutcome.PERSON_DECLINED if says_no else CaseOutcome.CONSENT_WITHDRAWN
    closed = ReferralClosed(referral_id=held.referral_id, organisation=held.organisation, outcome=outcome)
    return [withdrawn, closed]


def confirm_withdrawal(held: Referral | None, receiver: Slug, actor: Actor) -> Sequence[Fact]:
    """A receiver has removed what it was given. It says so itself, or staff who have heard it say so.

    Confirming twice is confirming once. Raises `UnknownReferral`, `NothingToConfirm`.
    """
    if held is None:
        raise UnknownReferral
    if actor.role is Role.PROVIDER and receiver not in (actor.id, actor.organisation):
        raise NothingToConfirm(f"{actor.id} cannot confirm for {receiver}")
    if receiver in held.to_confirm:
        return [WithdrawalConfirmed(referral_id=held.referral_id, receiver=receiver)]
    if receiver in held.confirmed:
        return []
    raise NothingToConfirm(f"{receiver} was not asked to remove anything of this referral")
