"""What providers offer. Owned by the provider service; a session is ordered with its activity."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.offering import Described, Venue
from sluss_contracts.vocabulary import (
    Area,
    Code,
    Key,
    OrganisationKind,
    Role,
    ShortText,
    Slug,
)


class ProviderRegistered(
    Fact,
    type="provider.registered",
    id="provider",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """An association, the municipality or another runs activities or support for the network.

    It does *not* mean that anything is on offer yet.
    """

    provider: Slug
    name: ShortText
    kind: OrganisationKind
    area: Area


class ProviderAmended(
    ProviderRegistered,
    type="provider.amended",
    id="provider",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was registered about a provider is corrected; the payload is the whole new truth.

    It does *not* change activities already published.
    """


class _OnSomebodysWord(Described, Fact):
    by: Role | None = None
    """In which role somebody said so; a provider says so of itself. None: it was not kept."""
    at: AwareDatetime | None = None
    ask_again: AwareDatetime | None = None
    """When whoever runs it is asked whether it is still right."""


class ActivityPublished(
    _OnSomebodysWord,
    type="activity.published",
    id="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """There is something to take part in.

    It does *not* say that there is a place left, or when: sessions tell when.
    """


class ActivityAmended(
    ActivityPublished,
    type="activity.amended",
    id="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was published about an activity is corrected; the payload is the whole new truth. What was hidden
    is shown again: whoever corrects it says that it is right.

    It does *not* move sessions already scheduled to another time, and takes no place from anybody who has
    one. Sessions without a place of their own are where the activity is.
    """

    why: Code | None = None
    """Why a coordinator put back what a provider had changed; None for any other correction."""
    elsewhere: bool = False
    """Whether one takes part somewhere else than was said before: at another place, or from where one is. Who
    takes part is told; of a new postal code nobody is."""


class SessionScheduled(
    Fact,
    type="session.scheduled",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """One dated occurrence of an activity. It does *not* mean that anybody is enrolled in it."""

    session_id: Key
    activity: Slug
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=1440)
    venue: Venue | None = None
    """Where, when it is elsewhere than the activity is said to be."""
    by_schedule: bool = False
    """Whether it was laid out from the activity's schedule, and not added by itself."""


class SessionCancelled(
    Fact,
    type="session.cancelled",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """This occurrence does not take place. It does *not* end the activity, or anybody's part in it."""

    session_id: Key
    activity: Slug
    why: Code
    by_schedule: bool = False
    """Whether it is the activity's schedule that leaves it out, and not somebody who cancels this one. What
    the schedule leaves out may come back, as another session."""


class SessionReportDue(
    Fact,
    type="session.report_due",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """The session is over and people were expected: whoever runs it is asked who came. Said once.

    It does *not* say who was expected, or how many; `attendance.missing` tells of whom nobody has said.
    """

    session_id: Key
    activity: Slug
    provider: Slug


class ActivityProposed(
    ActivityPublished,
    type="activity.proposed",
    id="activity",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """Somebody suggests an activity; a coordinator looks at it first.

    It does *not* mean that it takes place: nothing may be asked for until it is published.
    """


class ActivityRescheduled(
    Fact,
    type="activity.rescheduled",
    aggregate="session",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """A session of it is moved. It does *not* ask whether that suits those who take part."""

    activity: Slug
    session_id: Key
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=1440)
    venue: Venue | None = None
    """Where from now on, when it is elsewhere than the activity is said to be."""
    was: AwareDatetime | None = None
    """When it was to begin before; the same as `starts` where only place or length changes. None: it was not
    kept."""
    elsewhere: bool = False
    """Whether it is held somewhere else than it was to be."""
    by_schedule: bool = False
    """Whether the activity's schedule changed, and not this session alone."""
    tells_all: bool = False
    """Whether everybody who takes part is to know of it, not only those who were to come to this one for the
    first time: so it is with one that is moved by itself, and with the first that a change of the schedule
    moves."""


class ActivityVerified(
    Fact,
    type="activity.verified",
    id="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """Somebody who knows says that what is published is still right, until it is asked again.

    It does *not* change what is published.
    """

    activity: Slug
    by: Role
    ask_again: AwareDatetime
    provider: Slug | None = None
    """Who runs it, where it was they who said so."""
    at: AwareDatetime | None = None


class VerificationDue(
    Fact,
    type="activity.verification_due",
    id="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """Nobody has said for long that it is still right: whoever runs it is asked, and it sinks in every list.

    It does *not* hide it yet: `activity.expired` does, when nobody answers by `hidden_at`.
    """

    activity: Slug
    provider: Slug
    hidden_at: AwareDatetime


class ActivityExpired(
    Fact,
    type="activity.expired",
    id="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """Nobody has said for too long that it is still right, so it is hidden and takes nobody new.

    It does *not* end it for those who take part; verifying it brings it back.
    """

    activity: Slug


class ActivityWithdrawn(
    Fact,
    type="activity.withdrawn",
    id="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """It takes place no more, or a suggestion is turned down. Those enrolled are told through their link
    workers.

    It does *not* say that the need it met is gone.
    """

    activity: Slug
    why: Code
