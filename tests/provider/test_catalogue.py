"""Providers, activities and sessions: said once, corrected by saying the new truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.provider.domain import activity, provider, session
from services.provider.domain.activity import Activity, Offer
from services.provider.domain.alias import alias_of
from services.provider.domain.provider import Provider
from services.provider.domain.refusals import AnothersActivity, SessionClash, UnknownActivity, UnknownProvider
from services.provider.domain.session import Session
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityPublished,
    ProviderAmended,
    ProviderRegistered,
    SessionScheduled,
)
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import PublishActivity, RegisterProvider, ScheduleSession
from sluss_contracts.vocabulary import Need, OrganisationKind, PrescriptionKind, Role
from tests.provider.spec import ASKED, HEMGARDEN, KORPEN, NOON, WALK

WHEN = (NOON, NOON + timedelta(days=180))
OF_HEMGARDEN = Actor(id="sven", role=Role.PROVIDER, organisation=HEMGARDEN)


def register(name: str = "Korpen") -> RegisterProvider:
    return RegisterProvider(
        **ASKED, provider=KORPEN, name=name, kind=OrganisationKind.ASSOCIATION, area="hageby"
    )


def publish(**changed: Any) -> PublishActivity:
    walk: dict[str, Any] = {
        "activity": WALK,
        "provider": KORPEN,
        "title": "Promenad med fika",
        "kind": PrescriptionKind.PHYSICAL,
        "needs": (Need.COMPANY,),
        "area": "hageby",
        "capacity": 8,
    }
    return PublishActivity(**{**ASKED, **walk, **changed})


def test_a_provider_is_registered_once_and_corrected_by_saying_otherwise() -> None:
    (first,) = provider.register(None, register())
    assert type(first) is ProviderRegistered
    known: Provider = provider.evolve(None, first)
    assert provider.register(known, register()) == []
    (second,) = provider.register(known, register("Korpen Norrköping"))
    assert type(second) is ProviderAmended
    assert provider.evolve(known, second).name == "Korpen Norrköping"


def test_an_activity_is_published_once_and_corrected_by_saying_otherwise() -> None:
    (first,) = activity.publish(None, publish(), *WHEN, provider_is_known=True)
    assert type(first) is ActivityPublished
    known: Activity = activity.evolve(None, first)
    assert activity.publish(known, publish(), *WHEN, provider_is_known=True) == []
    (second,) = activity.publish(known, publish(capacity=12), *WHEN, provider_is_known=True)
    assert type(second) is ActivityAmended
    assert activity.evolve(known, second).capacity == 12


def test_nobody_unknown_publishes_an_activity() -> None:
    with pytest.raises(UnknownProvider):
        activity.publish(None, publish(), *WHEN, provider_is_known=False)


def test_an_activity_stays_with_the_provider_that_published_it() -> None:
    known = activity.evolve(None, activity.publish(None, publish(), *WHEN, provider_is_known=True)[0])
    with pytest.raises(AnothersActivity):
        activity.publish(
            known, publish(provider=HEMGARDEN, actor=OF_HEMGARDEN), *WHEN, provider_is_known=True
        )


def schedule(minutes: int = 90) -> ScheduleSession:
    return ScheduleSession(**ASKED, activity=WALK, starts=NOON + timedelta(days=1), minutes=minutes)


WALKING = activity.evolve(None, ActivityPublished(**{n: getattr(publish(), n) for n in Offer.model_fields}))


def test_a_session_is_scheduled_once_for_each_time() -> None:
    session_id, (fact,) = session.schedule(WALKING, {}, schedule(), "s1")
    assert session_id == "s1"
    assert isinstance(fact, SessionScheduled)
    there: dict[str, Session] = {"s1": session.evolve(None, fact)}
    assert session.schedule(WALKING, there, schedule(), "s2") == ("s1", [])


def test_two_sessions_of_different_length_cannot_begin_together() -> None:
    _, (fact,) = session.schedule(WALKING, {}, schedule(), "s1")
    assert isinstance(fact, SessionScheduled)
    with pytest.raises(SessionClash):
        session.schedule(WALKING, {"s1": session.evolve(None, fact)}, schedule(60), "s2")


def test_a_session_needs_an_activity() -> None:
    with pytest.raises(UnknownActivity):
        session.schedule(None, {}, schedule(), "s1")


def test_an_alias_is_the_same_for_one_provider_and_another_for_the_next() -> None:
    people = [f"person-{n}" for n in range(200)]
    here = [alias_of(person, KORPEN) for person in people]
    assert here == [alias_of(person, KORPEN) for person in people]
    assert sum(a == alias_of(p, HEMGARDEN) for a, p in zip(here, people, strict=True)) < 5
    assert len(set(here)) > 150
    assert all(len(alias) <= 40 for alias in here)
