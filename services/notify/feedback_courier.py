"""Carries feedback to the organisations that referred.

For an organisation with a stream, what it reads and the network's word that it can are said in one
transaction: nothing outside is told before it, so it is safe to try again. For one that hears on paper the
rules of messages apply: what may have gone is not sent again; its deadline passes, and somebody is asked to
look into it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
from pydantic import ValidationError

from services.notify.carrying import LEASE, Row, Tray, ids_of, say
from services.notify.channels import Address, Channels, NotTaken, Way
from services.notify.domain import deadline, feedback
from services.notify.domain.feedback import Feedback, Letterhead, Told
from services.notify.letters import Letter
from services.notify.message_courier import NOTIFY, SEND_TIME
from services.notify.registry import DEADLINE, FEEDBACK, service
from services.notify.replies import reply
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.engine import faultpoint
from services.runtime.engine.unit import Unit
from services.runtime.logging import failure, logger
from sluss_contracts.commands.referral import ReadReferrers, ReadWords
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import DeadlineKind, FeedbackChannel

_BATCH = 100


@dataclass(frozen=True, slots=True)
class _Ready:
    row: Row
    to: Letterhead
    text: str | None
    channel: FeedbackChannel
    organisation: str
    """Its name."""
    silent: bool
    """The person has taken back that this referrer hears of them."""


class FeedbackCourier:
    """One courier of one process. Several may work side by side."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        network: Network,
        clock: Clock,
        channels: Channels,
        *,
        lease: timedelta = LEASE,
    ) -> None:
        self._pool, self._network, self._clock, self._channels = pool, network, clock, channels
        self._tray = Tray("feedback", "feedback_id", uuid4(), lease, in_order=True)
        self._log = logger(service.name)

    async def round(self) -> bool:
        """Carry one batch. Whether there may be more."""
        await self._take_off_the_abandoned()
        async with self._pool.acquire() as connection:
            rows = await self._tray.claim(connection, _BATCH, self._clock.now())
        if not rows:
            return False
        try:
            ready = await self._prepare(rows)
        except Transient as trouble:
            self._log.warning("feedback_waits_for_the_vault", reason=trouble.code, count=len(rows))
            ready = []
        await self._issue([each for each in ready if each.channel is FeedbackChannel.STREAM])
        on_paper = [each for each in ready if each.channel is not FeedbackChannel.STREAM]
        while on_paper:
            await self._send(on_paper.pop(0))
            async with self._pool.acquire() as connection:
                await self._tray.renew(connection, [each.row["feedback_id"] for each in on_paper])
        known = {each.row["feedback_id"] for each in ready}
        async with self._pool.acquire() as connection:
            await self._tray.release(connection, set(ids_of(rows, "feedback_id")) - known)
        return bool(ready)

    async def _prepare(self, rows: Sequence[Row]) -> list[_Ready]:
        """Those whose referrer, words and channel are known by now. Raises `Transient`."""
        referrers, withheld = await self._referrers({row["referral_id"] for row in rows})
        words = await self._words({row["text"] for row in rows if row["text"]})
        registered = {
            row["organisation"]: row
            for row in await self._pool.fetch(
                "select organisation, name, channel from organisation where organisation = any($1::text[])",
                sorted({row["organisation"] for row in rows}),
            )
        }
        ready = []
        for row in rows:
            referrer = referrers.get(row["referral_id"])
            organisation = registered.get(row["organisation"])
            if referrer is None or organisation is None:
                continue
            try:
                to = Letterhead.model_validate(referrer, extra="ignore")
            except ValidationError as error:  # one that cannot be addressed must not hold up the others
                self._log.error("feedback_not_addressable", id=row["feedback_id"], **failure(error))
                continue
            channel = FeedbackChannel(organisation["channel"])
            silent = row["referral_id"] in withheld
            text = None if silent else words.get(row["text"])
            ready.append(_Ready(row, to, text, channel, organisation["name"], silent))
        return ready

    async def _referrers(self, referrals: set[str]) -> tuple[dict[str, Any], set[str]]:
        """Who referred, and which of the referrals they may no longer hear the particulars of."""
        command = ReadReferrers(command_id=uuid4(), actor=NOTIFY, referral_ids=tuple(sorted(referrals)))
        answer = await self._network.ask(command)
        if answer.refused:
            raise Transient(answer.refused.code)
        referrers: dict[str, Any] = answer.result["referrers"]
        return referrers, set(answer.result.get("withheld", ()))

    async def _words(self, refs: set[str]) -> dict[str, str]:
        """Words that are gone (the person has been erased) are left out, and the feedback goes without."""
        if not refs:
            return {}
        command = ReadWords(
            command_id=uuid4(), actor=NOTIFY, refs=tuple(sorted(refs)), purpose="feedback_to_referrer"
        )
        answer = await self._network.ask(command)
        if answer.refused:
            raise Transient(answer.refused.code)
        words: dict[str, str] = answer.result["words"]
        return words

    async def _issue(self, ready: Sequence[_Ready]) -> None:
        if not ready:
            return

        def decide(unit: Unit) -> None:
            for each in ready:
                _say(
                    unit,
                    each.row,
                    feedback.issue(_held(unit, each.row), each.to, each.text, silent=each.silent),
                )

        await say(
            self._pool, service, self._clock, ids_of([each.row for each in ready], "referral_id"), decide
        )

    async def _send(self, ready: _Ready) -> None:
        """On paper: written down first, because it cannot be taken back."""
        row, id = ready.row, ready.row["feedback_id"]
        # The registry knows no address of an organisation, so what is meant as e-mail is printed as well.
        found = self._channels.for_one_of([Address(Way.LETTER, _envelope(ready))])
        async with self._pool.acquire() as connection:
            if found is None:
                self._log.error("no_channel_for_feedback", id=id, organisation=row["organisation"])
                return await self._tray.release(connection, [id])
            if id not in await self._tray.start_sending(connection, [id]):
                return None
        channel, address = found
        try:
            async with asyncio.timeout(SEND_TIME.total_seconds()):
                await channel.send(id, address, _reply(ready))
        except NotTaken:
            async with self._pool.acquire() as connection:
                return await self._tray.release(connection, [id])
        except Exception as error:
            self._log.error("feedback_outcome_unknown", id=id, **failure(error))
            async with self._pool.acquire() as connection:
                return await self._tray.finish(connection, id)
        faultpoint.reach("feedback_sent")

        def decide(unit: Unit) -> None:
            _say(unit, row, feedback.sent(_held(unit, row)))

        return await say(self._pool, service, self._clock, [row["referral_id"]], decide)

    async def _take_off_the_abandoned(self) -> None:
        """Whoever carried these vanished; the deadline, which is still open, tells somebody."""
        async with self._pool.acquire() as connection:
            for row in await self._tray.abandoned(connection):
                self._log.error("feedback_outcome_unknown", id=row["feedback_id"])
                await self._tray.finish(connection, row["feedback_id"])


def _held(unit: Unit, row: Row) -> Feedback | None:
    return unit.held(row["referral_id"]).get(FEEDBACK, row["feedback_id"])


def _say(unit: Unit, row: Row, told: list[Fact]) -> None:
    """What was told, and with it that the deadline for telling is met."""
    deadlines = unit.held(row["referral_id"]).all(DEADLINE)
    met = deadline.meet(deadlines, DeadlineKind.FEEDBACK_SENT, row["feedback_id"]) if told else []
    unit.say([*told, *met], cause=str(row["event_id"]))


def _reply(ready: _Ready) -> Letter:
    row, told = ready.row, Told(ready.row["status"])
    if ready.silent:
        return reply(told, None, ready.to, None)
    return reply(told, row["outcome"], ready.to, ready.text, row["turn_to"])


def _envelope(ready: _Ready) -> str:
    return "\n".join(line for line in (ready.organisation, ready.to.unit, ready.to.person) if line)
