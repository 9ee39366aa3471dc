"""Teams, and which of them takes care of a referral from an area."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from sluss_contracts.linkworker import TeamAmended, TeamRegistered

NETWORK_TEAM = "network"
"""Whose inbox receives what no team covers. It needs no registration: the inbox is there from the start,
any link worker may claim from it, and a network that wants people to watch it registers a team of this name.
"""


class Team(BaseModel):
    """Link workers who share an inbox, and the areas it takes referrals from."""

    model_config = ConfigDict(frozen=True)

    team: str
    name: str
    areas: tuple[str, ...]


def register(known: Team | None, wanted: Team) -> list[TeamRegistered]:
    """Saying the same again changes nothing; saying something else corrects it."""
    if known == wanted:
        return []
    said = TeamRegistered if known is None else TeamAmended
    return [said(team=wanted.team, name=wanted.name, areas=wanted.areas)]


def evolve(_: Team | None, fact: TeamRegistered) -> Team:
    """Each fact (`TeamAmended` is one) is the whole truth about the team."""
    return Team(team=fact.team, name=fact.name, areas=fact.areas)


def home_of(covering: Sequence[str]) -> str:
    """The team that answers for an area, of those covering it: the first by name, or the network's own."""
    return min(covering, default=NETWORK_TEAM)
