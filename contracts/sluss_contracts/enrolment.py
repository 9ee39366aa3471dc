"""One person offered to, or taking part in, one activity. Owned by the provider service."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import Attendance, Code, Key, Role, ShortText, Slug, Whose

HostName = Annotated[ShortText, StringConstraints(max_length=80)]


class _OfEnrolment(Fact):
    enrolment_id: Key
    referral_id: Key
    activity: Slug
    provider: Slug


class _OnPathway(_OfEnrolment):
    pathway: Slug = DEFAULT
    """The way of working the referral began with: how long an offer stands, when a session is reported."""
    pathway_version: int = Field(default=0, ge=0)


class EnrolmentOffered(
    _OnPathway,
    type="enrolment.offered",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("referral", "navigator", "notify", "console"),
):
    """A place is held and the provider is asked to say yes or no by a date.

    It does *not* mean that the person is welcome yet, and tells the provider nothing of why they come.
    """

    person: Key
    alias: str = Field(max_length=40)
    """What the provider sees instead of a name."""
    answer_by: AwareDatetime
    host_wanted: bool = False
    """The person would like somebody of the provider to meet them the first time; the provider is told that
    and never why."""


class EnrolmentAccepted(
    _OnPathway,
    type="enrolment.accepted",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("referral", "navigator", "notify", "console"),
    data_class=DataClass.STAFF,
):
    """The provider welcomes the person.

    It does *not* mean that they have come: `attendance.recorded` tells.
    """

    person: Key
    host: HostName | None = None
    """The provider's named person who meets the newcomer."""
    first_session: Key | None = None
    starts: AwareDatetime | None = None


class EnrolmentDeclined(
    _OfEnrolment,
    type="enrolment.declined",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """No place, and whose reason that is. The link worker finds something else.

    It does *not* judge the person, and does *not* close the case.
    """

    whose: Whose
    reason: Code


class EnrolmentWaitlisted(
    _OnPathway,
    type="enrolment.waitlisted",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("referral", "navigator", "console"),
):
    """The activity is full; the person is in line. A place that frees up is offered to the first in line.

    It does *not* promise a place or a date, and the position may change.
    """

    person: Key
    position: int = Field(ge=1)
    host_wanted: bool = False
    """What the provider is told when a place is offered."""


class HostWanted(
    _OfEnrolment,
    type="enrolment.host_wanted",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("console",),
):
    """The person would like somebody of the provider to meet them the first time, and that was agreed after
    the place was asked for. The provider is told with the offer, or with one that stands.

    It does *not* say why, and it is no condition: the person is as welcome without a host.
    """


class EnrolmentEnded(
    _OfEnrolment,
    type="enrolment.ended",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """The person no longer takes part through the network; the place is free.

    It does *not* take back what the provider has been told (`told`), and does *not* mean that they stopped
    coming: many go on by themselves (`self_sustaining`).
    """

    whose: Whose
    reason: Code
    """`self_sustaining`, `person_stopped`, `provider_cannot_continue`, `activity_withdrawn`,
    `consent_withdrawn`, `case_closed` …"""
    told: bool = True
    """Whether the provider has been told of the person at all: somebody still in line was never mentioned."""


class EnrolmentExpired(
    _OfEnrolment,
    type="enrolment.expired",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """The provider has not answered for so long that the place goes to the next in line.

    It does *not* mean that the provider said no: a new request is welcome.
    """


class AnotherTimeSuggested(
    _OfEnrolment,
    type="enrolment.another_time_suggested",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """The provider would rather welcome the person another time; the link worker asks them.

    It does *not* give up the place, which is held as long again as an offer is.
    """

    starts: AwareDatetime
    host: HostName | None = None
    answer_by: AwareDatetime
    """Until when the place is held for an answer."""


class AttendanceRecorded(
    _OfEnrolment,
    type="attendance.recorded",
    aggregate="enrolment",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """Whether the person came to one session. A correction is a new event for the same session.

    It does *not* say why somebody stayed away, and one absence ends nothing.
    """

    session_id: Key
    outcome: Attendance
    by: Role


class AttendanceMissing(
    _OfEnrolment,
    type="attendance.missing",
    aggregate="enrolment",
    id="enrolment_id",
    key="referral_id",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
):
    """The session has passed and nobody has said whether the person came. Said once for each session.

    It does *not* mean that they stayed away.
    """

    session_id: Key
