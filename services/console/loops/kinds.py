"""Which events open a loop, which close it, and by when it should have been closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

_ZONE: Final = ZoneInfo("Europe/Stockholm")
_DAY_BEGINS, _DAY_ENDS = time(9), time(20)
_GOES_WITHIN: Final = timedelta(hours=1)
"""A message goes at once by day."""


class Kind(StrEnum):
    """What is waited for."""

    FEEDBACK = "feedback"
    """A referrer is to be told."""
    OFFER = "offer"
    """A provider is to answer."""
    MESSAGE = "message"
    """A person is to be written to."""
    NOTICE = "notice"
    """A provider is to be written to."""


class Voice(StrEnum):
    """In what somebody is heard from."""

    REFERRALS = "referrals"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Opening:
    """An event type that opens a loop."""

    kind: Kind
    id: str
    """The field with the loop's id."""
    whose: str = ""
    """The field with whoever should act or be told; empty where there is none."""
    due: str = ""
    """The field with the date; empty where it follows from the hour."""


OPENS: Final[Mapping[str, Opening]] = {
    "feedback.due.v1": Opening(Kind.FEEDBACK, "feedback_id", "organisation", "due"),
    "enrolment.offered.v1": Opening(Kind.OFFER, "enrolment_id", "provider", "answer_by"),
    "message.queued.v1": Opening(Kind.MESSAGE, "message_id"),
    "notice.queued.v1": Opening(Kind.NOTICE, "notice_id", "provider"),
}
CLOSES: Final[Mapping[str, tuple[Kind, str]]] = {
    "feedback.sent.v1": (Kind.FEEDBACK, "feedback_id"),
    "feedback.withheld.v1": (Kind.FEEDBACK, "feedback_id"),
    "enrolment.accepted.v1": (Kind.OFFER, "enrolment_id"),
    "enrolment.declined.v1": (Kind.OFFER, "enrolment_id"),
    "enrolment.another_time_suggested.v1": (Kind.OFFER, "enrolment_id"),
    "enrolment.expired.v1": (Kind.OFFER, "enrolment_id"),
    "enrolment.ended.v1": (Kind.OFFER, "enrolment_id"),
    "message.sent.v1": (Kind.MESSAGE, "message_id"),
    "message.failed.v1": (Kind.MESSAGE, "message_id"),
    "message.suppressed.v1": (Kind.MESSAGE, "message_id"),
    "notice.sent.v1": (Kind.NOTICE, "notice_id"),
    "notice.failed.v1": (Kind.NOTICE, "notice_id"),
    "notice.suppressed.v1": (Kind.NOTICE, "notice_id"),
}
HEARD: Final[Mapping[str, tuple[Voice, str]]] = {
    "referral.submitted.v1": (Voice.REFERRALS, "organisation"),
    "enrolment.accepted.v1": (Voice.ANSWERS, "provider"),
    "enrolment.declined.v1": (Voice.ANSWERS, "provider"),
    "enrolment.another_time_suggested.v1": (Voice.ANSWERS, "provider"),
}
TYPES: Final = sorted({*OPENS, *CLOSES, *HEARD})


def due_of(opening: Opening, shown: Mapping[str, Any], opened: datetime) -> datetime:
    """By when the loop should be closed, in the network's time."""
    if opening.due:
        return datetime.fromisoformat(shown[opening.due])
    here = opened.astimezone(_ZONE)
    if _DAY_BEGINS <= here.time() < _DAY_ENDS:
        return opened + _GOES_WITHIN
    day = here.date() + timedelta(days=here.time() >= _DAY_ENDS)
    return datetime.combine(day, _DAY_BEGINS, _ZONE) + _GOES_WITHIN
