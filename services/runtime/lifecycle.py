"""Lifecycles: which facts may follow which, as tables that decide and that the docs are drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sluss_contracts.event import Fact

S = TypeVar("S", bound=StrEnum)


class OutOfOrder(TypeError):
    """A fact was said that cannot follow the state it met: a mistake in a decision, never in its input."""


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """From which statuses a fact may be said, and which one it leads to."""

    of: frozenset[S | None]
    """None: it may be the first thing that happens."""
    to: S | None
    """None: the status stays as it is."""


def born(to: S) -> Move[S]:
    """The first thing that happens."""
    return Move(frozenset({None}), to)


def move(*of: S | None, to: S | None = None) -> Move[S]:
    """From any of these statuses."""
    return Move(frozenset(of), to)


@dataclass(frozen=True)
class Lifecycle(Generic[S]):
    """Every move of one kind of aggregate."""

    kind: str
    moves: Mapping[type[Fact], Move[S]]
    statuses: type[S]

    def allows(self, status: S | None, fact: type[Fact]) -> bool:
        """Whether the fact may be said of something in this status (None: of nothing yet)."""
        return fact in self.moves and status in self.moves[fact].of

    def after(self, status: S | None, fact: type[Fact]) -> S:
        """The status after it. Raises `OutOfOrder`."""
        if not self.allows(status, fact):
            raise OutOfOrder(
                f"{fact.__name__} cannot be said of a {self.kind} that is {status or 'not there'}"
            )
        to = self.moves[fact].to or status
        assert to is not None, "a fact that may come first leads somewhere"
        return to

    def last(self) -> Collection[S]:
        """The statuses from which nothing leads to another."""
        left = {
            one for step in self.moves.values() if step.to for one in step.of if one not in (None, step.to)
        }
        return [status for status in self.statuses if status not in left]
