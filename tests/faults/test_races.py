"""Many want the same thing at once: one has it, the others are told who."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from services.runtime.network import reach
from sluss.people.persons import referral_of
from sluss.people.town import referring
from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.navigator import ClaimCase
from sluss_contracts.commands.staff import RegisterLinkWorker
from sluss_contracts.vocabulary import Role
from tests.faults.town import Town, town

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=1), pytest.mark.timeout(300)]

CLAIMANTS = 500


async def queued_referral(there: Town) -> str:
    """A referral nobody fits: it asks for a link worker of a gender the team does not have."""
    from random import Random

    payload = referral_of(Random(1), "Enhet 1", "Lena")
    payload |= {"area": "vilbergen", "requested_gender": "other", "consent": {"status": "given"}}
    async with referring(there.there, ("vc-strommen",)) as (referrer,):
        receipt = await referrer.submit(str(uuid4()), payload, there.there.clock.now())
    assert receipt["status"] == "accepted", receipt
    for _ in range(100):
        story = await there.there.ledger.story(receipt["referral_id"])
        if any(entry.name == "case.queued" for entry in story):
            return str(receipt["referral_id"])
        await asyncio.sleep(0.1)
    raise AssertionError([entry.name for entry in story])


async def test_five_hundred_claim_one_case_and_exactly_one_has_it(tmp_path: Path) -> None:
    async with town(tmp_path, replicas={"navigator": 2}, speed=60) as there:
        workers = [f"claimant-{number}" for number in range(CLAIMANTS)]
        actor = Actor(id="test", role=Role.COORDINATOR)
        doors = asyncio.Semaphore(50)
        async with reach(there.run.nats.url, there.run.nats.creds["operator"]) as network:

            async def register(worker: str) -> None:
                command = RegisterLinkWorker(
                    command_id=uuid4(), actor=actor, worker=worker, name=worker, team="team-hageby",
                    areas=("elsewhere",), languages=("sv",), capacity=5,
                )  # fmt: skip
                async with doors:
                    assert (await network.ask(command, timeout=30)).ok

            await asyncio.gather(*map(register, workers))
            referral = await queued_referral(there)

            async def claim(worker: str) -> Answer:
                by = Actor(id=worker, role=Role.LINK_WORKER)
                command = ClaimCase(command_id=uuid4(), actor=by, referral_id=referral, worker=worker)
                return await network.ask(command, timeout=60)

            answers = await asyncio.gather(*map(claim, workers))
        winners = [worker for worker, answer in zip(workers, answers, strict=True) if answer.ok]
        assert len(winners) == 1
        refused = [answer.refused for answer in answers if answer.refused]
        assert {refusal.code for refusal in refused} == {"already_claimed"}
        assert all(winners[0] in refusal.message for refusal in refused)
        violations = await there.violations()
        assert violations == {}
