"""The referral: where it stands, and what may follow."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn, GuardianDecided, WithdrawalConfirmed
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Entry
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import (
    Area,
    Channel,
    Code,
    ConsentPurpose,
    ConsentStatus,
    Gender,
    GuardianRule,
    Key,
    Language,
    LinkKind,
    Need,
    Protection,
    Slug,
    VaultRef,
)

T = TypeVar("T")

ACCEPTED = "accepted"
CONSENT_TO_BE_ASKED = "consent_to_be_asked"
GUARDIAN_TO_BE_DECIDED = "guardian_to_be_decided"


class UnknownReferral(Refusal):
    """No referral has this id."""

    code = "unknown_referral"


class ReferralIsOver(Refusal):
    """The referral is over; coming back is a new referral that replaces it."""

    code = "referral_is_over"


class Status(StrEnum):
    """Where a referral is on its way."""

    SUBMITTED = "submitted"
    """For the length of one decision: what follows is said with it."""
    HELD = "held"
    OPEN = "open"
    LINKED = "linked"
    """The same person has an open referral already: the work is there."""
    REDIRECTED = "redirected"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    VOID = "void"


_ONGOING = (Status.HELD, Status.OPEN)
_ANY = tuple(status for status in Status if status not in (Status.SUBMITTED, Status.VOID))

LIFECYCLE = Lifecycle(
    "referral",
    {
        ReferralSubmitted: born(Status.SUBMITTED),
        ReferralHeld: move(Status.SUBMITTED, Status.HELD, to=Status.HELD),
        ReferralAccepted: move(Status.SUBMITTED, Status.HELD, to=Status.OPEN),
        ReferralLinked: move(Status.SUBMITTED, Status.HELD, to=Status.LINKED),
        ConsentGiven: move(*_ONGOING),
        GuardianDecided: move(*_ONGOING),
        # A duplicate goes the way of the referral that is worked on.
        ReferralRedirected: move(Status.OPEN, Status.LINKED, to=Status.REDIRECTED),
        ReferralDeclined: move(*_ONGOING, to=Status.DECLINED),
        # Of a duplicate too: its referrer takes it back as they would any, and the other one goes on.
        ReferralCancelled: move(*_ONGOING, Status.LINKED, to=Status.CANCELLED),
        ReferralClosed: move(*_ONGOING, to=Status.CLOSED),
        ReferralEnteredInError: move(*_ANY, to=Status.VOID),
        # What was shared stays with its receivers after the end: consent to it can be taken back then too.
        ConsentWithdrawn: move(*_ANY),
        WithdrawalConfirmed: move(*_ANY, Status.VOID),
    },
    Status,
)
"""Every step of a referral. `referral.linked` as `replaces` moves nothing: it only says what came before."""


class Referral(BaseModel):
    """One referral, without anything that tells who the person is."""

    model_config = ConfigDict(frozen=True)

    referral_id: Key
    person: Key
    organisation: Slug
    submission_id: Key
    channel: Channel = Channel.STAFF
    area: Area
    language: Language
    needs: tuple[Need, ...]
    requested_gender: Gender | None
    pathway: Slug
    pathway_version: int = 0
    status: Status
    consent: ConsentStatus = ConsentStatus.GIVEN
    purposes: tuple[ConsentPurpose, ...] = ()
    receivers: tuple[Slug, ...] = ()
    withdrawn_purposes: tuple[ConsentPurpose, ...] = ()
    withdrawn_receivers: tuple[Slug, ...] = ()
    to_confirm: tuple[Slug, ...] = ()
    """Receivers that were asked to remove what they were given, and have not said that they did."""
    confirmed: tuple[Slug, ...] = ()
    referrer: VaultRef
    reason: VaultRef | None = None
    presented_as: VaultRef | None = None
    replaces: Key | None = None
    linked_to: Key | None = None
    """The referral where the work is, for a duplicate."""
    protection: Protection = Protection.NONE
    guardian_rule: GuardianRule = GuardianRule.NOT_A_MINOR
    renewed: bool = False
    """It goes on from an earlier one by itself, and nobody submitted it."""
    receipt_shown: bool = False
    """It was written on a page of the network's own, and the receipt stood there."""
    sent_to: str | None = None
    """Where it was redirected."""

    @property
    def over(self) -> bool:
        """Whether nothing more is done about it under this id."""
        return self.status not in _ONGOING

    @property
    def agreed(self) -> bool:
        """Whether the person has said yes to being referred, and not taken it back."""
        return ConsentPurpose.REFERRAL in self.purposes

    def same_work(self) -> dict[str, Any]:
        """What a fact that sets the work going repeats."""
        names = ("organisation", "area", "language", "needs", "requested_gender", "person")
        more = (
            "pathway",
            "pathway_version",
            "replaces",
            "protection",
            "guardian_rule",
            "referral_id",
            "renewed",
            "receipt_shown",
        )
        return {name: getattr(self, name) for name in (*names, *more)}


