"""What is written on the paper: who said what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.runtime.engine.incoming import Incoming
from services.runtime.engine.said import Said
from sluss_contracts.event import Event, Fact

Name = tuple[str, str, str]
"""Partition key, kind and id of an aggregate."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something was said: which reaction of which service, by the name that `found.Reaction` has."""

    service: str
    way: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in a service's log, in the order of commits."""

    said: Said
    event: Event[Any]
    cause: Cause
    causation: str | None

    @property
    def fact(self) -> Fact:
        return self.said.fact

    @property
    def name(self) -> Name:
        return self.said.key, self.said.fact.AGGREGATE, self.said.fact.aggregate_id


@dataclass(slots=True)
class Parked:
    """One event that could not be handled yet."""

    one: Incoming
    waiting: bool
    why: str
