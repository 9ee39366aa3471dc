"""How a referral ends before its work is done: taken back, void, declined or sent on; and how it closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.referral.domain.referral import (
    LIFECYCLE,
    Referral,
    ReferralIsOver,
    Status,
    UnknownReferral,
    came_before,
    evolve,
    onward,
)
from services.runtime.decision import Refusal, Wait
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Entry
from sluss_contracts.referral import (
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralForwarded,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.request import ContactWays
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Code,
    ConsentPurpose,
    ConsentStatus,
    Key,
    Protection,
    Slug,
    VaultRef,
    Whose,
)


class SayWhereToTurn(Refusal):
    """Who is screened out is told where they are better helped; add it, or let the pathway name it."""

    code = "say_where_to_turn"


class StillHeld(Refusal):
    """A held referral goes nowhere before what it waits for is decided."""

    code = "still_held"


class SameTeam(Refusal):
    """It is with that area's team already."""

    code = "same_team"


class NothingIsKept(Refusal):
    """Of somebody who was erased the vault holds nothing that could go along."""

    code = "nothing_is_kept"


class NotAmongReceivers(Refusal):
    """Another organisation is sent only somebody who has agreed to that very organisation."""

    code = "not_among_receivers"


class ProtectedIsSentOnByHand(Refusal):
    """What is known of a person with a protected identity goes to nobody by itself: call, do not send."""

    code = "protected_identity"


def cancel(held: Referral | None, organisation: Slug | None, why: Code) -> Sequence[Fact]:
    """The organisation that referred takes it back. Twice is once. Raises `UnknownReferral` (of another's
    too: that it exists is nobody's business), `ReferralIsOver`."""
    known = _own(held, organisation)
    if known.status is Status.CANCELLED:
        return []
    if not LIFECYCLE.allows(known.status, ReferralCancelled):
        raise ReferralIsOver(
            "what is over is not taken back; if it never should have been, enter it in error"
        )
    return [ReferralCancelled(referral_id=known.referral_id, organisation=known.organisation, why=why)]


def enter_in_error(held: Referral | None, organisation: Slug | None, why: Code) -> Sequence[Fact]:
    """It should never have been, whatever has become of it. Twice is once. Raises `UnknownReferral`."""
    known = _own(held, organisation)
    if known.status is Status.VOID:
        return []
    return [ReferralEnteredInError(referral_id=known.referral_id, organisation=known.organisation, why=why)]


def with_duplicates(held: Referral | None, facts: Sequence[Fact], instead: Sequence[Fact]) -> Sequence[Fact]:
    """What is said when the referral where the work is was taken back: others who referred the same person
    have not changed their minds, and theirs go on (`instead`)."""
    return [*facts, *instead] if facts and held is not None and held.status is Status.OPEN else facts


def decline(
    held: Referral | None,
    whose: Whose,
    why: Code,
    *,
    screened_out: bool = False,
    turn_to: str | None = None,
) -> Sequence[Fact]:
    """The network does not take it on, or goes no further. Declining twice is declining once.

    Raises `UnknownReferral`, `ReferralIsOver`, `SayWhereToTurn`.
    """
    if held is None:
        raise UnknownReferral
    if held.status is Status.DECLINED:
        return []
    if not LIFECYCLE.allows(held.status, ReferralDeclined):
        raise ReferralIsOver
    if screened_out and turn_to is None:
        raise SayWhereToTurn
    return [
        ReferralDeclined(
            referral_id=held.referral_id,
            organisation=held.organisation,
            whose=whose,
            why=why,
            screened_out=screened_out,
            turn_to=turn_to,
        )
    ]


@dataclass(frozen=True, slots=True)
class Copied:
    """A new referral's id, and under which references the vault copied what it must for it."""

    referral_id: Key
    refs: Mapping[str, VaultRef]
    """By kind: `referrer`, perhaps `reason` and `presented_as`."""


