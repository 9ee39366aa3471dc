"""Each incident leads to its cause, and each runbook says what is true: a test follows its page.

One demonstration for all of them. A code block holds commands (`$ …`) and what they must say; capitals stand
for what the last command that named it has said.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from services.console.standing import disks, judging, judging_broker, processes
from sluss.incidents.seeded import INCIDENTS
from sluss.machine.network import Network
from sluss.machine.run_file import RunFile, running
from tests.support.console import sign_in

CHECKOUT = Path(__file__).parents[2]
PAGES = CHECKOUT / "docs" / "operators" / "incidents"
SLUSS = Path(sys.executable).with_name("sluss")
PATIENCE = 100.0
_NAMES = {"PID": r"kill -CONT (\d+)", "NUMBER": r"navigator +(\d+) "}


@dataclass(frozen=True)
class Step:
    """A command of a page, and what it must say."""

    command: str
    says: tuple[str, ...]


def steps(name: str) -> list[Step]:
    found: list[Step] = []
    inside = False
    for line in (PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside and line.startswith("$ "):
            found.append(Step(line[2:], ()))
        elif inside and line.strip():
            found[-1] = Step(found[-1].command, (*found[-1].says, line.strip()))
    return found


class Operator:
    """Somebody with a terminal and the runbooks."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.said = ""

    async def types(self, command: str) -> str:
        """What a command of a page says, on this network."""
        for name, pattern in _NAMES.items():
            if name in command:
                found = re.search(pattern, self.said)
                assert found, f"{command}: nothing has named {name}: {self.said}"
                command = command.replace(name, found[1])
        command = command.replace(".sluss/", f"{self.data}/")
        words = shlex.split(command)
        if words[0] == "sluss":
            words = [str(SLUSS), *words[1:]]
            if words[1] != "trigger":
                words += ["--data-dir", str(self.data)]
        process = await asyncio.create_subprocess_exec(
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": "220", "NO_COLOR": "1"},
        )
        said, _ = await process.communicate()
        return said.decode()

    async def follows(self, step: Step) -> None:
        """Do it until it says what the page says; other processes need a moment."""
        said = ""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    said = await self.types(step.command)
                    if all(part in said for part in step.says):
                        self.said = f"{said}\n{self.said}"
                        return
        except TimeoutError:
            pytest.fail(f"{step.command} should say {step.says} and says:\n{said}")


@asynccontextmanager
async def signed_in(run: RunFile) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's browser. They have signed in before anything goes wrong: to do so takes the navigator."""
    async with httpx.AsyncClient(base_url=run.front, timeout=30) as browser:
        browser.headers["accept-language"] = "en"
        await sign_in(browser, "demo-operator")
        yield browser


async def sees(browser: httpx.AsyncClient, parts: tuple[str, ...]) -> None:
    """Whoever has a browser alone finds the cause too: some of what the doctor says stands on the page."""
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while not any(part in said for part in parts):
                said = unescape((await browser.get("/console/health")).text)
    except TimeoutError:
        pytest.fail(f"/console/health should say one of {parts} and says:\n{said}")


def test_every_incident_has_a_page_and_every_page_an_incident() -> None:
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    assert pages == set(INCIDENTS)
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    for name in INCIDENTS:
        assert f"({name}.md)" in index
        text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        assert all(part in text for part in ("**Symptom.**", "\n## Look\n", "\n## Do\n", "\n## Check\n"))
        assert steps(name)


def test_whatever_names_a_runbook_names_one_that_is_there() -> None:
    sources = [judging, judging_broker, processes, disks]
    sources_text = "".join(Path(str(module.__file__)).read_text() for module in sources)
    sources_text += (CHECKOUT / "sluss" / "doctor.py").read_text()
    named = {name for name in INCIDENTS if f'"{name}"' in sources_text}
    assert named == set(INCIDENTS)


@pytest_asyncio.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunFile]:
    """A demonstration with people in it, some of whom have been referred."""
    network = Network(tmp_path_factory.mktemp("incidents"), demo=True)
    run = await network.start()
    try:
        operator = Operator(run.data)
        await operator.follows(Step("sluss partner list", ("vc-strommen",)))
        yield run
    finally:
        for process in (psutil.Process(pid) for pid in running(run.data).pids if psutil.pid_exists(pid)):
            process.resume()
        await network.stop()


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.alone
@pytest.mark.drill
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", sorted(INCIDENTS))
async def test_a_runbook_leads_from_the_symptom_to_the_end(demo: RunFile, name: str) -> None:
    operator = Operator(demo.data)
    first, *rest = steps(name)
    assert first.command == "sluss doctor"
    try:
        async with signed_in(demo) as browser:
            said = await operator.types(f"sluss incident {name}")
            assert f"sluss incident end {name}" in said, said
            await operator.follows(first)
            await sees(browser, first.says)
        for step in rest:
            await operator.follows(step)
    finally:  # what one drill leaves behind would spoil the next
        await operator.types("sluss incident end")
    assert (await operator.types("sluss incident end")).strip() == "None is under way."
