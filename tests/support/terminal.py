"""Somebody at a keyboard, who types one `sluss` command after another.

Each command is a process of its own with its own words, as at any keyboard; but all of them are forked from
one that has loaded the program, since loading it takes longer than most commands. That the installed program
starts by itself is proven where it is started so (`started`, `tests/machine/test_up.py`).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from sluss import cli
from sluss.commands import COMMANDS
from tests.contracts.judging import CHECKOUT

SLUSS = Path(sys.executable).with_name("sluss")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "COLUMNS": "200", "NO_COLOR": "1"}


class Terminal:
    """A network that runs on a folder, and the program for it."""

    def __init__(self, data: Path, loaded: asyncio.subprocess.Process, paper: Path) -> None:
        self.data = data
        self._loaded = loaded
        self._paper = paper

    async def types(self, *words: str) -> tuple[int, str]:
        """The exit code and all that a command says."""
        assert self._loaded.stdin is not None
        assert self._loaded.stdout is not None
        asked = {"words": [*words, "--data-dir", str(self.data)], "says": str(self._paper)}
        self._loaded.stdin.write(json.dumps(asked).encode() + b"\n")
        code = int(await self._loaded.stdout.readline())
        return code, self._paper.read_text()

    async def does(self, *words: str) -> str:
        """What a command says, which must succeed."""
        code, said = await self.types(*words)
        assert code == 0, f"sluss {' '.join(words)}: {said}"
        return said

    async def until(self, holds: str, *words: str) -> str:
        """What a command says once it says this; other services hear of a step a moment later."""
        said = ""
        async with asyncio.timeout(120):
            while not re.search(holds, said):
                _, said = await self.types(*words)
        return said


async def started(*words: str, also: dict[str, str]) -> tuple[int, str]:
    """The exit code and all that the installed program says, with these in its environment."""
    process = await asyncio.create_subprocess_exec(
        SLUSS,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_ENVIRONMENT | also,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def terminal_at(data: Path, paper: Path) -> AsyncIterator[Terminal]:
    """A keyboard at the network that runs on `data`; what a command says goes to the file `paper` first."""
    loaded = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_ENVIRONMENT,
    )
    try:
        yield Terminal(data, loaded, paper)
    finally:
        assert loaded.stdin is not None
        loaded.stdin.close()
        await loaded.wait()


def id_in(said: str, after: str) -> str:
    """The id that follows these words."""
    found = re.search(rf"{after} ([0-9a-f-]{{36}})", said)
    assert found, said
    return found[1]


def _main() -> None:
    """The loaded program: carries out what it reads, a line each, and answers with the exit code."""
    for name in COMMANDS:
        import_module(f"sluss.commands.{name}")
    for line in sys.stdin:
        asked = json.loads(line)
        if not (child := os.fork()):
            _carry_out(asked["words"], asked["says"])
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _carry_out(words: list[str], says: str) -> None:
    code = 70  # a way out that the program does not have
    try:
        paper = os.open(says, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(paper, 1)
        os.dup2(paper, 2)
        sys.argv = ["sluss", *words]
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _main()
