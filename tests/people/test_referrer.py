"""An organisation that cannot get in is told so, and does not wait for ever."""

from __future__ import annotations

import asyncio

import pytest

from sluss.partners.accounts import Partners
from sluss.people.referrer import at_the_edge
from sluss.reach import Failure
from tests.support.servers import BrokerAccess

CLINIC = "varby-vardcentral"


async def test_a_broker_that_is_down_is_named_within_the_time_given(
    broker: BrokerAccess, unused_tcp_port: int
) -> None:
    credentials = await Partners(broker.authority, broker.url).add(CLINIC)
    nobody = f"nats://127.0.0.1:{unused_tcp_port}"
    async with asyncio.timeout(3):
        with pytest.raises(Failure, match=f"{unused_tcp_port} does not answer") as caught:
            async with at_the_edge(CLINIC, nobody, credentials, within=0.5):
                pass
    assert "sluss doctor" in caught.value.remedy


async def test_revoked_credentials_are_named_as_the_reason(broker: BrokerAccess) -> None:
    partners = Partners(broker.authority, broker.url)
    credentials = await partners.add(CLINIC)
    kept = credentials.with_suffix(".kept")
    kept.write_bytes(credentials.read_bytes())
    await partners.revoke(CLINIC)
    async with asyncio.timeout(3):
        with pytest.raises(Failure, match="no longer, valid") as caught:
            async with at_the_edge(CLINIC, broker.url, kept, within=0.8):
                pass
    assert f"sluss partner add {CLINIC}" in caught.value.remedy
