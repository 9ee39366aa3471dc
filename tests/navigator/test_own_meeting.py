"""What a person says of a meeting of their own: that it suits, that it does not, or that they do not come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.navigator.meeting_links import keys
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.meetings import (
    AskForMeetingTime,
    BookMeeting,
    CallOffMeeting,
    CancelMeeting,
    ChooseMeetingTime,
    ConfirmMeeting,
    MoveMeeting,
    ReadMeetingLink,
    RecordMeeting,
)
from sluss_contracts.commands.navigator import ClaimCase, CloseCase, PauseCase
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.meeting import MeetingCancelled, MeetingConfirmed, MeetingMoved, MeetingTimeUnsuited
from sluss_contracts.vocabulary import PartOfDay, Protection, Role, Weekday, Whose
from tests.navigator.office import MONDAY, Office, accepted
from tests.support.link_keys import link_keys

THURSDAY, FRIDAY = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
PERSON = Actor(id="link-0123abcd", role=Role.PERSON)
OPERATOR = Actor(id="ove", role=Role.OPERATOR)


async def booked(office: Office, who: str = "r1", **said: Any) -> str:
    """A meeting on Thursday at noon (13:00 in Sweden), of three quarters of an hour."""
    if not await office.value("select count(*) from link_worker"):
        await office.team()
        await office.worker("anna", capacity=0)
    await office.hear(accepted(who))
    await office.do(ClaimCase, referral_id=who, worker="anna")
    done = await office.do(BookMeeting, referral_id=who, starts=said.pop("starts", THURSDAY), **said)
    return str(done["meeting_id"])


async def says(
    office: Office, command: type[Command], meeting: str, *, starts: datetime = THURSDAY, who: str = "r1",
    by: Actor = PERSON, **said: Any,
) -> str:  # fmt: skip
    """The person's own command; the code it is refused with, or none."""
    about = {"referral_id": who, "meeting_id": meeting, "starts": starts}
    asked = command.model_validate({"command_id": uuid4(), "actor": by, **about, **said})
    answer = await office.serving().answer(command, asked.model_dump_json().encode())
    return answer.refused.code if answer.refused else ""


async def waiting(office: Office) -> list[tuple[str, str]]:
    rows = await office.rows("select kind, why from task where done is null order by due")
    return [(row["kind"], row["why"]) for row in rows]


async def told(office: Office, fact: type[Any]) -> int:
    return int(await office.value("select count(*) from event where type = $1", fact.TYPE))


async def test_confirming_is_said_once_and_asks_nothing_of_anybody(office: Office) -> None:
    meeting = await booked(office)
    before = await waiting(office)
    for _ in range(2):
        assert await says(office, ConfirmMeeting, meeting) == ""
    assert await told(office, MeetingConfirmed) == 1
    assert await office.value("select suits from meeting") is True
    assert await waiting(office) == before


async def test_a_time_that_does_not_suit_is_somebodys_to_change_before_it_comes(office: Office) -> None:
    meeting = await booked(office)
    wishes: dict[str, Any] = {"days": (Weekday.FRIDAY, Weekday.MONDAY), "parts": (PartOfDay.MORNING,)}
    for _ in range(2):
        assert await says(office, AskForMeetingTime, meeting, **wishes) == ""
    assert await told(office, MeetingTimeUnsuited) == 1
    assert ("contact_person", "meeting_time_unsuited") in await waiting(office)
    due = await office.value("select due from task where why = 'meeting_time_unsuited'")
    assert due == MONDAY + timedelta(days=1)
    assert (await office.value("select suits from meeting")) is False
    await office.do(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=FRIDAY)
    assert await waiting(office) == [("hold_meeting", "meeting_moved")]
    assert await office.value("select suits from meeting") is None


async def test_whoever_can_come_after_all_is_not_called(office: Office) -> None:
    meeting = await booked(office)
    assert await says(office, AskForMeetingTime, meeting) == ""
    assert await says(office, ConfirmMeeting, meeting) == ""
    assert await waiting(office) == [("hold_meeting", "meeting_booked")]


@pytest.mark.parametrize(
    ("contact", "task"),
    [(True, ("contact_person", "meeting_called_off")), (False, ("close_case", "rather_not_contacted"))],
)
async def test_calling_off_is_the_meeting_alone_and_a_human_sees_to_the_rest(
    office: Office, contact: bool, task: tuple[str, str]
) -> None:
    meeting = await booked(office)
    for _ in range(2):
        assert await says(office, CallOffMeeting, meeting, contact=contact) == ""
    assert await told(office, MeetingCancelled) == 1
    assert await waiting(office) == [task]
    assert await office.value("select closed from case_file") is None


