"""One person's way from referral to closure, walked by the command line alone; nothing else is touched."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio

from sluss.machine.network import Network
from sluss.machine.run_file import running
from sluss.telling import LOCAL_TIME
from tests.contracts.judging import CHECKOUT
from tests.support.terminal import Terminal, id_in, started, terminal_at

pytestmark = pytest.mark.slow(minutes=2)

TOWN = CHECKOUT / "sluss" / "registry" / "demo.toml"
CLINIC = "vc-strommen"
ACTIVITY, PROVIDER = "vantjanst", "frivilligcentralen"
SOMEBODY = {
    "person": {
        "identity_number": "19460823-9986",
        "name": "Siv Exempel",
        "contact": {"phone": "+46701740605"},
        "language": "el",  # nobody in the town speaks it, so a link worker must choose to take this one
    },
    "area": "norrkoping-centrum",
    "needs": ["company"],
    "consent": {"status": "given"},
    "referrer": {"unit": "Distriktssköterskorna", "person": "Karin Granlid", "channel": "staff"},
    "reason": "Dagarna är långa och hon saknar någon att prata med.",
}

SERVICE = {
    "id": "5f2c7a4e-0a35-4d0c-9a52-6f3f2b1d7e10",
    "name": "Odling i Hageby",
    "description": "Vi odlar tillsammans.",
    "organization": {
        "id": "0d9c1a0a-5a06-4b1c-8f57-3c0b2a6f4d21",
        "name": "Odlarna",
        "description": "En förening.",
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def terminal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Terminal]:
    folder = tmp_path_factory.mktemp("command-line")
    network = Network(folder / "data", clock_speed=1.0)
    run = await network.start()
    try:
        async with terminal_at(run.data, folder / "said") as terminal:
            yield terminal
    finally:
        await network.stop()


async def test_the_whole_way_of_one_person(terminal: Terminal, tmp_path: Path) -> None:
    does, until = terminal.does, terminal.until
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    assert "is not registered" in await does("partner", "add", CLINIC)
    assert "8 link worker" in await does("registry", "import", str(TOWN))
    assert "is not registered" not in await does("partner", "add", CLINIC)

    referral = id_in(await does("submit", str(file), "--as", CLINIC), "referral")
    assert "claim case" in await until(referral, "case", "list")
    anna = (referral, "--as", "anna")
    assert "anna has the case" in await does("case", "claim", *anna)
    await does("case", "contact", *anna, "reached")
    starts = f"{datetime.now(LOCAL_TIME) + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    code, said = await terminal.types("case", "book", *anna, starts, "--minutes", "-5")
    assert (code, "minutes: Give 5 or more." in said) == (1, True), said
    meeting = id_in(await does("case", "book", *anna, starts), "meeting id")
    await does("case", "meeting", *anna, meeting)
    await does("case", "plan", *anna, "Vill ha någon att dricka kaffe med.")
    enrolment = id_in(await does("case", "enrol", *anna, ACTIVITY), "enrolment id")

    await until("has an offer to answer", "story", referral)
    await does("enrolment", "accept", referral, enrolment, "--as", PROVIDER)
    session = (await does("attendance", "sessions", ACTIVITY)).split()[2]
    await does("attendance", "record", referral, enrolment, session, "attended", "--as", PROVIDER)

    code, said = await terminal.types("case", "followup", *anna, "going_well")
    assert (code, "no follow-up of this referral is due" in said) == (1, True), said
    await does("case", "followup", *anna, "going_well", id_in(said, "early:"))
    await does("case", "close", *anna, "completed", "--feedback", "Har kommit igång.")
    story = await until("closed: completed.*(?s:.*)closed: completed", "story", referral, "--all")
    assert "Waits for" not in story
    assert "All is well." in await does("doctor")


async def test_a_directory_is_brought_in_and_written_out(terminal: Terminal, tmp_path: Path) -> None:
    """A file with a fault in it, twice, and then what anybody's program reads."""
    garden: dict[str, Any] = SERVICE | {"status": "active"}
    file, report, folder = tmp_path / "services.json", tmp_path / "faults.txt", tmp_path / "out"
    file.write_text(json.dumps([garden, garden | {"id": "no-uuid"}]))
    does = ("hsds", "import", str(file), "--as", "siv", "--need", "company", "--area", "hageby", "--register")

    code, said = await terminal.types(*does, "--check")
    assert (code, "Would come of it: 2 new, 1 faulty" in said) == (1, True), said
    code, said = await terminal.types(*does, "--report", str(report))
    assert (code, "2 new, 1 faulty" in said) == (1, True), said
    assert "services.json: record 2 (no-uuid) /id" in report.read_text()
    code, said = await terminal.types(*does)
    assert (code, "2 unchanged, 1 faulty" in said) == (1, True), said

    assert re.search(r"\d+ services", await terminal.does("hsds", "export", str(folder)))
    written = {each["id"]: each for each in json.loads((folder / "services.json").read_text())}
    assert written[garden["id"]]["description"] == garden["description"]
    again = await terminal.does("hsds", "import", str(folder), "--as", "siv")
    assert re.fullmatch(r"\d+ unchanged", again.strip()), (
        "what was written out changes nothing where it began"
    )


async def test_a_simulation_that_runs_out_of_patience_says_what_each_waits_for(terminal: Terminal) -> None:
    """At the pace of real life nobody has got round to anything within a second."""
    code, said = await terminal.types("simulate", "--referrals", "2", "--patience", "1")
    assert code == 1
    assert "0 of 2 referrals reached their end" in said
    submitted = int(re.search(r"receipted\W+(\d)/2", said)[1])  # type: ignore[index]
    why = r"waits for \w+ since|receipted, but|.* has had no receipt|.* waits for .*, which it follows"
    assert len(re.findall(rf"\S+: (?:{why})", said)) >= submitted > 0, said


