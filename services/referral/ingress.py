"""The lane on which submissions come in, beside the network's events: organisation by organisation in turn.

A letter goes: fetched, taken in with others in one transaction, committed, acknowledged, erased from the
stream. Killed anywhere on the way, it is delivered again and gets the same receipt, or is erased by the next
who sweeps; nothing doubles and nothing stays.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError
from pydantic import TypeAdapter, ValidationError

from services.referral.intake import Receipt, take_in
from services.referral.lost_store import IngressWatch
from services.referral.mailbox import Letter, Mailbox, organisations_with_stream
from services.referral.store.submitted import ORGANISATIONS
from services.referral.vault.safe import Vault, vault
from services.runtime.database import DATABASE_AWAY
from services.runtime.decision import Transient
from services.runtime.ending import end
from services.runtime.engine import faultpoint
from services.runtime.engine.unit import unit_of_work
from services.runtime.health import Pulse
from services.runtime.logging import failure, logger
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.running import Running
from sluss_contracts.event import CONTENT_TYPE
from sluss_contracts.subjects import stream_of
from sluss_contracts.vocabulary import Slug

BATCH = 128
"""Letters in one transaction, over all organisations."""
_LOOK = 1.0
"""Seconds between looks for organisations that have come or whose consumer has fallen silent."""
_PAUSE = 0.5
_SWEEP = 0.1
"""Seconds between sweeps, so that under load one sweep takes what many batches left."""
_LAST_SWEEPS = 10
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
_BROKER_AWAY = (NatsError, APIError, TimeoutError, OSError)


class Ingress:
    """Serves every organisation that has an ingress stream, those added while it runs too."""

    def __init__(self, running: Running, vault: Vault) -> None:
        self._running = running
        self._client: Client = running.nats
        self._vault = vault
        self._log = logger(running.service.name)
        self._mailboxes: dict[str, Mailbox] = {}
        self._turns: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._answered = asyncio.Event()
        self._unswept: set[str] = set()
        self._pulse = Pulse()

    async def run(self) -> None:
        """Serve until the service is told to stop; what is taken in by then is finished."""
        self._running.health.watch("ingress", self._pulse)
        beside = [
            asyncio.create_task(self._look_after_mailboxes(), name="mailboxes"),
            asyncio.create_task(self._sweep(), name="sweep"),
            asyncio.create_task(IngressWatch(self._running, self._mailboxes).run(), name="ingress watch"),
        ]
        try:
            await self._serve(beside)
        finally:
            await end(*beside)
            await asyncio.gather(*(self._shut(mailbox) for mailbox in self._mailboxes.values()))

    async def _shut(self, mailbox: Mailbox) -> None:
        """Leave nothing behind that is answered, unless it takes long: the next to open it sweeps too."""
        with contextlib.suppress(*_BROKER_AWAY):
            await mailbox.leave()
            for _ in range(_LAST_SWEEPS if mailbox.organisation in self._unswept else 0):
                if await mailbox.sweep():
                    return
                await asyncio.sleep(_SWEEP)

    async def _serve(self, beside: Sequence[asyncio.Task[None]]) -> None:
        stop = self._running.stop
        while not stop.is_set():
            for task in beside:
                if task.done():
                    task.result()  # they only ever end by an error nobody foresaw
            self._arrived.clear()
            letters = await self._next()
            if letters:
                await self._answer(letters)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._arrived.wait(), _LOOK)
            self._pulse.beat()

    async def _next(self) -> list[Letter]:
        """One letter of each organisation that has any, round after round, up to a batch."""
        letters: list[Letter] = []
        self._turns.rotate(-1)
        while len(letters) < BATCH:
            having = [name for name in self._turns if self._mailboxes[name].waiting]
            if not having:
                break
            for name in having[: BATCH - len(letters)]:
                letters.append(await self._mailboxes[name].take())
        return letters

    async def _answer(self, letters: Sequence[Letter]) -> None:
        """Take a batch in; one that spoils it is found by taking each by itself."""
        faultpoint.reach("received")
        while True:
            try:
                receipts = await self._take_in(letters)
                break
            except (*DATABASE_AWAY, Transient) as trouble:
                # Nothing was committed, or nobody knows: once more, since same bytes get the same receipt.
                self._log.warning("ingress_waits", count=len(letters), **failure(trouble))
                await asyncio.sleep(_PAUSE)
                if self._running.stop.is_set():
                    return  # the server has them until they are done
            except Exception as error:
                if len(letters) == 1:
                    await self._give_up(letters[0], error)
                    return
                for letter in letters:
                    await self._answer([letter])
                return
        await self._tidy(letters, receipts)

    async def _give_up(self, letter: Letter, error: Exception) -> None:
        """A letter we cannot handle through a fault of our own: it is refused as such, kept, and told of."""
        self._log.error("submission_unreadable", organisation=letter.arrival.organisation, **failure(error))
        try:
            receipts = await self._take_in([letter], unreadable=True)
        except Exception as again:
            # Left to be delivered again; the others go on meanwhile.
            self._log.error("ingress_failed", organisation=letter.arrival.organisation, **failure(again))
            return
        await self._tidy([letter], receipts)

    async def _take_in(self, letters: Sequence[Letter], *, unreadable: bool = False) -> list[Receipt]:
        arrivals = [letter.arrival for letter in letters]
        async with (
            self._running.pool.acquire() as connection,
            unit_of_work(connection, self._running.service, self._running.clock) as unit,
        ):
            receipts = await take_in(unit, arrivals, self._vault, unreadable=unreadable)
            faultpoint.reach("in_transaction")
        return receipts

    async def _tidy(self, letters: Sequence[Letter], receipts: Sequence[Receipt]) -> None:
        """After the commit: receipts asked for again go out again, and the letters are done with."""
        answered: dict[str, list[Letter]] = {}
        for letter in letters:
            answered.setdefault(letter.arrival.organisation, []).append(letter)
        await asyncio.gather(
            *(
                self._done(name, own, [r for r in receipts if r.organisation == name])
                for name, own in answered.items()
            )
        )

    async def _done(self, organisation: str, letters: Sequence[Letter], receipts: Sequence[Receipt]) -> None:
        try:
            await asyncio.gather(*(self._issue(receipt) for receipt in receipts))
            await self._mailboxes[organisation].acknowledge(letters)
        except _BROKER_AWAY as trouble:
            # What is not acknowledged comes again, and its receipt then goes out again.
            self._log.warning("letters_come_again", organisation=organisation, **failure(trouble))

    def _to_sweep(self, organisation: str) -> None:
        self._unswept.add(organisation)
        self._answered.set()

    async def _sweep(self) -> None:
        """Erase what is answered, a few times a second where there is anything."""
        while True:
            await self._answered.wait()
            self._answered.clear()
            organisations = sorted(self._unswept)
            self._unswept.clear()
            pause = _SWEEP
            try:
                swept = await asyncio.gather(
                    *(self._mailboxes[name].sweep() for name in organisations), return_exceptions=True
                )
            except asyncio.CancelledError:
                self._unswept.update(organisations)  # whoever shuts the mailboxes sweeps them
                raise
            for name, outcome in zip(organisations, swept, strict=True):
                if isinstance(outcome, _BROKER_AWAY):
                    self._log.warning("ingress_not_swept", organisation=name, **failure(outcome))
                    pause = _LOOK
                elif isinstance(outcome, BaseException):
                    raise outcome
                if outcome is not True:
                    self._unswept.add(name)
            await asyncio.sleep(pause)
            if self._unswept:
                self._answered.set()

    async def _issue(self, receipt: Receipt) -> None:
        # Without a message id: within the broker's window for duplicates it would not be stored again.
        await self._client.jetstream(timeout=5).publish(
            receipt.subject,
            receipt.body,
            stream=stream_of(receipt.subject),
            headers={"content-type": CONTENT_TYPE},
        )

    async def _look_after_mailboxes(self) -> None:
        while True:
            try:
                await self._open_mailboxes()
            except (*_BROKER_AWAY, *DATABASE_AWAY) as trouble:
                self._log.warning("mailboxes_unreachable", **failure(trouble))
            await asyncio.sleep(_LOOK)

    async def _open_mailboxes(self) -> None:
        replicas = self._running.settings.stream_replicas
        there = {name for name in await organisations_with_stream(self._client) if _is_slug(name)}
        registered = {row["organisation"] for row in await self._running.pool.fetch(ORGANISATIONS.text)}
        for name in sorted(there | registered):
            try:
                await self._open_mailbox(name, replicas, missing=name not in there)
            except _BROKER_AWAY as trouble:
                # With this one alone, perhaps: the others are served all the same.
                self._log.warning("mailbox_not_open", organisation=name, **failure(trouble))

    async def _open_mailbox(self, name: str, replicas: int, *, missing: bool) -> None:
        if missing:
            # A registered organisation always has its streams, after the loss of the broker's store too.
            js = self._client.jetstream(timeout=5)
            await declare_partner_streams(js, name, replicas=replicas)
        if name not in self._mailboxes:
            self._mailboxes[name] = Mailbox(
                self._client, name, arrived=self._arrived.set, answered=self._to_sweep
            )
            self._turns.append(name)
        if self._mailboxes[name].silent:
            await self._mailboxes[name].open(replicas=replicas)
            self._log.info("mailbox_open", organisation=name)


async def tend_ingress(running: Running) -> None:
    """The service's background task."""
    await Ingress(running, vault).run()


def _is_slug(name: str) -> bool:
    """Whether an organisation can have this name; other streams are none of ours to answer."""
    with contextlib.suppress(ValidationError):
        return bool(_SLUG.validate_python(name))
    return False
