"""What the service makes of what it hears, and of time going by."""

from __future__ import annotations

from typing import Any

import pytest

from sluss_contracts.event import Fact
from sluss_contracts.followup import (
    DeadlineMet,
    DeadlinePassed,
    DeadlineSet,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
)
from sluss_contracts.message import FeedbackDue, MessageQueued, MessageSuppressed
from sluss_contracts.pathway import Silence
from sluss_contracts.vocabulary import CaseOutcome, ContactOutcome, DeadlineKind, MessageTemplate
from tests.notify import story
from tests.notify.story import DAY, FOLLOW_UP_AFTER, NOON, how_it_went
from tests.support.desk import Desk


async def told(desk: Desk) -> list[str]:
    return [fact.status for fact in await desk.said(FeedbackDue)]


async def written(desk: Desk) -> list[MessageTemplate]:
    return [fact.template for fact in await desk.said(MessageQueued)]


async def deadlines(desk: Desk, kind: type[Any]) -> set[str]:
    return {fact.kind.value for fact in await desk.said(kind)}


async def test_a_referral_that_goes_well_is_told_of_at_every_point(notify: Desk) -> None:
    for fact in (
        story.accepted(),
        story.assigned(),
        story.contacted(ContactOutcome.REACHED),
        story.booked(),
        story.plan(),
        story.offered(),
        story.welcomed(),
    ):
        await notify.hear(fact)
    for _ in range(FOLLOW_UP_AFTER.days):
        await notify.wait(DAY)
    (due,) = await notify.said(FollowUpDue)
    assert (await notify.ask(how_it_went(due.followup_id))).ok
    await notify.hear(story.closed())
    assert await told(notify) == ["accepted", "assigned", "plan_agreed", "closed"]
    assert await written(notify) == [
        MessageTemplate.INVITATION,
        MessageTemplate.MEETING_BOOKED,
        MessageTemplate.ACTIVITY_CONFIRMED,
        MessageTemplate.MEETING_REMINDER,
        MessageTemplate.HOST_INTRODUCTION,
        MessageTemplate.SESSION_REMINDER,
        MessageTemplate.FOLLOW_UP,
    ]
    (closing,) = (fact for fact in await notify.said(FeedbackDue) if fact.status == "closed")
    assert (closing.outcome, closing.text) == (CaseOutcome.COMPLETED, story.WORDS)
    assert [fact.how_it_went for fact in await notify.said(FollowUpDone)] == ["going_well"]


async def test_a_whole_story_heard_in_one_batch_comes_to_the_same(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked(), story.plan(), story.closed())
    assert sorted(await told(notify)) == ["accepted", "assigned", "closed", "plan_agreed"]
    assert {fact.why for fact in await notify.said(MessageSuppressed)} == {"case_closed"}
    assert [fact.why for fact in await notify.said(FollowUpCancelled)] == ["case_closed"]


async def test_somebody_in_line_is_told_so_and_told_again_when_claimed(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.queued())
    await notify.hear(story.claimed())
    assert sorted(await told(notify)) == ["accepted", "assigned", "in_line"]
    assert await deadlines(notify, DeadlineMet) == {"case_claimed"}


async def test_the_follow_up_moves_with_the_plan(notify: Desk) -> None:
    await notify.hear(story.plan(1))
    await notify.wait(10 * DAY)
    await notify.hear(story.plan(2))
    await notify.wait(FOLLOW_UP_AFTER - DAY)
    assert await notify.said(FollowUpDue) == []
    await notify.wait(DAY)
    assert len(await notify.said(FollowUpDue)) == 1
    assert await told(notify) == ["plan_agreed"]


async def test_a_follow_up_done_early_never_comes_due(notify: Desk) -> None:
    await notify.hear(story.plan())
    followup_id = await notify.pool.fetchval("select id from aggregate where kind = 'followup'")
    assert (await notify.ask(how_it_went(followup_id))).events
    await notify.wait(2 * FOLLOW_UP_AFTER)
    assert await notify.said(FollowUpDue) == []


