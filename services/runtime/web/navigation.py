"""The ways at the top of every page: the same in all services, each shown to those who may go there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from services.runtime.web.identity import Visitor
from services.runtime.web.languages import mark
from sluss_contracts.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Way:
    """One of them; `roles` is None where anybody may go."""

    path: str
    label: str
    roles: Collection[Role] | None


WAYS: Final[tuple[Way, ...]] = (
    Way("/console", mark("Console"), {Role.OPERATOR}),
    Way("/aktiviteter", mark("Activities"), None),
)
"""In the order they stand in."""


def ways_for(visitor: Visitor) -> list[Way]:
    """Those this visitor may take."""
    return [way for way in WAYS if visitor.may(way.roles)]
