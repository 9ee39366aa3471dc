"""`sluss registry import FILE`: organisations, teams, link workers, providers and activities from a file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, Failure, Reached, RefusedByRule, ask, console
from sluss.machine.errors import MachineError
from sluss.registry import files
from sluss.registry.entries import Faulty, to_commands
from sluss_contracts.command import Actor, Command
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="registry", help="Who takes part, and what they offer.", no_args_is_help=True)

_AT_ONCE = 16
_ACTOR = Actor(id="registry-file", role=Role.COORDINATOR)
_LATER = {"ScheduleSession": 2, "RecordLeave": 2, "RegisterLinkWorker": 1, "PublishActivity": 1}
"""Commands that need what others register first go in a later wave."""


class FaultyFile(Failure):
    """The file holds mistakes; nothing of it was imported."""

    code = "faulty-file"


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A .toml or .csv file.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong with it.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Add what the file holds, and correct what is there already. Importing twice changes nothing."""

    async def register(there: Reached) -> None:
        counts = await import_registry(there, file, show_progress=True, only_check=check)
        verb = "would be imported" if check else "imported"
        console.print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())) + f" {verb}")

    ask(data_dir, register)


async def import_registry(
    there: Reached, file: Path, *, show_progress: bool = False, only_check: bool = False
) -> Counter[str]:
    """Import a file and count what it held. Raises `FaultyFile`, or `RefusedByRule` naming every refusal."""
    try:
        commands = to_commands(files.read(file), file=file.name, actor=_ACTOR, now=there.clock.now())
    except Faulty as faulty:
        lines = "\n".join(str(mistake) for mistake in faulty.mistakes)
        raise FaultyFile(lines, remedy="mend these lines and import again; nothing was imported") from None
    if not only_check:
        refused: list[str] = []
        with Progress(transient=True, disable=not show_progress) as bar:
            shown = bar.add_task("Importing", total=len(commands))
            for wave in range(3):
                of_wave = [c for c in commands if _LATER.get(type(c).__name__, 0) == wave]
                refused += await _send(there, of_wave, lambda: bar.advance(shown))
        if refused:
            raise RefusedByRule("\n".join(refused), remedy="the rest was imported")
    return Counter(_noun(command) for command in commands)


async def _send(there: Reached, commands: list[Command], sent: Callable[[], None]) -> list[str]:
    doors = asyncio.Semaphore(_AT_ONCE)
    refused: list[str] = []

    async def one(command: Command) -> None:
        async with doors:
            try:
                await there.ask(command)
            except MachineError as error:
                refused.append(f"{_noun(command)} {command.partition_key}: {error}")
            sent()

    await asyncio.gather(*map(one, commands))
    return refused


def _noun(command: Command) -> str:
    return command.VERB.split("_", 1)[1].replace("_", " ")
