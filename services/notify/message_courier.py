"""Carries messages to people: claim, ask the vault where to, write down that it goes, send, tell the outcome.

A message goes at most once. Before it leaves, its row says `sending`, in a transaction of its own; if the
process dies after that, nobody can know whether it went, and the next one to look says `message.failed`
(`outcome_unknown`), upon which somebody is asked to look into it. Nothing is ever sent again blindly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import asyncpg

from services.notify.carrying import LEASE, Row, Tray, ids_of, say
from services.notify.channels import Address, Channel, ChannelRefuses, Channels, NotTaken, Way
from services.notify.domain import message
from services.notify.domain.hours import allowed_from
from services.notify.domain.links import hash_of
from services.notify.domain.message import Message
from services.notify.letters import Letter, There, write
from services.notify.meeting_links import NO_LINK, MeetingLink, link_to_meeting
from services.notify.reaching import Care, addresses_of
from services.notify.registry import MESSAGE, service
from services.notify.whereabouts import whereabouts
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.engine import faultpoint
from services.runtime.engine.unit import Unit
from services.runtime.logging import failure, logger
from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.referral import ReadPerson
from sluss_contracts.event import Fact
from sluss_contracts.message import MessageAbout
from sluss_contracts.vocabulary import MessageTemplate, Role

NOTIFY = Actor(id="notify", role=Role.SERVICE)
SEND_TIME = timedelta(seconds=20)
"""How long a channel may take; shorter than the lease, or another courier would believe us dead."""
TRY_LATER = frozenset({"try_again", "internal_error"})
"""Refusals that are not about the person: the vault could not answer just now."""

LINKS = "https://svar.example/svara/"
"""Where one-time links lead when nothing else is set; no such place exists."""

_DROP_LINKS = "delete from evaluation_link where evaluation_id = $1 and not used"
_KEEP_LINK = """
insert into evaluation_link (token_hash, evaluation_id, expires)
select $1, evaluation_id, lapses from evaluation where evaluation_id = $2 and status = 'due'
returning evaluation_id
"""
_TOKEN_BYTES = 24
"""A link's token has 192 random bits: nobody guesses one."""
_BATCH = 24
_ASK_AT_ONCE = 8
"""Even if the vault lets every question time out, a batch is asked for within its lease."""


@dataclass(frozen=True, slots=True)
class _Ready:
    row: Row
    channel: Channel
    address: Address
    letter: Letter


