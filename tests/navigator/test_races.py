"""Steps taken at the same moment: whoever comes second decides on what the first has left, tasks included."""

from __future__ import annotations

import asyncio

from sluss_contracts.commands.navigator import CloseCase, RecordContact
from sluss_contracts.vocabulary import CaseOutcome, ContactOutcome, ContactWay
from tests.navigator.office import Office, accepted

_OPEN = "select count(*) from aggregate where kind = 'task' and key = $1 and state ->> 'status' = 'open'"


async def test_a_contact_recorded_while_the_case_closes_leaves_no_task_behind(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    for n in range(12):
        referral = f"r{n}"
        await office.hear(accepted(referral))
        contact = office.ask(
            RecordContact, referral_id=referral, way=ContactWay.PHONE, outcome=ContactOutcome.NO_ANSWER
        )
        await asyncio.gather(
            contact, office.ask(CloseCase, referral_id=referral, outcome=CaseOutcome.COMPLETED)
        )
        assert await office.value(_OPEN, referral) == 0


async def test_several_contacts_at_once_ask_for_one_next_step(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    for n in range(12):
        referral = f"r{n}"
        await office.hear(accepted(referral))
        attempts = (
            office.ask(
                RecordContact, referral_id=referral, way=ContactWay.PHONE, outcome=ContactOutcome.NO_ANSWER
            )
            for _ in range(3)
        )
        await asyncio.gather(*attempts)
        assert await office.value(_OPEN, referral) == 1
