"""Commands to the provider service: what directories elsewhere say of what is in the catalogue."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import ProposeProvider
from sluss_contracts.commands.provider import (
    ProposeActivity,
    PublishActivity,
    RegisterProvider,
    WithdrawActivity,
)
from sluss_contracts.commands.schedule import SetSchedule
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


class Brought(BaseModel):
    """What one record leads to: commands about one thing, carried out in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    register_provider: RegisterProvider | None = None
    propose_provider: ProposeProvider | None = None
    publish_activity: PublishActivity | None = None
    propose_activity: ProposeActivity | None = None
    set_schedule: SetSchedule | None = None
    withdraw_activity: WithdrawActivity | None = None
    keep_outside_record: KeepOutsideRecord | None = None

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those there are, in their order."""
        named = (getattr(self, name) for name in type(self).model_fields)
        return tuple(each for each in named if each is not None)


class BringInRecords(Command, owner="provider", verb="bring_in_records"):
    """Carry out what many records lead to, each as if its commands had been sent by themselves, and all in
    one transaction: what a rule refuses of one record leaves the others as they are.

    Every command inside is sent by whoever sends this one. What one record begins is not seen by another
    beside it: organisations are brought in before what they run.

    Result: `refused`, by the number of the record (from 0, as text) {code, message, faults}.
    """

    records: tuple[Brought, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _one_sender(self) -> BringInRecords:
        for brought in self.records:
            if not brought.commands:
                raise ValueError("a record that leads to nothing is not brought in")
            if any(each.actor != self.actor for each in brought.commands):
                raise ValueError("everything is sent by whoever sends the whole")
            if len({each.partition_key for each in brought.commands}) > 1:
                raise ValueError("what a record leads to is about one thing")
        return self


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
