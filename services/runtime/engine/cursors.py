"""How far an owner has read and published, and whether that still fits the bus."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from nats.aio.client import Client

from services.runtime.engine.incoming import Delivery
from services.runtime.engine.publishing import Publisher
from services.runtime.engine.recovery import (
    DatabaseIsOlder,
    FellBehind,
    Life,
    meet,
    numbers_on_bus,
    rewind_publishing,
    rewind_reading,
)
from services.runtime.engine.retention import LONGEST_BEHIND
from services.runtime.engine.said import is_partners, organisation_of, slot_of_lane, stream_of_lane
from services.runtime.engine.watchdog import Watchdog
from services.runtime.partner_streams import outgoing_config
from services.runtime.topology import MAX_AGE
from sluss_contracts.event import Fact
from sluss_contracts.subjects import EVENT_STREAM

_POSITIONS = """
select slot, sequence, stream_created, extract(epoch from now() - caught_up)::float8 as behind
from position where slot = any($1::smallint[])
"""
_CAUGHT_UP = """
update position set caught_up = greatest(caught_up, now() - make_interval(secs => $2))
where slot = any($1::smallint[])
"""
_HEADS = "select lane, last, sent, stream_created from head"
_SAVE_SENT = """
update head h set sent = greatest(h.sent, s.sent)
from unnest($1::text[], $2::bigint[]) s(lane, sent),
     (select set_config('synchronous_commit', 'off', true)) unhurried
