"""Who may publish: an organisation is suggested by anybody, and registered by a coordinator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.provider.domain import contact, provider
from services.provider.domain.provider import LIFECYCLE, Provider, Status
from services.provider.domain.refusals import IsRegistered, IsThereAlready, UnknownProvider, WasTurnedDown
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.activity import ProviderAmended, ProviderRegistered
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import ProposeProvider, RegisterProposal, TurnDownProvider
from sluss_contracts.commands.provider import RegisterProvider
from sluss_contracts.contact import ProviderContactGiven
from sluss_contracts.event import Fact
from sluss_contracts.moderation import ProviderProposed, ProviderTurnedDown
from sluss_contracts.vocabulary import OrganisationKind, Role
from tests.provider.offers import COORDINATOR, refused
from tests.provider.spec import KORPEN, NOON

NEIGHBOUR = {"command_id": UUID(int=4), "actor": Actor(id="granne", role=Role.PERSON)}
SAID: dict[str, Any] = {
    "provider": KORPEN,
    "name": "Korpen",
    "kind": OrganisationKind.ASSOCIATION,
    "area": "hageby",
}
REGISTER = RegisterProposal(**COORDINATOR, provider=KORPEN)
TURN_DOWN = TurnDownProvider(**COORDINATOR, provider=KORPEN, why="not_active")


def suggested() -> Fact:
    return ProviderProposed(**SAID, by=Role.PERSON, at=NOON)


def registered() -> Fact:
    return ProviderRegistered(**SAID)


def amended() -> Fact:
    return ProviderAmended(**SAID)


def turned_down() -> Fact:
    return ProviderTurnedDown(provider=KORPEN, why="not_active")


def contact_given() -> Fact:
    return ProviderContactGiven(provider=KORPEN, email="kansli@korpen.example", at=NOON)


def known(*story: Fact) -> Provider | None:
    state: Provider | None = None
    for fact in story:
        state = provider.evolve(state, fact)
    return state


def propose(**other: Any) -> ProposeProvider:
    return ProposeProvider(**NEIGHBOUR, **{**SAID, **other})


def register(**other: Any) -> RegisterProvider:
    return RegisterProvider(**COORDINATOR, **{**SAID, **other})


def test_anybody_suggests_an_organisation_and_once_is_enough() -> None:
    assert provider.propose(None, propose(), NOON) == [suggested()]
    assert provider.propose(known(suggested()), propose(), NOON) == []


def test_what_is_registered_is_not_an_outsiders_to_correct() -> None:
    assert provider.propose(known(registered()), propose(name="Korpen i Hageby"), NOON) == []


def test_two_organisations_are_not_suggested_under_one_id() -> None:
    refused(IsThereAlready, provider.propose, known(suggested()), propose(name="Korparna"), NOON)


def test_a_coordinator_registers_it_as_it_was_suggested_or_with_changes() -> None:
    assert provider.register_proposal(known(suggested()), REGISTER) == [registered()]
    assert provider.register_proposal(known(suggested(), registered()), REGISTER) == []
    refused(UnknownProvider, provider.register_proposal, None, REGISTER)
    changed = provider.register(known(suggested()), register(area="vilbergen"))
    assert changed == [ProviderRegistered(**{**SAID, "area": "vilbergen"})]


def test_registering_what_was_suggested_in_the_very_same_words_registers_it() -> None:
    assert provider.register(known(suggested()), register()) == [registered()]
    assert provider.register(known(registered()), register()) == []
    assert provider.register(known(registered(), contact_given()), register()) == []


def test_it_is_turned_down_once_and_a_coordinator_may_think_again() -> None:
    assert provider.turn_down(known(suggested()), TURN_DOWN) == [turned_down()]
    gone = known(suggested(), turned_down())
    assert provider.turn_down(gone, TURN_DOWN) == []
    assert provider.register_proposal(gone, REGISTER) == [registered()]
    refused(WasTurnedDown, provider.propose, gone, propose(), NOON)


def test_what_is_registered_is_not_turned_down() -> None:
    refused(IsRegistered, provider.turn_down, known(registered()), TURN_DOWN)
    refused(UnknownProvider, provider.turn_down, None, TURN_DOWN)


def test_where_its_messages_go_outlives_registration_and_corrections() -> None:
    there = known(suggested(), contact_given(), registered(), amended())
    assert there is not None
    assert there.contact == contact.Address(email="kansli@korpen.example", language="sv")
    assert there.suggested_by is Role.PERSON


STORIES: dict[Status | None, list[Fact]] = {
    None: [],
    Status.PROPOSED: [suggested()],
    Status.REGISTERED: [registered()],
    Status.TURNED_DOWN: [suggested(), turned_down()],
}
FACTS = {type(fact): fact for fact in (suggested(), registered(), amended(), turned_down(), contact_given())}


@pytest.mark.parametrize("fact", LIFECYCLE.moves)
@pytest.mark.parametrize("before", STORIES)
def test_every_fact_follows_exactly_the_states_of_the_table(before: Status | None, fact: type[Fact]) -> None:
    if LIFECYCLE.allows(before, fact):
        after = provider.evolve(known(*STORIES[before]), FACTS[fact])
        assert after.status == (LIFECYCLE.moves[fact].to or before)
    else:
        with pytest.raises(OutOfOrder):
            provider.evolve(known(*STORIES[before]), FACTS[fact])
