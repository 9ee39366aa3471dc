"""Records of directories elsewhere: what was kept of each, told by its digest."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict

from sluss_contracts.commands.outside_record import KeepOutsideRecord
from sluss_contracts.event import Fact
from sluss_contracts.json_documents import canonical
from sluss_contracts.outside_record import Assumed, KeptRecord, OutsideRecordKept


class OutsideRecord(BaseModel):
    """State of one record: which document is kept, not the document itself, which nothing is decided by."""

    model_config = ConfigDict(frozen=True)

    record: str
    name: str
    digest: str
    assumed: Assumed


def keep(known: OutsideRecord | None, wanted: KeepOutsideRecord, now: datetime) -> list[Fact]:
    """Keep it. Keeping the same again changes nothing."""
    said = {name: getattr(wanted, name) for name in KeptRecord.model_fields}
    assumed = Assumed.model_validate(wanted.assumed.model_dump())
    fact = OutsideRecordKept(**{**said, "assumed": assumed}, at=now)
    return [] if known == _state(fact) else [fact]


def evolve(state: OutsideRecord | None, fact: Any) -> OutsideRecord:
    """What a fact makes of a record: each carries the whole truth."""
    return _state(fact)


def digest(document: Any) -> str:
    """What tells two documents apart, whatever order they are written in."""
    return sha256(canonical(document)).hexdigest()


def _state(said: KeptRecord) -> OutsideRecord:
    return OutsideRecord(
        record=said.record, name=said.name, digest=digest(said.document), assumed=said.assumed
    )
