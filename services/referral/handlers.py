"""Referrals and consent: from event and command to decision."""

from __future__ import annotations

from collections.abc import Sequence

from services.referral.acute import is_acute
from services.referral.domain import consent, ending
from services.referral.lookups import (
    Destination,
    destination,
    persons_open_referral,
    taken_back,
    told_already,
)
from services.referral.registry import REFERRAL, service
from services.referral.standing import STEPS, write_forwarded, write_shared, write_standing
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.case import CaseClosed
from sluss_contracts.commands.referral import (
    CancelReferral,
    ConfirmWithdrawal,
    DecideGuardian,
    DeclineReferral,
    EnterInError,
    RecordConsent,
    RedirectReferral,
    WithdrawConsent,
)
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentOffered, EnrolmentWaitlisted
from sluss_contracts.event import Event
from sluss_contracts.pathway import Pathway
from sluss_contracts.referral import ReferralForwarded
from sluss_contracts.vocabulary import Role

_STAFF = {Role.LINK_WORKER, Role.COORDINATOR}
_FOR_THE_PERSON = {*_STAFF, Role.VOLUNTEER, Role.REFERRER, Role.PERSON}
"""Consent is the person's, said through whoever hears it."""


@service.on(CaseClosed)
def close_with_the_case(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    return ending.close(held.one(REFERRAL), event.data.outcome)


@service.command(RecordConsent, by=_FOR_THE_PERSON)
def record_consent(held: Held, command: RecordConsent, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    consent.may_speak_of(known, command.actor)
    return consent.record_consent(
        known,
        command.purposes,
        command.receivers,
        entry=_pathway(held, ctx).entry if known else None,
        duplicate_of=ctx.looked_up,
    )


@service.command(DecideGuardian, by=_STAFF)
def decide_guardian(held: Held, command: DecideGuardian, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    entry = _pathway(held, ctx).entry if known else None
    return consent.decide_guardian(known, command.rule, entry=entry, duplicate_of=ctx.looked_up)


record_consent.lookup(persons_open_referral)
decide_guardian.lookup(persons_open_referral)


@service.command(WithdrawConsent, by=_FOR_THE_PERSON)
def withdraw_consent(held: Held, command: WithdrawConsent, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    consent.may_speak_of(known, command.actor)
    facts = consent.withdraw(known, command.purposes, command.receivers, told=ctx.looked_up)
    out = [name for fact in facts if isinstance(fact, ConsentWithdrawn) for name in fact.shared_with]
    return Done(facts, {"shared_with": out} if out else {})


withdraw_consent.lookup(told_already)


@service.command(ConfirmWithdrawal, by={*_STAFF, Role.PROVIDER})
def confirm_withdrawal(held: Held, command: ConfirmWithdrawal, ctx: Ctx) -> Decision:
    return consent.confirm_withdrawal(held.one(REFERRAL), command.receiver, command.actor)


@service.command(CancelReferral, by={Role.REFERRER})
def cancel_referral(held: Held, command: CancelReferral, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    return ending.with_duplicates(
        known, ending.cancel(known, command.actor.organisation, command.why), ctx.looked_up
    )


@service.command(EnterInError, by={Role.REFERRER})
def enter_in_error(held: Held, command: EnterInError, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    return ending.with_duplicates(
        known, ending.enter_in_error(known, command.actor.organisation, command.why), ctx.looked_up
    )


cancel_referral.lookup(taken_back)
enter_in_error.lookup(taken_back)


@service.command(DeclineReferral, by=_STAFF)
def decline_referral(held: Held, command: DeclineReferral, ctx: Ctx) -> Decision:
    known = held.one(REFERRAL)
    elsewhere = _pathway(held, ctx).preparation.redirect_to if known and command.screened_out else None
    facts = ending.decline(
        known,
        command.whose,
        command.why,
        screened_out=command.screened_out,
        turn_to=command.turn_to or elsewhere,
    )
    if not (facts and known and is_acute(command.turn_to or "")):
        return facts
    alarm = AlarmRaised(
        alarm_id=ctx.new_id(), referral_id=known.referral_id, area=known.area, where="turn_to"
    )
    return Done([*facts, alarm], {"acute": True})


@service.command(RedirectReferral, by=_STAFF)
def redirect_referral(held: Held, command: RedirectReferral, ctx: Ctx) -> Decision:
    known, there = held.one(REFERRAL), ctx.looked_up
    assert isinstance(there, Destination)
    if command.to_area is not None:
        facts = ending.redirect_to_team(known, command.why, command.to_area, there.copied, there.duplicates)
        return Done(facts, {"replaced_by": there.copied.referral_id} if facts and there.copied else {})
    assert command.to_organisation is not None, "the contract asks for one of the two"
    there.may_receive()
    facts = ending.redirect_to_organisation(known, command.why, command.to_organisation, there.sendable)
    return Done(facts, {"forwarding_id": there.sendable.forwarding_id} if facts else {})


redirect_referral.lookup(destination)

service.project(*STEPS)(write_standing)
service.project(ReferralForwarded)(write_forwarded)


@service.absorb(EnrolmentOffered, EnrolmentWaitlisted, EnrolmentAccepted)
async def note_who_was_told(
    tx: Tx, events: Sequence[Event[EnrolmentOffered | EnrolmentWaitlisted | EnrolmentAccepted]]
) -> None:
    """A provider that was asked for a place knows something of the person."""
    await write_shared(tx, [(event.data.referral_id, event.data.provider) for event in events])


def _pathway(held: Held, ctx: Ctx) -> Pathway:
    known = held.one(REFERRAL)
    assert known is not None
    found: Pathway = ctx.given.of(known.pathway, known.pathway_version)
    return found
