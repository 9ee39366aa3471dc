"""Time, consent and withdrawal in a real database: what fires once, what goes to the next, what is ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from services.provider.app import service
from services.provider.domain.answer import GRACE
from services.provider.freshness import freshness
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityExpired, SessionCancelled, VerificationDue
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    AgreeToTime,
    CancelSession,
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    RecordAttendance,
    RegisterProvider,
    RescheduleSession,
    ScheduleSession,
    SuggestAnotherTime,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.enrolment import (
    AttendanceMissing,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.pathway import BUILT_IN, Bilingual, Pathway, PathwayPublished, Silence
from sluss_contracts.vocabulary import (
    Acceptance,
    Attendance,
    ConsentPurpose,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Role,
    Whose,
)
from tests.provider.spec import HEMGARDEN, KORPEN, NOON, WALK
from tests.support.desk import Desk, desk, schema_of

COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
LINK_WORKER = Actor(id="anna", role=Role.LINK_WORKER)
STANDS = timedelta(days=BUILT_IN.silence.offer_answered) + GRACE
A_DAY = timedelta(days=1)


def of(provider: str) -> Actor:
    return Actor(id=provider, role=Role.PROVIDER, organisation=provider)


@pytest_asyncio.fixture
async def here(postgres_server: Postgres) -> AsyncIterator[Desk]:
    async with desk(await schema_of(postgres_server, service), service, SetClock(NOON)) as at_work:
        for provider in (KORPEN, HEMGARDEN):
            kind = OrganisationKind.ASSOCIATION
            await do(at_work, RegisterProvider, provider=provider, name=provider, kind=kind, area="hageby")
        yield at_work
        await at_work.assert_state_is_the_fold_of_the_events()


async def ask(here: Desk, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
    return await here.ask(command(command_id=uuid4(), actor=by, **values))


async def do(here: Desk, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
    answer = await ask(here, command, by, **values)
    assert answer.ok, answer.refused
    return answer


def offer(activity: str = WALK, provider: str = KORPEN, **other: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "activity": activity,
        "provider": provider,
        "title": "Promenad med fika",
        "kind": PrescriptionKind.PHYSICAL,
        "needs": (Need.COMPANY,),
        "area": "hageby",
        "capacity": 1,
    }
    return {**said, **other}


def wish(who: str, activity: str = WALK, **other: Any) -> CaseEnrolmentRequested:
    return CaseEnrolmentRequested(
        referral_id=who, person=f"p-{who}", enrolment_id=f"{who}-{activity}", activity=activity, **other
    )


def place(who: str, activity: str = WALK) -> dict[str, str]:
    return {"referral_id": who, "enrolment_id": f"{who}-{activity}"}


async def welcome(here: Desk, who: str, activity: str = WALK, provider: str = KORPEN) -> None:
    await do(here, AcceptEnrolment, of(provider), **place(who, activity), provider=provider)


async def session_at(here: Desk, starts: datetime, activity: str = WALK) -> str:
    return str((await do(here, ScheduleSession, activity=activity, starts=starts)).result["session_id"])


async def offered(here: Desk) -> list[str]:
    return [fact.referral_id for fact in await here.said(EnrolmentOffered)]


async def test_an_offer_nobody_answers_goes_to_the_next_in_line(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await here.hear(wish("alva"), wish("bo"))
    await here.wait(STANDS - timedelta(seconds=1))
    assert not await here.said(EnrolmentExpired)
    await here.wait(timedelta(seconds=1))
    assert [fact.referral_id for fact in await here.said(EnrolmentExpired)] == ["alva"]
    assert await offered(here) == ["alva", "bo"]
    late = await ask(here, AcceptEnrolment, of(KORPEN), **place("alva"), provider=KORPEN)
    assert late.refused
    assert late.refused.code == "offer_expired"


async def test_an_answered_offer_never_expires(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await here.hear(wish("alva"))
    await welcome(here, "alva")
    await here.wait(10 * STANDS)
    assert not await here.said(EnrolmentExpired)


async def test_how_long_an_offer_stands_is_the_pathways_of_the_referral_also_from_the_line(
    here: Desk,
) -> None:
    slow = Pathway(
        pathway="frome",
        name=Bilingual(sv="Frome", en="Frome"),
        summary=Bilingual(sv="Frome", en="Frome"),
        silence=Silence(offer_answered=40),
    )
    await do(here, PublishActivity, **offer())
    on_frome: dict[str, Any] = {"pathway": "frome", "pathway_version": 2}
    await here.hear(wish("alva"))
    await here.hear(wish("bo", **on_frome))
    assert not await here.said(EnrolmentWaitlisted), "nobody can tell how long before the pathway is heard of"
    await here.hear(PathwayPublished(pathway="frome", version=2, definition=slow))
    await here.hear(wish("cia", **on_frome))
    await here.wait(STANDS)
    called = (await here.said(EnrolmentOffered, "cia"))[0]
    assert called.answer_by == here.clock.now() + timedelta(days=40)


async def test_a_suggested_time_holds_the_place_and_the_persons_yes_is_the_welcome(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await here.hear(wish("alva"))
    await here.wait(STANDS - A_DAY)
    thursday = here.clock.now() + timedelta(days=10)
    suggestion = {**place("alva"), "provider": KORPEN, "starts": thursday, "host": "Maud"}
    await do(here, SuggestAnotherTime, of(KORPEN), **suggestion)
    await here.wait(3 * A_DAY)
    assert not await here.said(EnrolmentExpired), "it would have by now, had nothing been suggested"
    await do(here, AgreeToTime, LINK_WORKER, **place("alva"))
    (accepted,) = await here.said(EnrolmentAccepted)
    assert (accepted.host, accepted.starts, accepted.first_session) == ("Maud", thursday, None)


async def test_a_suggestion_nobody_answers_expires_too(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await here.hear(wish("alva"))
    thursday = here.clock.now() + timedelta(days=100)
    await do(here, SuggestAnotherTime, of(KORPEN), **place("alva"), provider=KORPEN, starts=thursday)
    await here.wait(STANDS)
    assert len(await here.said(EnrolmentExpired)) == 1


async def test_withdrawn_consent_ends_what_is_open_there_and_nowhere_else(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await do(here, PublishActivity, **offer("choir", HEMGARDEN))
    await here.hear(wish("alva"), wish("alva", "choir"))
    await welcome(here, "alva")
    no = ConsentWithdrawn(referral_id="alva", person="p-alva", receivers=(KORPEN,))
    await here.hear(no, wish("bo"))
    (end,) = await here.said(EnrolmentEnded)
    assert (end.provider, end.whose, end.reason) == (KORPEN, Whose.PERSON, "consent_withdrawn")
    assert end.told
    await here.settle()
    assert "bo" in await offered(here), "the place is free for somebody else"


async def test_a_wish_that_was_under_way_when_consent_was_withdrawn_tells_the_provider_nothing(
    here: Desk,
) -> None:
    await do(here, PublishActivity, **offer(capacity=9))
    await do(here, PublishActivity, **offer("choir", HEMGARDEN))
    share = (ConsentPurpose.SHARE_WITH_PROVIDER,)
    await here.hear(ConsentWithdrawn(referral_id="alva", person="p-alva", receivers=(KORPEN,)))
    await here.hear(wish("alva"), wish("alva", "choir"))
    (no,) = await here.said(EnrolmentDeclined)
    assert (no.activity, no.whose, no.reason) == (WALK, Whose.PERSON, "consent_withdrawn")
    await here.hear(ConsentWithdrawn(referral_id="bo", person="p-bo", purposes=share))
    await here.hear(ConsentGiven(referral_id="bo", person="p-bo", purposes=share, receivers=(KORPEN,)))
    await here.hear(wish("bo"))
    assert await offered(here) == ["alva", "bo"], "alva in the choir, bo who has said yes again"


async def test_attendance_nobody_reported_is_missed_once_for_each_session(here: Desk) -> None:
    await do(here, PublishActivity, **offer(capacity=3))
    first = await session_at(here, NOON + A_DAY)
    second = await session_at(here, NOON + 8 * A_DAY)
    await here.hear(wish("alva"), wish("bo"), wish("cia"))
    await welcome(here, "alva")
    await welcome(here, "bo")
    reported = {"session_id": first, "outcome": Attendance.ATTENDED}
    await here.wait(2 * A_DAY)
    await do(here, RecordAttendance, Actor(id="bo", role=Role.PERSON), **place("bo"), **reported)
    over = timedelta(minutes=90) - A_DAY  # the first session was over a day ago, less its length
    await here.wait(timedelta(days=BUILT_IN.silence.session_reported) + over - timedelta(seconds=1))
    assert not await here.said(AttendanceMissing)
    await here.wait(timedelta(seconds=1))
    assert [(f.referral_id, f.session_id) for f in await here.said(AttendanceMissing)] == [("alva", first)]
    await here.wait(30 * A_DAY)
    missed = {(fact.referral_id, fact.session_id) for fact in await here.said(AttendanceMissing)}
    assert missed == {("alva", first), ("alva", second), ("bo", second)}
    assert len(await here.said(AttendanceMissing)) == 3


async def test_a_cancelled_session_is_not_reported_and_a_moved_one_when_it_was_held(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    gone, kept = await session_at(here, NOON + A_DAY), await session_at(here, NOON + 2 * A_DAY)
    await here.hear(wish("alva"))
    await welcome(here, "alva")
    await do(here, CancelSession, of(KORPEN), activity=WALK, session_id=gone, why="leader_ill")
    later = NOON + 20 * A_DAY
    await do(here, RescheduleSession, of(KORPEN), activity=WALK, session_id=kept, starts=later)
    await here.wait(20 * A_DAY)
    assert not await here.said(AttendanceMissing)
    await here.wait(timedelta(days=BUILT_IN.silence.session_reported, minutes=90))
    assert [fact.session_id for fact in await here.said(AttendanceMissing)] == [kept]
    refused = await ask(
        here,
        RecordAttendance,
        of(KORPEN),
        **place("alva"),
        session_id=gone,
        outcome=Attendance.ATTENDED,
    )
    assert refused.refused
    assert refused.refused.code == "unknown_session"


async def test_nobody_is_expected_before_the_time_they_agreed_to_or_after_they_stopped(here: Desk) -> None:
    await do(here, PublishActivity, **offer(acceptance=Acceptance.REQUIRED))
    await session_at(here, NOON + A_DAY)
    agreed = await session_at(here, NOON + 8 * A_DAY)
    await session_at(here, NOON + 15 * A_DAY)
    await here.hear(wish("alva"))
    suggestion = {**place("alva"), "provider": KORPEN, "starts": NOON + 8 * A_DAY}
    await do(here, SuggestAnotherTime, of(KORPEN), **suggestion)
    await do(here, AgreeToTime, LINK_WORKER, **place("alva"))
    await here.wait(9 * A_DAY)
    reported = timedelta(days=BUILT_IN.silence.session_reported)
    assert reported < 7 * A_DAY + A_DAY
    await here.wait(reported - A_DAY + timedelta(hours=2))
    assert [fact.session_id for fact in await here.said(AttendanceMissing)] == [agreed]
    await here.hear(ConsentWithdrawn(referral_id="alva", person="p-alva", receivers=(KORPEN,)))
    await here.wait(30 * A_DAY)
    assert len(await here.said(AttendanceMissing)) == 1


async def test_a_suggestion_takes_nobody_until_a_coordinator_has_published_it(here: Desk) -> None:
    await do(here, ProposeActivity, Actor(id="anybody", role=Role.PERSON), **offer())
    await here.hear(wish("alva"))
    (no,) = await here.said(EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.NETWORK, "not_published")
    forbidden = await ask(here, PublishProposal, of(KORPEN), activity=WALK)
    assert forbidden.refused
    assert forbidden.refused.code == "not_allowed"
    await do(here, PublishProposal, activity=WALK)
    await here.hear(wish("bo"))
    assert await offered(here) == ["bo"]


async def test_a_suggestion_for_somebody_unknown_waits_until_they_are_registered(here: Desk) -> None:
    await do(here, ProposeActivity, LINK_WORKER, **offer("chess", "chess-club"))
    refused = await ask(here, PublishProposal, activity="chess")
    assert refused.refused
    assert refused.refused.code == "unknown_provider"
    kind = OrganisationKind.ASSOCIATION
    await do(here, RegisterProvider, provider="chess-club", name="Schack", kind=kind, area="hageby")
    await do(here, PublishProposal, activity="chess")


async def test_what_nobody_verifies_is_asked_about_then_hidden_and_verifying_brings_it_back(
    here: Desk,
) -> None:
    await do(here, PublishActivity, **offer())
    await here.hear(wish("alva"))
    await welcome(here, "alva")
    await here.hear(wish("bo"))
    await here.wait(freshness().ask_after)
    (asked,) = await here.said(VerificationDue)
    assert asked.hidden_at == here.clock.now() + freshness().hide_after
    await here.wait(freshness().hide_after)
    assert len(await here.said(ActivityExpired)) == 1
    await here.hear(wish("cia"))
    (no,) = await here.said(EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.PROVIDER, "not_verified")
    await do(here, PublishActivity, **offer("choir", HEMGARDEN))
    await here.hear(ConsentWithdrawn(referral_id="alva", person="p-alva", receivers=(KORPEN,)))
    await here.settle()
    assert await offered(here) == ["alva"], "nobody is called from the line of what is hidden"
    await do(here, VerifyActivity, of(KORPEN), activity=WALK)
    await here.settle()
    assert await offered(here) == ["alva", "bo"]


async def test_verifying_in_time_puts_the_question_off(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    await here.wait(freshness().ask_after + A_DAY)
    await do(here, VerifyActivity, of(KORPEN), activity=WALK)
    await here.wait(freshness().ask_after - A_DAY)
    assert len(await here.said(VerificationDue)) == 1
    assert not await here.said(ActivityExpired)
    await here.wait(A_DAY)
    assert len(await here.said(VerificationDue)) == 2


async def test_a_withdrawn_activity_ends_everybody_in_it_and_cancels_what_was_to_come(here: Desk) -> None:
    await do(here, PublishActivity, **offer())
    coming = await session_at(here, NOON + A_DAY)
    await here.hear(wish("alva"), wish("bo"))
    await welcome(here, "alva")
    await do(here, WithdrawActivity, of(KORPEN), activity=WALK, why="no_leader")
    await here.settle()
    ends = {
        fact.referral_id: (fact.whose, fact.reason, fact.told) for fact in await here.said(EnrolmentEnded)
    }
    assert ends == {
        "alva": (Whose.PROVIDER, "activity_withdrawn", True),
        "bo": (Whose.PROVIDER, "activity_withdrawn", False),
    }
    assert [fact.session_id for fact in await here.said(SessionCancelled)] == [coming]
    await here.hear(wish("cia"))
    (no,) = await here.said(EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.PROVIDER, "activity_withdrawn")
    assert await offered(here) == ["alva"]
    await here.wait(30 * A_DAY)
    assert not await here.said(AttendanceMissing)


async def test_nobody_is_welcomed_to_a_session_that_is_cancelled(here: Desk) -> None:
    await do(here, PublishActivity, **offer(capacity=2))
    gone, kept = await session_at(here, NOON + A_DAY), await session_at(here, NOON + 2 * A_DAY)
    await do(here, CancelSession, of(KORPEN), activity=WALK, session_id=gone, why="leader_ill")
    await here.hear(wish("alva"))
    await welcome(here, "alva")
    (accepted,) = await here.said(EnrolmentAccepted)
    assert accepted.first_session == kept


async def test_what_has_been_said_leaves_no_due_date_behind(here: Desk) -> None:
    await do(here, PublishActivity, **offer(capacity=2))
    gone, kept = await session_at(here, NOON + A_DAY), await session_at(here, NOON + 2 * A_DAY)
    await here.hear(wish("alva"), wish("bo"))
    await welcome(here, "alva")
    await here.hear(ConsentWithdrawn(referral_id="bo", person="p-bo", receivers=(KORPEN,)))
    await do(here, CancelSession, of(KORPEN), activity=WALK, session_id=gone, why="leader_ill")
    await here.wait(3 * A_DAY)
    came = {"session_id": kept, "outcome": Attendance.ATTENDED}
    await do(here, RecordAttendance, of(KORPEN), **place("alva"), **came)
    waiting = [row["kind"] for row in await here.pool.fetch("select kind from timer")]
    assert waiting == ["ask_whether_right"]
