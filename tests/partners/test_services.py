"""What our own services may not do on the broker: submissions carry personal data, for `referral` alone."""

from __future__ import annotations

import asyncio

import nats
import pytest
from nats.aio.client import Client

from sluss_contracts.subjects import submission_subject
from tests.support.servers import BrokerAccess

SUBJECT = submission_subject("varby-vardcentral")


class Connected:
    """One service's connection, and what the server complained about."""

    def __init__(self, client: Client, complaints: list[str]) -> None:
        self.client, self.complaints = client, complaints

    async def hears(self, subject: str, speaker: Client) -> bool:
        """Whether a submission reaches whoever listens there."""
        heard = await self.client.subscribe(subject)
        await self.client.flush()
        await speaker.publish(SUBJECT, b"a name")
        await speaker.flush()
        try:
            await heard.next_msg(timeout=0.5)
        except TimeoutError:
            return False
        finally:
            await heard.unsubscribe()
        return True


async def connected(broker: BrokerAccess, service: str) -> Connected:
    complaints: list[str] = []

    async def complain(error: Exception) -> None:
        complaints.append(str(error))

    creds = broker.authority.service_credentials([service])[service]
    client = await nats.connect(broker.url, user_credentials=str(creds), error_cb=complain)
    return Connected(client, complaints)


@pytest.mark.parametrize("service", ["navigator", "provider", "notify", "console"])
async def test_no_other_service_hears_or_makes_submissions(broker: BrokerAccess, service: str) -> None:
    referral, other = await connected(broker, "referral"), await connected(broker, service)
    try:
        for subject in (SUBJECT, "sluss.in.>", "sluss.>", ">"):
            assert not await other.hears(subject, referral.client), subject
        other.complaints.clear()
        await other.client.publish(SUBJECT, b"forged")
        await other.client.flush()
        await asyncio.sleep(0.05)
        assert "permissions violation" in "; ".join(other.complaints).lower()
        assert await referral.hears("sluss.in.>", referral.client)  # the control
        assert referral.complaints == []
    finally:
        await referral.client.close()
        await other.client.close()
