"""`sluss streams`: what the broker keeps, who reads it, and how far each service has come."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from services.console.standing.broker import AWAY, Stream, streams_of, unread
from services.console.standing.examining import SERVICES
from services.console.standing.judging import lasting, size
from services.console.standing.readers import Reader, readers
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.reach import NoAnswer, Reached


def streams(
    slots: Annotated[bool, typer.Option("--slots", help="Each of the sixteen lanes by itself.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Streams, their sizes and consumers, and each service's position and lag in seconds."""

    async def show(there: Reached) -> None:
        try:
            console.print(_of_streams(await streams_of(there.network.client)))
        except AWAY:
            raise NoAnswer("the broker does not answer", remedy="see `sluss doctor`") from None
        console.print()
        found = await readers(there.ledger.connection, SERVICES)
        console.print(_of_readers(found))
        if slots:
            console.print()
            console.print(_of_slots(found))

    ask(data_dir, show)


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def _of_streams(found: list[Stream]) -> Table:
    right = ("messages", "size", "full", "not fetched")
    table = _table("stream", "messages", "size", "full", "from – to", "copies", "not fetched", right=right)
    for stream in found:
        table.add_row(
            stream.name,
            str(stream.messages),
            size(stream.bytes),
            f"{stream.full:.0%}" if stream.full else "",
            f"{stream.first} – {stream.last}",
            f"{stream.current} of {stream.replicas}",
            "" if (left := unread(stream)) is None else str(left),
        )
    return table


def _of_readers(found: list[Reader]) -> Table:
    table = _table("reads", "processes", "behind", "lag", "", right=("processes", "behind", "lag"))
    for reader in found:
        said = "stalled" if reader.stalled else ""
        if reader.silence is not None:
            said = f"no sign for {lasting(reader.silence)}"
        lag = f"{reader.lag.total_seconds():.1f} s"
        table.add_row(reader.service, str(reader.alive), str(reader.events), lag, f"[red]{said}[/red]")
    return table


def _of_slots(found: list[Reader]) -> Table:
    """Position of each service in each lane; what waits there in brackets."""
    table = _table("slot", *(reader.service for reader in found), right=tuple(r.service for r in found))
    for number in range(len(found[0].slots)):
        cells = []
        for reader in found:
            slot = reader.slots[number]
            waits = f" ({slot.events}, {lasting(reader.now - slot.oldest)})" if slot.oldest else ""
            cells.append(f"{slot.position}{waits}")
        table.add_row(str(number), *cells)
    return table
