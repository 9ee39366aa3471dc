"""A referral's whole way through the navigator, and what is left behind: state, tables, no words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from services.navigator.app import service
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.store import desk
from services.navigator.vaulting import keep_goals
from services.runtime.database import open_engine
from sluss_contracts.activity import SessionScheduled
from sluss_contracts.command import Actor
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import CloseCase, CompleteTask, RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import AgreePlan, GoalInWords
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentOffered,
)
from sluss_contracts.event import FACTS, read_event
from sluss_contracts.followup import FollowUpDone, FollowUpDue
from sluss_contracts.referral import ReferralHeld
from sluss_contracts.vocabulary import Attendance, CaseOutcome, ContactOutcome, ContactWay, Role, Whose
from tests.navigator.office import MONDAY, Office, Vault, accepted, published

CANARY = "Vill dricka kaffe med någon som hette Kanariefågel"
FEEDBACK = "Kanariefågel har kommit igång"


async def live_through_it(office: Office) -> dict[str, Any]:
    """From acceptance to closure, with a no from one provider and a yes from another."""
    await office.team()
    await office.worker("anna")
    session = SessionScheduled(
        session_id="s1", activity="choir", starts=MONDAY + timedelta(days=20), minutes=90
    )
    await office.hear(published("choir"), published("walk"), session)
    await office.hear(accepted("r1"))
    phone = {"referral_id": "r1", "way": ContactWay.PHONE}
    await office.do(RecordContact, **phone, outcome=ContactOutcome.NO_ANSWER)
    await office.do(RecordContact, **phone, outcome=ContactOutcome.REACHED)
    booked = await office.do(BookMeeting, referral_id="r1", starts=MONDAY + timedelta(days=2))
    await office.do(RecordMeeting, referral_id="r1", meeting_id=booked["meeting_id"], held=True)
    plan = await office.do(AgreePlan, referral_id="r1", goals=(GoalInWords(words=CANARY),))
    made = {}
    for activity in ("choir", "walk"):
        goal = plan["goal_ids"][0]
        asked = await office.do(RequestEnrolment, referral_id="r1", activity=activity, goal_id=goal)
        made[activity] = asked["enrolment_id"]
    place = {
        name: {"enrolment_id": made[name], "referral_id": "r1", "activity": name, "provider": "korpen"}
        for name in made
    }
    await office.hear(
        EnrolmentOffered(**place["choir"], person="p", alias="Ask", answer_by=MONDAY + timedelta(days=5)),
        EnrolmentDeclined(**place["walk"], whose=Whose.PROVIDER, reason="group_is_full"),
        EnrolmentAccepted(
            **place["choir"], person="p", host="Maud", first_session="s1", starts=MONDAY + timedelta(days=20)
        ),
    )
    (finding,) = await office.rows("select task_id from task where kind = 'find_activity' and done is null")
    await office.do(CompleteTask, referral_id="r1", task_id=finding["task_id"], how="one_is_enough")
    await office.hear(
        AttendanceRecorded(**place["choir"], session_id="s1", outcome=Attendance.ATTENDED, by=Role.PROVIDER)
    )
    await office.hear(FollowUpDue(followup_id="f1", referral_id="r1", person="p"))
    await office.hear(FollowUpDone(followup_id="f1", referral_id="r1", how_it_went="well"))
    await office.do(CloseCase, referral_id="r1", outcome=CaseOutcome.COMPLETED, feedback=FEEDBACK)
    return made


async def test_a_case_goes_its_whole_way_and_leaves_nobody_anything_to_do(office: Office) -> None:
    await live_through_it(office)
    assert await office.rows("select kind from task where done is null") == []
    assert await office.load("anna") == 0
    assert await office.rows("select outcome, plan_version from case_file") == [
        {"outcome": "completed", "plan_version": 1}
    ]
    assert [row["kind"] for row in await office.rows("select kind from task order by opened, task_id")] == [
        *("contact_person", "contact_person", "hold_meeting", "hold_meeting", "agree_plan", "find_activity"),
        *("await_provider", "await_provider", "find_activity", "await_attendance"),
        *("follow_up", "follow_up", "close_case"),
    ]


async def test_folding_the_event_table_gives_the_state_row_for_row(office: Office) -> None:
    await live_through_it(office)
    folded: dict[tuple[str, str, str], tuple[int, Any]] = {}
    for row in await office.rows(
        "select key, kind, aggregate_id, type, body from event order by lane, number"
    ):
        fact = read_event(FACTS[row["type"]], row["body"]).data
        name = (row["key"], row["kind"], row["aggregate_id"])
        sequence, state = folded.get(name, (0, None))
        folded[name] = (sequence + 1, service.aggregates[row["kind"]].evolve(state, fact))
    held = await office.rows("select key, kind, id, sequence, state from aggregate")
    assert len(held) == len(folded) > 10
    for row in held:
        sequence, state = folded[row["key"], row["kind"], row["id"]]
        assert (row["sequence"], row["state"]) == (sequence, state.model_dump(mode="json"))


async def test_the_task_table_says_what_the_tasks_are(office: Office) -> None:
    await live_through_it(office)
    for row in await office.rows("select id, state from aggregate where kind = 'task'"):
        (table,) = await office.rows("select * from task where task_id = $1", row["id"])
        for name in ("kind", "why", "about", "team", "worker", "how"):
            assert table[name] == row["state"][name], (row["id"], name)


async def test_no_words_leave_for_anywhere_but_the_vault(office: Office) -> None:
    await live_through_it(office)
    assert set(office.vault.words.values()) == {CANARY, FEEDBACK}
    for table in ("event", "aggregate", "task", "answered_command", "board", "board_step"):
        written = await office.rows(f"select t::text as row from {table} t")
        assert not [row for row in written if "Kanarie" in row["row"]], table
    bodies = await office.rows("select body from event")
    assert not [row for row in bodies if "Kanarie" in row["body"].decode()]
    (plan,) = await office.rows("select body from event where type = 'sluss.plan.agreed.v1'")
    assert office.vault.words[orjson.loads(plan["body"])["data"]["goals"][0]["words"]] == CANARY


async def test_agreeing_the_same_plan_twice_by_one_command_is_one_plan(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    await office.do(RecordContact, referral_id="r1", way=ContactWay.PHONE, outcome=ContactOutcome.REACHED)
    again: dict[str, Any] = {
        "command_id": uuid4(),
        "referral_id": "r1",
        "goals": (GoalInWords(words=CANARY),),
    }
    assert await office.do(AgreePlan, **again) == await office.do(AgreePlan, **again)
    assert await office.value("select plan_version from case_file") == 1
    assert len(office.vault.words) == 1


async def test_words_kept_before_a_crash_are_kept_once() -> None:
    """Between vault and commit a service may die; the command is sent again and prepared again."""
    vault, anna = Vault(), Actor(id="anna", role=Role.LINK_WORKER)
    plan = AgreePlan(command_id=uuid4(), actor=anna, referral_id="r1", goals=(GoalInWords(words=CANARY),))
    assert await keep_goals(plan, vault) == await keep_goals(plan, vault)
    assert list(vault.words.values()) == [CANARY]


async def test_words_the_vault_refuses_are_written_nowhere(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    office.vault.refuses = "unknown_referral"
    answer = await office.ask(CloseCase, referral_id="r1", outcome=CaseOutcome.COMPLETED, feedback=FEEDBACK)
    assert answer.refused is not None
    assert (answer.refused.code, "unknown_referral" in answer.refused.message) == ("words_not_kept", True)
    assert await office.value("select closed from case_file") is None


async def test_an_activity_nobody_has_published_is_refused_by_name(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    await office.do(RecordContact, referral_id="r1", way=ContactWay.PHONE, outcome=ContactOutcome.REACHED)
    await office.do(AgreePlan, referral_id="r1", goals=(GoalInWords(words=CANARY),))
    answer = await office.ask(RequestEnrolment, referral_id="r1", activity="juggling")
    assert answer.refused is not None
    assert answer.refused.code == "unknown_activity"
    assert "juggling" in answer.refused.message


async def test_a_place_that_was_declined_may_be_asked_for_again(office: Office) -> None:
    made = await live_through_it_until_declined(office)
    asked = await office.do(RequestEnrolment, referral_id="r1", activity="walk")
    assert asked["enrolment_id"] != made
    again = await office.do(RequestEnrolment, referral_id="r1", activity="walk")
    assert again == asked


async def live_through_it_until_declined(office: Office) -> str:
    await office.team()
    await office.worker("anna")
    await office.hear(published("walk"))
    await office.hear(accepted("r1"))
    await office.do(RecordContact, referral_id="r1", way=ContactWay.PHONE, outcome=ContactOutcome.REACHED)
    await office.do(AgreePlan, referral_id="r1", goals=(GoalInWords(words=CANARY),))
    asked = await office.do(RequestEnrolment, referral_id="r1", activity="walk")
    enrolment = str(asked["enrolment_id"])
    await office.hear(
        EnrolmentDeclined(
            enrolment_id=enrolment,
            referral_id="r1",
            activity="walk",
            provider="korpen",
            whose=Whose.PROVIDER,
            reason="group_is_full",
        )
    )
    return enrolment


async def test_what_arrives_before_its_cause_waits_and_is_taken_up_in_order(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    due, done = (
        FollowUpDue(followup_id="f1", referral_id="r1", person="p"),
        FollowUpDone(followup_id="f1", referral_id="r1", how_it_went="well"),
    )
    assert await office.hear(due, done) == []
    assert await office.value("select count(*) from parked") == 2
    await office.hear(accepted("r1"))
    await office.settle("r1")
    assert await office.rows("select reason, tries from parked") == []
    assert await office.rows("select how from task where kind = 'follow_up'") == [{"how": "followed_up"}]


async def test_a_step_somebody_may_not_take_changes_nothing(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    said = await office.value("select count(*) from event")
    answer = await office.ask(CloseCase, "bo", referral_id="r1", outcome=CaseOutcome.COMPLETED)
    assert answer.refused is not None
    assert answer.refused.code == "not_this_workers"
    assert await office.value("select count(*) from event") == said


# --- what people look at


async def test_the_desk_shows_what_waits_for_whom(office: Office, navigator_url: str) -> None:
    await office.team()
    await office.worker("anna", capacity=1)
    held = ReferralHeld(
        referral_id="r3", person="p", organisation="church", area="norr", why="consent_to_be_asked"
    )
    await office.hear(accepted("r1", language="sv"), accepted("r2", organisation="school"), held)
    pages = open_engine(navigator_url, "navigator")
    try:
        (mine,) = await desk.tasks_of_worker(pages, "anna")
        assert (mine.referral_id, mine.kind, mine.organisation, mine.needs) == (
            *("r1", "contact_person", "clinic"),
            ("company",),
        )
        groups = desk.by_urgency([mine], office.clock.now())
        assert groups[desk.Urgency.THIS_WEEK] == [mine]
        assert desk.by_urgency([mine], mine.due + timedelta(minutes=1))[desk.Urgency.OVERDUE] == [mine]
        (teams,) = await desk.tasks_of_team(pages, "city")
        assert (teams.referral_id, teams.kind) == ("r2", "claim_case")
        (asking,) = await desk.tasks_of_team(pages, NETWORK_TEAM)
        assert (asking.kind, asking.organisation, asking.area, asking.needs) == (
            *("ask_consent", "church", "norr"),
            (),
        )
        (waiting,) = await desk.inbox_of(pages, "city")
        assert (waiting.referral_id, waiting.organisation) == ("r2", "school")
        (case,) = await desk.caseload_of(pages, "anna")
        assert (case.referral_id, case.kind) == ("r1", "contact_person")
        assert await desk.loads_of(pages, "city") == [desk.Load("anna", 1, 1, False)]
        summary = await desk.summary_of(pages, "r1")
        assert summary is not None
        assert [task.kind for task in summary.tasks] == ["contact_person"]
        assert await desk.summary_of(pages, "nothing") is None
    finally:
        await pages.dispose()


@pytest.mark.parametrize(
    ("hours", "group"),
    [
        (-1, desk.Urgency.OVERDUE),
        (10, desk.Urgency.TODAY),  # Monday, late in the evening where the network is
        (11.5, desk.Urgency.TOMORROW),  # half past midnight there, still Monday in UTC
        (6 * 24, desk.Urgency.THIS_WEEK),
        (7 * 24, desk.Urgency.LATER),
    ],
)
def test_urgency_follows_the_calendar_where_people_are(hours: float, group: desk.Urgency) -> None:
    assert desk.urgency(MONDAY + timedelta(hours=hours), MONDAY) is group


async def test_a_coordinator_closes_what_nobody_has_claimed(office: Office) -> None:
    await office.team()
    await office.hear(accepted("r1"))
    siv = Actor(id="siv", role=Role.COORDINATOR)
    await office.do(CloseCase, siv, referral_id="r1", outcome=CaseOutcome.DECEASED)
    assert await office.rows("select kind from task where done is null") == []