class MessageCourier:
    """One courier of one process. Several may work side by side."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        network: Network,
        clock: Clock,
        channels: Channels,
        *,
        links: str = LINKS,
        sessions: str | None = None,
        lease: timedelta = LEASE,
        send_time: timedelta = SEND_TIME,
    ) -> None:
        """`links` is the address one-time links begin with, `sessions` that of sessions' own pages."""
        self._pool, self._network, self._clock, self._channels = pool, network, clock, channels
        self._links, self._sessions = links, sessions
        self._send_time = send_time
        self._tray = Tray("message", "message_id", uuid4(), lease, at_hours=True)
        self._vault = asyncio.Semaphore(_ASK_AT_ONCE)
        self._log = logger(service.name)

    async def round(self) -> bool:
        """Carry one batch. Whether there may be more."""
        await self._ask_about_the_abandoned()
        now = self._clock.now()
        if allowed_from(now) > now:
            return False  # it is night, and whoever may be written to now may be so in the morning too
        async with self._pool.acquire() as connection:
            rows = await self._tray.claim(connection, _BATCH, now)
        if not rows:
            return False
        workers = await self._names_of({row["about"].get("worker") for row in rows} - {None})
        ready = await self._prepare(rows, workers)
        for channel in {each.channel for each in ready}:
            mine = [each for each in ready if each.channel is channel]
            while mine:
                first, mine = mine[: channel.at_once], mine[channel.at_once :]
                await self._send(channel, first)
                async with self._pool.acquire() as connection:
                    await self._tray.renew(connection, [each.row["message_id"] for each in mine])
        return len(rows) == _BATCH

    async def _ask_about_the_abandoned(self) -> None:
        async with self._pool.acquire() as connection:
            rows = await self._tray.abandoned(connection)
        for row in rows:
            self._log.warning("message_outcome_unknown", message_id=row["message_id"])
        await self._say([(row, _Failed(message.OUTCOME_UNKNOWN)) for row in rows])

    async def _names_of(self, workers: set[str]) -> dict[str, str]:
        rows = await self._pool.fetch(
            "select worker, name from link_worker where worker = any($1::text[])", sorted(workers)
        )
        return {row["worker"]: row["name"] for row in rows}

    async def _prepare(self, rows: Sequence[Row], workers: dict[str, str]) -> list[_Ready]:
        """Ask the vault for all of them; say at once what cannot go, give back what must wait."""
        answers = await asyncio.gather(*(self._ask(row) for row in rows))
        abouts = [MessageAbout.model_validate(row["about"]) for row in rows]
        async with self._pool.acquire() as connection:
            known = await whereabouts(connection, abouts, self._sessions)
        ready: list[_Ready] = []
        held_back: list[tuple[Row, _Outcome]] = []
        later: list[Row] = []
        links = await asyncio.gather(*map(self._answered_by, rows, abouts, answers))
        for row, about, answer, link in zip(rows, abouts, answers, links, strict=True):
            if answer is None or link.later or (answer.refused and answer.refused.code in TRY_LATER):
                later.append(row)
            elif answer.refused:
                held_back.append((row, _Suppressed(answer.refused.code)))
            elif link.held_back:
                held_back.append((row, _Suppressed(link.held_back)))
            else:
                there = known.of(MessageTemplate(row["template"]), about)
                outcome = await self._ready(row, about, answer.result, workers, there, link)
                if isinstance(outcome, _Ready):
                    ready.append(outcome)
                elif outcome is not None:
                    held_back.append((row, outcome))
        if later:
            async with self._pool.acquire() as connection:
                await self._tray.release(connection, ids_of(later, "message_id"))
        await self._say(held_back)
        return ready

    async def _ready(
        self,
        row: Row,
        about: MessageAbout,
        person: dict[str, Any],
        workers: dict[str, str],
        there: There,
        to_meeting: MeetingLink,
    ) -> _Ready | _Outcome | None:
        """The letter and the way it goes; or why it does not; None when it waits for the person's hours."""
        template = MessageTemplate(row["template"])
        care = Care.of(person)
        now = self._clock.now()
        if message.too_late(template, about.starts, now):
            return _Suppressed(message.TOO_LATE)
        if care.protected and not about.neutral:
            return _Suppressed(message.PROTECTED)
        hour = allowed_from(now, care.safe.not_before, care.safe.not_after)
        if hour > now:
            async with self._pool.acquire() as connection:
                await self._tray.postpone(connection, row["message_id"], hour)
            return None
        way = self._channels.for_one_of(addresses_of(person, about, care))
        if way is None:
            return _Suppressed(message.GUARDIAN_OUT_OF_REACH if care.to_guardian else message.NO_WAY_TO_REACH)
        link = await self._link(about.link) if about.link else None
        if about.link and link is None:
            return _Suppressed(message.NO_LONGER_TRUE)
        if way[1].way is not Way.LETTER:  # nobody types a signature
            link = link or to_meeting.address
        try:
            signed = workers.get(about.worker or "")
            language, name = person.get("language") or "sv", person.get("name")
            letter = write(template, language, name, about, signed, link, there, to_guardian=care.to_guardian)
        except Exception as error:  # one that cannot be written must not hold up the others
            self._log.error("message_not_writable", message_id=row["message_id"], **failure(error))
            return _Failed(message.NOT_WRITABLE)
        return _Ready(row, *way, letter)

    async def _answered_by(self, row: Row, about: MessageAbout, person: Answer | None) -> MeetingLink:
        if person is None or person.refused:
            return NO_LINK
        async with self._vault:
            template = MessageTemplate(row["template"])
            return await link_to_meeting(self._network, row["referral_id"], template, about)

    async def _link(self, evaluation_id: str) -> str | None:
        """A new one-time link, the only one that is good from now on; None when nobody is asked any more.

        Its token is in the letter alone: what is kept is a hash.
        """
        token = token_urlsafe(_TOKEN_BYTES)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_DROP_LINKS, evaluation_id)
            kept = await connection.fetchval(_KEEP_LINK, hash_of(token), evaluation_id)
        return f"{self._links}{token}" if kept else None

    async def _ask(self, row: Row) -> Answer | None:
        command = ReadPerson(
            command_id=uuid4(), actor=NOTIFY, referral_id=row["referral_id"], purpose="send_message"
        )
        async with self._vault:
            try:
                return await self._network.ask(command)
            except Transient:
                return None

    async def _send(self, channel: Channel, ready: Sequence[_Ready]) -> None:
        async with self._pool.acquire() as connection:
            mine = await self._tray.start_sending(connection, [each.row["message_id"] for each in ready])
        faultpoint.reach("message_sending")
        ours = [each for each in ready if each.row["message_id"] in mine]
        tried = await asyncio.gather(*(self._try(channel, each) for each in ours))
        outcomes = [(each.row, outcome) for each, outcome in zip(ours, tried, strict=True) if outcome]
        not_taken = [each.row for each, outcome in zip(ours, tried, strict=True) if not outcome]
        faultpoint.reach("message_sent")
        await self._say(outcomes)
        if not_taken:
            async with self._pool.acquire() as connection:
                await self._tray.release(connection, ids_of(not_taken, "message_id"))

    async def _try(self, channel: Channel, ready: _Ready) -> _Outcome | None:
        """What came of it; None when it surely did not go and may be tried again."""
        message_id = ready.row["message_id"]
        try:
            async with asyncio.timeout(self._send_time.total_seconds()):
                await channel.send(message_id, ready.address, ready.letter)
        except NotTaken as error:
            self._log.warning("message_not_taken", message_id=message_id, channel=channel.name)
            self._log.debug("message_not_taken", **failure(error))
            return None
        except ChannelRefuses:
            self._log.warning("message_refused", message_id=message_id, channel=channel.name)
            return _Failed(message.CHANNEL_REFUSED)
        except Exception as error:
            self._log.error("message_outcome_unknown", message_id=message_id, **failure(error))
            return _Failed(message.OUTCOME_UNKNOWN)
        return _Sent(channel.name)

    async def _say(self, outcomes: Sequence[tuple[Row, _Outcome]]) -> None:
        """All that came of a batch, in one transaction; the projection takes the rows off."""
        if not outcomes:
            return

        def decide(unit: Unit) -> None:
            for row, outcome in outcomes:
                held = unit.held(row["referral_id"]).get(MESSAGE, row["message_id"])
                unit.say(outcome.facts(held), cause=str(row["event_id"]))

        await say(
            self._pool, service, self._clock, ids_of([row for row, _ in outcomes], "referral_id"), decide
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    channel: str

    def facts(self, held: Message | None) -> list[Fact]:
        return message.sent(held, self.channel)


@dataclass(frozen=True, slots=True)
class _Failed:
    why: str

    def facts(self, held: Message | None) -> list[Fact]:
        return message.failed(held, self.why)


@dataclass(frozen=True, slots=True)
class _Suppressed:
    why: str

    def facts(self, held: Message | None) -> list[Fact]:
        return message.suppress(held, self.why)


_Outcome = _Sent | _Failed | _Suppressed
