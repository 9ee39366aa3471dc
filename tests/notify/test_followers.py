"""Two organisations refer the same person: each hears all there is to hear, and neither of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from services.notify.app import service
from services.notify.channels import Channels
from services.notify.feedback_courier import FeedbackCourier
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlineMet, DeadlinePassed, DeadlineSet
from sluss_contracts.message import FeedbackDue, FeedbackIssued, MessageQueued
from sluss_contracts.plan import PlanAgreed
from sluss_contracts.referral import ReferralCancelled, ReferralEnteredInError, ReferralRedirected
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, FeedbackChannel
from tests.notify import story
from tests.notify.conftest import Vault
from tests.support.desk import Desk, desk

POINTS = ["accepted", "assigned", "plan_agreed", "closed"]


def plan(who: str = "alva") -> PlanAgreed:
    return story.plan(who=who)


STEPS: tuple[Callable[..., Fact], ...] = (story.accepted, story.assigned, plan, story.closed)


@pytest_asyncio.fixture
async def twin(url: str, notify: Desk) -> AsyncIterator[Desk]:
    async with desk(url, service, notify.clock) as here:
        yield here


async def told(here: Desk, who: str) -> list[str]:
    return [fact.status for fact in await here.said(FeedbackDue, who)]


@pytest.mark.parametrize("after", range(5))
async def test_the_second_referrer_hears_the_same_points_whenever_they_came(notify: Desk, after: int) -> None:
    for step in STEPS[:after]:
        await notify.hear(step())
    await notify.hear(story.linked("bo"))
    for step in STEPS[after:]:
        await notify.hear(step())
    assert await told(notify, "bo") == POINTS == await told(notify, "alva")
    assert {fact.organisation for fact in await notify.said(FeedbackDue, "bo")} == {"school"}
    assert len([f for f in await notify.said(DeadlineSet, "bo") if f.kind == "feedback_sent"]) == 4


async def test_whoever_comes_long_after_is_told_in_time_and_nobody_was_silent_towards_them(
    notify: Desk,
) -> None:
    await notify.hear(story.accepted(), story.assigned())
    await notify.wait(timedelta(days=90))
    await notify.hear(story.linked("bo"))
    await notify.settle()
    assert [fact for fact in await notify.said(DeadlinePassed, "bo") if fact.kind == "feedback_sent"] == []
    assert all(fact.due > notify.clock.now() for fact in await notify.said(FeedbackDue, "bo"))
    assert await told(notify, "bo") == ["accepted", "assigned"]


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_nobody_is_left_out_or_told_twice_when_both_happen_at_once(
    notify: Desk, twin: Desk, after: int
) -> None:
    """The same moment in two processes: the link and the next point of the referral it is linked to."""
    people = [f"r{number}" for number in range(8)]
    for step in STEPS[:after]:
        await notify.hear(*(step(who) for who in people))
    await asyncio.gather(
        *(notify.hear(story.linked(f"{who}-second", who)) for who in people),
        *(twin.hear(STEPS[after](who)) for who in people),
    )
    for who in people:
        assert sorted(await told(notify, f"{who}-second")) == sorted(POINTS[: after + 1])


async def test_a_third_referrer_hears_it_too(notify: Desk) -> None:
    await notify.hear(story.accepted())
    await notify.hear(story.linked("bo"), story.linked("cia", organisation="church"))
    await notify.hear(story.closed())
    for who in ("bo", "cia"):
        assert await told(notify, who) == ["accepted", "closed"]


async def test_the_link_heard_twice_tells_nothing_twice(notify: Desk) -> None:
    await notify.hear(story.accepted())
    events = await notify.hear(story.linked("bo"))
    await notify.hear_events(*events)
    assert await told(notify, "bo") == ["accepted"]


async def test_what_goes_out_is_in_the_second_referrers_own_name_and_ordinary(
    notify: Desk, vault: Vault
) -> None:
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"))
    await notify.hear(story.accepted(), story.closed())
    await notify.hear(story.linked("bo"))
    courier = FeedbackCourier(notify.pool, vault, notify.clock, Channels([]))
    while await courier.round():
        pass
    rows = await notify.pool.fetch("select key, body from event where lane = 'out.school' order by number")
    assert [row["key"] for row in rows] == ["bo", "bo"]
    read = b"".join(row["body"] for row in rows).decode()
    assert "s-bo" in read
    for revealing in ("alva", "clinic", "duplicate", "linked"):
        assert revealing not in read
    issued = await notify.said(FeedbackIssued, "bo")
    assert [(fact.status, fact.outcome, fact.text) for fact in issued] == [
        ("accepted", None, None),
        ("closed", CaseOutcome.COMPLETED, None),
    ], "the words were for the first referrer, and may name them"


@pytest.mark.parametrize("outcome", [CaseOutcome.CANCELLED, CaseOutcome.ENTERED_IN_ERROR])
async def test_the_first_referrer_who_takes_theirs_back_ends_nothing_for_the_second(
    notify: Desk, outcome: CaseOutcome
) -> None:
    """Theirs goes on as a new referral, which is told of in its own right."""
    await notify.hear(story.accepted(), story.linked("bo"))
    await notify.hear(story.closed(outcome=outcome))
    assert await told(notify, "alva") == ["accepted", "closed"]
    assert await told(notify, "bo") == ["accepted"]


async def test_what_the_person_keeps_from_one_referrer_the_other_may_still_hear(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.linked("bo"))
    await notify.hear(story.withdrawn(ConsentPurpose.FEEDBACK_TO_REFERRER))
    await notify.hear(story.assigned(), story.closed())
    assert await told(notify, "alva") == ["accepted", "closed"]
    assert await told(notify, "bo") == ["accepted", "assigned", "closed"]
    closings = [fact for fact in await notify.said(FeedbackDue) if fact.status == "closed"]
    assert {fact.referral_id: fact.outcome for fact in closings} == {
        "alva": None,
        "bo": CaseOutcome.COMPLETED,
    }


async def test_the_person_is_written_to_once(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.linked("bo"), story.assigned())
    assert [fact.referral_id for fact in await notify.said(MessageQueued)] == ["alva"]


async def test_whoever_was_asked_for_consent_and_then_linked_is_asked_no_more(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.held_back("bo"), story.linked("bo"))
    met = [fact.kind for fact in await notify.said(DeadlineMet, "bo")]
    assert "consent_asked" in met


async def test_sent_to_another_team_the_second_referrer_hears_of_the_new_one_in_their_own_name(
    notify: Desk,
) -> None:
    """As the first does: theirs was redirected, and what it is replaced by is accepted and taken on."""
    to_area: dict[str, str] = {"why": "moved", "to_area": "linkoping"}
    await notify.hear(story.accepted(), story.linked("bo"))
    await notify.hear(
        ReferralRedirected(referral_id="alva", organisation="clinic", replaced_by="alva-2", **to_area),
        story.accepted("alva-2"),
        ReferralRedirected(referral_id="bo", organisation="school", replaced_by="bo-2", **to_area),
        story.linked("bo-2", "alva-2"),
    )
    await notify.hear(story.assigned("alva-2"))
    for theirs in ("alva", "bo"):
        assert await told(notify, theirs) == ["accepted", "closed"]
        assert await told(notify, f"{theirs}-2") == ["accepted", "assigned"]
    (closing,) = (fact for fact in await notify.said(FeedbackDue, "bo") if fact.status == "closed")
    assert closing.outcome is CaseOutcome.REDIRECTED
    assert {fact.organisation for fact in await notify.said(FeedbackDue, "bo-2")} == {"school"}


@pytest.mark.parametrize("end", [ReferralCancelled, ReferralEnteredInError])
async def test_a_second_referrer_who_takes_theirs_back_hears_what_any_referrer_hears(
    notify: Desk, vault: Vault, end: type[ReferralCancelled | ReferralEnteredInError]
) -> None:
    """And nothing after it: were they told nothing of their own end, they could tell that theirs hung on."""
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"))
    await notify.hear(story.accepted(), story.accepted("dora"), story.linked("bo"))
    for who, organisation in (("bo", "school"), ("dora", "clinic")):
        await notify.hear(end(referral_id=who, organisation=organisation, why="moved"))
    await notify.hear(story.assigned(), story.closed())
    courier = FeedbackCourier(notify.pool, vault, notify.clock, Channels([]))
    while await courier.round():
        pass
    second, any_other = [
        [(fact.status, fact.outcome, fact.turn_to) for fact in await notify.said(FeedbackIssued, who)]
        for who in ("bo", "dora")
    ]
    assert second == any_other
    assert [status for status, _, _ in second] == ["accepted", "closed"]
    assert await told(notify, "alva") == ["accepted", "assigned", "closed"]


async def test_nobody_hears_twice_of_an_end_that_both_bring_about_at_once(notify: Desk, twin: Desk) -> None:
    """The same moment in two processes: the second referrer takes theirs back, and the work is over."""
    people = [f"r{number}" for number in range(8)]
    await notify.hear(*(story.accepted(who) for who in people))
    await notify.hear(*(story.linked(f"{who}-second", who) for who in people))
    back = [
        ReferralCancelled(referral_id=f"{who}-second", organisation="school", why="moved") for who in people
    ]
    await asyncio.gather(
        *(notify.hear(each) for each in back),
        *(twin.hear(story.closed(who)) for who in people),
    )
    for who in people:
        assert await told(notify, f"{who}-second") == ["accepted", "closed"]


@pytest.mark.parametrize("first", ["alva", "bo"])
@pytest.mark.parametrize("asked_before", [True, False])
async def test_sent_elsewhere_together_each_hears_it_once_whichever_is_heard_of_first(
    notify: Desk, first: str, asked_before: bool
) -> None:
    of = {"alva": "clinic", "bo": "school"}
    waited = [story.held_back("bo")] if asked_before else []
    await notify.hear(story.accepted(), *waited, story.linked("bo"))
    for who in (first, *(of.keys() - {first})):
        gone = ReferralRedirected(referral_id=who, organisation=of[who], why="moved", to_area="linkoping")
        await notify.hear(gone)
    assert await told(notify, "alva") == await told(notify, "bo") == ["accepted", "closed"]
