"""What the commands of the front door share: their options, one errand at a time, and how answers look."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.console import Console

from services.runtime.clock import Clock
from sluss.account import acting
from sluss.machine import folder
from sluss.reach import Failure, Reached, reached
from sluss.telling import LOCAL_TIME
from sluss_contracts.command import Answer
from sluss_contracts.faults import faults_of
from sluss_contracts.vocabulary import Role

DEFAULT_DATA_DIR = folder.DEFAULT
DataDir = Annotated[Path, typer.Option("--data-dir", help="The folder of the running network.")]
ActingAs = Annotated[str, typer.Option("--as", help="Who acts: a link worker, provider or unit id.")]

# Where nobody looks (a pipe, a file) no table is cut off to fit a screen.
console = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200)
T = TypeVar("T")


class WrongValue(Failure):
    """Something on the command line is not what the contract allows; nothing was sent."""

    code = "wrong_value"


def ask(data_dir: Path, act: Callable[[Reached], Awaitable[T]]) -> T:
    """Run one errand against the running network. Raises `WrongValue` when it builds a command the
    contract does not allow."""

    async def errand() -> T:
        async with reached(data_dir) as there:
            with judged():
                return await act(there)

    return asyncio.run(errand())


@contextmanager
def judged() -> Iterator[None]:
    """Within it, what a contract says against a command becomes place and remedy for whoever wrote it."""
    try:
        yield
    except ValidationError as invalid:
        faults = [f"{fault.path.strip('/')}: {fault.remedy}" for fault in faults_of(invalid)]
        raise WrongValue("\n".join(["this cannot be sent:", *faults])) from None


def by(who: str, role: Role) -> dict[str, Any]:
    """The fields every command begins with."""
    return {"command_id": uuid4(), "actor": acting(who, role)}


def moment(text: str) -> datetime:
    """A time as written on a command line; without a zone it is what the clock on the wall shows then."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no date and time", remedy="write 2027-01-12T14:00") from None
    return written if written.tzinfo else written.replace(tzinfo=LOCAL_TIME)


def link(answer: Answer, clock: Clock) -> None:
    """Show a link and how long it is good. Whoever has it answers as the provider."""
    expires = datetime.fromisoformat(answer.result["expires"])
    console.print(answer.result["address"], soft_wrap=True)
    days = max(0, (expires - clock.now()).days)
    console.print(f"For {answer.result['provider']} alone, good until {expires:%Y-%m-%d} ({days} days).")
    if not answer.result["waits"]:
        console.print("It has been answered already; with the link the answer can be changed.")


ACUTE = (
    "These words speak of suicide or violence. In danger now: call 112. For advice: 1177. "
    "A person in the network has been alerted, but the network is no emergency service."
)


def done(what: str, answer: Answer) -> None:
    """Say what came of it: quietly when it had been done before; with 112 and 1177 where words were acute."""
    if answer.result.get("acute"):
        console.print(ACUTE, style="bold")
    told = {name: value for name, value in answer.result.items() if name != "acute"}
    made = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
    if answer.events or made:
        console.print(f"{what}{': ' + made if made else ''}")
    else:
        console.print(f"{what}: nothing to do, it was so already")
