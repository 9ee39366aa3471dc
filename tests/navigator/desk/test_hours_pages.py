"""A link worker's bookable hours on their pages, and the free times that the form of a meeting offers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest_asyncio

from services.navigator.store.diary import diary_of
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.meetings import BookMeeting
from sluss_contracts.commands.navigator import CloseCase
from sluss_contracts.commands.staff import RecordLeave, RegisterLinkWorker, SetHours
from sluss_contracts.linkworker import BookableTime
from sluss_contracts.vocabulary import MeetingKind, Weekday
from tests.support.casework import ANNA, BERIT, SIV, Casework, casework_of_its_own
from tests.support.forms import fields_of, fill_in

HERE = ZoneInfo("Europe/Stockholm")
OWN = "/my-time/hours"
EVERY_DAY = [BookableTime(weekday=day, starts="08:00", ends="17:00") for day in Weekday]
SLOT = re.compile(r'name="slot" value="(20[^"]+)"')


@pytest_asyncio.fixture(scope="module")
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    """A town of these tests' own: others count on nobody having said any hours."""
    async with casework_of_its_own(postgres_server) as work:
        yield work


@pytest_asyncio.fixture
async def anna(work: Casework) -> AsyncIterator[httpx.AsyncClient]:
    async with work.browser_of(ANNA) as browser:
        yield browser


async def test_hours_are_noted_shown_changed_and_taken_back(work: Casework) -> None:
    async with work.browser_of(BERIT) as berit:
        assert "Inga tider är angivna" in (await berit.get("/my-time")).text
        week = {"monday_0_starts": "9", "monday_0_ends": "12.30", "monday_1_starts": "1300"}
        page = await fill_in(berit, OWN, **week, minutes_between="15")
        assert page.status_code == 422
        assert "Måndag: Skriv både när det börjar och när det slutar" in page.text
        kept = fields_of(page.text, OWN)
        assert (kept["monday_0_starts"], kept["monday_1_starts"]) == ("9", "1300")
        for wrong, ends in (("slutar innan den börjar", "11:00"), ("går in i varandra", "16:00")):
            starts = "13:00" if wrong.startswith("slutar") else "12:00"
            sent = kept | {"monday_1_starts": starts, "monday_1_ends": ends}
            refused = await berit.post(OWN, data=sent)
            assert refused.status_code == 422
            assert wrong in refused.text
            assert 'href="#monday"' in refused.text
        done = await berit.post(OWN, data=kept | {"monday_1_ends": "16:00"})
        page = await berit.get(done.headers["location"])
        assert "Dina tider är sparade" in page.text
        assert "09:00–12:30, 13:00–16:00" in page.text
        assert "15 min mellan två möten" in page.text
        summer = (work.clock.now().year + 1, "-06-01")
        page = await fill_in(
            berit, OWN, valid_from=f"{summer[0]}{summer[1]}", monday_1_starts="", monday_1_ends=""
        )
        assert f"Från och med 1 juni {summer[0]}" in page.text
        page = await fill_in(berit, f"{OWN}?from={summer[0]}-06-01", OWN, tuesday_0_starts="10:00",
                             tuesday_0_ends="11:00")  # fmt: skip
        assert "10:00–11:00" in page.text
        form = (await berit.get(OWN)).text
        taken = await berit.post(f"{OWN}/taken-back", data=fields_of(form, f"{OWN}/taken-back"))
        assert taken.status_code == 303
        page = await berit.get("/my-time")
        assert "1 juni" not in page.text
        assert "09:00–12:30, 13:00–16:00" in page.text


async def test_of_two_who_change_the_hours_the_second_sees_what_the_first_did(work: Casework) -> None:
    at = f"/coordinator/hours/{ANNA.actor.id}"
    async with work.browser_of(ANNA) as anna, work.browser_of(SIV) as siv:
        both = [(anna, OWN), (siv, at)]
        forms = [fields_of((await each.get(path)).text, path) for each, path in both]
        friday = {"friday_0_starts": "08:00", "friday_0_ends": "09:00"}
        assert (await siv.post(at, data=forms[1] | friday)).headers["location"] == f"{at}?done=1"
        assert "Tiderna är sparade" in (await siv.get(f"{at}?done=1")).text
        late = await anna.post(OWN, data=forms[0] | {"monday_0_starts": "10:00", "monday_0_ends": "12:00"})
        assert late.status_code == 409
        assert "Någon annan har ändrat det här under tiden" in late.text
        assert "08:00–09:00" in late.text
        assert fields_of(late.text, OWN)["monday_0_starts"] == "10:00"
        assert (await anna.get(at)).status_code == 403
        assert (await siv.get("/coordinator/hours/nobody-such")).status_code == 404


