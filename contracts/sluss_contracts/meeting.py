"""Reaching the person and meeting them: what the navigator says of a case's contacts and meetings."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from sluss_contracts.case import OnPathway
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import (
    Code,
    ContactOutcome,
    ContactWay,
    Key,
    MeetingKind,
    MeetingMode,
    PartOfDay,
    Slug,
    VaultRef,
    Weekday,
    Whose,
)


class ContactAttempted(
    Fact,
    type="contact.attempted",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """Somebody tried to reach the person, with what came of it.

    It does *not* mean that they talked: only the outcome `reached` does.
    """

    referral_id: Key
    worker: Slug
    way: ContactWay
    outcome: ContactOutcome
    attempt: int = Field(ge=1)


class MeetingBooked(
    OnPathway,
    type="meeting.booked",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A time is agreed with the person.

    It does *not* mean that the meeting will take place: `meeting.held` or `meeting.missed` tells.
    """

    referral_id: Key
    person: Key
    meeting_id: Key
    worker: Slug
    kind: MeetingKind
    mode: MeetingMode
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=480)
    place: VaultRef | None = None
    """Where they meet, in the link worker's words, kept in the vault: it may tell where somebody lives."""
    lone_work: VaultRef | None = None
    """Who knows where the link worker is and when they are back, kept in the vault; for home visits."""


class MeetingMoved(
    Fact,
    type="meeting.moved",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A meeting that was booked takes place at another time, or in another way; it is the same meeting.

    It does *not* say who asked for it, unless the person chose the time, and is *not* a meeting missed.
    """

    referral_id: Key
    person: Key
    meeting_id: Key
    worker: Slug
    kind: MeetingKind
    mode: MeetingMode
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=480)
    place: VaultRef | None = None
    """Where they meet now; without one nothing is said of it."""
    lone_work: VaultRef | None = None
    by_person: bool = False
    """The person chose the time themselves, among the link worker's free ones."""


class MeetingCancelled(
    Fact,
    type="meeting.cancelled",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A meeting that was booked does not take place, and both know it beforehand.

    It does *not* mean that the person does not want to meet: somebody asks when they can.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    whose: Whose
    """Whose reason it was."""
    why: Code
    """`illness`, `travel`, `other_time`, `link_worker_away`, `called_off` (the person said no more) …"""
    by_person: bool = False
    """The person cancelled it themselves."""
    contact: bool | None = None
    """Whether they want to be contacted about another time; None where nobody has asked them."""


class MeetingConfirmed(
    Fact,
    type="meeting.confirmed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person has said themselves that the time suits them.

    It does *not* mean that the meeting will take place, nor does a meeting need it: whoever says nothing is
    expected as well.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    starts: AwareDatetime
    """The time they said it of."""


class MeetingTimeUnsuited(
    Fact,
    type="meeting.time_unsuited",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person has said themselves that the time does not suit, and when another would.

    It does *not* move or cancel the meeting: a link worker does, together with the person. Nor does it say
    why, which nobody has asked.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    starts: AwareDatetime
    """The time that does not suit."""
    days: tuple[Weekday, ...] = ()
    """The days that do; none named: any."""
    parts: tuple[PartOfDay, ...] = ()
    """When on those days; none named: any time."""


class MeetingHeld(
    Fact,
    type="meeting.held",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The meeting took place.

    It does *not* tell what was said, which is for the case's own pages, nor that a plan came of it.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    mode: MeetingMode
    minutes: int = Field(ge=1, le=480)


class MeetingMissed(
    Fact,
    type="meeting.missed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person did not come.

    It does *not* say why, and is *not* a reason to close: somebody asks how they are.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
