"""What an organisation sends, a request or that it takes one back, and why it may be refused.

A partner needs less envelope than the network's own events carry: what orders and traces an event is the
network's business. Extension attributes of CloudEvents that are not listed here are ignored; the payload
may hold nothing the contract does not know.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from sluss_contracts.event import Fact
from sluss_contracts.request import ReferralRequested, ReferralTakenBack

MAX_SUBMISSION = 64 * 1024
"""Bytes of one submission, envelope included."""

MAX_DEPTH = 12
"""How deeply objects and lists of a submission may be nested; the contract itself needs five."""

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Sent(BaseModel):
    """The envelope of whatever a partner sends (CloudEvents 1.0, structured JSON)."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    specversion: Literal["1.0"]
    id: Attribute
    """The partner's own; it traces the message. What makes a submission the same is `data.submission_id`."""
    source: Attribute
    """`/org/<organisation>`, the organisation whose credentials are used."""
    type: str
    data: ReferralRequested | ReferralTakenBack
    subject: Attribute | None = None
    time: AwareDatetime | None = None
    datacontenttype: Literal["application/json"] | None = None
    dataschema: Attribute | None = None


class Submission(Sent):
    """A referral request in its envelope (CloudEvents 1.0, structured JSON), as a partner sends it."""

    type: Literal["sluss.referral.requested.v1"]
    data: ReferralRequested


class TakingBack(Sent):
    """A referral taken back, in its envelope, as the partner that made it sends it."""

    type: Literal["sluss.referral.taken_back.v1"]
    data: ReferralTakenBack


ENVELOPES: dict[type[Fact], type[Sent]] = {ReferralRequested: Submission, ReferralTakenBack: TakingBack}
"""How each type that a partner may send is enveloped."""


class RefusedBecause(StrEnum):
    """The code of a receipt that refuses. Grows; a partner treats one it does not know as a refusal."""

    TOO_LARGE = "too_large"
    """More than 64 KiB."""
    NUL_BYTE = "nul_byte"
    """The character U+0000, raw or escaped."""
    NOT_JSON = "not_json"
    """Not one JSON document in UTF-8."""
    TOO_DEEP = "too_deep"
    """Nested more than twelve levels."""
    NOT_A_CLOUDEVENT = "not_a_cloudevent"
    """An attribute CloudEvents 1.0 requires is missing or malformed."""
    UNKNOWN_TYPE = "unknown_type"
    """Not a type partners may send."""
    UNKNOWN_VERSION = "unknown_version"
    """The type is right but its version is not one the network reads."""
    FOREIGN_SOURCE = "foreign_source"
    """`source` names another organisation than the one whose credentials were used."""
    UNKNOWN_ORGANISATION = "unknown_organisation"
    """The organisation has credentials but is not (yet) in the network's registry."""
    ORGANISATION_REVOKED = "organisation_revoked"
    """The organisation may no longer refer."""
    MISSING_CONSENT = "missing_consent"
    """Nothing is said about consent, or not to being referred. `to_be_asked` is a good answer."""
    INVALID_IDENTITY_NUMBER = "invalid_identity_number"
    """Neither a personnummer nor a samordningsnummer. Leaving it out is allowed."""
    INVALID = "invalid"
    """Fields are missing, unknown or of the wrong kind; `faults` says which."""
    UNKNOWN_PATHWAY = "unknown_pathway"
    """No pathway of that name is published in the network."""
    CHANNEL_NOT_OPEN = "channel_not_open"
    """The pathway does not take referrals by that channel."""
    REPLACES_UNKNOWN = "replaces_unknown"
    """`replaces` names no earlier referral of this person that the organisation may name."""
    REPLACES_OPEN = "replaces_open"
    """The referral that `replaces` names is not over yet."""
    UNKNOWN_REFERRAL = "unknown_referral"
    """The organisation has no referral of the id it takes back."""
    REFERRAL_IS_OVER = "referral_is_over"
    """What is over is not taken back; one that should never have been can be entered in error."""
    ID_REUSED = "id_reused"
    """The submission id was used before with other content."""
    UNREADABLE = "unreadable"
    """The network could not handle it and does not know why; operators have been told."""
