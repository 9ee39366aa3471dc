"""Mistakes that would lose, double or overtake something, to prove that the checks would catch them.

Each is a mistake somebody might well make in the product, planted in its own modules: `plant(name)` for the
whole of this process, or with a `put` that takes it back (`monkeypatch.setattr`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.notify.carrying import Tray
from services.provider import store
from services.runtime.engine import (
    connection,
    cursors,
    deciding,
    owner,
    publishing,
    recovery,
    retention,
    sending,
    taking,
)
from services.runtime.engine.cursors import Cursors
from services.runtime.engine.parking import Blocked, SetAside
from services.runtime.engine.publishing import Publisher
from services.runtime.engine.reading import Reader
from services.runtime.engine.taking import Taker
from services.runtime.engine.unit import Unit
from services.runtime.engine.watchdog import Watchdog

Put = Callable[[Any, str, Any], None]


@dataclass(frozen=True)
class Bug:
    """`mistake` says what somebody thought; `caught_by` names the check that must find it."""

    name: str
    mistake: str
    caught_by: str
    plant: Callable[[Put], None]


BUGS: dict[str, Bug] = {}


def plant(name: str, put: Put = setattr) -> None:
    """Plant a bug by name; KeyError for one that is not in the book."""
    BUGS[name].plant(put)


def _bug(mistake: str, *, caught_by: str) -> Callable[[Callable[[Put], None]], Callable[[Put], None]]:
    def enter(planting: Callable[[Put], None]) -> Callable[[Put], None]:
        name = planting.__name__
        BUGS[name] = Bug(name, mistake, caught_by, planting)
        return planting

    return enter


# ------------------------------------------------------------------------------------------------- reading


@_bug("the broker can remember for all replicas how far we have read", caught_by="I10")
def shared_durable_consumer(put: Put) -> None:
    async def open_shared(self: Any, start: int) -> None:
        self._name = "shared"
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.shared"
        parts = [subject.split(".") for subject in self._filters]
        config = ConsumerConfig(
            durable_name="shared",
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.NONE,
            filter_subjects=sorted({".".join([*part[:2], "*", *part[3:]]) for part in parts}),
        )
        await self._js.add_consumer(self._stream, config)
        self._subscription = await self._client.subscribe(self._inbox, cb=self._hear)
        await self._ask()

    async def close(self: Any) -> None:
        self.broken = "closed"
        await self._subscription.unsubscribe()

    put(Reader, "open", open_shared)
    put(Reader, "close", close)
    _take_what_comes(put)


@_bug("the broker tells when a message was lost on its way to us", caught_by="I10")
def gaps_in_delivery_ignored(put: Put) -> None:
    _take_what_comes(put)


def _take_what_comes(put: Put) -> None:
    receive = Reader._receive

    def receive_whatever(self: Any, message: Any) -> None:
        self._received = message.metadata.sequence.consumer - 1
        receive(self, message)

    async def compare(self: Any) -> None:
        """What came, came."""

    put(Reader, "_receive", receive_whatever)
    put(Reader, "compare", compare)


@_bug("the position may be saved first; the batch follows at once", caught_by="I10")
def position_outside_the_transaction(put: Put) -> None:
    together = Taker._together

    async def position_first(self: Any, connection: Any, incoming: Any, positions: dict[int, int]) -> Any:
        await connection.executemany("update position set sequence = $2 where slot = $1", positions.items())
        return await together(self, connection, incoming, positions)

    put(Taker, "_together", position_first)


@_bug("the broker drops duplicates", caught_by="I9")
def no_inbox(put: Put) -> None:
    admit = taking._admit

    async def admit_all(unit: Unit, events: Sequence[Any], take: str) -> Any:
        _, blocked = await admit(unit, events, take)
        return list(events), blocked

    put(taking, "_admit", admit_all)


@_bug("a second is long enough to remember what was read", caught_by="I9")
def inbox_shorter_than_the_stream(put: Put) -> None:
    async def soon(connection: Any) -> int:
        return await retention.prune(connection, kept=0.2)

    put(owner, "prune", soon)
    put(owner, "_PRUNE_FIRST", 0.1)
    put(owner, "_PRUNE_EVERY", 0.1)


@_bug("a stream made anew is empty, so there is nothing to read again", caught_by="I10")
def cursors_not_rewound(put: Put) -> None:
    async def go_on(self: Any, heads: Any, life: Any, slots: set[int]) -> None:
        await recovery.meet(self._connection, slots, life)
        self._positions |= dict.fromkeys(slots, life.last)

    put(Cursors, "_rewind", go_on)


@_bug("Postgres notices when a connection is dead", caught_by="arrived")
def no_idle_session_timeout(put: Put) -> None:
    put(connection, "_OWNER_SETTINGS", {})


@_bug("a broker that answers is well", caught_by="arrived")
def no_watchdog(put: Put) -> None:
    async def ask_only(self: Any) -> None:
        self.probed = time.monotonic()

    put(Watchdog, "_probe", ask_only)


# ------------------------------------------------------------------------------------------------ handling


@_bug("an event whose handler fails is logged and skipped", caught_by="arrived")
def skip_as_retry(put: Put) -> None:
    def skip(self: Any, incoming: Any, reason: str, *, waiting: bool) -> None:
        """It is in the log."""

    def nothing(aside: SetAside, one: Any, error: Exception) -> bool:
        return False

    put(SetAside, "park", skip)
    put(deciding, "set_aside", nothing)


@_bug("an event whose handler fails comes again later, like a nak", caught_by="I14")
def nak_as_retry(put: Put) -> None:
    def never(self: Any, incoming: Any) -> bool:
        return False

    put(Blocked, "holds", never)


@_bug("a state that is wrong is put right by hand", caught_by="I8")
def state_written_beside_the_facts(put: Put) -> None:
    finish = Unit.finish

    async def finish_and_mend(self: Any) -> None:
        await finish(self)
        await self._connection.execute("update aggregate set state = '{\"seen\": []}' where id = 'story-1'")

    put(Unit, "finish", finish_and_mend)


# ---------------------------------------------------------------------------------------------- publishing


@_bug("a pipeline is faster: all at once, and those that fail once more", caught_by="I14")
def unwaved_pipelining(put: Put) -> None:
    def one_wave(events: Sequence[Any], *, strictly: bool = False) -> list[list[Any]]:
        return [list(events)]

    put(sending, "waves", one_wave)


@_bug("an event that the broker does not take must not hold up the others", caught_by="I10")
def publishing_that_skips(put: Put) -> None:
    send = sending.send

    async def send_or_skip(*args: Any, **named: Any) -> int:
        try:
            return await send(*args, **named)
        except Exception:
            return 0

    put(publishing, "send", send_or_skip)


@_bug("what is to be published is known from the commit; nobody need look in the table", caught_by="I10")
def published_from_memory_only(put: Put) -> None:
    adopt = Publisher.adopt

    def adopt_as_sent(self: Any, name: str, *, sent: int, last: int, doubtful: int) -> None:
        adopt(self, name, sent=last, last=last, doubtful=doubtful)

    put(Publisher, "adopt", adopt_as_sent)


@_bug("an outbox row that is published has done its duty", caught_by="I7")
def outbox_rows_deleted(put: Put) -> None:
    deleting = "with gone as (delete from event e using unnest($1::text[], $2::bigint[]) g(lane, sent)"
    deleting += " where e.lane = g.lane and e.number <= g.sent)"
    put(cursors, "_SAVE_SENT", deleting + cursors._SAVE_SENT)


# ---------------------------------------------------------------------------------------- beyond the engine


@_bug("a message whose fate nobody knows had better go once more", caught_by="letterbox")
def blind_resend(put: Put) -> None:
    start = Tray.__init__

    def eager(self: Any, *args: Any, **named: Any) -> None:
        start(self, *args, **named)
        self._claim = self._claim.replace("t.state = 'waiting'", "t.state in ('waiting', 'sending')")
        self._start = self._start.replace("state = 'waiting'", "state in ('waiting', 'sending')")
        self._abandoned = self._abandoned.replace("state = 'sending'", "false")

    put(Tray, "__init__", eager)


@_bug("places are counted; nobody takes one at the very same moment", caught_by="seats")
def seats_counted_without_a_lock(put: Put) -> None:
    locked = store._LOCKED
    put(store, "_LOCKED", replace(locked, text=locked.text.replace("FOR UPDATE", "")))
