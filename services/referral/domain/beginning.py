"""How a referral begins: what a well-formed submission becomes, and the receipt it is answered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.referral.domain.minors import Age, rule_at_entry
from services.referral.domain.referral import ACCEPTED, came_before, evolve, onward
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Entry
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import ReferralHeld, ReferralLinked, ReferralSubmitted
from sluss_contracts.request import ReferralRequested
from sluss_contracts.vocabulary import Code, ConsentStatus, Key, ReceiptStatus, Slug, VaultRef


@dataclass(frozen=True, slots=True)
class Alarm:
    """A text in which words of acute risk stand, and the id its alarm gets."""

    alarm_id: Key
    where: Code
    words: VaultRef | None = None
    """None where it is kept as a part of something else."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Under which ids a submission's personal data was put in the vault, and what the vault knows besides."""

    referral_id: Key
    person: Key
    referrer: VaultRef
    reason: VaultRef | None
    presented_as: VaultRef | None = None
    pathway_version: int = 0
    entry: Entry = field(default_factory=Entry)
    """Of the pathway: what must be there before anything goes onward."""
    age: Age | None = None
    """The person's, where it is known."""
    duplicate_of: Key | None = None
    """An open referral of the same person."""
    alarms: tuple[Alarm, ...] = ()
    receipt_shown: bool = False
    """Whoever wrote it reads the receipt on the page it was written on."""


def submit(request: ReferralRequested, filed: Filed, organisation: Slug, now: datetime) -> Sequence[Fact]:
    """A well-formed submission becomes a referral: accepted, held until somebody has decided what it lacks,
    or linked to the open one of the same person, which its receipt does not tell."""
    agreed = request.consent.status is ConsentStatus.GIVEN
    submitted = ReferralSubmitted(
        referral_id=filed.referral_id,
        person=filed.person,
        organisation=organisation,
        submission_id=request.submission_id,
        channel=request.referrer.channel,
        area=request.area,
        language=request.person.language,
        needs=request.needs,
        consent=request.consent.status,
        purposes=request.consent.purposes if agreed else (),
        receivers=request.consent.receivers if agreed else (),
        requested_gender=request.requested_gender,
        pathway=request.pathway,
        pathway_version=filed.pathway_version,
        referrer=filed.referrer,
        reason=filed.reason,
        presented_as=filed.presented_as,
        replaces=request.replaces,
        protection=request.person.protection,
        guardian_rule=rule_at_entry(request.person.guardian_rule, filed.age, filed.entry.youngest),
        receipt_shown=filed.receipt_shown,
    )
    state = evolve(None, submitted)
    follows = onward(state, filed.entry, filed.duplicate_of)
    held = next((fact.why for fact in follows if isinstance(fact, ReferralHeld)), None)
    receipt = ReceiptIssued(
        receipt_id=filed.referral_id,
        organisation=organisation,
        submission_id=request.submission_id,
        status=ReceiptStatus.HELD if held else ReceiptStatus.ACCEPTED,
        referral_id=filed.referral_id,
        code=held or ACCEPTED,
        received_at=now,
        acute=bool(filed.alarms),
    )
    linked = any(isinstance(fact, ReferralLinked) for fact in follows)
    where = filed.duplicate_of if linked and filed.duplicate_of else filed.referral_id
    alarms = [
        AlarmRaised(
            alarm_id=alarm.alarm_id,
            referral_id=where,
            area=request.area,
            where=alarm.where,
            words=alarm.words,
        )
        for alarm in filed.alarms
    ]
    return [submitted, *came_before(state, follows), *follows, *alarms, receipt]
