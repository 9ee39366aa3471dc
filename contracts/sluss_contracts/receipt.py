"""What the network answers to one submission, and what it writes down of one it refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import AwareDatetime

from sluss_contracts.command import Fault
from sluss_contracts.event import Audience, Fact
from sluss_contracts.vocabulary import Code, Key, ReceiptStatus, Slug

HELD_UNTIL: Final[Mapping[str, str]] = {
    "consent_to_be_asked": "nothing goes onward until the person has been asked and said yes",
    "guardian_to_be_decided": "nothing goes onward until it is decided what a minor's guardian is told",
}
"""Why a referral is held, by the code of its receipt."""


class ReferralRefused(
    Fact,
    type="referral.refused",
    aggregate="refusal",
    id="receipt_id",
    said_by="referral",
    read_by=("console",),
):
    """A submission was not a referral at all. A corrected one is welcome.

    It does *not* mean that the person was turned away: no referral exists, and none ever did. The bytes are
    kept encrypted; the event says where they were wrong and never what they said.
    """

    receipt_id: Key
    organisation: Slug
    submission_id: Key | None = None
    code: Code
    faults: tuple[Fault, ...] = ()


class ReceiptIssued(
    Fact,
    type="receipt.issued",
    id="receipt_id",
    said_by="referral",
    read_by=("partner",),
    audience=Audience.PARTNER,
):
    """The network's answer to one submission; the only thing that means it was taken on.

    It does *not* mean that anybody has begun to work. It goes to the submitting organisation's own stream and
    may arrive twice: the event's id is the same then.
    """

    receipt_id: Key
    """The referral's id when there is a referral, so that its story holds the receipt too."""
    organisation: Slug
    submission_id: Key | None = None
    """The organisation's own id, absent when it could not be read."""
    status: ReceiptStatus
    referral_id: Key | None = None
    code: Code
    """`accepted`, `consent_to_be_asked`, `guardian_to_be_decided`, `cancelled`, `entered_in_error`, or why it
    was refused (`RefusedBecause`)."""
    faults: tuple[Fault, ...] = ()
    received_at: AwareDatetime
    acute: bool = False
    """The free text holds words of suicide or violence. A human in the network is told at once (but of what
    is refused, which nobody here reads), and the network is no emergency service: whoever wrote them calls
    112 where life is in danger (advice: 1177)."""
