"""Before a referral and apart from any: told of something, asked how lonely."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.referral.domain import signposting
from services.referral.domain.organisation import Organisation, OrganisationIsRevoked, UnknownOrganisation
from services.referral.domain.signposting import NotYourOrganisation
from sluss_contracts.command import Actor
from sluss_contracts.commands.referral import RecordScreening, RecordSignposting
from sluss_contracts.person import PersonScreened, PersonSignposted
from sluss_contracts.vocabulary import FeedbackChannel, OrganisationKind, Role
from tests.referral.domain.stories import refused
from tests.referral.requests import CLINIC, LINK_WORKER, NURSE, SCHOOL

NURSE_THERE = Actor(id=NURSE, role=Role.REFERRER, organisation=CLINIC)
THE_CLINIC = Organisation(
    organisation=CLINIC,
    name="Vårdcentralen City",
    kind=OrganisationKind.CLINIC,
    area="norrkoping-city",
    feedback_channel=FeedbackChannel.STREAM,
)


def screening(actor: Actor = NURSE_THERE, **changed: Any) -> RecordScreening:
    told = {"organisation": CLINIC, "area": "norrkoping-city", "answer": 2, "led_to": "referred"}
    return RecordScreening(command_id=UUID(int=1), actor=actor, **(told | changed))


def signpost(actor: Actor = LINK_WORKER, **changed: Any) -> RecordSignposting:
    told = {"area": "norrkoping-city", "needs": ("nature",), "age_group": "age_65_79"}
    return RecordSignposting(command_id=UUID(int=1), actor=actor, **(told | changed))


def test_somebody_was_asked_and_nobody_is_named() -> None:
    (fact,) = signposting.screen(THE_CLINIC, screening(), "s1")
    assert isinstance(fact, PersonScreened)
    assert (fact.organisation, fact.instrument, fact.answer, fact.led_to) == (
        CLINIC,
        "ons-direct",
        2,
        "referred",
    )
    assert not {"person", "name", "referral_id"} & set(PersonScreened.model_fields)


def test_somebody_was_told_of_something_and_no_case_is_opened() -> None:
    told = signpost(organisation=SCHOOL, activity="cityfiske", interests=("fishing",))
    (fact,) = signposting.signpost(told, "s2")
    assert isinstance(fact, PersonSignposted)
    assert (fact.organisation, fact.activity, fact.age_group) == (SCHOOL, "cityfiske", "age_65_79")
    assert fact.interests == ("fishing",)
    assert signposting.signpost(signpost(), "s3"), "whoever looked for themselves was told by nobody"


def test_whoever_acts_for_an_organisation_records_what_that_one_did() -> None:
    refused(
        NotYourOrganisation, lambda: signposting.signpost(signpost(NURSE_THERE, organisation=SCHOOL), "s")
    )
    of_the_school = THE_CLINIC.model_copy(update={"organisation": SCHOOL})
    refused(
        NotYourOrganisation, lambda: signposting.screen(of_the_school, screening(organisation=SCHOOL), "s")
    )


def test_an_organisation_that_takes_no_part_screens_nobody() -> None:
    refused(UnknownOrganisation, lambda: signposting.screen(None, screening(), "s"))
    revoked = THE_CLINIC.model_copy(update={"revoked": "agreement_ended"})
    refused(OrganisationIsRevoked, lambda: signposting.screen(revoked, screening(), "s"))
