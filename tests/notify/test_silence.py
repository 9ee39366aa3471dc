"""Every silence has a date from the pathway, is set once, and is met or passes once, whatever clocks do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.notify.app import service
from services.runtime.clock import SetClock
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlineMet, DeadlineMoved, DeadlinePassed, DeadlineSet
from sluss_contracts.message import FeedbackOverdue
from sluss_contracts.vocabulary import (
    Attendance,
    ConsentPurpose,
    ContactOutcome,
    DeadlineKind,
    FeedbackChannel,
)
from tests.notify import story
from tests.notify.story import DAY, NOON, PATHWAY, on
from tests.support.desk import Desk, desk

BEGINNINGS: dict[DeadlineKind, tuple[Sequence[Fact], Sequence[Fact]]] = {
    DeadlineKind.CONSENT_ASKED: ([on(story.held_back())], [on(story.accepted())]),
    DeadlineKind.CASE_CLAIMED: ([on(story.accepted()), on(story.queued())], [on(story.claimed())]),
    DeadlineKind.PERSON_REACHED: (
        [on(story.accepted()), on(story.assigned())],
        [story.contacted(ContactOutcome.REACHED)],
    ),
    DeadlineKind.OFFER_ANSWERED: (
        [on(story.accepted()), story.offered(answer_by=NOON + 14 * DAY)],
        [story.welcomed()],
    ),
    DeadlineKind.SESSION_REPORTED: (
        [on(story.accepted()), story.session(starts=NOON - timedelta(hours=1)), story.unreported()],
        [story.came(Attendance.ATTENDED)],
    ),
    DeadlineKind.WITHDRAWAL_CONFIRMED: (
        [
            on(story.accepted()),
            story.withdrawn(
                ConsentPurpose.SHARE_WITH_PROVIDER, receivers=("korpen",), shared_with=("korpen",)
            ),
        ],
        [story.confirmed("korpen")],
    ),
}
KINDS = sorted(BEGINNINGS)


async def counted(here: Desk, kind: DeadlineKind) -> tuple[int, int, int]:
    """How often a deadline was set, met, passed."""
    said = [await here.said(fact) for fact in (DeadlineSet, DeadlineMet, DeadlinePassed)]
    first, second, third = (sum(each.kind == kind for each in facts) for facts in said)
    return first, second, third


async def begin(here: Desk, kind: DeadlineKind) -> None:
    await here.hear(story.organisation(FeedbackChannel.LETTER), story.published())
    for fact in BEGINNINGS[kind][0]:
        await here.hear(fact)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_date_is_the_pathways(notify: Desk, kind: DeadlineKind) -> None:
    await begin(notify, kind)
    (due,) = (fact.due for fact in await notify.said(DeadlineSet) if fact.kind == kind)
    assert due == NOON + getattr(PATHWAY.silence, kind.value) * DAY


@pytest.mark.parametrize("kind", KINDS)
async def test_what_comes_a_moment_before_its_date_is_in_time(notify: Desk, kind: DeadlineKind) -> None:
    await begin(notify, kind)
    await notify.wait(getattr(PATHWAY.silence, kind.value) * DAY - timedelta(seconds=1))
    for fact in BEGINNINGS[kind][1]:
        await notify.hear(fact)
    await notify.wait(100 * DAY)
    assert await counted(notify, kind) == (1, 1, 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_silence_passes_on_its_date_and_once(notify: Desk, kind: DeadlineKind) -> None:
    await begin(notify, kind)
    await notify.wait(getattr(PATHWAY.silence, kind.value) * DAY)
    assert await counted(notify, kind) == (1, 0, 1)
    for fact in BEGINNINGS[kind][1]:
        await notify.hear(fact)
    await notify.wait(100 * DAY)
    assert await counted(notify, kind) == (1, 0, 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_passed_deadline_tells_what_was_waited_for(notify: Desk, kind: DeadlineKind) -> None:
    await begin(notify, kind)
    await notify.wait(100 * DAY)
    (passed,) = (fact for fact in await notify.said(DeadlinePassed) if fact.kind == kind)
    about = {
        DeadlineKind.OFFER_ANSWERED: "alva-walk",
        DeadlineKind.SESSION_REPORTED: "alva-walk",
        DeadlineKind.WITHDRAWAL_CONFIRMED: "korpen",
    }
    assert passed.about == about.get(kind)


async def test_dates_outlive_the_process_and_come_due_in_the_next(url: str, notify: Desk) -> None:
    """The first process ends with its connections; the second knows nothing but the database."""
    async with desk(url, service, SetClock(NOON)) as first:
        await begin(first, DeadlineKind.CASE_CLAIMED)
    async with desk(url, service, SetClock(NOON + 11 * DAY)) as early:
        await early.settle()
        assert await counted(early, DeadlineKind.CASE_CLAIMED) == (1, 0, 0)
    async with desk(url, service, SetClock(NOON + 13 * DAY)) as late:
        await late.settle()
        assert await counted(late, DeadlineKind.CASE_CLAIMED) == (1, 0, 1)
    async with desk(url, service, SetClock(NOON + 14 * DAY)) as last:
        await last.settle()
        assert await counted(last, DeadlineKind.CASE_CLAIMED) == (1, 0, 1)


async def test_a_clock_that_jumps_forwards_and_back_passes_nothing_twice_and_nothing_early(
    url: str, notify: Desk
) -> None:
    await begin(notify, DeadlineKind.CASE_CLAIMED)
    async with desk(url, service, SetClock(NOON + 400 * DAY)) as jumped:
        await jumped.settle()
        assert await counted(jumped, DeadlineKind.CASE_CLAIMED) == (1, 0, 1)
    async with desk(url, service, SetClock(NOON + DAY)) as back:
        await back.hear(on(story.accepted("bo")), on(story.queued("bo")))
        await back.settle()
        assert await counted(back, DeadlineKind.CASE_CLAIMED) == (2, 0, 1)
        await back.hear(on(story.claimed("bo")))
        await back.wait(400 * DAY)
        assert await counted(back, DeadlineKind.CASE_CLAIMED) == (2, 1, 1)


async def test_a_session_noticed_when_the_patience_is_over_passes_at_once(notify: Desk) -> None:
    await notify.hear(story.published(), on(story.accepted()), story.session(starts=NOON - 20 * DAY))
    await notify.hear(story.unreported())
    await notify.settle()
    assert await counted(notify, DeadlineKind.SESSION_REPORTED) == (1, 0, 1)


async def test_feedback_that_is_not_sent_by_its_date_is_overdue_once(notify: Desk) -> None:
    await notify.hear(story.published(), on(story.accepted()))
    await notify.wait(PATHWAY.silence.feedback_sent * DAY)
    await notify.wait(100 * DAY)
    assert await counted(notify, DeadlineKind.FEEDBACK_SENT) == (1, 0, 1)
    (overdue,) = await notify.said(FeedbackOverdue)
    (passed,) = (fact for fact in await notify.said(DeadlinePassed) if fact.kind == "feedback_sent")
    assert passed.about == overdue.feedback_id


async def test_a_person_who_is_ill_is_not_late(notify: Desk) -> None:
    await begin(notify, DeadlineKind.PERSON_REACHED)
    await notify.hear(story.paused(60))
    (moved,) = await notify.said(DeadlineMoved)
    await notify.wait(59 * DAY)
    assert await counted(notify, DeadlineKind.PERSON_REACHED) == (1, 0, 0)
    await notify.wait(2 * DAY)
    assert await counted(notify, DeadlineKind.PERSON_REACHED) == (1, 0, 1)
    assert moved.due.date() == story.paused(60).until


async def test_what_is_expected_of_somebody_else_does_not_wait_for_the_person(notify: Desk) -> None:
    await begin(notify, DeadlineKind.OFFER_ANSWERED)
    await notify.hear(story.paused(60))
    await notify.wait(20 * DAY)
    assert await counted(notify, DeadlineKind.OFFER_ANSWERED) == (1, 0, 1)


async def test_a_pathway_that_has_not_been_heard_of_is_waited_for(notify: Desk) -> None:
    await notify.hear(on(story.accepted()), on(story.queued()))
    assert await notify.said(DeadlineSet) == []
    assert await notify.pool.fetchval("select count(*) from parked") == 2
