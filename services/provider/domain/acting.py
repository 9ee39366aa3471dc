"""For whom somebody acts."""

from __future__ import annotations

from services.provider.domain.refusals import ForAnotherProvider
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role


def acts_for(actor: Actor, provider: str) -> None:
    """A provider acts for itself alone: for the organisation they come from, or are. Raises
    `ForAnotherProvider`. What others may do is told by the roles their command takes."""
    if actor.role is Role.PROVIDER and provider != (actor.organisation or actor.id):
        raise ForAnotherProvider(f"{actor.id} does not act for {provider}")
