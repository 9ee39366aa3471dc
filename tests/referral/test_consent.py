"""Consent at work: who is asked to forget what, and what the vault still shows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from sluss_contracts.command import Actor
from sluss_contracts.commands.referral import (
    ConfirmWithdrawal,
    DecideGuardian,
    DeclineReferral,
    KeepWords,
    PublishPathway,
    ReadReferrers,
    RecordConsent,
    RedirectReferral,
    RegisterOrganisation,
    WithdrawConsent,
)
from sluss_contracts.enrolment import EnrolmentOffered
from sluss_contracts.pathway import BUILT_IN, Preparation
from sluss_contracts.vocabulary import Role
from tests.referral.office import AT_THE_CLINIC, AT_THE_SCHOOL, MONDAY, Office
from tests.referral.requests import (
    ADDRESS,
    EMAIL,
    LINK_WORKER,
    NAME,
    NOTIFY,
    NUMBER,
    OPERATOR,
    PHONE,
    SCHOOL,
)

VOLUNTEER = Actor(id="olle", role=Role.VOLUNTEER)
KORPEN = Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")
SHARES: dict[str, Any] = {
    "consent": {
        "status": "given",
        "purposes": ["referral", "share_with_provider", "feedback_to_referrer"],
        "receivers": ["korpen", "hemgarden", SCHOOL],
    }
}
WHOLE = {
    "identity_number": NUMBER,
    "name": NAME,
    "contact": {"phone": PHONE, "email": EMAIL, "postal_address": ADDRESS},
}


def somebody(**more: Any) -> dict[str, Any]:
    return {"person": WHOLE | more}


async def offered(office: Office, referral_id: str, *providers: str) -> None:
    """The providers have been asked for a place."""
    for provider in providers:
        await office.hear(
            EnrolmentOffered(
                enrolment_id=str(uuid4()),
                referral_id=referral_id,
                activity="kor",
                provider=provider,
                person=await office.person_of(referral_id),
                alias="Blåklint",
                answer_by=MONDAY,
            )
        )


# Withdrawn


async def test_of_the_receivers_named_those_that_were_told_something_are_asked_to_forget_it(
    office: Office,
) -> None:
    referral = await office.refer(**SHARES)
    await offered(office, referral, "korpen")
    both = ("korpen", "hemgarden")
    told = await office.do(WithdrawConsent, referral_id=referral, receivers=both)
    assert told["shared_with"] == ["korpen"]
    assert await office.status(referral) == "open", "all else stands"
    assert await office.refused(ConfirmWithdrawal, KORPEN, referral_id=referral, receiver="hemgarden")
    await office.do(ConfirmWithdrawal, KORPEN, referral_id=referral, receiver="korpen")
    assert (await office.said(referral))[-2:] == ["consent.withdrawn", "consent.withdrawal_confirmed"]


async def test_without_consent_to_the_referral_the_work_ends_and_little_is_shown(office: Office) -> None:
    referral = await office.refer(**SHARES)
    await office.do(WithdrawConsent, referral_id=referral, purposes=("referral",))
    (closed,) = await office.facts("referral.closed")
    assert closed["outcome"] == "consent_withdrawn"
    for who in (NOTIFY, VOLUNTEER):
        denied = (await office.read(referral, who)).refused
        assert denied is not None
        assert denied.code == "consent_is_withdrawn"
    assert (await office.read(referral)).result == {"name": NAME, "language": "sv"}
    before = await office.said(referral)
    await office.case_closed(referral)
    assert await office.said(referral) == before


async def test_whose_person_takes_back_that_the_referrer_hears_is_named_with_who_referred(
    office: Office,
) -> None:
    """That it is over is told to every referrer: without an address it could not be."""
    first, second = await office.refer("a", person={}), await office.refer("b", person={})
    await office.do(WithdrawConsent, referral_id=first, purposes=("feedback_to_referrer",))
    told = await office.do(ReadReferrers, NOTIFY, referral_ids=(first, second))
    assert told["referrers"].keys() == {first, second}
    assert told["referrers"][first]["submission_id"] == "a"
    assert told["withheld"] == [first]


async def test_a_referrer_passes_on_what_the_person_says_of_its_own_referrals_alone(office: Office) -> None:
    referral = await office.refer()
    wider: dict[str, Any] = {"referral_id": referral, "purposes": ("share_with_provider",)}
    assert await office.refused(RecordConsent, AT_THE_SCHOOL, **wider) == "unknown_referral"
    await office.do(RecordConsent, AT_THE_CLINIC, **wider)
    assert await office.refused(WithdrawConsent, AT_THE_SCHOOL, **wider) == "unknown_referral"
    assert await office.refused(WithdrawConsent, KORPEN, **wider) == "not_allowed"


async def test_taking_back_nothing_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError, match="name a purpose or a receiver"):
        WithdrawConsent(command_id=uuid4(), actor=LINK_WORKER, referral_id="0197-referral")


# Sent on


async def test_another_organisation_is_sent_what_the_person_agreed_to_and_nothing_that_must_not_be_used(
    office: Office,
) -> None:
    referral = await office.refer(**SHARES, **somebody(safe_contact={"never": ["phone", "letter"]}))
    told = await office.do(RedirectReferral, referral_id=referral, why="school", to_organisation=SCHOOL)
    (forwarded,) = await office.facts("referral.forwarded")
    assert forwarded["forwarding_id"] == told["forwarding_id"]
    assert (forwarded["name"], forwarded["contact"]) == (NAME, {"email": EMAIL})
    lanes = await office.pool.fetch("select lane from event where kind = 'forwarding'")
    assert [row["lane"] for row in lanes] == [f"out.{SCHOOL}"]
    again = await office.do(RedirectReferral, referral_id=referral, why="school", to_organisation=SCHOOL)
    assert again == {}
    back = await office.do(WithdrawConsent, referral_id=referral, receivers=(SCHOOL,))
    assert back["shared_with"] == [SCHOOL]


async def test_nobody_is_sent_to_an_organisation_that_takes_no_part(office: Office) -> None:
    referral = await office.refer(**SHARES)
    send: dict[str, Any] = {"referral_id": referral, "why": "debt", "to_organisation": "korpen"}
    assert await office.refused(RedirectReferral, **send) == "unknown_organisation"
    assert await office.status(referral) == "open"


async def test_at_another_team_who_referred_is_known_as_before(office: Office) -> None:
    referral = await office.refer()
    moved = await office.do(RedirectReferral, referral_id=referral, why="moved", to_area="linkoping")
    new = str(moved["replaced_by"])
    told = (await office.do(ReadReferrers, NOTIFY, referral_ids=(referral, new)))["referrers"]
    assert told[new] == told[referral]
    assert (await office.read(new)).result == (await office.read(referral)).result
    kept = await office.pool.fetchval("select count(*) from secret where referral_id = $1", new)
    await office.do(RedirectReferral, referral_id=referral, why="moved", to_area="linkoping")
    assert await office.pool.fetchval("select count(*) from secret") == 2 * kept, "copied once"


async def test_who_is_screened_out_is_told_what_the_pathway_says(office: Office) -> None:
    preparation = Preparation(screening=("social_phobia",), redirect_to="Psykologen på Eken")
    definition = BUILT_IN.model_copy(update={"pathway": "screens", "preparation": preparation})
    await office.do(PublishPathway, OPERATOR, pathway="screens", definition=definition)
    why: dict[str, Any] = {"whose": "eligibility", "why": "social_phobia", "screened_out": True}
    plain = await office.refer("a", person={})
    assert await office.refused(DeclineReferral, referral_id=plain, **why) == "say_where_to_turn"
    screened = await office.refer("b", person={}, pathway="screens")
    await office.do(DeclineReferral, referral_id=screened, **why)
    (declined,) = await office.facts("referral.declined")
    assert declined["turn_to"] == "Psykologen på Eken"


# What the vault keeps, and for whom


async def test_how_the_person_may_be_reached_comes_with_what_must_not_be_done(office: Office) -> None:
    rules = {"never": ["sms"], "not_before": "09:00:00", "must_not_know": "Maken"}
    referral = await office.refer(presented_as="Värk i ryggen", **somebody(safe_contact=rules))
    for who in (NOTIFY, LINK_WORKER, VOLUNTEER):
        assert (await office.read(referral, who)).result["safe_contact"] == rules
    coordinator = Actor(id="siv", role=Role.COORDINATOR)
    assert "safe_contact" not in (await office.read(referral, coordinator)).result
    assert (await office.read(referral)).result["presented_as"] == "Värk i ryggen"
    assert "presented_as" not in (await office.read(referral, NOTIFY)).result


async def test_where_a_protected_person_lives_is_told_to_the_courier_alone(office: Office) -> None:
    referral = await office.refer(**somebody(protection="confidential"))
    seen = (await office.read(referral)).result
    assert seen["protection"] == "confidential"
    assert ADDRESS not in str(seen)
    assert seen["contact"]["phone"] == PHONE
    assert (await office.read(referral, NOTIFY)).result["contact"]["postal_address"] == ADDRESS
    (accepted,) = await office.facts("referral.accepted")
    assert accepted["protection"] == "confidential"


async def test_a_guardian_is_reached_by_the_rule_and_never_where_it_is_withheld(office: Office) -> None:
    guardian = {"phone": "070-174 06 11"}
    referral = await office.refer(person={"born": 2011, "name": NAME, "guardian": guardian})
    assert await office.status(referral) == "held"
    assert (await office.read(referral)).result["guardian"] == guardian
    await office.do(DecideGuardian, referral_id=referral, rule="informed")
    assert (await office.read(referral, NOTIFY)).result["guardian"] == guardian
    await office.do(DecideGuardian, referral_id=referral, rule="withheld")
    for who in (NOTIFY, LINK_WORKER):
        assert "guardian" not in (await office.read(referral, who)).result


async def test_what_was_told_before_somebody_was_sent_to_another_team_is_out_as_well(office: Office) -> None:
    referral = await office.refer(**SHARES)
    await offered(office, referral, "korpen")
    moved = await office.do(RedirectReferral, referral_id=referral, why="moved", to_area="linkoping")
    new = str(moved["replaced_by"])
    await offered(office, new, "hemgarden")
    back = await office.do(WithdrawConsent, referral_id=new, purposes=("referral",))
    assert back["shared_with"] == ["hemgarden", "korpen"]


# Acute risk


async def test_words_of_acute_risk_raise_an_alarm_without_a_word_of_them(office: Office) -> None:
    words = "Hon säger att hon inte orkar leva längre."
    receipt = await office.submit("a", reason=words)
    assert receipt["acute"]
    (alarm,) = await office.facts("alarm.raised")
    assert (alarm["referral_id"], alarm["where"]) == (receipt["referral_id"], "reason")
    assert not [table for table, rows in (await office.everything_written()).items() if words in rows]


async def test_words_kept_later_are_looked_through_too_and_whoever_keeps_them_is_told(
    office: Office,
) -> None:
    referral = await office.refer()
    keep: dict[str, Any] = {"referral_id": referral, "where": "goal", "command_id": uuid4()}
    told = await office.do(KeepWords, words=("Sjunga i kör", "Slippa leva"), **keep)
    assert told["acute"] is True
    await office.do(KeepWords, words=("Sjunga i kör", "Slippa leva"), **keep)
    (alarm,) = await office.facts("alarm.raised")
    assert (alarm["where"], alarm["words"]) == ("goal", told["refs"][1])
    calm = await office.do(KeepWords, referral_id=referral, words=("Sjunga i kör",))
    assert "acute" not in calm


async def test_what_a_person_says_of_whom_they_fear_is_looked_through(office: Office) -> None:
    said = "Exet hotar henne, hon är rädd för sin man."
    receipt = await office.submit("a", **somebody(safe_contact={"must_not_know": said}))
    assert receipt["acute"]
    (alarm,) = await office.facts("alarm.raised")
    assert (alarm["referral_id"], alarm["where"]) == (receipt["referral_id"], "must_not_know")
    assert "words" not in alarm, "it is kept with who the person is"
    assert not [table for table, rows in (await office.everything_written()).items() if said in rows]


async def test_where_somebody_is_sent_is_looked_through_too(office: Office) -> None:
    referral = await office.refer()
    wish: dict[str, Any] = {"referral_id": referral, "whose": "network", "why": "needs_treatment"}
    told = await office.do(DeclineReferral, **wish, turn_to="Psykakuten; säger att hon vill dö")
    assert told["acute"] is True
    await office.do(DeclineReferral, **wish, turn_to="Psykakuten; säger att hon vill dö")
    (alarm,) = await office.facts("alarm.raised")
    assert (alarm["referral_id"], alarm["where"]) == (referral, "turn_to")


async def test_words_kept_of_a_duplicate_alarm_where_the_work_is(office: Office) -> None:
    first, second = await office.refer("a"), await office.refer("b", SCHOOL)
    await office.do(KeepWords, referral_id=second, words=("Slippa leva",))
    (alarm,) = await office.facts("alarm.raised")
    assert alarm["referral_id"] == first


@pytest.mark.parametrize("faulty", [{"needs": []}, {"pathway": "no-such-pathway"}, {"resaon": "x"}])
async def test_whoever_is_refused_is_shown_where_to_call_all_the_same(
    office: Office, faulty: dict[str, Any]
) -> None:
    words = "Hon säger att hon inte orkar leva längre."
    assert (await office.submit("a", reason=words, **faulty))["acute"]
    assert not (await office.submit("b", **faulty)).get("acute")
    assert await office.facts("alarm.raised") == [], "there is no referral to read it in"


async def test_an_organisation_may_be_registered_by_whoever_keeps_the_registry_alone(office: Office) -> None:
    wish: dict[str, Any] = {"organisation": "x", "name": "X", "kind": "clinic", "area": "y"}
    assert await office.refused(RegisterOrganisation, AT_THE_CLINIC, **wish) == "not_allowed"