async def test_free_times_are_offered_and_a_time_they_do_not_hold_is_asked_about(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Vilhelmina Berg")
    at = f"/cases/{case}/meetings/book"
    await work.do(SetHours, SIV, worker=ANNA.actor.id, valid_from=work.clock.now().date(), times=())
    assert "när du har angett dina tider" in (await anna.get(at)).text
    await work.do(SetHours, SIV, worker=ANNA.actor.id, valid_from=work.clock.now().date(), times=EVERY_DAY)
    shown = await anna.get(at)
    slots = SLOT.findall(shown.text)
    assert slots == sorted(slots)
    form = fields_of(shown.text, at)
    longer = await anna.post(at, data=form | {"minutes": "240", "look": "1"})
    assert longer.status_code == 200
    assert "Lediga tider för 240 minuter" in longer.text
    assert len(SLOT.findall(longer.text)) < len(slots)
    # A free time is booked at once.
    booked = await anna.post(at, data=form | {"slot": slots[3]})
    assert booked.status_code == 303
    page = await anna.get(at)
    assert slots[3] not in SLOT.findall(page.text)
    # The same time written by hand collides, and what lies outside the hours is said.
    wanted = datetime.fromisoformat(slots[3])
    again = fields_of(page.text, at) | {
        "slot": "other",
        "day": f"{wanted:%Y-%m-%d}",
        "hour": f"{wanted:%H:%M}",
    }
    asked = await anna.post(at, data=again | {"kind": "follow_up", "mode": "phone"})
    assert asked.status_code == 200
    assert "Inget är bokat än" in asked.text
    assert f"Ett annat möte är bokat från {wanted:%H:%M}" in asked.text
    sure = fields_of(asked.text, at)
    early = await anna.post(at, data=sure | {"hour": "06:00"})  # another time is another question
    assert "utanför tiderna för möten, som den dagen är 08:00–17:00" in early.text
    assert (await anna.post(at, data=fields_of(early.text, at))).status_code == 303
    diary = await diary_of(work.engine, ANNA.actor.id, work.clock.now())
    assert diary is not None
    assert datetime.combine(wanted.date(), datetime.min.time().replace(hour=6), HERE).astimezone(UTC) in [
        each.starts for each in diary.booked
    ]


async def test_of_two_who_book_one_free_time_the_second_is_told_and_shown_the_next(work: Casework) -> None:
    await work.do(SetHours, SIV, worker=ANNA.actor.id, valid_from=work.clock.now().date(), times=EVERY_DAY)
    cases = [await work.refer(name) for name in ("Ivar Lund", "Rut Holm")]
    async with work.browser_of(ANNA) as anna, work.browser_of(SIV) as siv:
        sent = []
        for who, case in zip((anna, siv), cases, strict=True):
            at = f"/cases/{case}/meetings/book"
            page = (await who.get(at)).text
            slot = SLOT.findall(page)[1]
            sent.append((who, at, fields_of(page, at) | {"slot": slot}))
        assert sent[0][2]["slot"] == sent[1][2]["slot"]
        answers = await asyncio.gather(*(who.post(at, data=form) for who, at, form in sent))
        (late,) = [answer for answer in answers if answer.status_code != 303]
        # By the rule at the same moment; asked about it where the first was a moment earlier.
        assert late.status_code in (200, 422)
        assert "Ett annat möte" in late.text
        assert sent[0][2]["slot"] not in SLOT.findall(late.text)
        assert len(SLOT.findall(late.text)) > 1
        # Whoever wants it all the same sends it again, and has been told by then.
        who, at, _ = sent[answers.index(late)]
        again = late
        for _ in range(2 if late.status_code == 422 else 1):
            assert fields_of(again.text, at)["hour"] == sent[0][2]["slot"][11:16]
            again = await who.post(at, data=fields_of(again.text, at))
        assert again.status_code == 303


async def test_leave_is_asked_about_and_a_meeting_is_not_in_its_own_way_when_it_moves(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Bertil Ask")
    await work.do(SetHours, SIV, worker=ANNA.actor.id, valid_from=work.clock.now().date(), times=EVERY_DAY)
    soon = SLOT.findall((await anna.get(f"/cases/{case}/meetings/book")).text)
    starts = datetime.fromisoformat(soon[-1])
    booked = await work.do(BookMeeting, ANNA, referral_id=case, kind=MeetingKind.FIRST, starts=starts)
    at = f"/cases/{case}/meetings/{booked['meeting_id']}"
    shown = (await anna.get(at)).text
    assert soon[-1] in SLOT.findall(shown)
    moved = await anna.post(f"{at}/move", data=fields_of(shown, f"{at}/move") | {"slot": soon[0]})
    assert moved.status_code == 303
    away = datetime.fromisoformat(soon[-1]).date()
    await work.do(RecordLeave, ANNA, worker=ANNA.actor.id, starts=away, ends=away)
    shown = (await anna.get(at)).text
    assert f"{away}T" not in "".join(SLOT.findall(shown))
    form = fields_of(shown, f"{at}/move") | {"slot": "", "day": away.isoformat(), "hour": "09:00"}
    asked = await anna.post(f"{at}/move", data=form)
    assert "Den dagen är antecknad som ledig" in asked.text
    assert "Inget är ändrat än" in asked.text
    sure = await anna.post(f"{at}/move", data=fields_of(asked.text, f"{at}/move"))
    assert sure.status_code == 303


async def test_a_meeting_leaves_the_diary_when_its_case_is_closed(work: Casework) -> None:
    case = await work.refer("Cecilia Alm")
    starts = work.clock.now() + timedelta(days=9)
    booked = await work.do(BookMeeting, ANNA, referral_id=case, kind=MeetingKind.FIRST, starts=starts)

    async def held() -> set[str]:
        diary = await diary_of(work.engine, ANNA.actor.id, work.clock.now())
        return {each.meeting_id for each in diary.booked} if diary else set()

    assert booked["meeting_id"] in await held()
    await work.do(CloseCase, ANNA, referral_id=case, outcome="moved")
    assert booked["meeting_id"] not in await held()


async def test_what_a_link_worker_is_called_never_becomes_markup(work: Casework) -> None:
    attack = "<img src=x onerror=alert(1)>"
    await work.do(
        RegisterLinkWorker, SIV, worker="mallory", name=attack, team=BERIT.team, areas=("centrum",),
        languages=("sv",), capacity=1,
    )  # fmt: skip
    async with work.browser_of(SIV) as siv:
        page = await fill_in(siv, "/coordinator/hours/mallory", valid_from=attack, monday_0_starts=attack)
        assert page.status_code == 422
        assert "<img" not in page.text
        assert page.text.count("onerror=alert(1)&gt;") >= 3
