"""The partners' guide, done as it is written: its own commands, its own program, on a real network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sluss.machine.network import Network
from sluss.machine.run_file import RunFile, running
from tests.contracts.judging import CHECKOUT, EXAMPLES, SCHEMAS, read, validator

pytestmark = pytest.mark.slow(minutes=1)

GUIDE = (CHECKOUT / "docs" / "partners" / "README.md").read_text(encoding="utf-8")
US = "eken-vardcentral"


def block(language: str, containing: str) -> str:
    """A code block of the guide, without the indentation it has there."""
    for found in re.finditer(rf"^( *)```{language}\n(.*?)^ *```", GUIDE, re.MULTILINE | re.DOTALL):
        indent, text = found.groups()
        if containing in text:
            return re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
    raise AssertionError(f"the guide has no {language} block with {containing!r}")


class Reader:
    """Somebody who follows the guide in a folder of their own."""

    def __init__(self, folder: Path, run: RunFile) -> None:
        self.folder, self.run = folder, run

    def does(self, *command: str, fails: bool = False) -> str:
        """What a command says."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode != 0) is fails, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def shell(self, text: str) -> str:
        return self.does("bash", "-euc", text)

    def sends(self) -> list[dict[str, Any]]:
        """Runs the guide's own program; every event it printed."""
        (self.folder / "first.py").write_text(block("python", "referral.submit"))
        credentials = self.run.keys / "partners" / f"{US}.creds"
        said = self.does(sys.executable, "first.py", US, self.run.nats.url, str(credentials))
        return [json.loads(line) for line in said.splitlines()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reader]:
    """The network the guide starts with `sluss up`, and the steps up to having credentials."""
    folder = tmp_path_factory.mktemp("guide")
    network = Network(folder / ".sluss")
    await network.start()
    try:
        examples = folder / "contracts" / "examples"
        examples.mkdir(parents=True)
        examples.joinpath("referral.requested.v1.json").write_bytes(
            (EXAMPLES / "referral.requested.v1.json").read_bytes()
        )
        following = Reader(folder, running(folder / ".sluss"))
        steps = block("sh", "sluss partner add")
        assert steps.startswith("sluss up &")
        following.shell(steps.split("\n", 1)[1])
        yield following
    finally:
        await network.stop()


async def test_the_first_referral_is_receipted_as_the_guide_says(reader: Reader) -> None:
    began = time.monotonic()
    assert "is a valid sluss.referral.requested.v1" in reader.shell(block("sh", "sluss validate"))
    [receipt] = reader.sends()
    assert receipt["type"] == "sluss.receipt.issued.v1"
    assert receipt["data"]["status"] == "held"
    assert validator(read(SCHEMAS / "receipt.issued.v1.json")).is_valid(receipt)
    assert time.monotonic() - began < 60
    assert len([line for line in block("python", "referral.submit").splitlines() if line.strip()]) <= 10

    [again] = reader.sends()
    assert again == receipt, "the very same bytes get the very same receipt"

    other = json.loads((reader.folder / "referral.json").read_text())
    other["data"]["needs"] = ["nature"]
    (reader.folder / "referral.json").write_text(json.dumps(other))
    [refused] = reader.sends()
    assert (refused["data"]["status"], refused["data"]["code"]) == ("refused", "id_reused")


async def test_what_was_refused_may_be_mended_under_the_same_id(reader: Reader) -> None:
    referral = json.loads((EXAMPLES / "referral.requested.v1.json").read_text())
    referral["data"]["submission_id"] = referral["id"] = "eken-2027-0312"
    consent = referral["data"].pop("consent")
    (reader.folder / "referral.json").write_text(json.dumps(referral))
    assert "missing_consent" in reader.does("sluss", "validate", "referral.json", fails=True)
    [refused] = reader.sends()
    assert (refused["data"]["status"], refused["data"]["code"]) == ("refused", "missing_consent")
    referral["data"]["consent"] = consent
    (reader.folder / "referral.json").write_text(json.dumps(referral))
    [receipt] = reader.sends()
    assert receipt["data"]["status"] == "held"
    assert receipt["data"]["submission_id"] == refused["data"]["submission_id"]


async def test_the_sandbox_posts_and_submits_what_it_is_asked_for(reader: Reader) -> None:
    posted = reader.does("sluss", "trigger", "feedback.issued", "--as", US)
    assert f"posted to sluss.out.{US}.feedback.issued.v1." in posted
    receipt = json.loads(reader.does("sluss", "trigger", "referral.requested", "--as", US))
    assert receipt["status"] == "held"
    nobody = reader.does("sluss", "trigger", "feedback.issued", "--as", "nobody-here", fails=True)
    assert "nobody-here has no stream" in nobody


def test_every_path_the_guide_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (CHECKOUT / "docs" / "partners" / target).exists(), target
