"""Whom to turn to at a provider: for those who work in the network, and nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from services.provider.domain.acting import acts_for
from services.provider.domain.refusals import TakesPlaceNoMore, UnknownActivity, UnknownProvider
from services.runtime.decision import NotAllowed
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact
from sluss_contracts.contact import ActivityContactGiven, ProviderContactGiven, Reachable
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Language, Role

if TYPE_CHECKING:
    from services.provider.domain.activity import Activity
    from services.provider.domain.provider import Provider

_READ_IT = frozenset({Role.LINK_WORKER, Role.COORDINATOR, Role.PROVIDER})
"""A volunteer, who sees less, asks the link worker; the person is met by a host."""


class Contact(Reachable):
    """How somebody is reached in their work."""

    model_config = ConfigDict(frozen=True)


class Address(Contact):
    """Where messages go, and in which language."""

    language: Language


def contact_of(said: Reachable) -> Contact | None:
    """What was said, None where it was nothing."""
    parts = _parts(said)
    return Contact(**parts) if any(parts.values()) else None


def address_of(said: GiveProviderContact | ProviderContactGiven) -> Address | None:
    """What was said, None where it was nothing."""
    parts = _parts(said)
    return Address(**parts, language=said.language) if any(parts.values()) else None


def give_of_activity(known: Activity | None, wanted: GiveActivityContact, now: datetime) -> list[Fact]:
    """Say whom link workers turn to. Saying the same again changes nothing."""
    if known is None:
        raise UnknownActivity(f"there is no activity {wanted.activity}; see `sluss activity list`")
    acts_for(wanted.actor, known.provider)
    if known.status == "withdrawn":
        raise TakesPlaceNoMore(f"{wanted.activity} is withdrawn; publish it anew under another id")
    if known.contact == contact_of(wanted):
        return []
    return [ActivityContactGiven(activity=known.activity, at=now, **_parts(wanted))]


def give_of_provider(known: Provider | None, wanted: GiveProviderContact, now: datetime) -> list[Fact]:
    """Say where messages to a provider go. Saying the same again changes nothing."""
    if known is None or known.status == "turned_down":
        raise UnknownProvider(f"no provider {wanted.provider} is registered; register it first")
    acts_for(wanted.actor, known.provider)
    if known.contact == address_of(wanted):
        return []
    said = _parts(wanted)
    return [ProviderContactGiven(provider=known.provider, at=now, language=wanted.language, **said)]


def read(known: Activity | None, activity: str, actor: Actor) -> Contact | None:
    """Whom this actor may turn to. Raises `NotAllowed`, `ForAnotherProvider`, `UnknownActivity`."""
    if actor.role not in _READ_IT:
        raise NotAllowed("whom to turn to is for link workers, coordinators and the provider itself")
    if known is None:
        raise UnknownActivity(f"there is no activity {activity}; see `sluss activity list`")
    acts_for(actor, known.provider)
    return known.contact


def _parts(said: Reachable) -> dict[str, Any]:
    return {name: getattr(said, name) for name in Reachable.model_fields}
