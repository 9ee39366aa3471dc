"""What a directory elsewhere says of something in the catalogue, in that directory's own words and standard.

Owned by the provider service. An activity or a provider that came in from such a directory is published like
any other; the record is kept whole beside it, because the standard has fields the catalogue has no place for.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.json_documents import within_bounds
from sluss_contracts.offering import ActivityCategory, Interest
from sluss_contracts.vocabulary import (
    Area,
    Code,
    Key,
    Language,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Slug,
)
from sluss_contracts.words import OpenVocabulary


class RecordKind(OpenVocabulary):
    """What a record tells of, in the words of Open Referral HSDS 3.0."""

    SERVICE = "service"
    """What is an activity here."""
    ORGANIZATION = "organization"
    """What is a provider here."""
    TAXONOMY = "taxonomy"
    TAXONOMY_TERM = "taxonomy_term"


Document = Annotated[dict[str, JsonValue], AfterValidator(within_bounds)]
"""A JSON object as it was published, without what is nested in it and kept by itself."""

Version = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+){0,2}$", max_length=20)]


class Assumed(BaseModel):
    """What whoever brought a record in assumed where it says nothing: the catalogue asks for more."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    kind: PrescriptionKind | None = None
    needs: tuple[Need, ...] = Field(default=(), max_length=20)
    category: ActivityCategory | None = None
    interests: tuple[Interest, ...] = Field(default=(), max_length=20)
    area: Area | None = None
    languages: tuple[Language, ...] = Field(default=(), max_length=20)
    capacity: int | None = Field(default=None, ge=1, le=10000)
    organisation_kind: OrganisationKind | None = None


class KeptRecord(BaseModel):
    """One record, and what it is called here."""

    record: Key
    """Its kind and the id it has where it comes from: `service-ac148810-d857-441c-9679-408f346de14b`."""
    kind: RecordKind
    name: Slug
    """The id of the activity or provider it became here, or would become: it is ordered with that, and keeps
    the name for ever."""
    standard: Code = "hsds"
    version: Version = "3.0"
    document: Document
    assumed: Assumed = Assumed()


class OutsideRecordKept(
    KeptRecord,
    Fact,
    type="outside_record.kept",
    id="record",
    key="name",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.STAFF,
):
    """A directory elsewhere says this; the payload is the whole new truth of what it says.

    It does *not* publish or change anything: `activity.published` and `activity.amended` do. Such a record
    may name people in their work, as the directory does, so it is for staff; what everybody is told of it is
    decided where it is told.
    """

    at: AwareDatetime