def evolve(held: Referral | None, fact: Fact) -> Referral:
    """What a fact makes of a referral."""
    if isinstance(fact, ReferralSubmitted):
        return Referral(status=LIFECYCLE.after(None, ReferralSubmitted), **dict(fact))
    assert held is not None, "every referral begins with its submission"
    status = LIFECYCLE.after(held.status, type(fact))
    learnt: dict[str, Any] = {}
    match fact:
        case ReferralLinked(how=LinkKind.REPLACES):
            status = held.status
        case ReferralLinked():
            learnt = {"linked_to": fact.to}
        case ConsentGiven():
            learnt = {
                "purposes": fact.purposes,
                "receivers": fact.receivers,
                "withdrawn_purposes": _without(held.withdrawn_purposes, fact.purposes),
                "withdrawn_receivers": _without(held.withdrawn_receivers, fact.receivers),
            }
        case ConsentWithdrawn():
            learnt = {
                "purposes": _without(held.purposes, fact.purposes),
                "receivers": _without(held.receivers, fact.receivers),
                "withdrawn_purposes": union(held.withdrawn_purposes, fact.purposes),
                "withdrawn_receivers": union(held.withdrawn_receivers, fact.receivers),
                "to_confirm": union(held.to_confirm, fact.shared_with),
            }
        case WithdrawalConfirmed():
            learnt = {
                "to_confirm": _without(held.to_confirm, (fact.receiver,)),
                "confirmed": union(held.confirmed, (fact.receiver,)),
            }
        case GuardianDecided():
            learnt = {"guardian_rule": fact.rule}
        case ReferralRedirected():
            learnt = {"sent_to": fact.to_area or fact.to_organisation}
    return held.model_copy(update={"status": status, **learnt})


def onward(state: Referral, entry: Entry, duplicate_of: Key | None) -> list[Fact]:
    """What a referral becomes with the consent and the decisions it has by now.

    Consent is looked at first, then the rule for minors; whether the same person has another open one comes
    last, so that a duplicate is held for what any would be held for.
    """
    if not {ConsentPurpose.REFERRAL, *entry.consent} <= set(state.purposes):
        return [_held(state, CONSENT_TO_BE_ASKED)]
    if state.guardian_rule is GuardianRule.TO_BE_DECIDED:
        return [_held(state, GUARDIAN_TO_BE_DECIDED)]
    if duplicate_of and duplicate_of != state.referral_id:
        return [
            ReferralLinked(
                referral_id=state.referral_id,
                organisation=state.organisation,
                how=LinkKind.DUPLICATE_OF,
                to=duplicate_of,
                pathway=state.pathway,
                pathway_version=state.pathway_version,
                renewed=state.renewed,
                receipt_shown=state.receipt_shown,
            )
        ]
    return [ReferralAccepted(**state.same_work())]


def came_before(state: Referral, follows: Sequence[Fact]) -> list[Fact]:
    """That it replaces an earlier one, unless it ends as a duplicate anyway."""
    if state.replaces is None or any(isinstance(fact, ReferralLinked) for fact in follows):
        return []
    ids = {"referral_id": state.referral_id, "organisation": state.organisation}
    return [ReferralLinked(**ids, how=LinkKind.REPLACES, to=state.replaces)]


def _held(state: Referral, why: Code) -> ReferralHeld:
    return ReferralHeld(
        referral_id=state.referral_id,
        person=state.person,
        organisation=state.organisation,
        area=state.area,
        why=why,
        pathway=state.pathway,
        pathway_version=state.pathway_version,
        receipt_shown=state.receipt_shown,
    )


def union(have: tuple[T, ...], more: Sequence[T]) -> tuple[T, ...]:
    """Each once, in the order they came."""
    return (*have, *(item for item in dict.fromkeys(more) if item not in have))


def _without(have: tuple[T, ...], less: Sequence[T]) -> tuple[T, ...]:
    return tuple(item for item in have if item not in less)
