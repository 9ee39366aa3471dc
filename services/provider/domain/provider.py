"""Providers: who runs activities or support for the network, and who might."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.provider.domain.contact import Address, address_of
from services.provider.domain.refusals import IsRegistered, IsThereAlready, UnknownProvider, WasTurnedDown
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.activity import ProviderAmended, ProviderRegistered
from sluss_contracts.commands.catalogue import ProposeProvider, RegisterProposal, TurnDownProvider
from sluss_contracts.commands.provider import RegisterProvider
from sluss_contracts.contact import ProviderContactGiven
from sluss_contracts.event import Fact
from sluss_contracts.moderation import ProviderProposed, ProviderTurnedDown
from sluss_contracts.vocabulary import OrganisationKind, Role


class Status(StrEnum):
    """Where a provider is. Registered is trusted: what it publishes is published at once."""

    PROPOSED = "proposed"
    REGISTERED = "registered"
    TURNED_DOWN = "turned_down"


LIFECYCLE: Lifecycle[Status] = Lifecycle(
    "provider",
    {
        ProviderProposed: born(Status.PROPOSED),
        ProviderRegistered: move(None, Status.PROPOSED, Status.TURNED_DOWN, to=Status.REGISTERED),
        ProviderAmended: move(Status.REGISTERED),
        ProviderContactGiven: move(Status.PROPOSED, Status.REGISTERED),
        ProviderTurnedDown: move(Status.PROPOSED, to=Status.TURNED_DOWN),
    },
    Status,
)


class Entry(BaseModel):
    """What is said of one provider."""

    model_config = ConfigDict(frozen=True)

    provider: str
    name: str
    kind: OrganisationKind
    area: str


class Provider(Entry):
    """State of one provider."""

    status: Status = Status.REGISTERED
    suggested_by: Role | None = None
    """In which role somebody suggested it; None where a coordinator registered it unasked."""
    contact: Address | None = None
    """Where the network's messages to it go."""

    @property
    def entry(self) -> Entry:
        """What is said of it, without what has become of it."""
        return _said(self)


def register(known: Provider | None, wanted: RegisterProvider) -> list[Fact]:
    """Register, or correct what was registered or suggested. Saying the same again changes nothing."""
    truth = _said(wanted)
    if known is None or known.status is not Status.REGISTERED:
        return [ProviderRegistered(**dict(truth))]
    return [] if known.entry == truth else [ProviderAmended(**dict(truth))]


def propose(known: Provider | None, wanted: ProposeProvider, now: datetime) -> list[Fact]:
    """Anybody may suggest an organisation. Suggesting one that is there already changes nothing, however it
    is spelt this time: what is known of it is not an outsider's to correct."""
    match known:
        case None:
            return [ProviderProposed(**dict(_said(wanted)), by=wanted.actor.role, at=now)]
        case Provider(status=Status.TURNED_DOWN):
            raise WasTurnedDown(f"{wanted.provider} was turned down; a coordinator may register it")
        case Provider(name=wanted.name) | Provider(status=Status.REGISTERED):
            return []
        case _:
            raise IsThereAlready(
                f"another is suggested as {wanted.provider}; suggest this one under another id"
            )


def register_proposal(known: Provider | None, wanted: RegisterProposal) -> list[Fact]:
    """What was suggested is registered as it is. Registering it twice is registering it once."""
    there = _known(known, wanted.provider)
    return [] if there.status is Status.REGISTERED else [ProviderRegistered(**dict(there.entry))]


def turn_down(known: Provider | None, wanted: TurnDownProvider) -> list[Fact]:
    """What was suggested is not registered. Turning it down twice is turning it down once."""
    there = _known(known, wanted.provider)
    if there.status is Status.REGISTERED:
        raise IsRegistered(f"{wanted.provider} is registered; it is no suggestion to turn down")
    if there.status is Status.TURNED_DOWN:
        return []
    return [ProviderTurnedDown(provider=wanted.provider, why=wanted.why)]


def evolve(state: Provider | None, fact: Any) -> Provider:
    """What a fact makes of a provider. An amendment carries the whole new truth, but for the contact."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    match fact:
        case ProviderRegistered():  # so are suggestions and amendments
            kept: dict[str, Any] = (
                {"suggested_by": state.suggested_by, "contact": state.contact} if state else {}
            )
            if isinstance(fact, ProviderProposed):
                kept = {"suggested_by": fact.by}
            return Provider(**dict(_said(fact)), status=status, **kept)
        case ProviderContactGiven():
            assert state is not None, "only what is there has a contact"
            return state.model_copy(update={"contact": address_of(fact)})
        case _:
            assert state is not None, "only what is there changes"
            return state.model_copy(update={"status": status})


def _said(source: Any) -> Entry:
    return Entry(**{name: getattr(source, name) for name in Entry.model_fields})


def _known(provider: Provider | None, id: str) -> Provider:
    if provider is None:
        raise UnknownProvider(f"no organisation {id} was suggested; see `sluss activity queue`")
    return provider
