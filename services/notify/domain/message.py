"""Messages to the person: decided here, carried by the courier, at most once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.event import Fact
from sluss_contracts.message import (
    MessageAbout,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import MessageTemplate

OUTCOME_UNKNOWN = "outcome_unknown"
"""Nobody knows whether the message went. It is not sent again: somebody looks into it."""
CHANNEL_REFUSED = "channel_refused"
"""The channel did not take it."""
NOT_WRITABLE = "not_writable"
"""There are no words for it here: somebody must tell the person in another way."""
NO_WAY_TO_REACH = "no_way_to_reach"
"""The person has no address that any channel here can carry to, and that may be used."""
GUARDIAN_OUT_OF_REACH = "guardian_out_of_reach"
"""The guardian decides for this minor and is written to in their place, and there is no way to."""
CASE_CLOSED = "case_closed"
"""The case was closed before the message went."""
PAUSED = "paused"
"""Nothing is asked of the person for a while."""
WITHDRAWN = "withdrawn"
"""The person has taken back their consent to what it tells of."""
ERASED = "erased"
"""The person is erased."""
PROTECTED = "protected"
"""The person's whereabouts are protected: somebody tells them by hand."""
NOT_IN_PATHWAY = "not_in_pathway"
"""The way of working does not send it."""
TOO_LATE = "too_late"
"""What it tells of has been."""
NO_LONGER_TRUE = "no_longer_true"
"""What it tells of has changed or was corrected."""

ASKS_SOMETHING = frozenset(
    {
        MessageTemplate.INVITATION,
        MessageTemplate.MEETING_REMINDER,
        MessageTemplate.SESSION_REMINDER,
        MessageTemplate.HOST_INTRODUCTION,
        MessageTemplate.MISSED_SESSION,
        MessageTemplate.FOLLOW_UP,
        MessageTemplate.EVALUATION,
    }
)
"""Not sent during a pause. The others tell of what the person has agreed to or must know."""
OUTLASTS_THE_CASE = frozenset({MessageTemplate.EVALUATION})
_OF_A_MOMENT = frozenset(
    {
        MessageTemplate.MEETING_BOOKED,
        MessageTemplate.MEETING_REMINDER,
        MessageTemplate.SESSION_MOVED,
        MessageTemplate.SESSION_REMINDER,
    }
)
_GOES_WITH = {MessageTemplate.SESSION_MOVED: MessageTemplate.ACTIVITY_CONFIRMED}
"""Whoever is told when to come is told when that changes: a way of working that has the one has the other."""


class _Names(TypedDict):
    message_id: str
    referral_id: str
    template: MessageTemplate


class Status(StrEnum):
    """Where a message is; all but `QUEUED` are its end."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


LIFECYCLE = Lifecycle(
    "message",
    {
        MessageQueued: born(Status.QUEUED),
        # A channel may have taken what was held back a moment too late.
        MessageSent: move(Status.QUEUED, Status.SUPPRESSED, to=Status.SENT),
        MessageFailed: move(Status.QUEUED, to=Status.FAILED),
        MessageSuppressed: move(Status.QUEUED, to=Status.SUPPRESSED),
    },
    Status,
)


class Message(BaseModel):
    """State of one message."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    referral_id: str
    template: MessageTemplate
    person: str
    cause: str
    worker: str | None = None
    provider: str | None = None
    session: str | None = None
    status: Status = Status.QUEUED


def why_not(template: MessageTemplate, pathway: Pathway, *, protected: bool, paused: bool) -> str | None:
    """Why a message is not even tried: the way of working has none, or care with this person forbids it."""
    if _GOES_WITH.get(template, template) not in pathway.messages:
        return NOT_IN_PATHWAY
    if protected and template is not MessageTemplate.INVITATION:
        return PROTECTED
    if paused and template in ASKS_SOMETHING:
        return PAUSED
    return None


def too_late(template: MessageTemplate, starts: datetime | None, now: datetime) -> bool:
    """Whether it would tell of a time that has been."""
    return template in _OF_A_MOMENT and starts is not None and starts <= now


def queue(
    messages: Mapping[str, Message],
    template: MessageTemplate,
    *,
    referral_id: str,
    person: str,
    cause: str,
    about: MessageAbout,
    new_id: str,
    closed: bool,
    held_back: str | None = None,
) -> list[Fact]:
    """At most one message for each (cause, person, template), and none once the case is closed, unless it
    outlasts it. With a reason to hold it back (`why_not`) that is said at once."""
    twin = (cause, person, template)
    if closed and template not in OUTLASTS_THE_CASE:
        return []
    if any((each.cause, each.person, each.template) == twin for each in messages.values()):
        return []
    names = _Names(message_id=new_id, referral_id=referral_id, template=template)
    queued = MessageQueued(**names, person=person, cause=cause, about=about)
    return [queued, MessageSuppressed(**names, why=held_back)] if held_back else [queued]


def worker_of(messages: Mapping[str, Message]) -> str | None:
    """The link worker who wrote last (message ids sort by time); signs what has no writer of its own."""
    signed = [messages[id].worker for id in sorted(messages)]
    return next((worker for worker in reversed(signed) if worker), None)


def sent(message: Message | None, channel: str) -> list[Fact]:
    """A channel took it; true also of a message that was held back a moment too late."""
    if message is None or not LIFECYCLE.allows(message.status, MessageSent):
        return []
    return [MessageSent(**_names(message), channel=channel)]


def failed(message: Message | None, why: str) -> list[Fact]:
    """It did not go, or nobody knows. Said once."""
    if message is None or not LIFECYCLE.allows(message.status, MessageFailed):
        return []
    return [MessageFailed(**_names(message), why=why)]


def suppress(message: Message | None, why: str) -> list[Fact]:
    """It is deliberately not sent."""
    if message is None or not LIFECYCLE.allows(message.status, MessageSuppressed):
        return []
    return [MessageSuppressed(**_names(message), why=why)]


def close(messages: Iterable[Message]) -> list[Fact]:
    """The case is over: what has not gone stays here, above all to somebody who has died."""
    return [
        fact
        for each in messages
        if each.template not in OUTLASTS_THE_CASE
        for fact in suppress(each, CASE_CLOSED)
    ]


def pause(messages: Iterable[Message]) -> list[Fact]:
    """Nothing is asked of the person for a while; what only tells them something still goes."""
    return [fact for each in messages if each.template in ASKS_SOMETHING for fact in suppress(each, PAUSED)]


def withdraw(messages: Iterable[Message], *, providers: Collection[str] | None) -> list[Fact]:
    """The person has taken back their consent towards these providers; None: towards all."""
    return [
        fact
        for each in messages
        if each.provider and (providers is None or each.provider in providers)
        for fact in suppress(each, WITHDRAWN)
    ]


def hold_back(messages: Iterable[Message], why: str, *templates: MessageTemplate) -> list[Fact]:
    """All that has not gone, or those of some templates, stay here."""
    return [
        fact
        for each in messages
        if not templates or each.template in templates
        for fact in suppress(each, why)
    ]


def evolve(state: Message | None, fact: Fact) -> Message:
    """What a fact makes of a message."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, MessageQueued):
        return Message(
            message_id=fact.message_id,
            referral_id=fact.referral_id,
            template=fact.template,
            person=fact.person,
            cause=fact.cause,
            worker=fact.about.worker,
            provider=fact.about.provider,
            session=fact.about.session,
        )
    assert state is not None
    return state.model_copy(update={"status": status})


def _names(message: Message) -> _Names:
    return _Names(message_id=message.message_id, referral_id=message.referral_id, template=message.template)
