"""What providers offer. Owned by the provider service; a session is ordered with its activity."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import (
    Acceptance,
    Area,
    Key,
    Language,
    Need,
    OrganisationKind,
    PrescriptionKind,
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


class ActivityPublished(
    Fact,
    type="activity.published",
    id="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """There is something to take part in.

    It does *not* say that there is a place left, or when: sessions tell when.
    """

    activity: Slug
    provider: Slug
    title: ShortText
    kind: PrescriptionKind
    needs: tuple[Need, ...] = Field(min_length=1)
    area: Area
    languages: tuple[Language, ...] = Field(min_length=1)
    capacity: int = Field(ge=1, le=10000)
    """How many may take part at the same time."""
    acceptance: Acceptance = Acceptance.REQUIRED


class ActivityAmended(
    ActivityPublished,
    type="activity.amended",
    id="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was published about an activity is corrected; the payload is the whole new truth.

    It does *not* move sessions already scheduled, and takes no place from anybody who has one.
    """


class SessionScheduled(
    Fact,
    type="session.scheduled",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """One dated occurrence of an activity. It does *not* mean that anybody is enrolled in it."""

    session_id: Key
    activity: Slug
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=1440)
