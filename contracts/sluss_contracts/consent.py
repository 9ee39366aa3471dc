"""What the person has agreed to, and taken back; for a minor, what their guardian has to do with it."""

from __future__ import annotations

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import ConsentPurpose, GuardianRule, Key, Slug


class GuardianDecided(
    Fact,
    type="referral.guardian_decided",
    id="referral_id",
    said_by="referral",
    read_by=("console",),
):
    """For a minor somebody has decided whether their guardian consents, is told, or is left out.

    It does *not* mean that the guardian has been asked or told, nor that the referral goes on: where consent
    is there too, `referral.accepted` follows.
    """

    referral_id: Key
    rule: GuardianRule


class ConsentGiven(
    Fact,
    type="consent.given",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "provider", "notify", "console"),
):
    """The person has said yes, for these purposes and towards these receivers.

    It does *not* mean yes to anything that is not named here, and it is not for ever: a consent can be
    withdrawn.
    """

    referral_id: Key
    person: Key
    purposes: tuple[ConsentPurpose, ...]
    receivers: tuple[Slug, ...] = ()


class ConsentWithdrawn(
    Fact,
    type="consent.withdrawn",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "provider", "notify", "console"),
):
    """The person takes back what they agreed to, for these purposes and towards these receivers.

    Everything else stands. It does *not* undo what is already out: `shared_with` lists it, and each receiver
    is asked to confirm that it is removed. Withdrawing `referral` ends the work.
    """

    referral_id: Key
    person: Key
    purposes: tuple[ConsentPurpose, ...] = ()
    receivers: tuple[Slug, ...] = ()
    shared_with: tuple[Slug, ...] = ()
    """Receivers among them that have already been told something of the person."""


class WithdrawalConfirmed(
    Fact,
    type="consent.withdrawal_confirmed",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """A receiver has removed what it was given. It does *not* say what that was."""

    referral_id: Key
    receiver: Slug
