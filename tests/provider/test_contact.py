"""Whom to turn to: for those who work in the network, and never for the public."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.provider.domain import contact, provider
from services.provider.domain.contact import Contact
from services.provider.domain.refusals import (
    ForAnotherProvider,
    TakesPlaceNoMore,
    UnknownActivity,
    UnknownProvider,
)
from services.runtime.decision import NotAllowed
from sluss_contracts.activity import ProviderRegistered
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact
from sluss_contracts.contact import ActivityContactGiven, ProviderContactGiven, Reachable
from sluss_contracts.event import FACTS, DataClass
from sluss_contracts.moderation import ProviderProposed, ProviderTurnedDown
from sluss_contracts.vocabulary import OrganisationKind, Role
from tests.provider.offers import (
    COORDINATOR,
    OF_HEMGARDEN,
    amended,
    contact_given,
    known,
    proposed,
    published,
    refused,
    withdrawn,
)
from tests.provider.spec import ASKED, KORPEN, NOON, WALK

MAUD: dict[str, Any] = {"name": "Maud", "phone": "011-12 34 56"}
REGISTERED = provider.evolve(
    None,
    ProviderRegistered(provider=KORPEN, name="Korpen", kind=OrganisationKind.ASSOCIATION, area="hageby"),
)


def give(by: Any = ASKED, **said: Any) -> GiveActivityContact:
    return GiveActivityContact(**by, activity=WALK, **said)


def test_it_is_given_once_and_replaced_by_giving_another() -> None:
    assert contact.give_of_activity(known(published()), give(**MAUD), NOON) == [contact_given()]
    there = known(published(), contact_given())
    assert contact.give_of_activity(there, give(**MAUD), NOON) == []
    (other,) = contact.give_of_activity(there, give(email="kansli@korpen.example"), NOON)
    assert other == ActivityContactGiven(activity=WALK, email="kansli@korpen.example", at=NOON)


def test_giving_nothing_takes_it_away() -> None:
    there = known(published(), contact_given())
    (gone,) = contact.give_of_activity(there, give(), NOON)
    assert gone == ActivityContactGiven(activity=WALK, at=NOON)
    after = known(published(), contact_given(), gone)
    assert after is not None
    assert after.contact is None
    assert contact.give_of_activity(after, give(), NOON) == []


def test_it_outlives_corrections_and_a_suggestion_may_have_one() -> None:
    after = known(proposed(), contact_given(), published(), amended(capacity=4))
    assert after is not None
    assert after.contact == Contact(**MAUD)


def test_nobody_names_somebody_for_another_provider_or_for_what_is_not_there() -> None:
    refused(ForAnotherProvider, contact.give_of_activity, known(published()), give(OF_HEMGARDEN), NOON)
    refused(UnknownActivity, contact.give_of_activity, None, give(**MAUD), NOON)
    gone = known(published(), withdrawn())
    refused(TakesPlaceNoMore, contact.give_of_activity, gone, give(**MAUD), NOON)


@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.COORDINATOR, Role.PROVIDER])
def test_those_who_arrange_it_read_it(role: Role) -> None:
    actor = Actor(id="x", role=role, organisation=KORPEN)
    assert contact.read(known(published(), contact_given()), WALK, actor) == Contact(**MAUD)
    assert contact.read(known(published()), WALK, actor) is None


def test_nobody_else_reads_it() -> None:
    there = known(published(), contact_given())
    for role in set(Role) - {Role.LINK_WORKER, Role.COORDINATOR, Role.PROVIDER}:
        refused(NotAllowed, contact.read, there, WALK, Actor(id="x", role=role))
    refused(ForAnotherProvider, contact.read, there, WALK, OF_HEMGARDEN["actor"])
    refused(UnknownActivity, contact.read, None, WALK, COORDINATOR["actor"])


def test_no_public_event_has_room_for_it() -> None:
    ways = set(Reachable.model_fields)
    carrying = {name for name, fact in FACTS.items() if ways <= set(fact.model_fields)}
    assert carrying == {"sluss.activity.contact_given.v1", "sluss.provider.contact_given.v1"}
    assert {FACTS[name].DATA_CLASS for name in carrying} == {DataClass.STAFF}
    for fact in FACTS.values():
        if fact.DATA_CLASS is DataClass.PUBLIC:
            assert "email" not in fact.model_fields, fact.TYPE


def test_a_provider_says_where_messages_to_it_go() -> None:
    wanted = GiveProviderContact(**ASKED, provider=KORPEN, email="kansli@korpen.example")
    (given,) = contact.give_of_provider(REGISTERED, wanted, NOON)
    assert given == ProviderContactGiven(provider=KORPEN, email="kansli@korpen.example", at=NOON)
    there = provider.evolve(REGISTERED, given)
    assert contact.give_of_provider(there, wanted, NOON) == []
    in_english = wanted.model_copy(update={"language": "en"})
    assert contact.give_of_provider(there, in_english, NOON) != []
    elsewhere = GiveProviderContact(**OF_HEMGARDEN, provider=KORPEN)
    refused(ForAnotherProvider, contact.give_of_provider, there, elsewhere, NOON)


def test_a_provider_that_is_not_there_is_not_reached() -> None:
    wanted = GiveProviderContact(**COORDINATOR, provider=KORPEN, phone="011-12 34 56")
    refused(UnknownProvider, contact.give_of_provider, None, wanted, NOON)
    suggested = provider.evolve(None, ProviderProposed(**dict(REGISTERED.entry), by=Role.PERSON, at=NOON))
    turned_down = provider.evolve(suggested, ProviderTurnedDown(provider=KORPEN, why="not_active"))
    refused(UnknownProvider, contact.give_of_provider, turned_down, wanted, NOON)


@pytest.mark.parametrize(
    "wrong", [{"email": "maud"}, {"email": "a@b@c.se"}, {"phone": "ring Maud"}, {"phone": "1"}], ids=str
)
def test_what_nobody_can_be_reached_by_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        give(**wrong)
