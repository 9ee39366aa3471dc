"""The vault answers by role, and writes down who asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.referral import (
    KeepWords,
    ReadPerson,
    ReadReferrers,
    ReadWords,
    RecordConsent,
)
from sluss_contracts.vocabulary import Role
from tests.referral.conftest import House, said
from tests.referral.requests import (
    ADDRESS,
    CLINIC,
    EMAIL,
    LINK_WORKER,
    NAME,
    NOTIFY,
    NUMBER,
    NURSE,
    OPERATOR,
    PHONE,
    REASON,
    UNIT,
    letter,
)

PROVIDER = Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")
REFERRER = Actor(id=NURSE, role=Role.REFERRER, organisation=CLINIC)
CONTACT = {"phone": PHONE, "email": EMAIL, "postal_address": ADDRESS}


async def referred(house: House, submission_id: str = "remiss-1", **changed: Any) -> str:
    """The id of a referral that has just come in."""
    house.open()
    await house.submit(letter(submission_id, **changed))
    receipt = await house.receipt(submission_id)
    await house.shut()
    return str(receipt["referral_id"])


async def asked(house: House, actor: Actor, referral_id: str, purpose: str = "first_contact") -> Answer:
    question = ReadPerson(command_id=uuid4(), actor=actor, referral_id=referral_id, purpose=purpose)
    return await house.ask(question)


async def looks(house: House) -> list[dict[str, Any]]:
    rows = await house.pool.fetch("select * from access order by number")
    return [dict(row) for row in rows]


async def test_the_link_worker_reads_whom_to_meet_and_the_look_is_written_down(house: House) -> None:
    referral_id = await referred(house)
    answer = await asked(house, LINK_WORKER, referral_id)
    assert answer.result == {"name": NAME, "contact": CONTACT, "language": "sv", "reason": REASON}
    (look,) = await looks(house)
    assert (look["actor"], look["role"], look["unit"]) == ("maria", "link_worker", "team-city")
    assert (look["action"], look["purpose"], look["allowed"]) == ("read_person", "first_contact", True)
    state = await house.pool.fetchval("select state from aggregate where id = $1", referral_id)
    assert (str(look["person"]), look["referral_id"]) == (state["person"], referral_id)


async def test_notify_reads_how_to_write_to_the_person_and_not_why(house: House) -> None:
    answer = await asked(house, NOTIFY, await referred(house))
    assert answer.result == {"name": NAME, "contact": CONTACT, "language": "sv"}


@pytest.mark.parametrize("actor", [PROVIDER, REFERRER, OPERATOR], ids=lambda actor: actor.role.value)
async def test_others_are_refused_and_the_try_is_written_down(house: House, actor: Actor) -> None:
    referral_id = await referred(house)
    answer = await asked(house, actor, referral_id, "curiosity")
    assert answer.refused is not None
    assert (answer.refused.code, answer.result) == ("not_for_this_role", {})
    (look,) = await looks(house)
    assert (look["actor"], look["allowed"], look["why_not"]) == (actor.id, False, "not_for_this_role")
    assert look["person"] is not None


async def test_an_unknown_referral_is_refused_and_the_try_is_written_down(house: House) -> None:
    answer = await asked(house, LINK_WORKER, "nobody")
    assert answer.refused is not None
    assert answer.refused.code == "unknown_referral"
    (look,) = await looks(house)
    assert (look["referral_id"], look["person"], look["allowed"]) == ("nobody", None, False)


async def test_every_look_is_an_entry_and_a_repeated_question_is_another_look(house: House) -> None:
    referral_id = await referred(house)
    question = ReadPerson(command_id=uuid4(), actor=LINK_WORKER, referral_id=referral_id, purpose="visit")
    first, second = await house.ask(question), await house.ask(question)
    assert first.result == second.result
    assert len(await looks(house)) == 2


async def test_answers_are_kept_nowhere(house: House) -> None:
    await asked(house, LINK_WORKER, await referred(house))
    kept = await house.pool.fetch("select answer::text as answer from answered_command")
    assert not [row for row in kept if NAME in row["answer"]]


async def test_until_the_person_has_said_yes_nothing_is_sent_to_them(house: House) -> None:
    referral_id = await referred(house, consent={"status": "to_be_asked"})
    refused = (await asked(house, NOTIFY, referral_id)).refused
    assert refused is not None
    assert refused.code == "consent_to_be_asked"
    assert (await asked(house, LINK_WORKER, referral_id, "ask_consent")).result["name"] == NAME
    yes = RecordConsent(command_id=uuid4(), actor=LINK_WORKER, referral_id=referral_id)
    assert (await house.ask(yes)).ok
    assert {"consent.given", "referral.accepted"} <= set(await said(house.pool))
    assert (await asked(house, NOTIFY, referral_id)).result["name"] == NAME


async def test_two_organisations_words_about_one_person_are_kept_apart(house: House) -> None:
    first = await referred(house, "a")
    second = await referred(house, "b", reason="another matter", person={"identity_number": NUMBER})
    assert (await asked(house, LINK_WORKER, first)).result["reason"] == REASON
    told = (await asked(house, LINK_WORKER, second)).result
    assert told["reason"] == "another matter"
    assert "name" not in told


async def test_referrers_are_told_by_unit_and_person_many_at_a_time(house: House) -> None:
    first, second = await referred(house, "a"), await referred(house, "b")
    question = ReadReferrers(command_id=uuid4(), actor=NOTIFY, referral_ids=(first, second, "nobody"))
    told = (await house.ask(question)).result["referrers"]
    assert told == {
        referral_id: {"organisation": CLINIC, "submission_id": submission_id, "unit": UNIT, "person": NURSE}
        for referral_id, submission_id in ((first, "a"), (second, "b"))
    }
    assert await looks(house) == [], "who referred is no person's record"


async def test_who_may_not_know_who_referred_is_refused_and_written_down(house: House) -> None:
    referral_id = await referred(house)
    answer = await house.ask(ReadReferrers(command_id=uuid4(), actor=PROVIDER, referral_ids=(referral_id,)))
    assert answer.refused is not None
    assert [look["allowed"] for look in await looks(house)] == [False]


async def kept(house: House, referral_id: str, *words: str, command_id: UUID | None = None) -> list[str]:
    answer = await house.ask(
        KeepWords(command_id=command_id or uuid4(), actor=LINK_WORKER, referral_id=referral_id, words=words)
    )
    assert answer.ok, answer.refused
    refs: list[str] = answer.result["refs"]
    return refs


def of_words(actor: Actor, refs: list[str], purpose: str = "feedback") -> ReadWords:
    return ReadWords(command_id=uuid4(), actor=actor, refs=tuple(refs), purpose=purpose)


async def test_words_are_kept_under_references_and_read_by_them(house: House) -> None:
    referral_id = await referred(house)
    refs = await kept(house, referral_id, "Sjunga i kör", "Gå ut varje dag")
    for actor in (LINK_WORKER, NOTIFY):
        told = (await house.ask(of_words(actor, refs))).result["words"]
        assert told == dict(zip(refs, ["Sjunga i kör", "Gå ut varje dag"], strict=True))
    assert [look["action"] for look in await looks(house)] == ["keep_words", "read_words", "read_words"]


async def test_the_same_words_command_again_gives_the_same_references(house: House) -> None:
    referral_id, command_id = await referred(house), uuid4()
    first = await kept(house, referral_id, "Sjunga i kör", command_id=command_id)
    assert await kept(house, referral_id, "Sjunga i kör", command_id=command_id) == first
    assert await house.pool.fetchval("select count(*) from secret where kind = 'words'") == 1


async def test_words_about_nobody_are_not_kept(house: House) -> None:
    answer = await house.ask(
        KeepWords(command_id=uuid4(), actor=LINK_WORKER, referral_id="nobody", words=("hej",))
    )
    assert answer.refused is not None
    assert answer.refused.code == "unknown_referral"


async def test_the_reason_is_read_by_its_reference_by_the_link_worker_alone(house: House) -> None:
    await referred(house)
    ref = str(await house.pool.fetchval("select ref from secret where kind = 'reason'"))
    assert (await house.ask(of_words(LINK_WORKER, [ref], "visit"))).result == {"words": {ref: REASON}}
    assert (await house.ask(of_words(NOTIFY, [ref]))).refused is not None


async def test_names_are_not_to_be_had_by_asking_for_words(house: House) -> None:
    await referred(house)
    refs = [str(r["ref"]) for r in await house.pool.fetch("select ref from secret where kind = 'person'")]
    assert (await house.ask(of_words(LINK_WORKER, refs))).result == {"words": {}}


async def test_a_row_that_was_tampered_with_is_not_shown(house: House) -> None:
    referral_id = await referred(house)
    await house.pool.execute("update secret set sealed = overlay(sealed placing '\\x00' from 20)")
    answer = await asked(house, LINK_WORKER, referral_id)
    assert answer.refused is not None
    assert answer.result == {}


async def test_a_row_moved_to_another_referral_is_not_shown(house: House) -> None:
    first, second = await referred(house, "a"), await referred(house, "b")
    await house.pool.execute("delete from secret where referral_id = $1", second)
    await house.pool.execute("update secret set referral_id = $1 where referral_id = $2", second, first)
    answer = await asked(house, LINK_WORKER, second)
    assert answer.refused is not None
    assert answer.result == {}
