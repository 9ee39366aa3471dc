"""Messages to the person: decided here, carried by the courier, at most once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from sluss_contracts.event import Fact
from sluss_contracts.message import (
    MessageAbout,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.vocabulary import MessageTemplate

OUTCOME_UNKNOWN = "outcome_unknown"
"""Nobody knows whether the message went. It is not sent again: somebody looks into it."""
CHANNEL_REFUSED = "channel_refused"
"""The channel did not take it."""
NOT_WRITABLE = "not_writable"
"""There are no words for it here: somebody must tell the person in another way."""
NO_WAY_TO_REACH = "no_way_to_reach"
"""The person has no address that any channel here can carry to."""
CASE_CLOSED = "case_closed"
"""The case was closed before the message went."""


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


class Message(BaseModel):
    """State of one message."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    referral_id: str
    template: MessageTemplate
    person: str
    cause: str
    worker: str | None = None
    status: Status = Status.QUEUED


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
) -> list[Fact]:
    """At most one message for each (cause, person, template), and none once the case is closed."""
    twin = (cause, person, template)
    if closed or any((each.cause, each.person, each.template) == twin for each in messages.values()):
        return []
    return [
        MessageQueued(
            message_id=new_id,
            referral_id=referral_id,
            template=template,
            person=person,
            cause=cause,
            about=about,
        )
    ]


def worker_of(messages: Mapping[str, Message]) -> str | None:
    """The link worker who wrote last (message ids sort by time); signs what has no writer of its own."""
    signed = [messages[id].worker for id in sorted(messages)]
    return next((worker for worker in reversed(signed) if worker), None)


def sent(message: Message | None, channel: str) -> list[Fact]:
    """A channel took it; true also of a message that was held back a moment too late."""
    if message is None or message.status not in (Status.QUEUED, Status.SUPPRESSED):
        return []
    return [MessageSent(**_names(message), channel=channel)]


def failed(message: Message | None, why: str) -> list[Fact]:
    """It did not go, or nobody knows. Said once."""
    if message is None or message.status is not Status.QUEUED:
        return []
    return [MessageFailed(**_names(message), why=why)]


def suppress(message: Message | None, why: str) -> list[Fact]:
    """It is deliberately not sent."""
    if message is None or message.status is not Status.QUEUED:
        return []
    return [MessageSuppressed(**_names(message), why=why)]


def close(messages: Iterable[Message]) -> list[Fact]:
    """The case is over: what has not gone stays here, above all to somebody who has died."""
    return [fact for each in messages for fact in suppress(each, CASE_CLOSED)]


_STATUS: dict[type[Fact], Status] = {
    MessageSent: Status.SENT,
    MessageFailed: Status.FAILED,
    MessageSuppressed: Status.SUPPRESSED,
}


def evolve(state: Message | None, fact: Fact) -> Message:
    """What a fact makes of a message."""
    if isinstance(fact, MessageQueued):
        return Message(
            message_id=fact.message_id,
            referral_id=fact.referral_id,
            template=fact.template,
            person=fact.person,
            cause=fact.cause,
            worker=fact.about.worker,
        )
    assert state is not None, "a message is queued before anything else happens to it"
    return state.model_copy(update={"status": _STATUS[type(fact)]})


def _names(message: Message) -> _Names:
    return _Names(message_id=message.message_id, referral_id=message.referral_id, template=message.template)
