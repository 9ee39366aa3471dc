"""How somebody is reached is theirs to say, at any time; it is the vault's own business."""

from __future__ import annotations

from typing import Any

import pytest

from sluss_contracts.command import Actor
from sluss_contracts.commands.referral import ChangeContact, ErasePerson
from sluss_contracts.vocabulary import Role
from tests.referral.office import AT_THE_CLINIC, AT_THE_SCHOOL, Office
from tests.referral.requests import (
    CLINIC,
    LINK_WORKER,
    NOTIFY,
    NUMBER,
    OPERATOR,
    PHONE,
    SCHOOL,
    about,
    letter,
)

NEW: dict[str, Any] = {"phone": "070-174 06 77", "inbox": "kanarie-17"}
VOLUNTEER = Actor(id="vera", role=Role.VOLUNTEER)
COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)


async def read(office: Office, referral: str, by: Actor = NOTIFY) -> dict[str, Any]:
    answer = await office.read(referral, by)
    assert answer.refused is None, answer.refused
    return answer.result


async def test_a_person_may_say_how_they_want_to_be_written_to_when_they_are_referred(office: Office) -> None:
    wants = about(NUMBER, prefers=["inbox", "letter"], contact=NEW)
    told = await read(office, await office.refer(person=wants))
    assert (told["prefers"], told["contact"]) == (["inbox", "letter"], NEW)


async def test_and_later_and_what_is_not_spoken_of_stays_as_it_is(office: Office) -> None:
    referral = await office.refer()
    before = await read(office, referral)
    await office.do(ChangeContact, referral_id=referral, prefers=("email",))
    assert await read(office, referral) == before | {"prefers": ["email"]}
    await office.do(ChangeContact, referral_id=referral, contact=NEW)
    assert await read(office, referral) == before | {"prefers": ["email"], "contact": NEW}
    await office.do(ChangeContact, referral_id=referral, prefers=())
    assert "prefers" not in await read(office, referral)


async def test_it_is_one_truth_in_all_that_is_kept_of_the_person(office: Office) -> None:
    first = await office.refer("a")
    await office.case_closed(first)
    second = await office.refer("b", SCHOOL)
    somebody_else = await office.refer("c", person=about(None, contact={"phone": PHONE}))
    await office.do(ChangeContact, referral_id=first, contact=NEW)
    assert (await read(office, second))["contact"] == NEW
    assert (await read(office, somebody_else))["contact"] == {"phone": PHONE}


async def test_what_they_said_once_holds_in_their_next_referral_until_they_say_otherwise(
    office: Office,
) -> None:
    """Whoever refers them next does not know, and is not told, what must not be used."""
    careful = {"safe_contact": {"never": ["sms"]}, "prefers": ["letter"]}
    await office.refer("a", person=about(NUMBER, **careful))
    second = await office.refer("b", SCHOOL, person=about(NUMBER, contact=NEW))
    told = await read(office, second)
    assert (told["safe_contact"]["never"], told["prefers"]) == (["sms"], ["letter"])
    third = await office.refer("c", person=about(NUMBER, prefers=["email"]))
    told = await read(office, third)
    assert (told["safe_contact"]["never"], told["prefers"]) == (["sms"], ["email"])
    await office.do(ChangeContact, referral_id=third, safe_contact={})
    fourth = await office.refer("d", SCHOOL, person=about(NUMBER))
    assert not (await read(office, fourth)).get("safe_contact", {}).get("never")


async def test_in_one_batch_as_well(office: Office) -> None:
    careful = about(NUMBER, safe_contact={"never": ["email"]})
    await office.take((CLINIC, letter("a", person=careful)), (CLINIC, letter("b", person=about(NUMBER))))
    second = str((await office.receipt("b"))["referral_id"])
    assert (await read(office, second))["safe_contact"]["never"] == ["email"]


async def test_nothing_of_it_is_written_outside_the_vault_and_who_changed_it_is_written_down(
    office: Office,
) -> None:
    referral = await office.refer()
    said = await office.said(referral)
    safe = {"never": ["sms"], "must_not_know": "Grannen"}
    await office.do(ChangeContact, referral_id=referral, contact=NEW, safe_contact=safe)
    assert await office.said(referral) == said
    for table, rows in (await office.everything_written()).items():
        assert not [canary for canary in (*NEW.values(), "Grannen") if canary in rows], table
    look = await office.pool.fetchrow("select * from access where action = 'change_contact'")
    assert look is not None
    assert (look["actor"], look["referral_id"], look["allowed"]) == (LINK_WORKER.id, referral, True)


async def test_words_of_acute_risk_in_it_raise_an_alarm(office: Office) -> None:
    referral = await office.refer()
    safe = {"must_not_know": "Exet hotar henne"}
    assert await office.do(ChangeContact, referral_id=referral, safe_contact=safe) == {"acute": True}
    (alarm,) = await office.facts("alarm.raised")
    assert (alarm["referral_id"], alarm["where"]) == (referral, "must_not_know")


async def test_a_referrer_speaks_of_their_own_referrals_alone(office: Office) -> None:
    referral = await office.refer()
    await office.do(ChangeContact, AT_THE_CLINIC, referral_id=referral, prefers=("sms",))
    wish: dict[str, Any] = {"referral_id": referral, "prefers": ("letter",)}
    assert await office.refused(ChangeContact, AT_THE_SCHOOL, **wish) == "unknown_referral"
    assert (await read(office, referral))["prefers"] == ["sms"]


@pytest.mark.parametrize("by", [OPERATOR, COORDINATOR, NOTIFY], ids=lambda by: by.role.value)
async def test_whoever_is_not_shown_it_does_not_change_it(office: Office, by: Actor) -> None:
    wish: dict[str, Any] = {"referral_id": await office.refer(), "prefers": ("sms",)}
    assert await office.refused(ChangeContact, by, **wish) == "not_allowed"


async def test_of_somebody_erased_nothing_is_kept_again(office: Office) -> None:
    referral = await office.refer()
    await office.case_closed(referral)
    await office.do(ErasePerson, OPERATOR, person=await office.person_of(referral))
    wish: dict[str, Any] = {"referral_id": referral, "contact": NEW}
    assert await office.refused(ChangeContact, VOLUNTEER, **wish) == "person_is_erased"
    assert await office.refused(ChangeContact, referral_id="nobody", contact=NEW) == "unknown_referral"


async def test_to_change_nothing_is_no_wish(office: Office) -> None:
    with pytest.raises(ValueError, match="give contact"):
        await office.ask(ChangeContact, referral_id=await office.refer())


async def test_a_way_nobody_knows_is_refused_where_it_is_sent(office: Office) -> None:
    receipt = await office.submit("a", person=about(NUMBER, prefers=["pigeon"]))
    assert receipt["code"] == "invalid"
    assert [fault["path"] for fault in receipt["faults"]] == ["/data/person/prefers/0"]


async def test_the_rule_for_a_minors_guardian_goes_with_how_they_are_reached(office: Office) -> None:
    minor = about(None, born=2012, guardian={"phone": PHONE}, guardian_rule="consents")
    told = await read(office, await office.refer(person=minor))
    assert (told["guardian_rule"], told["guardian"]) == ("consents", {"phone": PHONE})
