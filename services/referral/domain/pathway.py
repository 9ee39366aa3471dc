"""Pathways: the ways of working that referrals may begin with, version by version."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from sluss_contracts import pathway as contract
from sluss_contracts.event import Fact
from sluss_contracts.pathway import PathwayPublished, PathwayWithdrawn


class UnknownPathway(Refusal):
    """No pathway of this name has been published."""

    code = "unknown_pathway"


class NamedOtherwise(Refusal):
    """A pathway is published under the name its definition has."""

    code = "named_otherwise"


class Pathway(BaseModel):
    """The newest version of one way of working."""

    model_config = ConfigDict(frozen=True)

    pathway: str
    version: int
    definition: contract.Pathway
    withdrawn: bool = False


def publish(known: Pathway | None, name: str, definition: contract.Pathway) -> list[Fact]:
    """The same again is nothing new; anything else is the next version."""
    if definition.pathway != name:
        raise NamedOtherwise(f"the definition is called {definition.pathway!r}, not {name!r}")
    if known and known.definition == definition and not known.withdrawn:
        return []
    version = known.version + 1 if known else 1
    return [PathwayPublished(pathway=name, version=version, definition=definition)]


def withdraw(known: Pathway | None, name: str) -> list[Fact]:
    """No new referral begins with it. Withdrawing twice is withdrawing once."""
    if known is None:
        raise UnknownPathway(f"no pathway is called {name!r}")
    return [] if known.withdrawn else [PathwayWithdrawn(pathway=name)]


def evolve(state: Pathway | None, fact: PathwayPublished | PathwayWithdrawn) -> Pathway:
    """What a fact makes of a pathway."""
    if isinstance(fact, PathwayPublished):
        return Pathway(pathway=fact.pathway, version=fact.version, definition=fact.definition)
    assert state is not None, "a pathway is published before it is withdrawn"
    return state.model_copy(update={"withdrawn": True})
