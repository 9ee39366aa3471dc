"""The library beside the activities: books, guides, podcasts, self-help, methods.

Owned by the provider service. A resource needs nobody's acceptance and has no places: whoever finds it
uses it.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, Field

from sluss_contracts.contact import PhoneNumber
from sluss_contracts.event import DataClass, Fact
from sluss_contracts.offering import Cost, Eligibility, Interest, WebAddress
from sluss_contracts.vocabulary import Code, Language, LongText, Need, Role, ShortText, Slug
from sluss_contracts.words import OpenVocabulary


class ResourceKind(OpenVocabulary):
    """What sort of thing it is."""

    BOOK = "book"
    GUIDE = "guide"
    PODCAST = "podcast"
    SELF_HELP = "self_help"
    """A programme or exercises to go through by oneself."""
    APP = "app"
    HELPLINE = "helpline"
    """A telephone or chat that anybody may turn to."""
    METHOD = "method"
    """A way of working, for those who guide."""
    GOOD_EXAMPLE = "good_example"
    """What somebody did, told so that others can do it too."""


class ForWhom(StrEnum):
    """On whose shelf it stands. Neither is secret."""

    EVERYBODY = "everybody"
    LINK_WORKERS = "link_workers"


class DescribedResource(BaseModel):
    """What is said of one resource. What may be left out is then not known."""

    resource: Slug
    kind: ResourceKind
    title: ShortText
    languages: tuple[Language, ...] = Field(min_length=1)
    for_whom: ForWhom = ForWhom.EVERYBODY
    about: LongText | None = None
    """A few sentences for whoever might use it."""
    needs: tuple[Need, ...] = Field(default=(), max_length=20)
    interests: tuple[Interest, ...] = Field(default=(), max_length=20)
    author: ShortText | None = None
    source: ShortText | None = None
    """Who publishes it, or where it is kept: a library, a website, an authority."""
    page: WebAddress | None = None
    phone: PhoneNumber | None = None
    """Of a helpline."""
    cost: Cost | None = None
    """None: not said; say 0 where it is free."""
    eligibility: Eligibility = Eligibility()


class ResourcePublished(
    DescribedResource,
    Fact,
    type="resource.published",
    id="resource",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """There is something in the library.

    It does *not* recommend it to anybody, and says nothing of who has used it.
    """

    by: Role
    """In which role somebody said so."""
    at: AwareDatetime


class ResourceAmended(
    ResourcePublished,
    type="resource.amended",
    id="resource",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """What is said of something in the library is corrected; the payload is the whole new truth.

    It does *not* mean that the thing itself has changed.
    """


class ResourceWithdrawn(
    Fact,
    type="resource.withdrawn",
    id="resource",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """It stands in the library no more.

    It does *not* mean that nobody may use it: whoever has it has it.
    """

    resource: Slug
    why: Code
