"""What a person takes back stops exactly there; what goes on goes on; whoever has something confirms."""

from __future__ import annotations

import pytest

from services.notify.channels import Channels
from services.notify.feedback_courier import FeedbackCourier
from sluss_contracts.followup import DeadlineMet, DeadlinePassed, DeadlineSet, FollowUpCancelled
from sluss_contracts.message import (
    FeedbackDue,
    FeedbackIssued,
    FeedbackWithheld,
    MessageSuppressed,
)
from sluss_contracts.referral import ReferralCancelled, ReferralDeclined, ReferralRedirected
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, MessageTemplate, Whose
from tests.notify import story
from tests.notify.conftest import Vault
from tests.notify.story import CLINIC, DAY
from tests.support.desk import Desk

SHARE, FEEDBACK, REFERRAL = (
    ConsentPurpose.SHARE_WITH_PROVIDER,
    ConsentPurpose.FEEDBACK_TO_REFERRER,
    ConsentPurpose.REFERRAL,
)


async def held_back(here: Desk) -> set[tuple[MessageTemplate, str]]:
    return {(fact.template, fact.why) for fact in await here.said(MessageSuppressed)}


async def carry(here: Desk, vault: Vault) -> list[FeedbackIssued]:
    courier = FeedbackCourier(here.pool, vault, here.clock, Channels([]))
    while await courier.round():
        pass
    return await here.said(FeedbackIssued)


@pytest.mark.parametrize(("receivers", "stops"), [(("korpen",), True), (("hemgarden",), False), ((), True)])
async def test_messages_about_the_receivers_named_stop_and_no_others(
    notify: Desk, receivers: tuple[str, ...], stops: bool
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.welcomed())
    await notify.hear(story.withdrawn(SHARE, receivers=receivers))
    expected = {(MessageTemplate.ACTIVITY_CONFIRMED, "withdrawn")} if stops else set()
    assert await held_back(notify) == expected


async def test_each_receiver_that_has_something_is_to_confirm(notify: Desk) -> None:
    both = ("korpen", "hemgarden")
    await notify.hear(story.accepted())
    await notify.hear(story.withdrawn(SHARE, receivers=(*both, "lib"), shared_with=both))
    waited = [fact for fact in await notify.said(DeadlineSet) if fact.kind == "withdrawal_confirmed"]
    assert [fact.about for fact in waited] == list(both)
    await notify.hear(story.confirmed("korpen"), story.closed())
    await notify.wait(14 * DAY)
    met, passed = await notify.said(DeadlineMet), await notify.said(DeadlinePassed)
    assert [f.about for f in met if f.kind == "withdrawal_confirmed"] == ["korpen"]
    assert [f.about for f in passed if f.kind == "withdrawal_confirmed"] == ["hemgarden"], "closed or not"


async def test_withdrawing_the_referral_itself_stops_everything(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.plan(), story.welcomed())
    await notify.hear(story.withdrawn(REFERRAL))
    assert {why for _, why in await held_back(notify)} == {"withdrawn"}
    assert len(await notify.said(FollowUpCancelled)) == 1
    await notify.hear(story.closed(outcome=CaseOutcome.CONSENT_WITHDRAWN))
    (closing,) = (fact for fact in await notify.said(FeedbackDue) if fact.status == "closed")
    assert closing.outcome is CaseOutcome.CONSENT_WITHDRAWN


async def test_a_referrer_who_may_not_hear_learns_that_it_is_over_and_nothing_of_how(
    notify: Desk, vault: Vault
) -> None:
    await notify.hear(story.accepted())
    await notify.hear(story.withdrawn(FEEDBACK))
    vault.withheld = {"alva"}
    await notify.hear(story.assigned(), story.plan(), story.closed())
    issued = await carry(notify, vault)
    assert [fact.status for fact in issued] == ["accepted", "closed"]
    assert (issued[-1].outcome, issued[-1].text, issued[-1].turn_to) == (None, None, None)