async def test_an_organisation_that_is_revoked_refers_no_more(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    school = tmp_path / "school.toml"
    school.write_text(
        '[[organisation]]\nid = "bergaskolan"\nname = "Bergaskolan"\nkind = "school"\narea = "berga"\n'
    )
    await terminal.does("registry", "import", str(school))
    await terminal.does("partner", "add", "bergaskolan")
    await terminal.does("registry", "revoke", "bergaskolan", "--why", "contract_ended")
    code, said = await terminal.types("submit", str(file), "--as", "bergaskolan")
    assert (code, "organisation_revoked" in said) == (1, True), said
    assert "was revoked" in await terminal.does("partner", "add", "bergaskolan")


async def test_submitting_from_the_command_line_leaves_the_organisation_its_post(
    terminal: Terminal, tmp_path: Path
) -> None:
    await terminal.does("registry", "import", str(TOWN))
    await terminal.does("partner", "add", "soc-norrkoping")
    await terminal.does("trigger", "feedback.issued", "--as", "soc-norrkoping")
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    referral = id_in(await terminal.does("submit", str(file), "--as", "soc-norrkoping"), "referral")
    run = running(terminal.data)
    client = await nats.connect(
        run.nats.url,
        user_credentials=str(run.keys / "partners" / "soc-norrkoping.creds"),
        inbox_prefix=b"_INBOX.soc-norrkoping",
    )
    try:
        bind = await client.jetstream().pull_subscribe_bind(consumer="partner", stream="OUT_soc-norrkoping")
        post = [json.loads(message.data) for message in await bind.fetch(10, timeout=5)]
    finally:
        await client.close()
    types = [event["type"] for event in post]
    assert "sluss.feedback.issued.v1" in types
    assert [e["data"]["referral_id"] for e in post if e["type"] == "sluss.receipt.issued.v1"] == [referral]


async def test_what_cannot_be_read_is_refused_on_the_command_line_too(
    terminal: Terminal, tmp_path: Path
) -> None:
    """Such a receipt names no submission; whoever sent one is told all the same."""
    await terminal.does("registry", "import", str(TOWN))
    await terminal.does("partner", "add", CLINIC)
    file = tmp_path / "referral.json"
    file.write_text(json.dumps({**SOMEBODY, "submission_id": "19460823-9986"}))
    code, said = await terminal.types("submit", str(file), "--as", CLINIC)
    assert code == 1
    assert "was refused" in said, said


async def test_a_deployment_is_reached_without_a_run_file(terminal: Terminal, tmp_path: Path) -> None:
    """As from the operator's container: keys in a folder, the broker's address in a variable, no machine."""
    run = running(terminal.data)
    keys = tmp_path / "deployment" / "keys"
    keys.mkdir(parents=True)
    (keys / "admin_url").write_text(run.postgres.url())
    (keys / "operator.creds").write_text(run.nats.creds["operator"].read_text())
    nothing = ("--data-dir", str(tmp_path / "nothing-runs-here"))
    where = {"SLUSS_DEPLOYMENT": str(tmp_path / "deployment"), "SLUSS_NATS_URL": run.nats.url}
    code, said = await started("registry", "import", str(TOWN), *nothing, also=where)
    assert (code, "8 link worker" in said) == (0, True), said
    code, said = await started("case", "list", *nothing, also=where)
    assert code == 0, said
    code, said = await started("simulate", "--referrals", "1", *nothing, also=where)
    assert code == 1
    assert "a single machine alone" in said
    code, said = await started("case", "list", *nothing, also={"SLUSS_DEPLOYMENT": str(tmp_path)})
    assert code == 1
    assert "sluss deploy prepare" in said


async def test_what_somebody_suggests_waits_for_a_coordinator(terminal: Terminal) -> None:
    does = terminal.does
    await does("registry", "import", str(TOWN))
    neighbour, siv = ("--as", "granne", "--role", "person"), ("--as", "siv")
    offer = ("odling", "Odla ihop", "odlarna", "--need", "company", "--area", "hageby")
    await does("activity", "propose", *offer, *neighbour)
    await does("provider", "propose", "odlarna", "Odlarna", "--area", "hageby", *neighbour)
    waiting = await does("activity", "queue", *siv)
    assert "activity odling is suggested by a person" in waiting
    assert "provider odlarna is suggested by a person" in waiting

    code, said = await terminal.types("activity", "publish", "odling", *siv)
    assert (code, "no provider odlarna is registered" in said) == (1, True), said
    await does("provider", "register", "odlarna", *siv)
    await does("activity", "publish", "odling", *siv)
    assert "Nothing waits." in await does("activity", "queue", *siv)
    assert "by coordinator" in await does("activity", "show", "odling")
    code, said = await terminal.types("activity", "turn-down", "odling", "not_open_to_all", *siv)
    assert (code, "is published" in said) == (1, True), said

    assert "Nobody is named." in await does("activity", "contact", "odling", "--as", "anna")
    maud = ("--as", "odlarna", "--name", "Maud", "--phone", "070-174 06 70")
    await does("activity", "give-contact", "odling", *maud)
    assert "070-174 06 70" in await does("activity", "contact", "odling", "--as", "anna")
    assert "forsta-samtalet" in await does("resource", "list", "--kind", "method", "--as", "anna")
    assert "Nothing there." in await does("resource", "list", "--kind", "method", *neighbour)
