"""What nobody vouches for, and what takes place no more, is asked for by nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.navigator.app import service
from services.navigator.store import desk
from services.runtime.database import open_engine
from services.runtime.timers import Timers
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.commands.activity_tasks import CompleteActivityTask, ReadActivityTasks
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import CloseCase, RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import AgreePlan, GoalInWords
from sluss_contracts.enrolment import EnrolmentAccepted
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import CaseOutcome, ContactOutcome, ContactWay, OrganisationKind, Role
from tests.navigator.office import MONDAY, Office, accepted, published


async def with_a_plan(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(published("choir"))
    await office.hear(accepted("r1"))
    reached = {"way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await office.do(RecordContact, referral_id="r1", **reached)
    booked = await office.do(BookMeeting, referral_id="r1", starts=MONDAY + timedelta(days=2))
    await office.do(RecordMeeting, referral_id="r1", meeting_id=booked["meeting_id"], held=True)
    await office.do(AgreePlan, referral_id="r1", goals=(GoalInWords(words="Sjunga igen"),))


async def refusal(office: Office) -> str | None:
    answer = await office.ask(RequestEnrolment, referral_id="r1", activity="choir")
    return answer.refused.code if answer.refused else None


async def test_what_is_hidden_is_asked_for_by_nobody_until_somebody_verifies_it(office: Office) -> None:
    await with_a_plan(office)
    await office.hear(ActivityExpired(activity="choir"))
    assert await refusal(office) == "unknown_activity"
    again = ActivityVerified(activity="choir", by=Role.PROVIDER, ask_again=MONDAY + timedelta(days=180))
    await office.hear(again)
    assert (await office.do(RequestEnrolment, referral_id="r1", activity="choir"))["enrolment_id"]


async def test_what_is_withdrawn_is_asked_for_by_nobody(office: Office) -> None:
    await with_a_plan(office)
    await office.hear(ActivityWithdrawn(activity="choir", why="no_leader"))
    assert await refusal(office) == "unknown_activity"


# What is to be done about activities and sessions


CHOIR_AGAIN = MONDAY + timedelta(days=7)
DUE = VerificationDue(activity="choir", provider="korpen", hidden_at=MONDAY + timedelta(days=90))


KORPEN = {"kind": OrganisationKind.ASSOCIATION, "area": "centrum"}


async def fire(office: Office) -> None:
    while await Timers(service, office.pool, office.clock).fire_due():
        pass


async def activity_tasks(office: Office) -> list[tuple[str, str | None]]:
    rows = await office.rows("select team, how from activity_task order by opened, task_id")
    return [(row["team"], row["how"]) for row in rows]


async def test_an_activity_nobody_has_verified_is_the_teams_of_its_area_to_ask_about(
    office: Office, navigator_url: str
) -> None:
    await office.team("city", "centrum")
    await office.hear(published("choir"))
    assert await office.hear(DUE) == ["activity_task.opened"]
    assert await office.hear(DUE) == [], "asked once while nobody has"
    engine = open_engine(navigator_url, "navigator")
    (task,) = await desk.activity_tasks_of_team(engine, "city")
    await engine.dispose()
    assert (task.activity, task.kind, task.why) == ("choir", "verify_activity", "activity_verified")
    assert task.due == DUE.hidden_at
    assert await office.hear(ActivityExpired(activity="choir")) == [], "hidden is no answer"


async def test_a_team_reads_what_it_has_to_do_about_activities_and_says_that_it_is_done(
    office: Office,
) -> None:
    await office.team("city", "centrum")
    await office.team("east", "hageby")
    await office.worker("anna", "city")
    await office.worker("bo", "east")
    await office.hear(published("choir"))
    await office.hear(ProviderRegistered(provider="korpen", name="Korpen", **KORPEN), DUE)
    (task,) = (await office.do(ReadActivityTasks, team="city"))["tasks"]
    assert (task["activity"], task["title"], task["provider_name"]) == ("choir", "Choir", "Korpen")
    assert datetime.fromisoformat(task["due"]) == DUE.hidden_at
    assert (await office.do(ReadActivityTasks, team="east"))["tasks"] == []
    assert (await office.do(ReadActivityTasks))["tasks"] == [task]

    it = {"activity": "choir", "task_id": task["task_id"]}
    refused = (await office.ask(CompleteActivityTask, "bo", **it)).refused
    assert refused
    assert refused.code == "not_this_teams"
    refused = (await office.ask(CompleteActivityTask, **{**it, "task_id": "another"})).refused
    assert refused
    assert refused.code == "no_such_task"
    assert (await office.ask(CompleteActivityTask, **it)).events
    assert not (await office.ask(CompleteActivityTask, **it)).events, "twice is once"
    assert await activity_tasks(office) == [("city", "asked")]
    assert (await office.do(ReadActivityTasks))["tasks"] == []


async def test_where_no_team_answers_for_the_area_it_is_the_networks_own(office: Office) -> None:
    await office.hear(published("choir"))
    await office.hear(DUE)
    assert await activity_tasks(office) == [("network", None)]


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (ActivityVerified(activity="choir", by=Role.PROVIDER, ask_again=CHOIR_AGAIN), "verified"),
        (ActivityAmended(**published("choir").model_dump()), "amended"),
        (ActivityWithdrawn(activity="choir", why="no_leader"), "withdrawn"),
    ],
)
async def test_whoever_says_what_is_right_ends_it_and_the_next_time_is_another(
    office: Office, answer: Fact, how: str
) -> None:
    await office.team()
    await office.hear(published("choir"))
    await office.hear(DUE)
    assert await office.hear(answer) == ["activity_task.done"]
    assert await activity_tasks(office) == [("city", how)]
    assert await office.hear(answer) == []
    await office.hear(DUE)
    assert [how for _, how in await activity_tasks(office)] == [how, None]


def session(id: str, starts: datetime) -> SessionScheduled:
    return SessionScheduled(session_id=id, activity="choir", starts=starts, minutes=60)


async def welcomed(office: Office, first: datetime, session_id: str | None = None) -> str:
    """Somebody takes part in the choir from then on."""
    await with_a_plan(office)
    wish = await office.do(RequestEnrolment, referral_id="r1", activity="choir")
    place = {"enrolment_id": wish["enrolment_id"], "referral_id": "r1", "activity": "choir"}
    begins = {"starts": first, "first_session": session_id}
    await office.hear(EnrolmentAccepted(**place, provider="korpen", person="p-r1", **begins))
    return str(wish["enrolment_id"])


async def called_off(office: Office, *sessions: str, why: str = "leader_ill") -> list[dict[str, object]]:
    """The tasks that follow when sessions are cancelled."""
    for each in sessions:
        await office.hear(SessionCancelled(session_id=each, activity="choir", why=why))
    await fire(office)
    rows = await office.rows(
        "select worker, about from task where why = 'session_cancelled' and done is null"
    )
    return [dict(row) for row in rows]


async def test_a_cancelled_session_asks_the_link_worker_of_each_who_was_to_come(office: Office) -> None:
    await office.hear(session("s1", CHOIR_AGAIN), session("s2", CHOIR_AGAIN + timedelta(days=7)))
    enrolment = await welcomed(office, CHOIR_AGAIN)
    asked = [{"worker": "anna", "about": enrolment}]
    assert await called_off(office, "s1") == asked
    assert await called_off(office, "s2") == asked, "one talk about it is enough"
    talked = {"way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await office.do(RecordContact, referral_id="r1", **talked)
    assert await called_off(office) == []


async def test_a_session_before_they_begin_is_not_theirs_to_hear_of(office: Office) -> None:
    await office.hear(session("early", CHOIR_AGAIN), session("first", CHOIR_AGAIN + timedelta(days=7)))
    await welcomed(office, CHOIR_AGAIN + timedelta(days=7))
    assert await called_off(office, "early") == []
    moved = {"activity": "choir", "session_id": "first", "minutes": 60}
    await office.hear(ActivityRescheduled(**moved, starts=CHOIR_AGAIN + timedelta(days=8)))
    assert len(await called_off(office, "first")) == 1
    assert await office.rows("select session_id from session where not cancelled") == []


async def test_whoever_begins_at_a_session_hears_of_it_wherever_it_was_moved_to(office: Office) -> None:
    await office.hear(session("s1", CHOIR_AGAIN))
    enrolment = await welcomed(office, CHOIR_AGAIN, "s1")
    earlier = CHOIR_AGAIN - timedelta(hours=2)
    moved = {"activity": "choir", "session_id": "s1", "minutes": 60}
    await office.hear(ActivityRescheduled(**moved, starts=earlier))
    assert await called_off(office, "s1") == [{"worker": "anna", "about": enrolment}]


async def left_out(office: Office, id: str) -> None:
    off = SessionCancelled(session_id=id, activity="choir", why="summer_break", by_schedule=True)
    await office.hear(off)


async def test_what_the_schedule_leaves_out_is_talked_about_a_week_before(office: Office) -> None:
    summer = CHOIR_AGAIN + timedelta(days=70)
    await office.hear(session("s1", CHOIR_AGAIN), session("s2", summer))
    enrolment = await welcomed(office, CHOIR_AGAIN)
    await left_out(office, "s2")
    assert await called_off(office) == []
    office.clock.move(summer - timedelta(days=7, seconds=1) - office.clock.now())
    assert await called_off(office) == []
    office.clock.move(timedelta(seconds=1))
    assert await called_off(office) == [{"worker": "anna", "about": enrolment}]


async def test_a_break_that_is_called_off_again_asks_nobody(office: Office) -> None:
    summer = CHOIR_AGAIN + timedelta(days=70)
    await office.hear(session("s1", CHOIR_AGAIN), session("s2", summer))
    await welcomed(office, CHOIR_AGAIN)
    await left_out(office, "s2")
    await office.hear(session("s2-2", summer))
    office.clock.move(timedelta(days=80))
    assert await called_off(office) == []


async def test_what_the_schedule_leaves_out_this_week_is_talked_about_at_once(office: Office) -> None:
    await office.hear(session("s1", CHOIR_AGAIN))
    enrolment = await welcomed(office, CHOIR_AGAIN)
    await left_out(office, "s1")
    assert await called_off(office) == [{"worker": "anna", "about": enrolment}]


async def test_sessions_that_go_with_their_activity_are_told_of_by_the_end_of_the_enrolment(
    office: Office,
) -> None:
    await office.hear(session("s1", CHOIR_AGAIN))
    await welcomed(office, CHOIR_AGAIN)
    assert await called_off(office, "s1", why="activity_withdrawn") == []


async def test_nobody_is_asked_about_a_case_that_is_closed(office: Office) -> None:
    await office.hear(session("s1", CHOIR_AGAIN))
    await welcomed(office, CHOIR_AGAIN)
    await office.do(CloseCase, referral_id="r1", outcome=CaseOutcome.MOVED)
    assert await called_off(office, "s1") == []
