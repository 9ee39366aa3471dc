"""Commands to the provider service: what directories elsewhere say of what is in the catalogue."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.offering import ActivityCategory, Interest
from sluss_contracts.outside_record import Assumed, KeptRecord, RecordKind
from sluss_contracts.vocabulary import Key, Need, OrganisationKind, PrescriptionKind
from sluss_contracts.words import Known


class AssumedNow(Assumed):
    """As it is assumed today: in words the contract has."""

    kind: PrescriptionKind | None = None
    needs: tuple[Annotated[Need, Known], ...] = Field(default=(), max_length=20)
    category: Annotated[ActivityCategory, Known] | None = None
    interests: tuple[Annotated[Interest, Known], ...] = Field(default=(), max_length=20)
    organisation_kind: Annotated[OrganisationKind, Known] | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_assumed(cls, said: Any) -> Any:
        return said.model_dump() if isinstance(said, Assumed) else said


class KeepOutsideRecord(KeptRecord, Command, owner="provider", verb="keep_outside_record", key="name"):
    """Keep what a directory elsewhere says, whole, beside what it became here. Keeping the same again changes
    nothing. It publishes nothing: `publish_activity` or `propose_activity` does, before this is sent."""

    kind: Annotated[RecordKind, Known]
    assumed: AssumedNow = AssumedNow()


class ReadOutsideRecords(Command, owner="provider", verb="read_outside_records"):
    """Which of these are known, and what they are called here.

    Result: `known`, by record {name, digest, standing, laid_out}. `digest` is the SHA-256 of the document
    last kept, written canonically (names in order, no spaces), None for what began here and is known
    elsewhere by this id; `standing` is the status of the activity, `registered` or `proposed` of a provider,
    None where it became neither.
    """

    records: tuple[Key, ...] = Field(min_length=1, max_length=200)


class ReadOutsideRecord(Command, owner="provider", verb="read_outside_record"):
    """One record, and how what it became stands now.

    Result: `document` and `assumed` as they were kept last, `offer` (all that is said of the activity, or
    `name`, `kind` and `area` of the provider), `timetable` and `sequence` (of the activity, for
    `expected_sequence`), each None where there is none.
    """

    record: Key
