"""The page behind a link to a meeting, as whoever got the message meets it, in a browser without scripts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
import pytest_asyncio

from services.navigator.meeting_links.token import MeetingSigner
from services.provider.links.token import Link, Purpose, Signer
from services.runtime.web.guessing import GUESSES
from services.runtime.web.sealed import NotALink, Sealer
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.meetings import BookMeeting, CancelMeeting, ConfirmMeeting, MoveMeeting
from sluss_contracts.commands.navigator import ClaimCase, CloseCase
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.meeting import MeetingConfirmed, MeetingMoved, MeetingTimeUnsuited
from sluss_contracts.vocabulary import CaseOutcome, MeetingMode, Role
from tests.support.casework import ANNA, LINK_KEY, MONDAY, Casework, casework_of_its_own
from tests.support.forms import fields_of, fill_in

CALM = "Länken gäller inte längre"
A_DAY = timedelta(days=1)
PLACE = "<script>alert(1)</script> Storgatan 1, hos kuratorn"
SIGNER = MeetingSigner(LINK_KEY)


@pytest_asyncio.fixture(scope="module")
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    async with casework_of_its_own(postgres_server, demo=False) as work:
        yield work


@pytest_asyncio.fixture
async def browser(work: Casework) -> AsyncIterator[httpx.AsyncClient]:
    async with work.browser_of(None) as client:
        yield client


async def met(
    work: Casework, name: str, starts: datetime | None = None, mode: MeetingMode | None = None
) -> tuple[str, str, str]:
    """Somebody is referred, and a meeting booked: the referral, the meeting, and the path of its link."""
    referral = await work.refer(name)
    when = starts or work.clock.now() + 3 * A_DAY
    done = await work.do(BookMeeting, ANNA, referral_id=referral, starts=when, place=PLACE, mode=mode)
    meeting = str(done["meeting_id"])
    return referral, meeting, f"/meeting/{SIGNER.sign(meeting)}"


async def test_it_says_when_and_nothing_that_tells_why_or_who(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    at = datetime.fromisoformat("2026-03-05T13:30+01:00")
    _, _, link = await met(work, "Rut Berglund", at)
    for language, said in (
        ("sv", ("torsdag 5 mars", "13:30", "45 min", "Där ni har kommit överens")),
        ("en", ("Thursday", "5 March", "13:30", "45 min", "Where you have agreed")),
    ):
        for step in ("", "?do=another", "?do=cancel"):
            page = await browser.get(link + step, headers={"accept-language": language})
            assert page.status_code == 200
            assert "Rut" not in page.text
            assert "Anna" not in page.text
            assert "Storgatan" not in page.text
            assert "alert(1)" not in page.text
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["referrer-policy"] == "strict-origin"
            assert page.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
            assert '<meta name="robots" content="noindex, nofollow">' in page.text
            assert 'href="/aktiviteter" data-leave' in page.text
            if not step:
                assert not [each for each in said if each not in page.text]


async def test_looking_changes_nothing_by_whatever_method(work: Casework, browser: httpx.AsyncClient) -> None:
    _, _, link = await met(work, "Stig Alm")
    before, asked = await work.at["navigator"].pool.fetchval("select count(*) from event"), len(work.asked)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        for query in ("", "?do=another", "?do=cancel", "?answer=cancel&contact=no", "?done=confirmed"):
            await browser.request(method, link + query)
    assert await work.at["navigator"].pool.fetchval("select count(*) from event") == before
    assert len(work.asked) == asked


async def test_confirmed_is_seen_by_the_link_worker(work: Casework, browser: httpx.AsyncClient) -> None:
    referral, meeting, link = await met(work, "Bo Lund")
    page = await fill_in(browser, link)
    assert "Vi vet att du kommer" in page.text
    assert "Tiden passar mig" not in page.text
    assert len(await work.at["navigator"].said(MeetingConfirmed, referral)) == 1
    sent = next(each for each in reversed(work.asked) if isinstance(each, ConfirmMeeting))
    assert sent.actor.role is Role.PERSON
    assert link.rsplit("/", 1)[1] not in sent.actor.id
    async with work.browser_of(ANNA) as anna:
        for path in (f"/cases/{referral}", f"/cases/{referral}/meetings/{meeting}", "/my-time"):
            assert "Personen har bekräftat" in (await anna.get(path)).text, path
        assert "Personen har bekräftat att den kommer" in (await anna.get(f"/cases/{referral}")).text


async def test_without_hours_she_says_when_it_suits_and_it_is_a_task(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    referral, _, link = await met(work, "Eva Ros")
    nothing = await fill_in(browser, f"{link}?do=another", link)
    assert "Välj en tid, eller kryssa för" in nothing.text
    page = await fill_in(browser, f"{link}?do=another", link, days="monday", parts="morning")
    assert "Du blir kontaktad" in page.text
    assert "Tiden passar mig i alla fall" in page.text
    (said,) = await work.at["navigator"].said(MeetingTimeUnsuited, referral)
    assert (said.days, said.parts) == (("monday",), ("morning",))
    async with work.browser_of(ANNA) as anna:
        today = (await anna.get("/today")).text
        assert "Den bokade tiden passar inte personen" in today
        case = (await anna.get(f"/cases/{referral}")).text
        assert "bättre: Måndagar, på förmiddagen" in case


async def test_a_free_time_is_booked_and_the_link_leads_there(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    referral, meeting, link = await met(work, "Ali Noor")
    old = fields_of((await browser.get(link)).text, link)
    times = [{"weekday": day, "starts": "09:00", "ends": "11:00"} for day in ("tuesday", "wednesday")]
    await work.do(SetHours, valid_from=MONDAY.date(), times=times, worker=ANNA.actor.id)
    shown = await browser.get(f"{link}?do=another")
    assert shown.text.count('name="to"') == 8
    to = "2026-03-10T09:00:00+01:00"
    page = await fill_in(browser, f"{link}?do=another", link, to=to)
    assert "Den nya tiden är bokad" in page.text
    assert "tisdag 10 mars" in page.text
    (moved,) = await work.at["navigator"].said(MeetingMoved, referral)
    assert (moved.meeting_id, moved.by_person) == (meeting, True)
    assert moved.starts == datetime.fromisoformat(to)
    again = await browser.post(link, data=old)
    assert (again.status_code, "Tiden har ändrats" in again.text) == (409, True)
    _, _, others = await met(work, "Lo Ek")
    taken = await fill_in(browser, f"{others}?do=another", others, to=to)
    assert "har just blivit upptagen" in taken.text
    assert f'value="{to}"' not in taken.text
    async with work.browser_of(ANNA) as anna:
        assert "Personen flyttade mötet till" in (await anna.get(f"/cases/{referral}")).text
    await work.do(SetHours, valid_from=MONDAY.date(), times=[], worker=ANNA.actor.id)


@pytest.mark.parametrize(
    ("contact", "thanks", "task"),
    [
        ("yes", "Du blir kontaktad om en annan", "Personen har avbokat mötet"),
        ("no", "ingen hör av sig om en ny", "vill helst inte bli kontaktad: låt ärendet vila"),
    ],
)
async def test_cancelled_is_the_time_alone(
    work: Casework, browser: httpx.AsyncClient, contact: str, thanks: str, task: str
) -> None:
    referral, _, link = await met(work, f"Maj Strand {contact}")
    unsaid = await fill_in(browser, f"{link}?do=cancel", link)
    assert unsaid.status_code == 422
    sent = fields_of((await browser.get(f"{link}?do=cancel")).text, link) | {"contact": contact}
    for _ in range(2):  # pressed twice
        answer = await browser.post(link, data=sent)
        assert answer.status_code == 303
        assert link.rsplit("/", 1)[1] not in answer.headers["location"]
    assert thanks in (await browser.get(answer.headers["location"])).text
    assert "Tiden är avbokad" in (await browser.get(link)).text
    async with work.browser_of(ANNA) as anna:
        case = (await anna.get(f"/cases/{referral}")).text
        assert task in case
        assert "Personen avbokade mötet i förväg" in case
    await work.do(BookMeeting, ANNA, referral_id=referral, starts=work.clock.now() + 5 * A_DAY)
    assert "En annan tid är bokad" in (await browser.get(link)).text


async def test_the_links_of_a_moved_meeting_say_its_new_time(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    referral, meeting, link = await met(work, "Ove Dahl")
    to = datetime.fromisoformat("2026-03-19T10:15+01:00")
    await work.do(MoveMeeting, ANNA, referral_id=referral, meeting_id=meeting, starts=to)
    page = (await browser.get(link)).text
    assert "torsdag 19 mars" in page
    assert "10:15" in page


async def test_what_is_good_for_nothing_any_more_looks_the_same_and_tells_of_nobody(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    closed, meeting, of_closed = await met(work, "Isa Holm")
    await work.do(CloseCase, ANNA, referral_id=closed, outcome=CaseOutcome.PERSON_DECLINED)
    protected = await work.refer("Ada Hem", person={"protection": "confidential"})
    await work.do(ClaimCase, ANNA, referral_id=protected, worker=ANNA.actor.id)
    soon = work.clock.now() + timedelta(minutes=5)
    hers = await work.do(BookMeeting, ANNA, referral_id=protected, starts=work.clock.now() + A_DAY)
    of_protected = f"/meeting/{SIGNER.sign(str(hers['meeting_id']))}"
    _, _, begun = await met(work, "Per Ask", soon)
    work.clock.move(timedelta(minutes=6))
    unknown = f"/meeting/{SIGNER.sign('01a41521-c900-79c1-b289-e7522195b362')}"
    providers = Signer(LINK_KEY).sign(Link(Purpose.OFFER, "korpen", meeting, MONDAY + 30 * A_DAY))
    altered = of_closed[:-1] + ("A" if of_closed[-1] != "A" else "Q")
    pages = set()
    for link in (of_closed, of_protected, begun, unknown, altered, f"/meeting/{providers}"):
        for answer in (await browser.get(link), await browser.get(f"{link}?do=cancel")):
            assert answer.status_code == 404, link
            assert CALM in answer.text
            pages.add(answer.text.partition("<main")[2])
    assert len(pages) == 1


def test_a_link_for_one_use_is_never_good_for_another() -> None:
    """Even under one key: the use is part of what is signed."""
    meeting = "01a41521-c900-79c1-b289-e7522195b362"
    token = SIGNER.sign(meeting)
    assert SIGNER.read(token) == meeting
    assert len(token) == 44
    for other in (Sealer(LINK_KEY, "provider"), Sealer(LINK_KEY, "meeting2"), Sealer(b"x" * 32, "meeting")):
        with pytest.raises(NotALink):
            other.open(token)
        assert not other.proves(SIGNER.proof(token, "then"), token, "then")
    with pytest.raises(NotALink):
        SIGNER.read(Signer(LINK_KEY).sign(Link(Purpose.OFFER, "korpen", meeting, MONDAY)))


async def test_a_form_is_taken_from_its_own_page_alone(work: Casework, browser: httpx.AsyncClient) -> None:
    _, _, one = await met(work, "Kim Wik")
    _, _, other = await met(work, "Pia Wik")
    sent = fields_of((await browser.get(one)).text, one)
    asked = len(work.asked)
    assert (await browser.post(other, data=sent)).status_code == 409
    for missing in ("proof", "form_token", "shown"):
        without = {name: value for name, value in sent.items() if name != missing}
        assert (await browser.post(one, data=without)).status_code in (403, 409)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert (await browser.post(one, data=sent, headers=headers)).status_code == 403
    for hostile in ("<script>alert(1)</script>", "9" * 400, "\x00"):
        for field in ("answer", "to", "days", "parts", "contact", "shown", "proof"):
            page = await browser.post(one, data={**sent, "answer": "another", field: hostile})
            assert page.status_code in (409, 422)
            assert "<script>alert" not in page.text
    assert len(work.asked) == asked


async def test_what_could_not_be_sent_is_sent_again(
    work: Casework,
    browser: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And the address is in no log, whatever happens."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own browser
    _, _, link = await met(work, "Tom Öst")
    work.away.add("navigator")
    later = await fill_in(browser, link)
    work.away.clear()
    assert later.status_code == 503
    assert "Inget har gått förlorat" in later.text
    assert (await fill_in(browser, link)).status_code == 200
    made_up = link[:-4] + "AAAA"
    answers = [await browser.get(made_up) for _ in range(2 * GUESSES)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"]
    assert (await browser.get(link)).status_code == 200
    printed = caplog.text + "".join(capfd.readouterr())
    assert link.rsplit("/", 1)[1] not in printed
    assert made_up.rsplit("/", 1)[1] not in printed


async def test_a_link_worker_who_cancels_is_told_of_by_the_link(
    work: Casework, browser: httpx.AsyncClient
) -> None:
    referral, meeting, link = await met(work, "Gun Lind", mode=MeetingMode.PHONE)
    assert "Per telefon; du blir uppringd" in (await browser.get(link)).text
    sent = fields_of((await browser.get(link)).text, link)
    about = {"referral_id": referral, "meeting_id": meeting}
    await work.do(CancelMeeting, ANNA, **about, whose="network", why="link_worker_away")
    assert "Tiden är avbokad" in (await browser.get(link)).text
    late = await browser.post(link, data=sent)
    assert (late.status_code, "Tiden är avbokad" in late.text) == (409, True)
