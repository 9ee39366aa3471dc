"""What a runbook says that the doctor says, the doctor says: a word changed there fails here at once.

That an incident leads to these very findings is for the drills (`make drills`); here each finding is made
from what the incident leaves behind, and told in the doctor's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.console.handbook.reading import page, runbooks
from services.console.loops.kinds import Kind
from services.console.loops.looking import Open
from services.console.standing.backlog import Backlog
from services.console.standing.broker import Server, Stream
from services.console.standing.clocks import Clock
from services.console.standing.database import Database
from services.console.standing.disks import LEAST_FREE, of_disks
from services.console.standing.finding import Finding, plain
from services.console.standing.judging import (
    of_backlog,
    of_clocks,
    of_database,
    of_loops,
    of_offers,
    of_reader,
    of_refusals,
)
from services.console.standing.judging_broker import of_servers, of_streams
from services.console.standing.partners import Refusals
from services.console.standing.place import OneMachine
from services.console.standing.readers import Reader
from sluss.commands.doctor import told
from sluss.doctor import frozen, of_service

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
HERE = OneMachine(Path("/srv/sluss/logs"))
DAYS = timedelta(days=3)


def server(**of: Any) -> Server:
    return Server("http://127.0.0.1:8222", **{"id": "A", "durable": True, "up": DAYS, **of})


def stream(**of: Any) -> Stream:
    facts: dict[str, Any] = {"name": "EVT", "messages": 10, "bytes": 100, "first": 1, "last": 10}
    facts |= {"created": NOW, "limit_bytes": -1, "limit_messages": -1, "refuses_when_full": False}
    return Stream(**{**facts, "replicas": 1, "current": 1, "consumers": (), **of})


def reader(**of: Any) -> Reader:
    return Reader(**{"service": "navigator", "slots": (), "alive": 1, "seen": NOW, "now": NOW, **of})


def backlog(service: str = "navigator", **of: Any) -> Backlog:
    facts: dict[str, Any] = {"unsent": 0, "waited": timedelta(), "unsent_to_partners": 0}
    facts |= {"waited_for_partners": timedelta(), "partners": (), "parked": 0, "stuck": (), "stuck_count": 0}
    return Backlog(service, **{**facts, "dead": 0, "causes": (), "failing": 0, **of})


def refused(code: str, count: int) -> Finding:
    return of_refusals([Refusals("vasaskolan", code, count)])


WELL = [
    Finding("processes", plain("processes"), plain("9 of 9 run")),
    of_disks({Path("/srv"): 9 * LEAST_FREE}),
    of_servers([server()]),
    of_servers([server(up=timedelta(seconds=9))]),
    of_streams([stream()], DAYS),
    of_streams([stream(bytes=2 << 20), *[stream(name="OUT_x", bytes=0)] * 10], timedelta(seconds=20)),
    of_service("notify", "http://127.0.0.1:9/metrics", ()),
    of_database(Database(42, 300, 1 << 25, timedelta(), 0, 0, safe=True, up=DAYS)),
    of_reader(reader()),
    *(of_backlog(backlog(service)) for service in ("referral", "navigator")),
    of_clocks([], 1),
    of_loops(Open(Kind.OFFER, 2, 0, None, ())),
]
"""What is well, in every way that it is said to be."""

LEFT_BEHIND: Mapping[str, Sequence[Finding]] = {
    "wrong-version": [refused("unknown_version", 3)],
    "provider-silent": [of_offers([("biblioteket", 4)])],
    "poison-message": [of_backlog(backlog(dead=1, causes=(("unreadable", 1),)))],
    "broker-restarted": [of_servers([Server("http://127.0.0.1:8222")])],
    "store-lost": [of_streams([], None)],
    "consumer-stalled": [
        Finding("processes", plain("processes"), plain("9 of 9 run"), (frozen("navigator", 4711),)),
        of_reader(reader(alive=0, seen=NOW - timedelta(seconds=40))),
    ],
    "clock-off": [of_clocks([Clock("notify", timedelta(), DAYS, off=True)], 1)],
    "disk-nearly-full": [
        of_disks({Path("/srv"): LEAST_FREE}),
        of_streams([stream(limit_bytes=101)], DAYS),
        of_backlog(backlog(unsent=9, waited=timedelta(minutes=1))),
    ],
    "flood": [refused("invalid", 1500)],
    "channel-down": [of_service("notify", None, [("channel", "/messages is no folder")])],
}
"""What is wrong while an incident lasts, by its runbook."""

_STEP = re.compile(r"\$ sluss doctor\n((?:(?!\$ ).+\n)+)")
_OTHERS = re.compile(r"(sluss|docker|df|timedatectl|--replicas|failed to|\d of|0\.0) .*")
"""What other commands say, and commands."""


def quoted(text: str) -> list[str]:
    """What a page says that the doctor says: below its command, and in a sentence."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    below = [line for block in blocks for step in _STEP.findall(block) for line in step.splitlines()]
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return below + [span for span in spans if " " in span and not _OTHERS.fullmatch(span)]


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("name", runbooks())
def test_what_a_runbook_says_that_the_doctor_says_the_doctor_says(name: str, language: str) -> None:
    lines = [str(line) for finding in (*LEFT_BEHIND[name], *WELL) for line in told(finding, HERE)]
    phrases = quoted(page(f"incidents/{name}", language).text)
    assert phrases
    assert [phrase for phrase in phrases if not any(phrase in line for line in lines)] == []


@pytest.mark.parametrize("name", runbooks())
def test_a_runbook_begins_with_what_both_the_doctor_and_the_page_of_the_console_say(name: str) -> None:
    """And what is wrong leads to it. The page has the same words, without the doctor's marks."""
    first, *_ = re.findall(r"```\n(.*?)```", page(f"incidents/{name}").text, re.DOTALL)
    begins = _STEP.match(first)
    assert begins
    findings = (*LEFT_BEHIND[name], *WELL)
    shown = [str(each.state) for each in findings]
    shown += [str(trouble.what) for each in findings for trouble in each.troubles]
    assert any(phrase in words for phrase in begins[1].splitlines() for words in shown)
    assert any(trouble.runbook == name for each in LEFT_BEHIND[name] for trouble in each.troubles)
