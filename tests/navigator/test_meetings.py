"""A booked meeting is moved or cancelled, and where one meets is nobody's to read but the vault's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.navigator.domain.rules import (
    MeetingAlreadyRecorded,
    MeetingIsCancelled,
    ModeNotInStep,
    NoSuchMeeting,
)
from sluss_contracts.commands.meetings import BookMeeting, CancelMeeting, MoveMeeting, RecordMeeting
from sluss_contracts.commands.navigator import ClaimCase, PauseCase, ResumeCase
from sluss_contracts.meeting import MeetingCancelled, MeetingMoved
from sluss_contracts.vocabulary import MeetingMode, Whose
from tests.navigator.office import MONDAY, Office, accepted

THURSDAY, FRIDAY = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)


async def _booked(office: Office, **said: Any) -> str:
    await office.team()
    await office.worker("anna", capacity=0)
    await office.hear(accepted("r1"))
    await office.do(ClaimCase, referral_id="r1", worker="anna")
    booked = await office.do(BookMeeting, referral_id="r1", starts=THURSDAY, **said)
    return str(booked["meeting_id"])


async def _waiting(office: Office) -> list[tuple[str, str]]:
    rows = await office.rows("select kind, why from task where done is null order by due")
    return [(row["kind"], row["why"]) for row in rows]


async def test_a_moved_meeting_is_the_same_meeting_and_due_when_it_ends_now(office: Office) -> None:
    meeting = await _booked(office)
    await office.do(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=FRIDAY)
    assert await office.value("select count(*) from event where type = $1", MeetingMoved.TYPE) == 1
    (row,) = await office.rows("select meeting_id, starts, held, cancelled from meeting")
    assert row == {"meeting_id": meeting, "starts": FRIDAY, "held": None, "cancelled": False}
    (due,) = await office.rows("select about, due from task where done is null")
    assert due == {"about": meeting, "due": FRIDAY + timedelta(minutes=45)}
    await office.do(RecordMeeting, referral_id="r1", meeting_id=meeting, held=True)
    assert ("agree_plan", "met") in await _waiting(office)


async def test_moving_it_to_where_it_is_changes_nothing(office: Office) -> None:
    meeting = await _booked(office)
    answer = await office.ask(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=THURSDAY)
    assert answer.ok
    assert not answer.events


async def test_a_cancelled_meeting_asks_when_they_can_meet_instead(office: Office) -> None:
    meeting = await _booked(office)
    cancelled = {"referral_id": "r1", "meeting_id": meeting, "whose": Whose.PERSON, "why": "illness"}
    await office.do(CancelMeeting, **cancelled)
    assert await _waiting(office) == [("contact_person", "meeting_cancelled")]
    assert await office.value("select count(*) from event where type = $1", MeetingCancelled.TYPE) == 1
    again = await office.ask(CancelMeeting, **cancelled)
    assert again.ok
    assert not again.events
    await office.do(BookMeeting, referral_id="r1", starts=THURSDAY)
    assert [kind for kind, _ in await _waiting(office)] == ["hold_meeting"]


async def test_nobody_is_asked_again_where_another_meeting_is_ahead(office: Office) -> None:
    meeting = await _booked(office)
    await office.do(BookMeeting, referral_id="r1", starts=FRIDAY)
    await office.do(CancelMeeting, referral_id="r1", meeting_id=meeting, whose=Whose.NETWORK)
    assert await _waiting(office) == [("hold_meeting", "meeting_booked")]


async def test_a_link_worker_meets_one_person_at_a_time_unless_they_know_of_it(office: Office) -> None:
    meeting = await _booked(office)
    for referral in ("r2", "r3"):
        await office.hear(accepted(referral))
        await office.do(ClaimCase, referral_id=referral, worker="anna")
    after = THURSDAY + timedelta(minutes=45)
    same: dict[str, Any] = {"starts": THURSDAY + timedelta(minutes=30), "only_if_free": True}
    refused = (await office.ask(BookMeeting, referral_id="r2", **same)).refused
    assert refused is not None
    assert refused.code == "time_is_taken"
    assert THURSDAY.isoformat() in refused.message, "it says when the other one is"
    own = await office.ask(MoveMeeting, referral_id="r1", meeting_id=meeting, **same)
    assert own.ok, "a meeting is not in its own way"
    await office.do(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=THURSDAY)
    both = await asyncio.gather(
        *(office.ask(BookMeeting, referral_id=each, starts=after, only_if_free=True) for each in ("r2", "r3"))
    )
    assert sorted(answer.refused.code if answer.refused else "" for answer in both) == ["", "time_is_taken"]
    for each in ("r2", "r3"):
        await office.do(BookMeeting, referral_id=each, starts=FRIDAY)  # a couple who come together


async def test_what_is_over_is_neither_moved_nor_cancelled(office: Office) -> None:
    meeting = await _booked(office)
    await office.do(RecordMeeting, referral_id="r1", meeting_id=meeting, held=False)
    for command, said in (
        (MoveMeeting, {"starts": FRIDAY}),
        (CancelMeeting, {"whose": Whose.PERSON}),
    ):
        refused = (await office.ask(command, referral_id="r1", meeting_id=meeting, **said)).refused
        assert refused is not None
        assert refused.code == MeetingAlreadyRecorded.code
        unknown = (await office.ask(command, referral_id="r1", meeting_id="no-such", **said)).refused
        assert unknown is not None
        assert unknown.code == NoSuchMeeting.code


async def test_what_is_cancelled_is_neither_moved_nor_held(office: Office) -> None:
    meeting = await _booked(office)
    await office.do(CancelMeeting, referral_id="r1", meeting_id=meeting, whose=Whose.PERSON)
    for command, said in ((MoveMeeting, {"starts": FRIDAY}), (RecordMeeting, {"held": True})):
        refused = (await office.ask(command, referral_id="r1", meeting_id=meeting, **said)).refused
        assert refused is not None
        assert refused.code == MeetingIsCancelled.code


async def test_while_a_case_rests_a_meeting_may_be_cancelled_and_not_moved(office: Office) -> None:
    meeting = await _booked(office)
    await office.do(PauseCase, referral_id="r1", why="illness", until=FRIDAY.date())
    moved = (await office.ask(MoveMeeting, referral_id="r1", meeting_id=meeting, starts=FRIDAY)).refused
    assert moved is not None
    assert moved.code == "case_is_paused"
    await office.do(CancelMeeting, referral_id="r1", meeting_id=meeting, whose=Whose.PERSON)
    await office.do(ResumeCase, referral_id="r1")
    assert [kind for kind, _ in await _waiting(office)] == ["contact_person"]


async def test_it_is_moved_to_a_way_the_step_has(office: Office) -> None:
    meeting = await _booked(office, mode=MeetingMode.CLINIC)
    await office.do(
        MoveMeeting, referral_id="r1", meeting_id=meeting, starts=THURSDAY, mode=MeetingMode.PHONE
    )
    assert await office.value("select mode from meeting") == "phone"
    assert ModeNotInStep.code == "mode_not_in_step"


@pytest.mark.parametrize("acute", [False, True])
async def test_where_one_meets_is_in_the_vault_and_looked_through(office: Office, acute: bool) -> None:
    office.vault.acute = acute
    await _booked(office, mode=MeetingMode.HOME)
    said = {"place": "Kanariegränd 7", "lone_work": "Hassan vet; åter kl. 15"}
    answer = await office.ask(BookMeeting, referral_id="r1", starts=FRIDAY, **said)
    assert answer.ok
    assert bool(answer.result.get("acute")) is acute
    state = await office.value("select state::text from aggregate where kind = 'case'")
    written = state + str(await office.rows("select convert_from(body, 'utf8') as body from event"))
    assert "Kanariegränd" not in written
    assert "Hassan vet" not in written
    meeting = str(answer.result["meeting_id"])
    moved = await office.do(
        MoveMeeting,
        referral_id="r1",
        meeting_id=meeting,
        starts=FRIDAY + timedelta(hours=1),
        place="Bänken i parken",
    )
    assert bool(moved.get("acute")) is acute
    kept = await office.value("select state->'meetings'->$1 from aggregate where kind = 'case'", meeting)
    assert office.vault.words[kept["place"]] == "Bänken i parken"
    assert office.vault.words[kept["lone_work"]] == said["lone_work"]
