"""What an import goes by: what is known, what is assumed, and what may come of a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sluss_contracts.command import Actor, Command, Fault
from sluss_contracts.outside_record import Assumed
from sluss_contracts.schedule import Timetable


class Outcome(StrEnum):
    """What comes of a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SUGGESTED = "suggested"
    """It waits for a coordinator: who runs it is not registered."""
    KEPT = "kept"
    """What it says is carried, and nothing is published: it is closed there, or withdrawn here."""
    WITHDRAWN = "withdrawn"
    FAULTY = "faulty"


@dataclass(frozen=True)
class Known:
    """What the network knows of a record by its id."""

    name: str
    digest: str | None
    standing: str | None
    laid_out: bool = False
    """Whether it was ever said here when it takes place."""


@dataclass(frozen=True)
class Kept:
    """The record as it was kept last, and what it became as it is now."""

    document: dict[str, Any] | None
    assumed: Assumed
    offer: dict[str, Any] | None
    timetable: Timetable | None
    sequence: int | None


@dataclass(frozen=True)
class Terms:
    """How an import is done: by whom, and what is assumed where records say nothing."""

    actor: Actor
    assumed: Assumed
    register: bool = False
    """Whether organisations that are not known are registered, instead of suggested."""


@dataclass(frozen=True)
class Plan:
    """What is to be sent, in this order, and what it comes to."""

    outcome: Outcome
    commands: tuple[Command, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What somebody should know besides."""


class Unready(Exception):
    """A record cannot be brought in as it is; tells what is wrong."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.remedy)
        self.fault = fault
