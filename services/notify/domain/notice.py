"""Messages to providers: decided here, carried by the courier, at most once for each cause."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.event import Fact
from sluss_contracts.notice import NoticeAbout, NoticeFailed, NoticeQueued, NoticeSent, NoticeSuppressed
from sluss_contracts.vocabulary import NoticeTemplate


class _Names(TypedDict):
    notice_id: str
    provider: str
    template: NoticeTemplate


class Status(StrEnum):
    """Where a notice is; all but `QUEUED` are its end."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


LIFECYCLE = Lifecycle(
    "notice",
    {
        NoticeQueued: born(Status.QUEUED),
        NoticeSent: move(Status.QUEUED, to=Status.SENT),
        NoticeFailed: move(Status.QUEUED, to=Status.FAILED),
        NoticeSuppressed: move(Status.QUEUED, to=Status.SUPPRESSED),
    },
    Status,
)


class Notice(BaseModel):
    """State of one notice."""

    model_config = ConfigDict(frozen=True)

    notice_id: str
    provider: str
    template: NoticeTemplate
    about: NoticeAbout
    status: Status = Status.QUEUED


def name_of(template: NoticeTemplate, cause: str) -> str:
    """The id of the one notice there is for a cause: a cause is of one provider."""
    return f"{template.value}-{cause}"


def queue(
    known: Collection[str], template: NoticeTemplate, *, provider: str, cause: str, about: NoticeAbout
) -> list[Fact]:
    """At most one for each (cause, provider, template); `known` are the ids there are already."""
    id = name_of(template, cause)
    if id in known:
        return []
    return [NoticeQueued(notice_id=id, provider=provider, template=template, cause=cause, about=about)]


def sent(notice: Notice | None, channel: str) -> list[Fact]:
    """A channel took it."""
    if notice is None or not LIFECYCLE.allows(notice.status, NoticeSent):
        return []
    return [NoticeSent(**_names(notice), channel=channel)]


def failed(notice: Notice | None, why: str) -> list[Fact]:
    """It did not go, or nobody knows: somebody calls instead. Said once."""
    if notice is None or not LIFECYCLE.allows(notice.status, NoticeFailed):
        return []
    return [NoticeFailed(**_names(notice), why=why, about=notice.about)]


def suppress(notice: Notice | None, why: str) -> list[Fact]:
    """There is nothing to answer any more."""
    if notice is None or not LIFECYCLE.allows(notice.status, NoticeSuppressed):
        return []
    return [NoticeSuppressed(**_names(notice), why=why)]


def evolve(state: Notice | None, fact: Fact) -> Notice:
    """What a fact makes of a notice."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, NoticeQueued):
        return Notice(**_names(fact), about=fact.about)
    assert state is not None
    return state.model_copy(update={"status": status})


def _names(notice: Notice | NoticeQueued) -> _Names:
    return _Names(notice_id=notice.notice_id, provider=notice.provider, template=notice.template)