def redirect_to_team(
    held: Referral | None,
    why: Code,
    area: Area,
    copied: Copied | None,
    duplicates: Sequence[tuple[Referral, Copied]] = (),
) -> Sequence[Fact]:
    """Another area's team is right for it: a new referral there replaces this one, accepted at once.

    Whoever else referred the same person (`duplicates`) sees theirs go the same way: each is redirected, and
    replaced by one that hangs on to the new one. Doing so twice is doing it once. Raises `UnknownReferral`,
    `StillHeld`, `SameTeam`, `NothingIsKept`, `ReferralIsOver`.
    """
    known = _may_be_sent_on(held, area)
    if known is None:
        return []
    if known.area == area:
        raise SameTeam(f"it is with the team of {area} already")
    if copied is None:
        raise NothingIsKept
    others = [
        fact
        for duplicate, copy in duplicates
        for fact in (
            _redirected(duplicate, why, area, copy),
            *renewed(duplicate, copy, area=area, duplicate_of=copied.referral_id),
        )
    ]
    return [_redirected(known, why, area, copied), *renewed(known, copied, area=area), *others]


def _redirected(known: Referral, why: Code, area: Area, copied: Copied) -> ReferralRedirected:
    return ReferralRedirected(
        referral_id=known.referral_id,
        organisation=known.organisation,
        why=why,
        to_area=area,
        replaced_by=copied.referral_id,
    )


def renewed(
    known: Referral, copied: Copied, *, area: Area | None = None, duplicate_of: Key | None = None
) -> Sequence[Fact]:
    """A new referral that goes on where this one cannot: the same person, consent and pathway."""
    kept = {name: getattr(known, name) for name in ReferralSubmitted.model_fields if hasattr(known, name)}
    submitted = ReferralSubmitted(
        **kept
        | {
            "referral_id": copied.referral_id,
            "area": area or known.area,
            "consent": ConsentStatus.GIVEN,
            "referrer": copied.refs["referrer"],
            "reason": copied.refs.get("reason"),
            "presented_as": copied.refs.get("presented_as"),
            "replaces": known.referral_id,
            "renewed": True,
        }
    )
    state = evolve(None, submitted)
    follows = onward(state, Entry(consent=()), duplicate_of)
    return [submitted, *came_before(state, follows), *follows]


@dataclass(frozen=True, slots=True)
class Sendable:
    """What the vault holds of a person and a receiver may be sent."""

    forwarding_id: Key
    name: str | None
    contact: ContactWays


def redirect_to_organisation(
    held: Referral | None, why: Code, organisation: Slug, sendable: Sendable
) -> Sequence[Fact]:
    """Another organisation is right for it: it is sent what the person agreed to share, and this one is over.

    Doing so twice is doing it once. Raises `UnknownReferral`, `StillHeld`, `NotAmongReceivers`,
    `ProtectedIsSentOnByHand`, `ReferralIsOver`.
    """
    known = _may_be_sent_on(held, organisation)
    if known is None:
        return []
    if ConsentPurpose.SHARE_WITH_PROVIDER not in known.purposes or organisation not in known.receivers:
        raise NotAmongReceivers(f"ask the person first: their consent does not name {organisation}")
    if known.protection is not Protection.NONE:
        raise ProtectedIsSentOnByHand
    return [
        ReferralRedirected(
            referral_id=known.referral_id,
            organisation=known.organisation,
            why=why,
            to_organisation=organisation,
        ),
        ReferralForwarded(
            forwarding_id=sendable.forwarding_id,
            referral_id=known.referral_id,
            organisation=organisation,
            name=sendable.name,
            contact=sendable.contact,
            language=known.language,
            needs=known.needs,
            why=why,
        ),
    ]


def close(held: Referral | None, outcome: CaseOutcome) -> Sequence[Fact] | Wait:
    """The case is closed, so the referral is, unless it is over already. Closing twice is closing once."""
    if held is None:
        return Wait("the case of an unknown referral was closed")
    if not LIFECYCLE.allows(held.status, ReferralClosed):
        return []
    return [ReferralClosed(referral_id=held.referral_id, organisation=held.organisation, outcome=outcome)]


def _own(held: Referral | None, organisation: Slug | None) -> Referral:
    if held is None or held.organisation != organisation:
        raise UnknownReferral(f"{organisation or 'nobody'} has made no referral of this id")
    return held


def _may_be_sent_on(held: Referral | None, where: str) -> Referral | None:
    """None when it was sent there before."""
    if held is None:
        raise UnknownReferral
    if held.status is Status.REDIRECTED and held.sent_to == where:
        return None
    if held.status is Status.HELD:
        raise StillHeld
    if held.status is not Status.OPEN:  # a duplicate goes where the work goes, and not by itself
        raise ReferralIsOver
    return held