async def test_what_was_on_its_way_to_the_referrer_stays_here(notify: Desk, vault: Vault) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.plan())
    await notify.hear(story.withdrawn(FEEDBACK))
    assert {fact.point for fact in await notify.said(FeedbackWithheld)} == {"assignment", "plan"}
    vault.withheld = {"alva"}
    assert [fact.status for fact in await carry(notify, vault)] == ["accepted"]
    await notify.wait(30 * DAY)
    assert "feedback_sent" not in {fact.kind for fact in await notify.said(DeadlinePassed)}


async def test_a_withdrawal_that_the_vault_knows_first_is_obeyed(notify: Desk, vault: Vault) -> None:
    """The feedback was due with its outcome before anybody here heard of the withdrawal."""
    await notify.hear(story.accepted(), story.closed())
    vault.withheld = {"alva"}
    last = (await carry(notify, vault))[-1]
    assert (last.status, last.outcome, last.text) == ("closed", None, None)


ENDS = [
    (
        ReferralDeclined(
            referral_id="alva",
            organisation=CLINIC,
            whose=Whose.ELIGIBILITY,
            why="social_phobia",
            screened_out=True,
            turn_to="Psykiatrimottagningen",
        ),
        CaseOutcome.SCREENED_OUT,
    ),
    (
        ReferralDeclined(referral_id="alva", organisation=CLINIC, whose=Whose.NETWORK, why="not_ours"),
        CaseOutcome.OUTSIDE_REMIT,
    ),
    (ReferralCancelled(referral_id="alva", organisation=CLINIC, why="moved"), CaseOutcome.CANCELLED),
    (ReferralRedirected(referral_id="alva", organisation=CLINIC, why="moved"), CaseOutcome.REDIRECTED),
]


@pytest.mark.parametrize(("end", "outcome"), ENDS)
@pytest.mark.parametrize("held", [True, False])
async def test_however_a_referral_ends_its_referrer_hears_it_once(
    notify: Desk, end: ReferralDeclined, outcome: CaseOutcome, held: bool
) -> None:
    await notify.hear(story.held_back() if held else story.accepted())
    await notify.hear(end)
    if not held:
        await notify.hear(story.closed(outcome=outcome))
    (closing,) = (fact for fact in await notify.said(FeedbackDue) if fact.status == "closed")
    assert closing.outcome is outcome
    assert closing.turn_to == getattr(end, "turn_to", None)
    await notify.wait(100 * DAY)
    assert "consent_asked" not in {fact.kind for fact in await notify.said(DeadlinePassed)}


@pytest.mark.parametrize("outcome", [CaseOutcome.PERSON_DECLINED, CaseOutcome.CONSENT_WITHDRAWN])
async def test_of_whoever_said_no_before_there_was_a_case_the_referrer_hears_once_that_it_is_over(
    notify: Desk, vault: Vault, outcome: CaseOutcome
) -> None:
    await notify.hear(story.held_back())
    await notify.hear(story.withdrawn(REFERRAL), story.over(outcome=outcome))
    assert [fact.status for fact in await carry(notify, vault)] == ["closed"]
    await notify.wait(100 * DAY)
    assert await notify.said(DeadlinePassed) == []


@pytest.mark.parametrize("held", [True, False])
async def test_where_there_is_a_case_its_own_end_tells_with_the_words_meant_for_the_referrer(
    notify: Desk, held: bool
) -> None:
    """Two services say that it is over, and nothing says which of them is heard first."""
    await notify.hear(*([story.held_back()] if held else []), story.accepted())
    await notify.hear(story.over(outcome=CaseOutcome.COMPLETED))
    await notify.hear(story.closed())
    (closing,) = (fact for fact in await notify.said(FeedbackDue) if fact.status == "closed")
    assert (closing.outcome, closing.text) == (CaseOutcome.COMPLETED, story.WORDS)


async def test_whoever_is_screened_out_is_told_where_to_turn(notify: Desk, vault: Vault) -> None:
    await notify.hear(story.accepted(), ENDS[0][0])
    assert (await carry(notify, vault))[-1].turn_to == "Psykiatrimottagningen"
