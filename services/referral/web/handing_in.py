"""Handing in what was written on a page: the same intake as an organisation's own systems meet.

The bytes are made of what was written and of nothing else, so a form that is sent twice is one submission
and gets one receipt, whichever replica reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from services.referral.domain import organisation
from services.referral.intake import Arrival, take_in
from services.referral.registry import ORGANISATION
from services.referral.vault.safe import Vault
from services.runtime.clock import Clock
from services.runtime.engine.unit import Raced, unit_of_work
from services.runtime.service import Service
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Key, Slug

_TRIES = 5


class Counter:
    """Where pages hand in."""

    def __init__(self, pool: asyncpg.Pool, service: Service, clock: Clock, vault: Vault) -> None:
        self._pool, self._service, self._clock, self._vault = pool, service, clock, vault

    async def hand_in(
        self, by: Slug, raw: bytes, *, opening: RegisterOrganisation | None = None
    ) -> ReceiptIssued:
        """The receipt, the same one however often the bytes come. `opening` registers the organisation they
        come by, where it is not yet. Raises `Raced` when others are quicker again and again."""
        for _ in range(_TRIES - 1):
            try:
                return await self._once(by, raw, opening)
            except Raced:
                continue
        return await self._once(by, raw, opening)

    async def _once(self, by: Slug, raw: bytes, opening: RegisterOrganisation | None) -> ReceiptIssued:
        async with (
            self._pool.acquire() as connection,
            unit_of_work(connection, self._service, self._clock) as unit,
        ):
            if opening is not None:
                await unit.load([by])
                if unit.held(by).get(ORGANISATION, by) is None:
                    unit.say(organisation.register(None, opening), cause=str(opening.command_id))
            known = await take_in(unit, [Arrival(by, raw, on_page=True)], self._vault)
            await unit.finish()
            said = [each.body for each in unit.numbered]
        return _receipt([*(each.body for each in known), *said])


def submission(by: Slug, submission_id: Key, data: dict[str, Any]) -> bytes:
    """A request as an organisation's own system would send it; the same for the same content."""
    envelope = {
        "specversion": "1.0",
        "id": submission_id,
        "source": f"/org/{by}",
        "type": "sluss.referral.requested.v1",
        "datacontenttype": "application/json",
        "data": {"submission_id": submission_id, **data},
    }
    return orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS)


def _receipt(bodies: Sequence[bytes]) -> ReceiptIssued:
    for body in bodies:
        event = orjson.loads(body)
        if event["type"] == ReceiptIssued.TYPE:
            return ReceiptIssued.model_validate(event["data"], extra="ignore")
    raise LookupError(f"a submission was taken in without a receipt ({RefusedBecause.UNREADABLE})")
