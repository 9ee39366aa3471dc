"""What providers offer. Owned by the provider service; a session is ordered with its activity."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import Acceptance, Area, Key, Language, Need, OrganisationKind, PrescriptionKind, Slug

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class ProviderRegistered(
    Fact,
    type="provider.registered",
    id="provider",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """An association, the municipality or another runs activities or support for the network."""

    provider: Slug
    name: Name
    kind: OrganisationKind
    area: Area


class ProviderAmended(
    ProviderRegistered,
    type="provider.amended",
    id="provider",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was registered about a provider is corrected; the payload is the whole new truth."""


class ActivityPublished(
    Fact,
    type="activity.published",
    id="activity",
    said_by="provider",
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """There is something to take part in. It does *not* say that there is a place left."""

    activity: Slug
    provider: Slug
    title: Name
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
    read_by=("navigator", "notify", "console"),
    data_class=DataClass.PUBLIC,
):
    """What was published about an activity is corrected; the payload is the whole new truth."""


class SessionScheduled(
    Fact,
    type="session.scheduled",
    id="session_id",
    key="activity",
    said_by="provider",
    read_by=("navigator", "console"),
    data_class=DataClass.PUBLIC,
):
    """One dated occurrence of an activity."""

    session_id: Key
    activity: Slug
    starts: datetime
    minutes: int = Field(ge=5, le=1440)
