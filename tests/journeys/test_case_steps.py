"""Everything a link worker may do with a case, typed at a keyboard against a running network."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluss.telling import LOCAL_TIME
from tests.journeys.test_command_line import ACTIVITY, CLINIC, SOMEBODY, TOWN, terminal
from tests.support.terminal import Terminal, id_in

pytestmark = [pytest.mark.slow(minutes=1), pytest.mark.timeout(600)]

__all__ = ["terminal"]


async def refused(terminal: Terminal, rule: str, *words: str) -> None:
    code, said = await terminal.types(*words)
    assert (code, f"[{rule}]" in said) == (1, True), said


async def test_everything_a_link_worker_may_do(terminal: Terminal, tmp_path: Path) -> None:
    does = terminal.does
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    await does("registry", "import", str(TOWN))
    await does("partner", "add", CLINIC)
    referral = id_in(await does("submit", str(file), "--as", CLINIC), "referral")
    await terminal.until(referral, "case", "list")
    anna = (referral, "--as", "anna")
    siv = (referral, "--as", "siv", "--role", "coordinator")
    await does("case", "claim", *siv, "--worker", "anna")
    await does("case", "contact", *anna, "reached")
    starts = f"{datetime.now(LOCAL_TIME) + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    await refused(terminal, "no_such_step", "case", "book", *anna, starts, "--kind", "mapping")
    meeting = id_in(await does("case", "book", *anna, starts), "meeting id")
    await does("case", "meeting", *anna, meeting, "--minutes", "50")

    told = ("--relation", "sister=resume", "--interest", "song", "--barrier", "going_alone")
    await does("case", "mapping", *anna, *told, "--what-matters", "Att sjunga igen.", "--lonely-for", "years")
    await does("case", "measure", *anna, "ons-direct", "lonely=5")
    await refused(terminal, "not_answerable", "case", "measure", *anna, "ons-direct", "lonely=77")
    await refused(terminal, "nothing_to_compare", "case", "change", *anna, "ons-direct")
    await does("case", "measure", *anna, "ons-direct", "lonely=3", "--at", "follow_up")
    assert "-2" in await does("case", "change", *anna, "ons-direct")

    planned = await does("case", "plan", *anna, "Vill sjunga igen.")
    goal = re.findall(r"[0-9a-f-]{36}", planned)[0]
    await does("case", "plan", *anna, "Vill träffa folk.", "--keep", goal)
    await does("case", "progress", *anna, goal, "4")
    assert "was so already" in await does("case", "progress", *anna, goal, "4")
    await refused(terminal, "not_on_this_pathway", "case", "prescribe", *anna, goal, "--giver")
    await does("case", "prescribe", *anna, goal, "--activity", ACTIVITY, "--trial")
    suits = await does("case", "match", *anna, "--need", "company", "--interest", "singing", "--in", "sv")
    assert "Svarar mot vad personen behöver: sällskap." in suits
    await refused(terminal, "declined_without_reason", "case", "alternatives", *anna, "walk=declined")
    await does("case", "alternatives", *anna, f"{ACTIVITY}=chosen", "walk=declined:too_far")
    enrolment = id_in(await does("case", "enrol", *anna, ACTIVITY, "--goal", goal), "enrolment id")
    support = id_in(
        await does("case", "support", *anna, "accompaniment", "--enrolment", enrolment), "support id"
    )
    await does("case", "supported", *anna, support)
    await does("case", "unmet", *anna, "work", "nothing_offered")
    await does("case", "spill-over", *anna, "2", "3", "--kind", "culture")

    day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    await does("case", "pause", *anna, day, "--why", "travel")
    await refused(terminal, "case_is_paused", "case", "contact", *anna, "reached")
    await does("case", "resume", *anna)
    acute = await does("case", "plan", *anna, "Jag vill inte leva längre.", "--keep", goal)
    assert "112" in acute
    assert "acute risk" in await terminal.until("acute risk", "case", "list")

    await refused(
        terminal, "not_this_workers", "case", "reassign", referral, "--as", "leila", "--to", "leila"
    )
    await refused(terminal, "unknown_worker", "case", "reassign", *anna, "--to", "nobody")
    await does("case", "reassign", *anna, "--because", "conflict_of_interest")
    await does("case", "claim", *siv, "--worker", "anna")
    await does("case", "hand-over", "anna", "--as", "siv")
    assert "claim case" in await terminal.until("claim case", "case", "list")
    await refused(terminal, "decided_by_the_referral", "case", "close", *siv, "cancelled")
    await does("case", "close", *siv, "moved")
    story = await terminal.until("closed: moved", "story", referral, "--all")
    assert "acute" in story.lower()
