"""Providers: who runs activities or support for the network."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from sluss_contracts.activity import ProviderAmended, ProviderRegistered
from sluss_contracts.commands.provider import RegisterProvider
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import OrganisationKind


class Provider(BaseModel):
    """What is registered about one provider."""

    model_config = ConfigDict(frozen=True)

    provider: str
    name: str
    kind: OrganisationKind
    area: str


def register(known: Provider | None, wanted: RegisterProvider) -> list[Fact]:
    """Register, or correct what was registered. Saying the same again changes nothing."""
    truth = Provider(provider=wanted.provider, name=wanted.name, kind=wanted.kind, area=wanted.area)
    if known == truth:
        return []
    fact = ProviderRegistered if known is None else ProviderAmended
    return [fact(**dict(truth))]


def evolve(_: Provider | None, fact: ProviderRegistered) -> Provider:
    """An amendment carries the whole new truth, so the last one said is all there is."""
    return Provider(provider=fact.provider, name=fact.name, kind=fact.kind, area=fact.area)
