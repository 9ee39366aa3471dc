"""Commands to the provider service: the catalogue, enrolments, attendance."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.enrolment import HostName
from sluss_contracts.offering import Access, ActivityCategory, Described, Interest, Mode, Venue
from sluss_contracts.vocabulary import (
    Area,
    Attendance,
    Code,
    Key,
    Language,
    Moment,
    Need,
    OrganisationKind,
    ShortText,
    Slug,
    Whose,
)
from sluss_contracts.words import Known


class RegisterProvider(Command, owner="provider", verb="register_provider", key="provider"):
    """Add a provider, or correct it if it is there."""

    provider: Slug
    name: ShortText
    kind: Annotated[OrganisationKind, Known]
    area: Area


class _Describes(Described, Command):
    needs: tuple[Annotated[Need, Known], ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(default=("sv",), min_length=1)
    category: Annotated[ActivityCategory, Known] | None = None
    interests: tuple[Annotated[Interest, Known], ...] = Field(default=(), max_length=20)
    mode: Annotated[Mode, Known] = Mode.ON_SITE
    access: tuple[Annotated[Access, Known], ...] = Field(default=(), max_length=20)


class PublishActivity(_Describes, owner="provider", verb="publish_activity", key="activity"):
    """Offer an activity, or correct it if it is there. Whoever corrects it also says that it is right."""


class ProposeActivity(_Describes, owner="provider", verb="propose_activity", key="activity"):
    """Suggest an activity; a coordinator looks at it first. The provider need not be registered yet."""


class PublishProposal(Command, owner="provider", verb="publish_proposal", key="activity"):
    """Publish what was suggested, as it was suggested. `publish_activity` publishes it with changes."""

    activity: Slug


class VerifyActivity(Command, owner="provider", verb="verify_activity", key="activity"):
    """Say that what is published is still right. One that was hidden is shown again. Result: `ask_again`."""

    activity: Slug


class WithdrawActivity(Command, owner="provider", verb="withdraw_activity", key="activity"):
    """It takes place no more, or a suggestion is turned down. Whoever takes part or waits is ended."""

    activity: Slug
    why: Code


class ScheduleSession(Command, owner="provider", verb="schedule_session", key="activity"):
    """Add one dated occurrence. Result: `session_id`."""

    activity: Slug
    starts: Moment
    minutes: int = Field(default=90, ge=5, le=1440)
    venue: Venue | None = None
    """Where, when it is elsewhere than the activity is said to be."""


class CancelSession(Command, owner="provider", verb="cancel_session", key="activity"):
    """One occurrence does not take place."""

    activity: Slug
    session_id: Key
    why: Code


class RescheduleSession(Command, owner="provider", verb="reschedule_session", key="activity"):
    """One occurrence is moved. Without `minutes` it stays as long as it was, without `venue` where it was."""

    activity: Slug
    session_id: Key
    starts: Moment
    minutes: int | None = Field(default=None, ge=5, le=1440)
    venue: Venue | None = None
    """Where, when it is from now on elsewhere than the activity is said to be."""


class AcceptEnrolment(Command, owner="provider", verb="accept_enrolment", key="referral_id"):
    """The provider welcomes the person. Accepting twice is accepting once."""

    referral_id: Key
    enrolment_id: Key
    provider: Slug
    host: HostName | None = None
    starts: Moment | None = None
    """A later session than the first that is to come; or when, where there are no sessions."""


class DeclineEnrolment(Command, owner="provider", verb="decline_enrolment", key="referral_id"):
    """The provider says no, and whose reason it is."""

    referral_id: Key
    enrolment_id: Key
    provider: Slug
    whose: Whose = Whose.PROVIDER
    reason: Code


class SuggestAnotherTime(Command, owner="provider", verb="suggest_another_time", key="referral_id"):
    """Welcome, but another time. The place is held meanwhile; the link worker asks the person."""

    referral_id: Key
    enrolment_id: Key
    provider: Slug
    starts: Moment
    host: HostName | None = None


class AgreeToTime(Command, owner="provider", verb="agree_to_time", key="referral_id"):
    """The person says yes to the time the provider suggested last: they are welcome then."""

    referral_id: Key
    enrolment_id: Key


class EndEnrolment(Command, owner="provider", verb="end_enrolment", key="referral_id"):
    """The person no longer takes part; the place is free."""

    referral_id: Key
    enrolment_id: Key
    whose: Whose
    reason: Code


class RecordAttendance(Command, owner="provider", verb="record_attendance", key="referral_id"):
    """Whether the person came to a session. Saying otherwise later is a correction."""

    referral_id: Key
    enrolment_id: Key
    session_id: Key
    outcome: Attendance


class ReadEnrolmentLink(Command, owner="provider", verb="read_enrolment_link", key="referral_id"):
    """A link by which the provider answers an offer without an account.

    Result: `address`, `provider`, `expires`, and `waits` (how many answers are still wanted).
    """

    referral_id: Key
    enrolment_id: Key


class ReadActivityLink(Command, owner="provider", verb="read_activity_link", key="activity"):
    """A link by which the provider says whether what is published is still right; with a session, one to say
    who came to it. Result: as for `read_enrolment_link`."""

    activity: Slug
    session_id: Key | None = None
