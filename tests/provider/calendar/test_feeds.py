"""Calendars to follow: what RFC 5545 asks for, the right hour on both sides of a change of clocks, and no
harm from what somebody wrote."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    RescheduleSession,
    WithdrawActivity,
)
from sluss_contracts.offering import Venue
from tests.provider.calendar.conftest import OWN
from tests.support.calendar import NOON, Town, offer

ONE = "/aktiviteter/gafotboll/kalender.ics"
FEEDS = (ONE, "/arrangor/korpen/kalender.ics", "/aktiviteter/kalender.ics?interest=sport&day=2")


def read(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content)


async def fetch(town: Town, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(town.app)
    async with httpx.AsyncClient(transport=transport, base_url=OWN, headers=headers) as client:
        return await client.get(path)


@pytest.mark.parametrize("path", FEEDS)
async def test_a_calendar_is_what_the_standard_asks_for(quiet_town: Town, path: str) -> None:
    answer = await fetch(quiet_town, path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)
    calendar = read(answer)
    assert not calendar.errors
    assert (calendar["version"], calendar["calscale"]) == ("2.0", "GREGORIAN")
    assert calendar["prodid"]
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\nX-PUBLISHED-TTL:PT6H\r\n" in answer.content
    events = calendar.events
    assert len(events) == 6
    assert len({event["uid"] for event in events}) == 6
    zones = {zone["tzid"] for zone in calendar.walk("vtimezone")}
    for event in events:
        assert event["dtstart"].params["tzid"] in zones
        assert event["dtstamp"].dt.tzinfo is not None
        assert event["status"] == "CONFIRMED"
        assert event.end - event.start == timedelta(minutes=90)
        assert not event.errors


async def test_the_hour_on_the_wall_stays_when_summer_begins(town: Town) -> None:
    for day in (25, 1):  # Swedish summer time begins on 29 March 2026
        month = 3 if day == 25 else 4
        utc = datetime(2026, month, day, 17 if day == 25 else 16, tzinfo=UTC)
        await town.session("tradgardsgrupp", utc)
    calendar = read(await fetch(town, "/aktiviteter/tradgardsgrupp/kalender.ics"))
    starts = [event.start for event in calendar.events]
    assert [each.hour for each in starts] == [18, 18]
    assert [each.utcoffset() for each in starts] == [timedelta(hours=1), timedelta(hours=2)]
    # Whoever knows no time zones reads the rules that come along.
    (zone,) = calendar.walk("vtimezone")
    summer = zone.to_tz()
    assert datetime(2026, 4, 1, 18, tzinfo=summer).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 3, 25, 18, tzinfo=summer).utcoffset() == timedelta(hours=1)


async def test_what_is_cancelled_is_said_to_be_under_the_same_name(town: Town) -> None:
    before = read(await fetch(town, ONE)).events[0]
    session_id = str(before["uid"]).removesuffix("@sluss")
    moved = NOON + timedelta(days=1, hours=3)
    await town.do(RescheduleSession, activity="gafotboll", session_id=session_id, starts=moved)
    then = read(await fetch(town, ONE)).events[0]
    assert (then["uid"], then.start) == (before["uid"], moved)
    await town.do(CancelSession, activity="gafotboll", session_id=session_id, why="ice_on_the_pitch")
    after = read(await fetch(town, ONE)).events[0]
    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert str(after["summary"]) == "Inställt: Gåfotboll"
    assert before["sequence"] < then["sequence"] < after["sequence"]


async def test_a_withdrawn_activity_says_that_what_was_to_come_is_cancelled(town: Town) -> None:
    await town.do(WithdrawActivity, activity="gafotboll", why="no_leader")
    assert {event["status"] for event in read(await fetch(town, ONE)).events} == {"CANCELLED"}
    assert read(await fetch(town, "/arrangor/korpen/kalender.ics")).events == []


async def test_what_was_only_suggested_has_no_calendar(town: Town) -> None:
    await town.do(ProposeActivity, **offer("boule", "Boule"))
    assert (await fetch(town, "/aktiviteter/boule/kalender.ics")).status_code == 404
    await town.do(WithdrawActivity, activity="boule", why="not_active")
    assert (await fetch(town, "/aktiviteter/boule/kalender.ics")).status_code == 404
    assert (await fetch(town, "/aktiviteter/no-such/kalender.ics")).status_code == 404
    assert (await fetch(town, "/arrangor/no-such/kalender.ics")).status_code == 404


async def test_what_nobody_vouches_for_is_not_confirmed_and_vanishes_for_nobody_who_follows_it(
    town: Town,
) -> None:
    await town.session("gafotboll", NOON + timedelta(days=275))
    await town.desk.wait(timedelta(days=180))
    await town.desk.wait(timedelta(days=91))
    (event,) = read(await fetch(town, ONE)).events
    assert (event["status"], str(event["summary"])) == ("TENTATIVE", "Obekräftat: Gåfotboll")
    assert read(await fetch(town, "/arrangor/korpen/kalender.ics")).events == [], "nobody new is told of it"
    await town.do(WithdrawActivity, activity="gafotboll", why="no_leader")
    (event,) = read(await fetch(town, ONE)).events
    assert event["status"] == "CANCELLED"


async def test_calendars_that_follow_the_old_address_find_the_new_one(quiet_town: Town) -> None:
    for query in ("", "?lang=en"):
        answer = await fetch(quiet_town, f"/anordnare/korpen/kalender.ics{query}")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"/arrangor/korpen/kalender.ics{query}"
    for rest in ("/evil.example", "..%2f..", "%00", "%C3%A5?a=b"):
        location = (await fetch(quiet_town, f"/anordnare/{rest}")).headers["location"]
        assert location.startswith("/arrangor/"), location
        assert location.isprintable()


async def test_a_calendar_with_nothing_in_it_is_a_calendar_all_the_same(quiet_town: Town) -> None:
    calendar = read(await fetch(quiet_town, "/aktiviteter/tradgardsgrupp/kalender.ics"))
    assert calendar.events == []
    assert calendar.walk("vtimezone")


@pytest.mark.parametrize("path", FEEDS)
async def test_it_may_be_kept_for_a_while_and_is_not_sent_twice(quiet_town: Town, path: str) -> None:
    first = await fetch(quiet_town, path)
    assert first.headers["cache-control"] == "public, max-age=900"
    again = await fetch(quiet_town, path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "set-cookie" not in first.headers


async def test_its_language_is_in_its_address(quiet_town: Town) -> None:
    path = "/aktiviteter/anhorigcirkel/kalender.ics"
    in_swedish = await fetch(quiet_town, path, **{"accept-language": "en"})
    assert b"SUMMARY:Inst\xc3\xa4llt: Anh" in in_swedish.content
    assert b"SUMMARY:Cancelled: Anh" in (await fetch(quiet_town, f"{path}?lang=en")).content
    assert (await fetch(quiet_town, f"{path}?lang=tlh")).content == in_swedish.content


HARM = "Fika; kaffe, \\te\r\nEND:VEVENT\r\nBEGIN:VEVENT\nUID:stolen\rATTACH:http://elsewhere.example"


async def test_what_somebody_wrote_stays_a_text(town: Town) -> None:
    venue = Venue(name=HARM, street=HARM, town=HARM)
    await town.publish("fika", HARM, about=HARM, venue=venue)
    await town.session("fika", NOON + timedelta(days=1))
    answer = await fetch(town, "/aktiviteter/fika/kalender.ics")
    assert b"\r" not in answer.content.replace(b"\r\n", b"")
    assert b"X-WR-CALNAME:Fika\\; kaffe\\, " in answer.content
    (event,) = read(answer).events
    assert str(event["uid"]) != "stolen"
    assert "attach" not in event
    assert re.sub(r"\s+", " ", str(event["summary"])) == re.sub(r"\s+", " ", HARM)
    assert "kaffe, \\te" in str(event["location"])


async def test_links_lead_to_the_site_as_it_was_asked_for(quiet_town: Town) -> None:
    headers = {"x-forwarded-host": "sluss.example", "x-forwarded-proto": "https"}
    event = read(await fetch(quiet_town, ONE, **headers)).events[0]
    assert event["url"] == "https://sluss.example/aktiviteter/gafotboll"
