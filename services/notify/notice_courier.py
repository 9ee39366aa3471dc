"""Carries messages to providers: claim, ask for a link, write down that it goes, send, tell the outcome.

At most once, as messages to people (`message_courier`): before it leaves, its row says `sending` in a
transaction of its own, and what may have gone is never sent again. The link is asked for when it is sent, so
what has been answered meanwhile is not sent at all; it is in the message alone, and in no event and no log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from services.notify.carrying import LEASE, Row, Tray, ids_of, say
from services.notify.channels import Address, Channel, ChannelRefuses, Channels, NotTaken, Way
from services.notify.domain import message, notice
from services.notify.domain.hours import allowed_from
from services.notify.domain.notice import Notice
from services.notify.letters import Letter, write_to_provider
from services.notify.registry import NOTICE, service
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.engine import faultpoint
from services.runtime.engine.unit import Unit
from services.runtime.logging import failure, logger
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import ReadActivityLink, ReadEnrolmentLink
from sluss_contracts.event import Fact
from sluss_contracts.notice import NoticeAbout
from sluss_contracts.vocabulary import NoticeTemplate, Role

NOTIFY = Actor(id="notify", role=Role.SERVICE)
SEND_TIME = timedelta(seconds=20)
"""How long a channel may take; shorter than the lease, or another courier would believe us dead."""
_TRY_LATER = frozenset({"try_again", "internal_error"})
_BATCH = 8
_CONTACTS = "select provider, phone, email, language from provider_contact where provider = any($1::text[])"
_PROTECTED = "select protected from course where referral_id = $1"

Outcome = Callable[[Notice | None], list[Fact]]


@dataclass(frozen=True, slots=True)
class _Ready:
    row: Row
    channel: Channel
    address: Address
    letter: Letter


class NoticeCourier:
    """One courier of one process. Several may work side by side."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        network: Network,
        clock: Clock,
        channels: Channels,
        *,
        lease: timedelta = LEASE,
        send_time: timedelta = SEND_TIME,
    ) -> None:
        self._pool, self._network, self._clock, self._channels = pool, network, clock, channels
        self._send_time = send_time
        self._tray = Tray("notice", "notice_id", uuid4(), lease, at_hours=True)
        self._log = logger(service.name)

    async def round(self) -> bool:
        """Carry one batch. Whether there may be more."""
        await self._ask_about_the_abandoned()
        now = self._clock.now()
        if allowed_from(now) > now:
            return False  # it is night; an association is people too
        async with self._pool.acquire() as connection:
            rows = await self._tray.claim(connection, _BATCH, now)
        if not rows:
            return False
        contacts = await self._contacts_of({row["provider"] for row in rows})
        for number, row in enumerate(rows):
            async with self._pool.acquire() as connection:
                await self._tray.renew(connection, ids_of(rows[number:], "notice_id"))
            if ready := await self._prepare(row, contacts.get(row["provider"])):
                await self._send(ready)
        return len(rows) == _BATCH

    async def _ask_about_the_abandoned(self) -> None:
        async with self._pool.acquire() as connection:
            rows = await self._tray.abandoned(connection)
        for row in rows:
            self._log.warning("notice_outcome_unknown", notice_id=row["notice_id"])
            await self._say(row, _failed(message.OUTCOME_UNKNOWN))

    async def _contacts_of(self, providers: set[str]) -> dict[str, Any]:
        rows = await self._pool.fetch(_CONTACTS, sorted(providers))
        return {row["provider"]: row for row in rows}

    async def _prepare(self, row: Row, contact: Any) -> _Ready | None:
        """The message and the way it goes; what cannot go is said at once, what must wait is given back."""
        way = self._channels.for_one_of(_addresses(contact))
        if way is None:
            await self._say(row, _failed(message.NO_WAY_TO_REACH))
            return None
        if (why := await self._held_back(row)) is not None:
            await self._say(row, _suppressed(why))
            return None
        link = await self._link(row)
        if link is None or (link.refused and link.refused.code in _TRY_LATER):
            await self._give_back(row)
            return None
        if link.refused or not link.result["waits"]:
            await self._say(row, _suppressed(message.NO_LONGER_TRUE))
            return None
        try:
            until = datetime.fromisoformat(link.result["expires"])
            template, address = NoticeTemplate(row["template"]), link.result["address"]
            letter = write_to_provider(template, contact["language"], address, until)
        except Exception as error:  # one that cannot be written must not hold up the others
            self._log.error("notice_not_writable", notice_id=row["notice_id"], **failure(error))
            await self._say(row, _failed(message.NOT_WRITABLE))
            return None
        return _Ready(row, *way, letter)

    async def _held_back(self, row: Row) -> str | None:
        """Why it does not go: of somebody protected nothing goes to a provider by itself, a human tells."""
        referral_id = NoticeAbout.model_validate(row["about"]).referral_id
        if referral_id and await self._pool.fetchval(_PROTECTED, referral_id):
            return message.PROTECTED
        return None

    async def _link(self, row: Row) -> Answer | None:
        """What the provider service answers; None when it does not."""
        about = NoticeAbout.model_validate(row["about"])
        asked = {"command_id": uuid4(), "actor": NOTIFY}
        command: Command
        if about.referral_id and about.enrolment_id:
            place = {"referral_id": about.referral_id, "enrolment_id": about.enrolment_id}
            command = ReadEnrolmentLink.model_validate({**asked, **place})
        else:
            of = {"activity": about.activity, "session_id": about.session_id}
            command = ReadActivityLink.model_validate({**asked, **of})
        try:
            return await self._network.ask(command)
        except Transient:
            return None

    async def _send(self, ready: _Ready) -> None:
        id = ready.row["notice_id"]
        async with self._pool.acquire() as connection:
            mine = await self._tray.start_sending(connection, [id])
        if id not in mine:
            return
        faultpoint.reach("notice_sending")
        outcome = await self._try(ready)
        faultpoint.reach("notice_sent")
        if outcome is None:
            await self._give_back(ready.row)
        else:
            await self._say(ready.row, outcome)

    async def _try(self, ready: _Ready) -> Outcome | None:
        """What came of it; None when it surely did not go and may be tried again."""
        id, channel = ready.row["notice_id"], ready.channel
        try:
            async with asyncio.timeout(self._send_time.total_seconds()):
                await channel.send(id, ready.address, ready.letter)
        except NotTaken:
            self._log.warning("notice_not_taken", notice_id=id, channel=channel.name)
            return None
        except ChannelRefuses:
            self._log.warning("notice_refused", notice_id=id, channel=channel.name)
            return _failed(message.CHANNEL_REFUSED)
        except Exception as error:
            self._log.error("notice_outcome_unknown", notice_id=id, **failure(error))
            return _failed(message.OUTCOME_UNKNOWN)
        return lambda held: notice.sent(held, channel.name)

    async def _give_back(self, row: Row) -> None:
        async with self._pool.acquire() as connection:
            await self._tray.release(connection, ids_of([row], "notice_id"))

    async def _say(self, row: Row, outcome: Outcome) -> None:
        """What came of it; the projection takes the row off."""
        id, about = row["notice_id"], row["about"]

        def decide(unit: Unit) -> None:
            held = unit.held(id).get(NOTICE, id)
            story = about.get("referral_id") or about["activity"]
            unit.say(outcome(held), cause=str(row["event_id"]), correlation=story)

        await say(self._pool, service, self._clock, [id], decide)


def _failed(why: str) -> Outcome:
    return lambda held: notice.failed(held, why)


def _suppressed(why: str) -> Outcome:
    return lambda held: notice.suppress(held, why)


def _addresses(contact: Any) -> Sequence[Address]:
    """By e-mail where there is an address, else to the phone."""
    if contact is None:
        return ()
    email, phone = contact["email"], contact["phone"]
    return [*([Address(Way.EMAIL, email)] if email else []), *([Address(Way.SMS, phone)] if phone else [])]
