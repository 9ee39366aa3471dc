"""Whom to turn to at a provider: people in their work, for those who work in the network alone.

Never in a public event, a page for everybody, or anything that goes to the person who is referred.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, StringConstraints

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import Language, ShortText, Slug

PhoneNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ()/-]{3,30}$", max_length=32)
]
"""As somebody would dial it: `011-12 34 56`, `+46 70 123 45 67`, `90 101`."""

EmailAddress = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+$", max_length=254
    ),
]
"""One address, without a name around it."""


class Reachable(BaseModel):
    """How somebody is reached in their work. With nothing in it: nobody is."""

    name: ShortText | None = None
    """A person or a desk."""
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    note: ShortText | None = None
    """When to call, whom to ask for."""


class ActivityContactGiven(
    Reachable,
    Fact,
    type="activity.contact_given",
    id="activity",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.STAFF,
):
    """Whom a link worker turns to about an activity; the payload is the whole new truth, and empty takes it
    away.

    It is *not* for the public, nor for the person who is referred, and does not name who meets them: the host
    of an accepted enrolment does.
    """

    activity: Slug
    at: AwareDatetime


class ProviderContactGiven(
    Reachable,
    Fact,
    type="provider.contact_given",
    id="provider",
    said_by="provider",
    read_by=("notify", "console"),
    data_class=DataClass.STAFF,
):
    """Where the network's own messages to a provider go: by e-mail where there is an address, else by phone.
    The payload is the whole new truth, and empty takes it away.

    It is *not* for the public, and does not say that anybody has been written to.
    """

    provider: Slug
    at: AwareDatetime
    language: Language = "sv"
    """What they are written to in."""
