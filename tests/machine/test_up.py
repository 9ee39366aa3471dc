"""`sluss up` as people use it: the command itself, the real services, signals from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from sluss.machine.run_file import NotRunning, RunFile, running

SLUSS = Path(sys.prefix) / "bin" / "sluss"
pytestmark = [pytest.mark.slow(minutes=1), pytest.mark.timeout(600)]


class Command:
    """One `sluss …` process and what it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *arguments: str | Path) -> Command:
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(SLUSS, *arguments, stdout=pipe, stderr=pipe))

    async def ready(self, data: Path) -> RunFile:
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode()
        assert line.startswith("Sluss is ready: http://127.0.0.1:"), (await self.ended())[1:]
        return running(data)

    async def ended(self) -> tuple[int, str, str]:
        said, complained = await self.process.communicate()
        return self.process.returncode or 0, said.decode(), complained.decode()


def gone(run: RunFile) -> bool:
    def is_gone(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return all(is_gone(pid) for pid in run.pids)


async def test_up_runs_until_told_and_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = await Command.start("up", "--data-dir", data, "--replicas", "navigator=2")
    run = await first.ready(data)
    assert [service.service for service in run.services].count("navigator") == 2
    async with httpx.AsyncClient(base_url=run.front) as visitor:
        ready = await visitor.get("/readyz")
        assert (ready.status_code, set(ready.json().values())) == (200, {True})
        assert "Sluss" in (await visitor.get("/")).text

    second = await Command.start("up", "--data-dir", data)
    code, _, complaint = await second.ended()
    assert code == 1
    assert f"process {run.pid}" in complaint
    assert "--data-dir" in complaint
    assert "Traceback" not in complaint

    first.process.send_signal(signal.SIGINT)
    code, rest, complaint = await first.ended()
    assert (code, rest, complaint) == (0, "", "")
    assert gone(run)
    with pytest.raises(NotRunning):
        running(data)

    # Started again, and this time cut off at the head: everything goes, nothing is lost.
    third = await Command.start("up", "--data-dir", data)
    again = await third.ready(data)
    assert again.front == run.front
    connection = await asyncpg.connect(again.postgres.url())
    await connection.execute("create table public.kept as select 1 as x")
    await connection.close()
    os.kill(again.pid, signal.SIGKILL)
    await third.ended()
    async with asyncio.timeout(30):
        while not gone(again):
            await asyncio.sleep(0.1)
    with pytest.raises(NotRunning, match="leftover"):
        running(data)

    fourth = await Command.start("up", "--data-dir", data)
    last = await fourth.ready(data)
    connection = await asyncpg.connect(last.postgres.url())
    assert await connection.fetchval("select x from public.kept") == 1
    await connection.close()
    fourth.process.send_signal(signal.SIGTERM)
    assert (await fourth.ended())[0] == 0
    assert gone(last)


async def test_ctrl_c_while_starting_leaves_nothing_behind(tmp_path: Path) -> None:
    starting = await Command.start("up", "--data-dir", tmp_path)
    async with asyncio.timeout(60):
        while not (tmp_path / "postgres" / "postmaster.pid").exists():
            await asyncio.sleep(0.02)
    pid = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
    starting.process.send_signal(signal.SIGINT)
    code, said, complaint = await starting.ended()
    assert (code, said, complaint) == (130, "", "")
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--replicas", "navigator"), "write SERVICE=N"),
        (("--replicas", "cleaner=2"), "services are referral, navigator, provider, notify"),
        (("--clock-speed", "-1"), "--clock-speed"),
        (("--wrong",), "--wrong"),
    ],
)
async def test_a_wrong_request_is_answered_with_what_where_and_remedy(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    code, said, complained = await (await Command.start("up", "--data-dir", tmp_path, *arguments)).ended()
    assert code in (1, 2)
    assert complaint in complained
    assert "Traceback" not in said + complained
