"""The registry of organisations that take part. Owned by the referral service."""

from __future__ import annotations

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import Area, Code, FeedbackChannel, OrganisationKind, ShortText, Slug


class OrganisationRegistered(
    Fact,
    type="organisation.registered",
    id="organisation",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """An organisation takes part and may refer. It does *not* mean that it has credentials yet."""

    organisation: Slug
    name: ShortText
    kind: OrganisationKind
    area: Area
    feedback_channel: FeedbackChannel = FeedbackChannel.STREAM


class OrganisationAmended(
    OrganisationRegistered,
    type="organisation.amended",
    id="organisation",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was registered about an organisation is corrected; the payload is the whole new truth.

    It does *not* change referrals already made, or anybody's credentials.
    """


class OrganisationRevoked(
    Fact,
    type="organisation.revoked",
    id="organisation",
    said_by="referral",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """The organisation may no longer refer, and nobody signs in for it any more.

    It does *not* end what it has referred: open referrals go on, and it still gets its feedback.
    """

    organisation: Slug
    why: Code
