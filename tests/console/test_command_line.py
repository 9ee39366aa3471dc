"""`sluss events …` on a log, as an operator types it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.aio.msg import Msg
from typer.testing import CliRunner, Result

from services.console.audit import latest
from sluss.account import account
from sluss.commands.events import app
from sluss.reach import DEPLOYMENT, Failure
from sluss_contracts.command import Answer
from sluss_contracts.commands.looking import ReadMasked
from sluss_contracts.subjects import command_subject
from tests.support.console import Record
from tests.support.servers import BrokerAccess

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def deployment(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """The record as a deployment that the command line finds by its folder."""
    keys = tmp_path / "deployment" / "keys"
    keys.mkdir(parents=True)
    (keys / "admin_url").write_text(record.admin_url)
    (keys / "operator.creds").write_text("")
    monkeypatch.setenv(DEPLOYMENT, str(keys.parent))
    return record


async def sluss(*arguments: str) -> Result:
    """One command to its end, in a thread: it has an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    if result.exception and not isinstance(result.exception, Failure | SystemExit):
        raise result.exception
    return result


async def test_the_newest_are_listed_the_latest_last_and_masked(deployment: Record) -> None:
    await deployment.say("referral.submitted", referral_id="ref-1", needs=["grief"])
    await deployment.say("case.assigned", referral_id="ref-1", worker="aida")
    await deployment.gather()
    listed = (await sluss("tail", "--no-follow")).stdout.splitlines()
    assert [line.split()[1] for line in listed] == ["referral.submitted.v1", "case.assigned.v1"]
    assert "grief" not in "".join(listed)
    assert "worker=aida" in listed[1]
    found = (await sluss("tail", "-F", "--field", "worker=aida", "--json")).stdout.splitlines()
    assert [json.loads(line)["type"] for line in found] == ["case.assigned.v1"]
    assert (await sluss("tail", "-F", "--type", "case.assigned", "-n", "0")).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tail", "--type", "case.closd"), "there is no event type"),
        (("tail", "--field", "reason=grief"), "it is masked, or is no word of the network"),
        (("tail", "--field", "status"), "is no field and value"),
        (("show", "no-event"), "there is no event"),
        (("timeline", "no-id"), "nothing in the log has the id"),
    ],
)
async def test_what_cannot_be_done_is_said(deployment: Record, arguments: tuple[str, ...], said: str) -> None:
    assert said in str((await sluss(*arguments)).exception)


async def test_one_event_and_the_story_it_belongs_to(deployment: Record) -> None:
    first = await deployment.say("referral.submitted", referral_id="ref-1", submission_id="our-1", at=NOON)
    await deployment.say("case.assigned", referral_id="ref-1", cause=str(first), at=NOON + timedelta(days=2))
    await deployment.gather()
    shown = (await sluss("show", str(first))).stdout
    assert "led to case.assigned.v1" in shown
    assert "masked" in shown
    told = (await sluss("timeline", "our-1")).stdout
    assert "Story of ref-1" in told
    assert "2 d" in told
    assert (
        "case.assigned"
        not in (await sluss("timeline", "ref-1", "--known", "2026-03-11T00:00", "--json")).stdout
    )


async def test_one_masked_field_is_seen_for_a_reason_that_stands_in_both_logs(
    deployment: Record, broker: BrokerAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUSS_NATS_URL", broker.url)
    credentials = tmp_path / "deployment" / "keys" / "operator.creds"
    credentials.write_text(Path(broker.creds).read_text())
    noted: list[ReadMasked] = []

    async def note(message: Msg) -> None:
        noted.append(asked := ReadMasked.model_validate_json(message.data))
        answer = Answer(command_id=asked.command_id, result={"noted": True})
        await message.respond(answer.model_dump_json().encode())

    client = await broker.connect()
    await client.subscribe(command_subject("referral", "read_masked"), cb=note)
    event = str(await deployment.say("referral.submitted", referral_id="ref-1", needs=["grief"]))
    await deployment.gather()

    asked = ("show", event, "--unmask", "needs", "--for", "incident", "--as", "ada")
    refused = (await sluss(*asked, "--reason", "short")).exception
    assert getattr(refused, "code", "") == "say_why"
    seen = (await sluss(*asked, "--reason", "the offer came back")).stdout
    assert '["grief"]' in seen
    assert [(each.actor.id, each.fields, each.purpose) for each in noted] == [("ada", ("needs",), "incident")]
    [deed] = await latest(deployment.engine)
    assert (deed.actor, deed.account) == ("ada", account())
    assert (deed.what, deed.note) == ("unmasked", "the offer came back")
    assert "grief" not in (await sluss("show", event)).stdout
