"""The referral service and this one together: what the vault answers is what the courier can carry."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from services.notify.app import service as notify
from services.notify.channels import Channels
from services.notify.feedback_courier import FeedbackCourier
from services.referral.app import service as referral
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.referral import ErasePerson, WithdrawConsent
from sluss_contracts.event import FACTS, read_event
from sluss_contracts.message import FeedbackIssued
from sluss_contracts.vocabulary import ConsentPurpose
from tests.notify import story
from tests.referral.office import MONDAY, Office
from tests.referral.requests import CLINIC, NURSE, OPERATOR, UNIT
from tests.support.desk import Desk, desk, schema_of

TO_BE_ASKED: dict[str, Any] = {"consent": {"status": "to_be_asked"}}
REFERRAL, FEEDBACK = ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER


@dataclass
class Both:
    """The two services, each on its own database, and what goes between them."""

    office: Office
    notify: Desk

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        """The courier's question, answered by the vault itself."""
        said = command.model_dump(exclude={"command_id", "actor"})
        return await self.office.ask(type(command), command.actor, **said)

    async def pass_on(self) -> None:
        """What the referral service has said reaches the notify service; again changes nothing."""
        reads = notify.reads()
        for row in await self.office.pool.fetch("select type, body from event order by recorded, id"):
            if (fact := FACTS[row["type"]]) in reads:
                await self.notify.hear_events(read_event(fact, row["body"]))

    async def told(self) -> list[FeedbackIssued]:
        """What stands on the referrer's stream when the courier has gone."""
        courier = FeedbackCourier(self.notify.pool, self, self.notify.clock, Channels([]))
        while await courier.round():
            pass
        return await self.notify.said(FeedbackIssued)


@pytest_asyncio.fixture
async def both(postgres_server: Postgres) -> AsyncIterator[Both]:
    vault.unlock(MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    clock = SetClock(MONDAY)
    async with (
        desk(await schema_of(postgres_server, referral), referral, clock) as here,
        desk(await schema_of(postgres_server, notify), notify, clock) as there,
    ):
        office = Office(here.pool, clock)
        await office.register(CLINIC)
        yield Both(office, there)


async def closed(both: Both, referral_id: str) -> None:
    """The link worker ends the case, with words for the referrer."""
    state: dict[str, Any] = await both.office.state(referral_id)
    own = {name: state[name] for name in ("referral_id", "person", "organisation")}
    await both.notify.hear(story.closed().model_copy(update={**own, "feedback_text": None}))


async def test_whoever_refers_hears_that_it_was_received_and_that_it_is_over(both: Both) -> None:
    referral_id = await both.office.refer()
    await both.pass_on()
    await closed(both, referral_id)
    first, last = await both.told()
    assert (first.status, last.status, last.outcome) == ("accepted", "closed", "completed")
    assert (last.submission_id, last.to.unit, last.to.person) == ("remiss-1", UNIT, NURSE)


@pytest.mark.parametrize("after", [True, False], ids=["told before", "told nothing yet"])
async def test_a_referrer_who_may_not_hear_still_hears_that_it_is_over(both: Both, after: bool) -> None:
    """The loop is closed whatever the person takes back; only how it went stays here."""
    referral_id = await both.office.refer()
    if after:
        await both.pass_on()
        assert [told.status for told in await both.told()] == ["accepted"]
    await both.office.do(WithdrawConsent, referral_id=referral_id, purposes=(FEEDBACK,))
    await both.pass_on()
    await closed(both, referral_id)
    first, last = await both.told()
    assert (first.status, last.status) == ("accepted", "closed")
    assert (last.outcome, last.turn_to, last.text) == (None, None, None)
    assert (last.submission_id, last.to.unit) == ("remiss-1", UNIT)


async def test_of_whoever_says_no_when_they_are_asked_the_referrer_hears_that_it_is_over(both: Both) -> None:
    referral_id = await both.office.refer(**TO_BE_ASKED)
    await both.pass_on()
    await both.office.do(WithdrawConsent, referral_id=referral_id, purposes=(REFERRAL,))
    await both.pass_on()
    (only,) = await both.told()
    assert (only.status, only.outcome, only.submission_id) == ("closed", None, "remiss-1")


async def test_of_whoever_is_erased_before_they_were_asked_too(both: Both) -> None:
    """With the person went who exactly referred them: their organisation knows its own submission."""
    referral_id = await both.office.refer(**TO_BE_ASKED)
    await both.pass_on()
    person = await both.office.person_of(referral_id)
    await both.office.do(ErasePerson, OPERATOR, person=person, why="asked_by_person")
    await both.pass_on()
    (only,) = await both.told()
    assert (only.status, only.to.unit, only.to.person) == ("closed", CLINIC, None)
