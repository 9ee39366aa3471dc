"""Messages to the person, and feedback to the referrer. Owned by the notify service."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sluss_contracts.enrolment import HostName
from sluss_contracts.event import Audience, DataClass, Fact
from sluss_contracts.vocabulary import (
    CaseOutcome,
    Code,
    FeedbackPoint,
    Key,
    LongText,
    MeetingMode,
    MessageTemplate,
    ShortText,
    Slug,
    VaultRef,
)


class _OfMessage(Fact):
    message_id: Key
    referral_id: Key
    template: MessageTemplate


class MessageAbout(BaseModel):
    """The logistics a message tells of; who the person is and why stay in the vault."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    worker: Slug | None = None
    starts: AwareDatetime | None = None
    was: AwareDatetime | None = None
    """When it was to be before it was moved."""
    elsewhere: bool | None = None
    """Whether it is moved to another place as well."""
    mode: MeetingMode | None = None
    host: HostName | None = None
    activity: Slug | None = None
    provider: Slug | None = None
    """Whose activity it is: a consent withdrawn from them holds the message back."""
    session: Key | None = None
    """The meeting or session it tells of."""
    by_letter: bool = False
    """It goes by post where the person can be reached so."""
    neutral: bool = False
    """Of somebody whose whereabouts are protected: by post alone, and with no word of what, when or where."""
    link: Key | None = None
    """What a one-time link in the message leads to."""


class MessageQueued(
    _OfMessage,
    type="message.queued",
    id="message_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """A message will be sent. At most one for each (cause, person, template).

    It does *not* hold the message's text, or where it goes: those are asked of the vault when it is sent.
    """

    person: Key
    cause: Key
    about: MessageAbout = MessageAbout()


class MessageSent(
    _OfMessage,
    type="message.sent",
    id="message_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """A channel took the message. It does *not* mean that anybody has read it."""

    channel: Code


class MessageFailed(
    _OfMessage,
    type="message.failed",
    id="message_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The message was refused, or nobody knows whether it went; a task opens for a human.

    It does *not* mean that it never arrived, and it is never sent again blindly.
    """

    why: Code
    """`outcome_unknown`, `channel_refused` or `not_writable`."""


class MessageSuppressed(
    _OfMessage,
    type="message.suppressed",
    id="message_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """The message is deliberately not sent, and why. It does *not* mean that something is broken."""

    why: Code
    """`case_closed`, `paused`, `withdrawn`, `erased`, `protected`, `no_way_to_reach`,
    `guardian_out_of_reach`, `not_in_pathway`, `too_late`, `no_longer_true`, or what the vault answered."""


class _OfFeedback(Fact):
    feedback_id: Key
    referral_id: Key
    organisation: Slug
    point: FeedbackPoint


class FeedbackDue(
    _OfFeedback,
    type="feedback.due",
    id="feedback_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """The referrer is to be told, by a date.

    It does *not* mean that they have been told: `feedback.sent` does.
    """

    status: Code
    """`accepted`, `assigned`, `in_line`, `plan_agreed`, or `closed`."""
    due: AwareDatetime
    outcome: CaseOutcome | None = None
    turn_to: ShortText | None = None
    """Where the person is better helped."""
    text: VaultRef | None = None
    """What the link worker marked as for the referrer."""


class FeedbackSent(
    _OfFeedback,
    type="feedback.sent",
    id="feedback_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The referrer's own stream (or channel) has it. It does *not* mean that anybody has read it."""


class FeedbackAcknowledged(
    _OfFeedback,
    type="feedback.acknowledged",
    id="feedback_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """The referrer's side has fetched it. It does *not* mean that the one who referred has read it."""


class FeedbackOverdue(
    _OfFeedback,
    type="feedback.overdue",
    id="feedback_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The referrer has not been told by the promised date: an open loop. Said once.

    It does *not* give up: it still goes out when it can.
    """


class FeedbackWithheld(
    _OfFeedback,
    type="feedback.withheld",
    id="feedback_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """The person has taken back that their referrer hears of this, before it went out.

    It does *not* leave the referrer without an end: that the work is over is told, and nothing of how.
    """

    why: Code


class FeedbackReceiver(BaseModel):
    """Who referred, as they named themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    unit: ShortText
    person: ShortText | None = None


class FeedbackIssued(
    _OfFeedback,
    type="feedback.issued",
    id="feedback_id",
    key="referral_id",
    aggregate="feedback_copy",
    said_by="notify",
    read_by=("partner",),
    data_class=DataClass.PERSONAL,
    audience=Audience.PARTNER,
):
    """What the referrer is told, on their organisation's own stream. May arrive twice with the same id.

    It does *not* tell what the person said or what the plan holds: a status, and the words somebody marked as
    for the referrer.
    """

    submission_id: Key
    """The organisation's own id of the submission this answers."""
    to: FeedbackReceiver
    status: Code
    """`accepted`, `assigned`, `in_line`, `plan_agreed`, or `closed`."""
    outcome: CaseOutcome | None = None
    """Left out where the person has taken back that their referrer hears it."""
    turn_to: ShortText | None = None
    """Where the person is better helped, for a referral that was declined."""
    text: LongText | None = None
    """What the link worker marked as for the referrer."""