where h.lane = s.lane
"""
_SAVE_POSITIONS = """
update position set sequence = greatest(sequence, $2)
from (select set_config('synchronous_commit', 'off', true)) unhurried where slot = any($1::smallint[])
"""
"""If these two are lost in a power cut, something is published or read again and dropped as known. So their
commits wait for no disk."""

_NOTE_EVERY = 60.0
"""Seconds between notes that everything has been read."""

Beating = Callable[[Any], Awaitable[Any]]
"""Awaits something that may be slow, keeping the database connection alive meanwhile."""


class Cursors:
    """The cursors of one owner's life on one connection."""

    def __init__(
        self,
        connection: Any,
        client: Client,
        publisher: Publisher,
        watchdog: Watchdog,
        says: Sequence[type[Fact]],
        beating: Beating,
    ) -> None:
        self.ready = False
        """Whether the positions belong to the stream as it is now."""
        self.begin_anew = False
        """Set when positions were rewound: whatever was read ahead must be thrown away."""
        self._connection = connection
        self._client = client
        self._publisher = publisher
        self._watchdog = watchdog
        self._says = says
        self._beating = beating
        self._positions: dict[int, int] = {}
        self._created: dict[int, str] = {}
        self._read = 0
        self._noted = 0.0
        self._saved: dict[str, int] = {}
        self._partners: dict[str, str] = {}
        self._fed: dict[str, str] = {}

    # ------------------------------------------------------------------------------------------- reading

    async def load(self, slots: Collection[int]) -> None:
        """Take over slots: their positions are what the last owner has committed."""
        for row in await self._connection.fetch(_POSITIONS, sorted(slots)):
            if row["behind"] > LONGEST_BEHIND:
                raise FellBehind(
                    f"slot {row['slot']} was last read to its end {row['behind'] / 86_400:.1f} days ago, "
                    f"and the bus keeps {MAX_AGE / 86_400:.0f}; run `sluss catchup`"
                )
            self._positions[row["slot"]] = row["sequence"]
            self._created[row["slot"]] = row["stream_created"]
        self._read = 0
        self.ready = False

    def start(self) -> int:
        """The stream sequence from which a reader of all the slots must begin."""
        return min(self._positions.values()) + 1

    def belong_to(self, life: Life) -> bool:
        """Whether the positions are about the stream as it is now."""
        return max(self._positions.values()) <= life.last and set(self._created.values()) == {life.created}

    def not_yet_read(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Those beyond their slot's position: a reader of many slots begins at the hindmost."""
        return [each for each in deliveries if each.sequence > self._positions.get(each.slot, 1 << 62)]

    def after(self, deliveries: Iterable[Delivery]) -> dict[int, int]:
        """The positions once these are handled."""
        return {each.slot: each.sequence for each in deliveries}  # in stream order: the last one counts

    def passed(self, deliveries: Sequence[Delivery]) -> None:
        """These are handled, and so is everything before them in all our slots."""
        for each in deliveries:
            self._positions[each.slot] = max(self._positions[each.slot], each.sequence)
        self._read = max(self._read, deliveries[-1].sequence)

    def forget(self, slots: Collection[int]) -> None:
        """Somebody else takes these over."""
        for slot in slots:
            self._positions.pop(slot, None)
            self._created.pop(slot, None)

    # ------------------------------------------------------------------------------------------- looking

    def organisations(self) -> list[str]:
        """The partners whose lanes are ours."""
        return list(self._partners)

    def fed(self, stream: str, life: Life) -> bool:
        """Whether this is the stream that our lanes' `sent` is about."""
        return self._fed.get(stream) == life.created and life.last >= self._publisher.reached(stream)

    async def look(self, slots: Collection[int]) -> None:
        """Compare with the bus, rewind what must be, and take charge of lanes that are ours and fit.

        Raises `DatabaseIsOlder` when the bus holds what the event table does not.
        """
        heads = {
            row["lane"]: row
            for row in await self._connection.fetch(_HEADS)
            if slot_of_lane(row["lane"]) in slots
        }
        for lane in heads.keys() & self._publisher.lanes.keys():
            self._publisher.know(lane, heads[lane]["last"])
        await self._look_at_the_network(heads)
        await self._look_at_partners({lane: head for lane, head in heads.items() if is_partners(lane)})

    async def _look_at_the_network(self, heads: Mapping[str, Any]) -> None:
        life = self._watchdog.lives.get(EVENT_STREAM)
        if life is None or not self._positions:
            self.ready = False
            return
        if max(self._positions.values()) > life.last or self._publisher.reached(EVENT_STREAM) > life.last:
            # What the watchdog saw may be older than what we have read since.
            positions, reached = max(self._positions.values()), self._publisher.reached(EVENT_STREAM)
            fresh: Life | None = await self._beating(self._watchdog.see(EVENT_STREAM))
            if fresh is None:
                self.ready = False
                return
            life = fresh
            cut = max(positions, reached) > life.last
        else:
            cut = False
        strangers = {slot for slot, created in self._created.items() if created != life.created}
        if cut or any(self._created[slot] for slot in strangers):
            await self._rewind(heads, life, set(self._created) if cut else strangers)
        elif strangers:
            await meet(self._connection, strangers, life)
        for slot in strangers:
            self._created[slot] = life.created
        self._fed[EVENT_STREAM] = life.created
        self.ready = True
        await self._adopt_network(heads)

    async def _rewind(self, heads: Mapping[str, Any], life: Life, slots: set[int]) -> None:
        """The stream was made anew or cut back: read it from its beginning, fill it from the table."""
        self.begin_anew = True
        lanes = [str(slot) for slot in sorted(slots)]
        await self._publisher.drop(lanes)
        async with self._connection.transaction():
            await rewind_reading(self._connection, slots, life)
            for lane in lanes:
                if lane in heads:
                    await rewind_publishing(self._connection, lane, heads[lane]["last"], life, MAX_AGE)
        self._read = 0
        for slot in slots:
            self._positions[slot] = 0
            self._saved.pop(str(slot), None)

    async def _adopt_network(self, heads: Mapping[str, Any]) -> None:
        new = [lane for lane in heads if not is_partners(lane) and lane not in self._publisher.lanes]
        if not new:
            return
        on_bus = await self._beating(numbers_on_bus(self._client, self._says, [int(lane) for lane in new]))
        # Read again: rewinding has moved `sent`, and others may have committed meanwhile.
        current = {row["lane"]: row for row in await self._connection.fetch(_HEADS)}
        for lane in new:
            head, highest = current[lane], on_bus[int(lane)]
            if highest > head["last"]:
                raise DatabaseIsOlder(
                    f"slot {lane}: the bus holds event number {highest}, the table ends at {head['last']}"
                )
        for lane in new:
            head = current[lane]
            self._publisher.adopt(lane, sent=head["sent"], last=head["last"], doubtful=on_bus[int(lane)])

    async def _look_at_partners(self, heads: Mapping[str, Any]) -> None:
        before = self._partners.keys()
        self._partners = {organisation_of(lane): lane for lane in heads}
        if self._partners.keys() - before:
            self._watchdog.look()
        for organisation, lane in self._partners.items():
            stream = stream_of_lane(lane)
            life = self._watchdog.lives.get(stream)
            if life is None or (lane in self._publisher.lanes and self._fed.get(stream) == life.created):
                continue
            await self._publisher.drop([lane])
            self._saved.pop(lane, None)
            head = heads[lane]
            known = head["stream_created"]
            if known != life.created:
                age = outgoing_config(organisation).max_age if known else None
                last = head["last"]
                await rewind_publishing(self._connection, lane, last, life, age)
                head = next(row for row in await self._connection.fetch(_HEADS) if row["lane"] == lane)
            self._fed[stream] = life.created
            self._publisher.adopt(lane, sent=head["sent"], last=head["last"], doubtful=head["last"])

    # -------------------------------------------------------------------------------------------- saving

    async def note(self, up_to_date_since: float | None) -> None:
        """Write down, once a minute, that everything there was so many seconds ago has been read; None where
        that cannot be said."""
        now = time.monotonic()
        if up_to_date_since is not None and self._positions and now - self._noted >= _NOTE_EVERY:
            await self._connection.execute(_CAUGHT_UP, list(self._positions), up_to_date_since)
            self._noted = now

    async def save(self) -> None:
        """Write down what has moved: what is on the bus, and that quiet slots have been read, too."""
        sent = {
            name: lane.sent
            for name, lane in self._publisher.lanes.items()
            if lane.sent > self._saved.get(name, -1)
        }
        if sent:
            await self._connection.execute(_SAVE_SENT, list(sent), list(sent.values()))
            self._saved |= sent
        behind = [slot for slot, position in self._positions.items() if position < self._read]
        if behind:
            await self._connection.execute(_SAVE_POSITIONS, behind, self._read)
            self._positions |= dict.fromkeys(behind, self._read)
