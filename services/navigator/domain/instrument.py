"""Instruments the network may measure with besides those that are shipped."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from services.navigator.domain.rules import ScoringDiffers, WrongName
from sluss_contracts.instruments import InstrumentPublished, Pack, shelf


class Instrument(BaseModel):
    """Every published version of one instrument."""

    model_config = ConfigDict(frozen=True)

    instrument: str
    packs: dict[int, Pack] = {}


def publish(known: Instrument | None, name: str, pack: Pack) -> list[InstrumentPublished]:
    """Let a pack be used. The same again changes nothing; another wording corrects the version; another
    scoring is another version."""
    if pack.instrument != name:
        raise WrongName(f"the pack is of {pack.instrument}, not of {name}")
    packs = known.packs if known else {}
    if packs.get(pack.version) == pack:
        return []
    try:
        shelf.must_score_alike(pack, packs.values())
    except shelf.ScoringDiffers as differs:
        raise ScoringDiffers(str(differs), differs.faults) from None
    return [InstrumentPublished(instrument=name, version=pack.version, definition=pack)]


def evolve(instrument: Instrument | None, fact: Any) -> Instrument:
    """Versions add up; a version said again has a new wording."""
    match fact:
        case InstrumentPublished():
            packs = instrument.packs if instrument else {}
            return Instrument(instrument=fact.instrument, packs={**packs, fact.version: fact.definition})
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to an instrument")
