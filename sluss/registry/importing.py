"""Importing a registry file into a running network."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sluss.machine.errors import MachineError
from sluss.reach import Failure, Reached, RefusedByRule
from sluss.registry import files
from sluss.registry.entries import Faulty, to_commands
from sluss_contracts.command import Actor, Command
from sluss_contracts.vocabulary import Role

_AT_ONCE = 16
_ACTOR = Actor(id="registry-file", role=Role.COORDINATOR)
_LATER = {
    "RegisterLinkWorker": 1,
    "PublishActivity": 1,
    "GiveProviderContact": 1,
    "SetSchedule": 2,
    "RecordLeave": 2,
    "SetHours": 2,
    "GiveActivityContact": 2,
}
"""Commands that need what others register first go in a later wave."""


class FaultyFile(Failure):
    """The file holds mistakes; nothing of it was imported."""

    code = "faulty_file"


async def import_registry(
    there: Reached,
    file: Path,
    *,
    only_check: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> Counter[str]:
    """Import a file and count what it held. Raises `FaultyFile`, or `RefusedByRule` naming every refusal."""
    try:
        commands = to_commands(files.read(file), file=file.name, actor=_ACTOR, now=there.clock.now())
    except Faulty as faulty:
        what = [f"{file.name} was not imported:", *map(str, faulty.mistakes)]
        raise FaultyFile("\n".join(what), remedy="mend these lines and import again") from None
    if not only_check:
        refused: list[str] = []
        sent = 0

        def one_sent() -> None:
            nonlocal sent
            sent += 1
            on_progress(sent, len(commands))

        for wave in range(3):
            of_wave = [c for c in commands if _LATER.get(type(c).__name__, 0) == wave]
            refused += await _send(there, of_wave, one_sent)
        if refused:
            what = [f"{len(refused)} of {len(commands)} were refused:", *refused]
            raise RefusedByRule("\n".join(what), remedy="the rest was imported")
    return Counter(_noun(command) for command in commands)


async def _send(there: Reached, commands: list[Command], sent: Callable[[], None]) -> list[str]:
    doors = asyncio.Semaphore(_AT_ONCE)
    refused: list[str] = []

    async def one(command: Command) -> None:
        async with doors:
            try:
                await there.ask(command)
            except MachineError as error:
                refused.append(f"{_noun(command)} {command.partition_key}: {error} [{error.code}]")
            sent()

    await asyncio.gather(*map(one, commands))
    return refused


def _noun(command: Command) -> str:
    return command.VERB.split("_", 1)[1].replace("_", " ")