async def test_a_follow_up_nobody_knows_is_refused_by_name(notify: Desk) -> None:
    answer = await notify.ask(how_it_went("f9"))
    assert answer.refused
    assert answer.refused.code == "unknown_followup"


SILENCES = [
    (story.held_back(), DeadlineKind.CONSENT_ASKED, story.accepted()),
    (story.queued(), DeadlineKind.CASE_CLAIMED, story.claimed()),
    (story.queued(), DeadlineKind.CASE_CLAIMED, story.assigned()),
    (story.assigned(), DeadlineKind.PERSON_REACHED, story.contacted(ContactOutcome.REACHED)),
    (story.claimed(), DeadlineKind.PERSON_REACHED, story.booked()),
    (story.offered(), DeadlineKind.OFFER_ANSWERED, story.welcomed()),
    (story.offered(), DeadlineKind.OFFER_ANSWERED, story.declined()),
    (story.offered(), DeadlineKind.OFFER_ANSWERED, story.ended()),
]


@pytest.mark.parametrize(("begins", "kind", "ends"), SILENCES)
async def test_what_happens_in_time_is_met_and_never_passes(
    notify: Desk, begins: Fact, kind: DeadlineKind, ends: Fact
) -> None:
    await notify.hear(begins)
    if begins == story.offered():
        await notify.hear(story.accepted())  # what is written to the person waits for it
    await notify.hear(ends)
    assert kind.value in await deadlines(notify, DeadlineMet)
    await notify.wait(30 * DAY)
    assert kind.value not in await deadlines(notify, DeadlinePassed)


@pytest.mark.parametrize(("begins", "kind", "ends"), SILENCES)
async def test_silence_is_an_event_once(notify: Desk, begins: Fact, kind: DeadlineKind, ends: Fact) -> None:
    await notify.hear(begins)
    due = next(fact.due for fact in await notify.said(DeadlineSet) if fact.kind is kind)
    await notify.wait(due - NOON)
    await notify.wait(30 * DAY)
    await notify.hear(ends)
    passed = [fact.kind for fact in await notify.said(DeadlinePassed)]
    assert passed.count(kind) == 1
    assert kind.value not in await deadlines(notify, DeadlineMet)


async def test_a_deadline_survives_the_process_and_passes_a_little_late(notify: Desk) -> None:
    await notify.hear(story.queued())
    notify.clock.move(3 * Silence().case_claimed * DAY)  # nobody was there to notice
    await notify.settle()
    assert "case_claimed" in await deadlines(notify, DeadlinePassed)


async def test_no_try_that_failed_counts_as_reaching_somebody(notify: Desk) -> None:
    await notify.hear(story.assigned(), story.contacted(ContactOutcome.NO_ANSWER))
    await notify.wait(Silence().person_reached * DAY)
    assert "person_reached" in await deadlines(notify, DeadlinePassed)


async def test_closing_ends_every_wait_but_the_referrers(notify: Desk) -> None:
    await notify.hear(story.assigned(), story.offered(), story.plan())
    await notify.hear(story.closed())
    await notify.wait(60 * DAY)
    assert await deadlines(notify, DeadlinePassed) == {"feedback_sent"}
    assert await notify.said(FollowUpDue) == []


async def test_what_arrives_after_closure_starts_nothing(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.closed(outcome=CaseOutcome.DECEASED))
    await notify.hear(story.offered(), story.welcomed(), story.booked())
    assert await written(notify) == []
    assert "offer_answered" not in await deadlines(notify, DeadlineSet)


async def test_hearing_everything_twice_is_hearing_it_once(notify: Desk) -> None:
    events = await notify.hear(story.accepted(), story.assigned(), story.booked(), story.plan())
    before = await notify.pool.fetchval("select count(*) from event")
    await notify.hear_events(*events, *events)
    assert await notify.pool.fetchval("select count(*) from event") == before
