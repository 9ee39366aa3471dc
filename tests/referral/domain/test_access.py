"""Who may see what of a person."""

from __future__ import annotations

import pytest

from services.referral.domain.access import (
    ConsentIsToBeAsked,
    NotForThisRole,
    Shown,
    may_read_person,
    require,
)
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role
from tests.referral.requests import LINK_WORKER, NOTIFY

VOLUNTEER = Actor(id="olle", role=Role.VOLUNTEER)
STRANGERS = [
    Actor(id="somebody", role=role) for role in (Role.REFERRER, Role.PROVIDER, Role.OPERATOR, Role.PERSON)
] + [Actor(id="navigator", role=Role.SERVICE), Actor(id="Notify", role=Role.SERVICE)]


def test_a_link_worker_sees_whom_to_meet_and_why() -> None:
    whole = {Shown.NAME, Shown.CONTACT, Shown.LANGUAGE, Shown.REASON}
    assert may_read_person(LINK_WORKER, held=False) == whole


def test_notify_sees_how_to_write_to_the_person_and_not_why() -> None:
    assert may_read_person(NOTIFY, held=False) == {Shown.NAME, Shown.CONTACT, Shown.LANGUAGE}


def test_a_volunteer_never_sees_the_reason_or_anybodys_words() -> None:
    assert Shown.REASON not in may_read_person(VOLUNTEER, held=False)
    with pytest.raises(NotForThisRole):
        require(VOLUNTEER, Shown.WORDS)


@pytest.mark.parametrize("actor", STRANGERS, ids=lambda actor: f"{actor.role.value}-{actor.id}")
def test_everybody_else_sees_nothing(actor: Actor) -> None:
    with pytest.raises(NotForThisRole):
        may_read_person(actor, held=False)
    for part in Shown:
        with pytest.raises(NotForThisRole):
            require(actor, part)


def test_until_the_person_is_asked_only_staff_who_may_ask_know_who_it_is() -> None:
    with pytest.raises(ConsentIsToBeAsked):
        may_read_person(NOTIFY, held=True)
    assert Shown.CONTACT in may_read_person(LINK_WORKER, held=True)
