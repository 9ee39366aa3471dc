"""Commands to the navigator about meetings, a link worker's and those of the person who is met."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import (
    Code,
    Key,
    LongText,
    MeetingKind,
    MeetingMode,
    Moment,
    PartOfDay,
    ShortText,
    Weekday,
    Whose,
)
from sluss_contracts.words import Known


class BookMeeting(Command, owner="navigator", verb="book_meeting", key="referral_id"):
    """A time is agreed with the person. Result: `meeting_id`."""

    referral_id: Key
    kind: MeetingKind = MeetingKind.FIRST
    mode: MeetingMode | None = None
    """Left out: what the pathway proposes for meetings of the kind; so with `minutes`."""
    starts: Moment
    minutes: int | None = Field(default=None, ge=5, le=480)
    place: ShortText | None = None
    """Where, in words; goes to the vault before anything is written. So does `lone_work`."""
    lone_work: LongText | None = None
    """For a home visit: who knows where the link worker is, and when they are back."""
    only_if_free: bool = False
    """Refused (`time_is_taken`) where the link worker has another meeting then; otherwise both stand."""
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class MoveMeeting(Command, owner="navigator", verb="move_meeting", key="referral_id"):
    """A booked meeting takes place at another time, or in another way."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    mode: MeetingMode | None = None
    """Left out: as it was; so with `minutes`."""
    minutes: int | None = Field(default=None, ge=5, le=480)
    place: ShortText | None = None
    """As for `BookMeeting`; left out, what was said of the place holds no longer where the way is another."""
    lone_work: LongText | None = None
    only_if_free: bool = False
    """As for `BookMeeting`; the meeting that is moved is not in its own way."""
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class CancelMeeting(Command, owner="navigator", verb="cancel_meeting", key="referral_id"):
    """A booked meeting does not take place, and both know it beforehand."""

    referral_id: Key
    meeting_id: Key
    whose: Whose
    why: Code = "other_time"
    """`illness`, `travel`, `other_time`, `link_worker_away` …"""


class ReadMeetingLink(Command, owner="navigator", verb="read_meeting_link", key="referral_id"):
    """A link by which the person confirms, moves or cancels a meeting without signing in.

    Result: `address`, and `starts` (when the meeting is now).
    """

    referral_id: Key
    meeting_id: Key


class ConfirmMeeting(Command, owner="navigator", verb="confirm_meeting", key="referral_id"):
    """The person says that the time suits them."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    """The time they were shown; at another one the command is refused. So with the three below."""


class ChooseMeetingTime(Command, owner="navigator", verb="choose_meeting_time", key="referral_id"):
    """The person moves the meeting to a time at which the link worker is free."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    to: Moment


class AskForMeetingTime(Command, owner="navigator", verb="ask_for_meeting_time", key="referral_id"):
    """The person says that the time does not suit, and when another would."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    days: tuple[Weekday, ...] = Field(default=(), max_length=7)
    parts: tuple[Annotated[PartOfDay, Known], ...] = Field(default=(), max_length=3)


class CallOffMeeting(Command, owner="navigator", verb="call_off_meeting", key="referral_id"):
    """The person cancels the meeting; it is the meeting alone, and never the referral."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    contact: bool
    """Whether they want to be contacted about another time."""


class RecordMeeting(Command, owner="navigator", verb="record_meeting", key="referral_id"):
    """The meeting was held, or the person did not come."""

    referral_id: Key
    meeting_id: Key
    held: bool
    minutes: int | None = Field(default=None, ge=1, le=480)
