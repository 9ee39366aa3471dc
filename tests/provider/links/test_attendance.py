"""Who came is ticked off by a link, and can be corrected as long as it lives."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx

from services.provider.domain.alias import alias_of
from services.provider.domain.refusals import HasNotBegun
from sluss_contracts.activity import SessionReportDue
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import EndEnrolment, ReadActivityLink, RecordAttendance
from sluss_contracts.enrolment import AttendanceMissing, AttendanceRecorded
from sluss_contracts.vocabulary import Attendance, Role, Whose
from tests.support.answering import A_DAY, COORDINATOR, KORPEN, NOON, WALK, House, fields_of, post, send

TWO_HOURS = timedelta(hours=2)


async def after_a_session(house: House, *people: str) -> str:
    """The people take part, a session has been; its id."""
    await house.publish()
    session_id = await house.session(NOON + A_DAY)
    for who in people:
        await house.welcomed(who)
    await house.desk.wait(A_DAY + TWO_HOURS)
    return session_id


async def said(house: House) -> list[tuple[str, Attendance]]:
    return [(each.referral_id, each.outcome) for each in await house.desk.said(AttendanceRecorded)]


async def test_whoever_runs_it_is_asked_once_when_people_were_expected(house: House) -> None:
    session_id = await after_a_session(house, "alva", "bo")
    await house.session(NOON + 3 * A_DAY)
    for who in ("alva", "bo"):
        ended = {"whose": Whose.PERSON, "reason": "person_stopped"}
        await house.do(EndEnrolment, referral_id=who, enrolment_id=f"{who}-{WALK}", **ended)
    await house.desk.wait(10 * A_DAY)
    (due,) = await house.desk.said(SessionReportDue)
    assert due == SessionReportDue(session_id=session_id, activity=WALK, provider=KORPEN)


async def test_whoever_begins_later_is_not_asked_about_before(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish()
    early = await house.session(NOON + A_DAY)
    first = await house.session(NOON + 3 * A_DAY)
    await house.wish("alva")
    chosen = (NOON + 3 * A_DAY).isoformat()
    await send(maud, await house.offer_link("alva"), "welcome", host="Maud", starts=chosen)
    await house.desk.wait(A_DAY + TWO_HOURS)
    assert await house.desk.said(SessionReportDue) == []
    await house.desk.wait(10 * A_DAY)
    assert [each.session_id for each in await house.desk.said(SessionReportDue)] == [first]
    assert early not in {each.session_id for each in await house.desk.said(AttendanceMissing)}


async def test_the_list_is_of_aliases_and_is_sent_in_one_go(house: House, maud: httpx.AsyncClient) -> None:
    session_id = await after_a_session(house, "alva", "bo", "disa")
    link = await house.activity_link(session_id=session_id)
    page = (await maud.get(link)).text
    for who in ("alva", "bo", "disa"):
        assert alias_of(f"p-{who}", KORPEN) in page
        assert f"p-{who}" not in page
        assert f"{who}-{WALK}" not in page
    answer = await send(maud, link, **{"person-1": "attended", "person-2": "absent", "person-3": "excused"})
    assert answer.status_code == 303
    assert await said(house) == [("alva", "attended"), ("bo", "absent"), ("disa", "excused")]
    assert "Tack, det är antecknat" in (await maud.get(answer.headers["location"])).text


async def test_whom_nobody_knows_about_is_left_open(house: House, maud: httpx.AsyncClient) -> None:
    session_id = await after_a_session(house, "alva", "bo")
    link = await house.activity_link(session_id=session_id)
    nothing = await send(maud, link)
    assert nothing.status_code == 422
    await send(maud, link, **{"person-2": "attended"})
    assert await said(house) == [("bo", "attended")]
    await house.desk.wait(10 * A_DAY)
    assert [each.referral_id for each in await house.desk.said(AttendanceMissing)] == ["alva"]


async def test_a_correction_is_a_new_event_and_the_same_again_is_none(
    house: House, maud: httpx.AsyncClient
) -> None:
    session_id = await after_a_session(house, "alva", "bo")
    link = await house.activity_link(session_id=session_id)
    await send(maud, link, **{"person-1": "attended", "person-2": "attended"})
    await send(maud, link, **{"person-2": "absent"})
    before = await house.events()
    assert (await send(maud, link)).status_code == 303
    assert await house.events() == before
    assert await said(house) == [("alva", "attended"), ("bo", "attended"), ("bo", "absent")]


async def test_an_old_form_does_not_take_a_correction_back(house: House, maud: httpx.AsyncClient) -> None:
    session_id = await after_a_session(house, "alva")
    link = await house.activity_link(session_id=session_id)
    old = fields_of((await maud.get(link)).text)
    await post(maud, link, old, {"person-1": "absent"})
    await send(maud, link, **{"person-1": "attended"})
    stale = await post(maud, link, old, {"person-1": "absent"})
    assert stale.status_code == 409
    assert "Något har ändrats" in stale.text
    assert await said(house) == [("alva", "absent"), ("alva", "attended")]


async def test_a_report_by_a_link_and_one_by_command_are_the_same(
    house: House, maud: httpx.AsyncClient
) -> None:
    session_id = await after_a_session(house, "alva")
    link = await house.activity_link(session_id=session_id)
    place = {"referral_id": "alva", "enrolment_id": f"alva-{WALK}", "session_id": session_id}
    by = Actor(id=KORPEN, role=Role.PROVIDER)
    await house.do(RecordAttendance, by, **place, outcome=Attendance.ATTENDED)
    page = (await maud.get(link)).text
    assert 'value="attended" checked' in page
    await send(maud, link, **{"person-1": "attended"})
    assert await said(house) == [("alva", "attended")]


async def test_nobody_reports_a_session_that_has_not_begun(house: House) -> None:
    await house.publish()
    session_id = await house.session(NOON + A_DAY)
    await house.welcomed("alva")
    command = ReadActivityLink(command_id=uuid4(), actor=COORDINATOR, activity=WALK, session_id=session_id)
    answer = await house.desk.ask(command)
    assert answer.refused
    assert answer.refused.code == HasNotBegun.code


async def test_the_link_lives_for_a_month(house: House, maud: httpx.AsyncClient) -> None:
    session_id = await after_a_session(house, "alva")
    link = await house.activity_link(session_id=session_id)
    house.desk.clock.move(29 * A_DAY)
    assert (await maud.get(link)).status_code == 200
    house.desk.clock.move(2 * A_DAY)
    assert (await maud.get(link)).status_code == 404
