"""What is written to providers: one line and a link by which they answer. Owned by the notify service."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Code, Key, NoticeTemplate, Slug


class _OfNotice(Fact):
    notice_id: Key
    provider: Slug
    template: NoticeTemplate


class NoticeAbout(BaseModel):
    """What the link in it leads to; the link itself is made when it is sent, and is in no event."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    activity: Slug
    referral_id: Key | None = None
    enrolment_id: Key | None = None
    session_id: Key | None = None


class NoticeQueued(
    _OfNotice,
    type="notice.queued",
    id="notice_id",
    said_by="notify",
    read_by=("console",),
):
    """A provider will be written to. At most once for each (cause, provider, template).

    It does *not* hold the text, the link, or where it goes: those are put together when it is sent.
    """

    cause: Key
    about: NoticeAbout


class NoticeSent(
    _OfNotice,
    type="notice.sent",
    id="notice_id",
    said_by="notify",
    read_by=("console",),
):
    """A channel took it. It does *not* mean that anybody has read it."""

    channel: Code


class NoticeFailed(
    _OfNotice,
    type="notice.failed",
    id="notice_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The provider could not be written to, or nobody knows whether it went; somebody calls them instead.

    It does *not* take back what was offered or asked, and is never sent again blindly.
    """

    why: Code
    """`no_way_to_reach`, `outcome_unknown`, `channel_refused` or `not_writable`."""
    about: NoticeAbout


class NoticeSuppressed(
    _OfNotice,
    type="notice.suppressed",
    id="notice_id",
    said_by="notify",
    read_by=("console",),
):
    """The provider is deliberately not written to. It does *not* mean that something is broken."""

    why: Code
    """`no_longer_true`: it has been answered, taken back, or is over. `protected`: of somebody whose identity
    is protected nothing goes to a provider by itself; a human tells them."""
