"""The ways at the top of every page: the same in all services, each shown to those who may go there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from services.runtime.languages import mark
from services.runtime.web.identity import Visitor
from sluss_contracts.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Way:
    """One of them; `roles` is None where anybody may go."""

    path: str
    label: str
    roles: Collection[Role] | None


_GUIDES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER})
_WITH_A_TEAM: Final = frozenset({Role.LINK_WORKER, Role.COORDINATOR})

WAYS: Final[tuple[Way, ...]] = (
    Way("/today", mark("Today"), _GUIDES),
    Way("/inbox", mark("Inbox"), _WITH_A_TEAM),
    Way("/search", mark("Search"), _WITH_A_TEAM),
    Way("/accesses", mark("Who has looked"), {Role.COORDINATOR}),
    Way("/console", mark("Console"), {Role.OPERATOR}),
    Way("/coordinator", mark("Coordination"), {Role.COORDINATOR}),
    Way("/refer", mark("Refer"), {Role.REFERRER}),
    Way("/my-referrals", mark("My referrals"), {Role.REFERRER}),
    Way("/spreadsheet", mark("Spreadsheet"), {Role.PROVIDER}),
    Way("/aktiviteter", mark("Activities"), None),
    Way("/sok-hjalp", mark("Get help"), None),
)
"""In the order they stand in."""

HOMES: Final[Mapping[Role, str]] = {Role.LINK_WORKER: "/today", Role.VOLUNTEER: "/today"}
"""Where somebody begins who has signed in and was on their way to nothing else."""


def home_of(role: Role) -> str:
    """The page one begins with in this role."""
    return HOMES.get(role, "/")


def ways_for(visitor: Visitor) -> list[Way]:
    """Those this visitor may take."""
    return [way for way in WAYS if visitor.may(way.roles)]
