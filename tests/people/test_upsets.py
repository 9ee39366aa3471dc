"""Now and then something befalls what a town does, the same for the same seed; providers without an account
answer on real pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import httpx
import pytest_asyncio

from sluss.ledger import Entry
from sluss.machine.postgres import Postgres
from sluss.people.acting import ByLink, TakeBack
from sluss.people.browsing import Browser, form_on
from sluss.people.doing import Doing
from sluss.people.hosts import WITHOUT_ACCOUNT
from sluss.people.picture import Picture
from sluss.people.staff import Act, acts
from sluss.people.upsets import upsets
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    CancelSession,
    ReadEnrolmentLink,
    RescheduleSession,
    VerifyActivity,
)
from sluss_contracts.commands.schedule import TakeBreak
from sluss_contracts.enrolment import EnrolmentAccepted
from tests.support import answering
from tests.support.answering import A_DAY, NOON, House

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NUMBER = count(1)
A_WEEK = timedelta(weeks=1)


def said(name: str, **data: Any) -> Entry:
    type_ = f"sluss.{name}.v1"
    event = {"type": type_, "time": NOW.isoformat(), "data": data}
    return Entry("any", "0", next(NUMBER), type_, data.get("activity", "x"), NOW, event)


def town(activities: int = 60, weeks: int = 10) -> Picture:
    seen = Picture()
    for number in range(activities):
        name = f"a{number:02}"
        seen.see(said("activity.published", activity=name, provider=f"p{number % 7}"))
        seen.see(said("activity.schedule_set", activity=name, recurrences=[{}], breaks=[]))
        for week in range(weeks):
            starts = NOW + timedelta(hours=3, days=week * 7 + number % 7)
            about = {"activity": name, "session_id": f"{name}-{week}", "starts": starts.isoformat()}
            seen.see(said("session.scheduled", **about))
    return seen


def lived(seen: Picture, seed: int = 7) -> dict[str, Act]:
    """Everything that befalls within the weeks, by occasion."""
    found: dict[str, Act] = {}
    for day in range(75):
        now = NOW + timedelta(days=day)
        for act in upsets(seen, now, seed):
            if act.not_before <= now:
                found.setdefault(act.what, act)
    return found


def test_now_and_then_a_session_is_moved_held_elsewhere_or_cancelled_and_somebody_rests() -> None:
    befallen = lived(town())
    commands: list[Command] = [cast(Command, act.command) for act in befallen.values()]
    moved = [each for each in commands if isinstance(each, RescheduleSession)]
    off = [each for each in commands if isinstance(each, CancelSession)]
    breaks = [each for each in commands if isinstance(each, TakeBreak)]
    assert len(moved) + len(off) + len(breaks) == len(commands)
    elsewhere = [each for each in moved if each.venue]
    assert 0 < len(elsewhere) < len(moved) < 60
    assert 0 < len(off) < 40
    assert 0 < len(breaks) < 20
    for each in commands:
        assert each.actor.id == f"p{int(each.partition_key[1:]) % 7}", "whoever runs it says so"
    assert {what: act.command for what, act in lived(town()).items()} == {
        what: act.command for what, act in befallen.items()
    }
    assert set(lived(town(), seed=8)) != set(befallen)


def test_what_has_befallen_once_does_not_befall_again() -> None:
    seen = town()
    for act in lived(seen).values():
        match act.command:
            case RescheduleSession() as moved:
                about = {"activity": moved.activity, "session_id": moved.session_id}
                seen.see(said("activity.rescheduled", **about, starts=moved.starts.isoformat()))
            case CancelSession() as off:
                seen.see(said("session.cancelled", activity=off.activity, session_id=off.session_id))
            case TakeBreak() as rest:
                again = {"activity": rest.activity, "recurrences": [{}], "breaks": [{}]}
                seen.see(said("activity.schedule_set", **again))
    assert lived(seen) == {}


def test_some_providers_have_no_account_and_answer_by_the_link() -> None:
    seen = town(activities=40)
    for number in range(40):
        seen.activities[f"a{number:02}"]["provider"] = f"p{number}"
        seen.to_verify[f"a{number:02}"] = NOW

    def commands(*, by_links: bool) -> list[object]:
        return [act.command for act in acts(seen, NOW, 7, by_links=by_links)]

    without = [each for each in commands(by_links=True) if isinstance(each, ByLink)]
    assert 40 * WITHOUT_ACCOUNT / 2 < len(without) < 40 * WITHOUT_ACCOUNT * 2
    assert all(isinstance(each.otherwise, VerifyActivity) for each in without)
    assert all(isinstance(each, VerifyActivity) for each in commands(by_links=False))


@pytest_asyncio.fixture
async def house(postgres_server: Postgres) -> AsyncIterator[House]:
    async with answering.house(postgres_server) as here:
        yield here


async def test_a_provider_without_an_account_welcomes_somebody_on_the_page(house: House) -> None:
    await house.publish()
    later = NOON + 3 * A_DAY
    await house.session(later)
    await house.wish("alva")
    browser = Browser(httpx.ASGITransport(house.app))
    address = f"{answering.OWN}{await house.offer_link('alva')}"
    assert not await browser.answer(address, {"answer": "perhaps"}), "there is no such form"
    assert await browser.answer(address, {"answer": "welcome", "host": "Maud"})
    (welcome,) = await house.desk.said(EnrolmentAccepted)
    assert (welcome.host, welcome.starts) == ("Maud", later)
    assert not await browser.answer(address, {"answer": "welcome", "host": "Maud"}), "it is answered"


async def test_where_the_link_leads_nowhere_the_same_is_said_by_command() -> None:
    place = {"referral_id": "r1", "enrolment_id": "e1"}
    by = {"command_id": "00000000-0000-4000-8000-000000000001", "actor": {"id": "x", "role": "coordinator"}}
    question = ReadEnrolmentLink(**by, **place)
    welcome = AcceptEnrolment(**by, **place, provider="korpen", host="Maud")
    asked: list[Command] = []

    class Network:
        async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
            asked.append(command)
            if isinstance(command, ReadEnrolmentLink):
                return Answer(refused=Refused(code="unknown_enrolment", message=""))
            return Answer(command_id=command.command_id)

    async def nobody(_: TakeBack) -> None:
        raise AssertionError("nobody takes anything back")

    people = Doing(cast(Any, Network()), nobody, browser=Browser())
    people.start([Act("answer", NOW, ByLink(question, {"answer": "welcome"}, welcome))], NOW)
    await people.finish()
    assert asked == [question, welcome]


def test_a_form_is_read_as_it_stands_on_the_page() -> None:
    page = """<form action="/a"><input name="answer" value="no"></form>
    <form action="/b"><input type="hidden" name="answer" value="yes"><input name="proof" value="x&amp;y">
    <input type="radio" name="when" value="1"><input type="radio" name="when" value="2" checked></form>"""
    form = form_on(page, "yes")
    assert form is not None
    assert (form.action, form.fields) == ("/b", {"answer": "yes", "proof": "x&y", "when": "2"})
    assert form_on(page, "maybe") is None
