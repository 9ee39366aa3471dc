"""Telling a running broker about accounts: effective at once, no restart."""

from __future__ import annotations

import json

from nats.aio.client import Client


class ClaimsRefused(Exception):
    """The broker did not take an account's new token."""

    code = "claims_refused"


async def publish_account(system: Client, token: str, *, timeout: float = 5.0) -> None:
    """Makes an account's token the one in force. `system` is a connection of the system account."""
    answer = json.loads(
        (await system.request("$SYS.REQ.CLAIMS.UPDATE", token.encode(), timeout=timeout)).data
    )
    if error := answer.get("error"):
        raise ClaimsRefused(error.get("description", str(error)))