async def test_a_free_time_is_chosen_and_kept_free_of_others(office: Office) -> None:
    one, other = await booked(office), await booked(office, "r2", starts=FRIDAY)
    times = [{"weekday": "friday", "starts": "09:00", "ends": "10:00"}]
    to = datetime.fromisoformat("2026-03-06T09:00+01:00")
    assert await says(office, ChooseMeetingTime, one, to=to) == "time_is_taken", "no hours are known"
    await office.do(SetHours, worker="anna", valid_from=MONDAY.date(), times=times)
    for _ in range(2):
        assert await says(office, ChooseMeetingTime, one, to=to) == ""
    assert await told(office, MeetingMoved) == 1
    assert await waiting(office) == [
        ("hold_meeting", "meeting_moved_by_person"),
        ("hold_meeting", "meeting_booked"),
    ]
    refused = await says(office, ChooseMeetingTime, other, who="r2", starts=FRIDAY, to=to)
    assert refused == "time_is_taken"


async def test_what_is_said_of_a_time_that_has_changed_is_refused(office: Office) -> None:
    meeting = await booked(office)
    await office.do(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=FRIDAY)
    for command, said in (
        (ConfirmMeeting, {}),
        (AskForMeetingTime, {}),
        (CallOffMeeting, {"contact": True}),
        (ChooseMeetingTime, {"to": FRIDAY}),
    ):
        assert await says(office, command, meeting, **said) == "meeting_has_moved"


async def test_nothing_is_answered_once_it_has_begun_is_over_or_cancelled(office: Office) -> None:
    meeting = await booked(office)
    office.clock.move(timedelta(days=3))
    assert await says(office, ConfirmMeeting, meeting) == "meeting_has_begun"
    assert await link(office, meeting) == "meeting_has_begun"
    await office.do(RecordMeeting, referral_id="r1", meeting_id=meeting, held=True)
    assert await says(office, ConfirmMeeting, meeting) == "meeting_already_recorded"
    later = THURSDAY + timedelta(days=7)
    other = (await office.do(BookMeeting, referral_id="r1", starts=later))["meeting_id"]
    await office.do(CancelMeeting, referral_id="r1", meeting_id=other, whose=Whose.PERSON)
    assert await says(office, ConfirmMeeting, other, starts=later) == "meeting_is_cancelled"
    await office.do(CloseCase, referral_id="r1", outcome="person_declined")
    assert await says(office, ConfirmMeeting, other, starts=later) == "already_closed"


async def test_while_the_case_rests_the_person_is_heard_but_moves_nothing(office: Office) -> None:
    meeting = await booked(office)
    await office.do(PauseCase, referral_id="r1", why="illness", until=FRIDAY.date())
    assert await says(office, ChooseMeetingTime, meeting, to=FRIDAY) == "case_is_paused"
    assert await says(office, AskForMeetingTime, meeting) == ""
    assert await says(office, ConfirmMeeting, meeting) == ""


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PERSON}))
async def test_it_is_the_persons_to_say_and_nobody_elses(office: Office, role: Role) -> None:
    meeting = await booked(office)
    somebody = Actor(id="anna", role=role)
    assert await says(office, ConfirmMeeting, meeting, by=somebody) == "not_allowed"


async def link(office: Office, meeting: str, by: Actor = OPERATOR, who: str = "r1") -> str:
    """The address, or the code it is refused with."""
    question = ReadMeetingLink(command_id=uuid4(), actor=by, referral_id=who, meeting_id=meeting)
    answer = await office.serving().answer(ReadMeetingLink, question.model_dump_json().encode())
    return answer.refused.code if answer.refused else str(answer.result["address"])


@pytest.fixture
def key() -> Iterator[None]:
    with link_keys(
        navigator_link_key="only-for-tests-and-long-enough-to-sign-with",
        navigator_link_address="https://sluss.test/meeting/",
    ):
        yield


@pytest.mark.usefixtures("key")
async def test_a_link_is_made_for_who_writes_and_is_written_down_nowhere(office: Office) -> None:
    meeting = await booked(office)
    address = await link(office, meeting, Actor(id="notify", role=Role.SERVICE))
    token = address.removeprefix("https://sluss.test/meeting/")
    assert keys.signer().read(token) == meeting
    assert len(address) < 80, "it fits into one SMS with what is said beside it"
    for role in (Role.PERSON, Role.PROVIDER, Role.REFERRER, Role.LINK_WORKER, Role.VOLUNTEER):
        assert await link(office, meeting, Actor(id="anna", role=role)) == "not_allowed"
    tables = await office.rows(
        "select table_name from information_schema.tables where table_schema = current_schema()"
    )
    for row in tables:
        found = await office.value(
            f'select count(*) from "{row["table_name"]}" t where t::text like $1', f"%{token}%"
        )
        assert found == 0, row["table_name"]


async def test_of_somebody_protected_no_link_is_made(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=0)
    await office.hear(accepted("r1", protection=Protection.CONFIDENTIAL))
    await office.do(ClaimCase, referral_id="r1", worker="anna")
    meeting = (await office.do(BookMeeting, referral_id="r1", starts=THURSDAY))["meeting_id"]
    assert await link(office, str(meeting)) == "no_link_for_protected"
