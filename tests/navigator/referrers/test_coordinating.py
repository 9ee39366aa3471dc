"""The coordinator sees where work gathers and what stands open, and nobody by a number that tells of them."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from services.navigator.coordinating.pages import few, full
from services.runtime.web import Identity
from services.runtime.web.people import short_id
from sluss_contracts.command import Actor
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import RecordUnmetNeed
from sluss_contracts.enrolment import EnrolmentOffered
from sluss_contracts.vocabulary import Role
from tests.navigator.referrers.conftest import Browse
from tests.support.doors import CLINIC, DOCTOR, SCHOOL
from tests.support.followed import ANNA, Network

SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")


def test_few_people_are_not_a_number() -> None:
    assert [few(count) for count in (0, 1, 4, 5, 120)] == [0, None, None, 5, 120]
    assert [full(*each) for each in ((0, 0), (1, 0), (3, 6), (9, 6))] == [0, 100, 50, 100]


def rows_of(page: httpx.Response, heading: str) -> list[list[str]]:
    """The table whose caption begins so, cell by cell."""
    for caption, body in re.findall(r"<caption>(.*?)</caption>.*?<tbody>(.*?)</tbody>", page.text, re.DOTALL):
        if caption.startswith(heading):
            rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
            return [[re.sub(r"<[^>]*>", " ", cell).strip() for cell in row] for row in cells]
    raise AssertionError(f"no table of {heading}")


async def test_load_waiting_needs_inflow_and_loops(there: Network, browser: Browse) -> None:
    referrals = [await there.submit(CLINIC, f"remiss-{n}", person={"name": "Alva"}) for n in range(7)]
    await there.submit(SCHOOL, "remiss-8", person={"name": "Bo"})
    for referral in referrals[:5]:
        await there.do(RecordUnmetNeed, ANNA, referral_id=referral, need="company", why="nothing_offered")
    await there.do(RecordUnmetNeed, ANNA, referral_id=referrals[0], need="debt", why="nothing_offered")
    booked = await there.do(
        BookMeeting, ANNA, referral_id=referrals[0], starts=there.clock.now() + timedelta(days=2)
    )
    there.clock.move(timedelta(days=3))
    meeting_id = booked.result["meeting_id"]
    await there.do(RecordMeeting, ANNA, referral_id=referrals[0], meeting_id=meeting_id, held=True)
    await there.navigator.hear(
        EnrolmentOffered(
            enrolment_id="e-1",
            referral_id=referrals[1],
            person="a-pseudonym",
            activity="promenad",
            provider="korpen",
            alias="Lugn Ek",
            answer_by=there.clock.now() - timedelta(days=1),
        )
    )
    await there.wait(timedelta(days=30))  # nobody has told the referrers
    async with await browser(DOCTOR) as eva:
        assert (await eva.get("/coordinator")).status_code == 403
    async with await browser(SIV) as siv:
        page = await siv.get("/coordinator")
    assert page.status_code == 200
    assert [row[:3] for row in rows_of(page, "Team City")] == [["Anna Lind", "6", "0"]]
    assert "2 i inkorgen" in page.text
    assert [row[:2] for row in rows_of(page, "Från remissen")] == [
        ["Inom en vecka", "1"],
        ["Inom två veckor", "0"],
        ["Inom fyra veckor", "0"],
        ["Senare", "0"],
        ["Inte träffats än, eller avslutat utan möte", "7"],
    ]
    assert rows_of(page, "Personer") == [
        ["Norrköping city", "Sällskap, människor att vara med", "5"],
        ["Norrköping city", "Pengar och skulder", "färre än 5"],
    ]
    inflow = {row[0]: row[1:7] for row in rows_of(page, "Remisser efter")}
    assert inflow == {
        CLINIC.title(): ["7", "7", "1", "0", "0", "0"],
        SCHOOL.title(): ["1", "1", "0", "0", "0", "0"],
    }
    loops = page.text[page.text.index('aria-labelledby="loops"') : page.text.index('id="unmet"')]
    assert short_id(referrals[1]) in loops
    assert "promenad" in loops
    assert loops.count(short_id(referrals[2])) >= 1  # the referrer of this one waits to be told
    assert "Inga: alla som har remitterat" in loops
    assert "Alva" not in page.text


async def test_who_has_not_referred_for_long_has_gone_silent(there: Network, browser: Browse) -> None:
    await there.submit(SCHOOL, "remiss-1")
    there.clock.move(timedelta(days=61))
    async with await browser(SIV) as siv:
        page = (await siv.get("/coordinator")).text
    assert f"{SCHOOL.title()}, senaste remiss" in page
