"""What an organisation has fetched is known from its own acknowledgements, and from nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from nats.js import JetStreamContext

from services.notify.channels import Channels
from services.notify.courses import LOCK
from services.notify.feedback_courier import FeedbackCourier
from services.notify.fetching import FetchWatch, Floor, PartnerStreams
from services.runtime.partner_streams import PARTNER_CONSUMER, declare_partner_streams
from sluss_contracts.event import Fact, write_event
from sluss_contracts.followup import DeadlineMet, DeadlinePassed, DeadlineSet
from sluss_contracts.message import FeedbackAcknowledged
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.subjects import outgoing_stream
from sluss_contracts.vocabulary import FeedbackChannel, ReceiptStatus
from tests.notify import story
from tests.notify.conftest import Vault
from tests.notify.story import CLINIC, DAY, NOON
from tests.support.desk import Desk
from tests.support.servers import BrokerAccess


def receipt(who: str = "alva") -> ReceiptIssued:
    return ReceiptIssued(
        receipt_id=who,
        organisation=CLINIC,
        status=ReceiptStatus.ACCEPTED,
        referral_id=who,
        code="accepted",
        received_at=NOON,
    )


@dataclass
class Stream:
    """An organisation's stream as it would be: messages, and how far they are acknowledged."""

    messages: list[bytes] = field(default_factory=list)
    acknowledged: int = 0
    created: str = "first"
    reads: int = 0

    async def floor(self, organisation: str) -> Floor:
        return Floor(self.acknowledged, self.created)

    async def read(self, organisation: str, after: int, until: int, limit: int) -> list[tuple[int, bytes]]:
        found = list(enumerate(self.messages, start=1))[after:until][:limit]
        self.reads += len(found)
        return found


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def watch(notify: Desk, stream: Stream) -> FetchWatch:
    return FetchWatch(notify.pool, notify.clock, stream)


async def counted(here: Desk) -> tuple[int, int, int]:
    kinds = (DeadlineSet, DeadlineMet, DeadlinePassed)
    said = [[f for f in await here.said(kind) if f.kind == "receipt_fetched"] for kind in kinds]
    return len(said[0]), len(said[1]), len(said[2])


def publish(here: Desk, stream: Stream, *facts: Fact) -> None:
    stream.messages += [write_event(here.event(fact)) for fact in facts]


async def feedback(here: Desk, vault: Vault, stream: Stream) -> None:
    """Everything due is issued, and lies on the stream."""
    courier = FeedbackCourier(here.pool, vault, here.clock, Channels([]))
    while await courier.round():
        pass
    rows = await here.pool.fetch("select body from event where lane = 'out.clinic' order by number")
    stream.messages += [row["body"] for row in rows]


async def test_a_receipt_that_is_fetched_in_time_meets_its_deadline(
    notify: Desk, stream: Stream, watch: FetchWatch
) -> None:
    await notify.hear(story.accepted("alva"), story.accepted("bo"))
    publish(notify, stream, receipt("alva"), receipt("bo"))
    stream.acknowledged = 1
    await watch.round()
    assert await counted(notify) == (2, 1, 0)
    await notify.wait(3 * DAY)
    assert await counted(notify) == (2, 1, 0), "nobody has looked since"
    await watch.round()
    await notify.pool.execute("update timer set not_before = null")
    await notify.settle()
    assert await counted(notify) == (2, 1, 1)
    stream.acknowledged = 2
    await watch.round()
    assert await counted(notify) == (2, 1, 1), "too late is no news"


async def test_a_receipt_fetched_before_its_referral_is_heard_of_is_met_at_once(
    notify: Desk, stream: Stream, watch: FetchWatch
) -> None:
    accepted = notify.event(story.accepted())
    publish(notify, stream, receipt())
    stream.acknowledged = 1
    await watch.round()
    await notify.hear_events(accepted)
    assert await counted(notify) == (1, 1, 0)


async def test_whoever_hears_of_the_referral_just_now_is_waited_for(
    notify: Desk, stream: Stream, watch: FetchWatch
) -> None:
    """Else the one has not seen that the receipt was fetched, nor the other the date it was to be by."""
    publish(notify, stream, receipt())
    stream.acknowledged = 1
    async with notify.pool.acquire() as hearing, hearing.transaction():
        await hearing.execute(LOCK, ["alva"])
        looking = asyncio.create_task(watch.round())
        while not await hearing.fetchval("select exists (select from pg_locks where not granted)"):
            await asyncio.sleep(0.01)
        assert not looking.done()
    await looking
    await notify.hear(story.accepted())
    assert await counted(notify) == (1, 1, 0)


async def test_whoever_hears_on_paper_has_no_receipt_to_fetch(notify: Desk) -> None:
    await notify.hear(story.organisation(FeedbackChannel.LETTER))
    await notify.hear(story.accepted())
    assert await counted(notify) == (0, 0, 0)


async def test_feedback_that_is_fetched_is_acknowledged_once(
    notify: Desk, vault: Vault, stream: Stream, watch: FetchWatch
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.closed())
    await feedback(notify, vault, stream)
    stream.acknowledged = 2
    await watch.round()
    await watch.round()
    assert [fact.point for fact in await notify.said(FeedbackAcknowledged)] == ["acceptance", "assignment"]
    stream.acknowledged = 3
    await watch.round()
    assert len(await notify.said(FeedbackAcknowledged)) == 3
    assert stream.reads == 3, "each message is looked at once"


async def test_a_stream_made_anew_is_read_from_its_beginning_and_nothing_is_said_twice(
    notify: Desk, vault: Vault, stream: Stream, watch: FetchWatch
) -> None:
    await notify.hear(story.accepted())
    await feedback(notify, vault, stream)
    stream.acknowledged = 1
    await watch.round()
    stream.created = "second"
    stream.messages.append(write_event(notify.event(receipt())))
    stream.acknowledged = 2
    await watch.round()
    assert len(await notify.said(FeedbackAcknowledged)) == 1
    assert await counted(notify) == (1, 1, 0)


async def test_many_messages_are_read_to_the_floor(notify: Desk, stream: Stream, watch: FetchWatch) -> None:
    people = [f"r{number}" for number in range(450)]
    await notify.hear(*(story.accepted(who) for who in people))
    publish(notify, stream, *(receipt(who) for who in people))
    stream.acknowledged = 440
    await watch.round()
    assert await counted(notify) == (450, 440, 0)


async def test_what_the_real_broker_says_of_a_real_consumer(notify: Desk, broker: BrokerAccess) -> None:
    js: JetStreamContext = (await broker.connect()).jetstream()
    streams = PartnerStreams(js)
    assert await streams.floor(CLINIC) == Floor(0, ""), "no stream yet"
    await declare_partner_streams(js, CLINIC)
    await notify.hear(story.accepted("alva"), story.accepted("bo"))
    for who in ("alva", "bo"):
        body = write_event(notify.event(receipt(who)))
        await js.publish(f"sluss.out.{CLINIC}.receipt.issued.v1.{who}", body)
    watch = FetchWatch(notify.pool, notify.clock, streams)
    await watch.round()
    assert await counted(notify) == (2, 0, 0), "delivered is not fetched, and nothing is even that"
    reader = await js.pull_subscribe_bind(PARTNER_CONSUMER, outgoing_stream(CLINIC))
    first, _second = await reader.fetch(2)
    await first.ack_sync()
    await watch.round()
    met = [fact.referral_id for fact in await notify.said(DeadlineMet)]
    assert met == ["alva"]
    assert (await js.stream_info(outgoing_stream(CLINIC))).state.messages == 2, "looking takes nothing away"


async def test_another_referrer_is_waited_for_like_any(
    notify: Desk, stream: Stream, watch: FetchWatch
) -> None:
    """Who refers somebody already referred has a receipt to fetch too, within what they were promised."""
    slow = {"pathway": story.PATHWAY.pathway, "pathway_version": 1}
    await notify.hear(story.organisation(FeedbackChannel.LETTER, CLINIC), story.published())
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"), story.accepted())
    await notify.hear(story.linked("bo").model_copy(update=slow))
    (waited,) = (f for f in await notify.said(DeadlineSet, "bo") if f.kind == "receipt_fetched")
    assert waited.due == NOON + 17 * DAY
    await notify.wait(17 * DAY)
    assert await counted(notify) == (1, 0, 0), "nobody has looked since"
    await watch.round()
    await notify.pool.execute("update timer set not_before = null")
    await notify.settle()
    assert await counted(notify) == (1, 0, 1)


async def test_another_referrer_who_fetches_is_waited_for_no_more(
    notify: Desk, stream: Stream, watch: FetchWatch
) -> None:
    await notify.hear(story.organisation(FeedbackChannel.LETTER, CLINIC))
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"), story.accepted())
    await notify.hear(story.linked("bo"))
    publish(notify, stream, receipt("bo"))
    stream.acknowledged = 1
    await watch.round()
    await notify.wait(30 * DAY)
    assert await counted(notify) == (1, 1, 0)


@pytest.mark.parametrize("fact", [story.accepted(), story.linked("bo")])
async def test_nobody_fetches_a_receipt_for_what_goes_on_by_itself(notify: Desk, fact: Fact) -> None:
    """Redirected or revived: nothing was submitted, so no receipt was issued."""
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"), story.accepted("cia"))
    before = await counted(notify)
    await notify.hear(fact.model_copy(update={"renewed": True}))
    assert await counted(notify) == before


@pytest.mark.parametrize("fact", [story.accepted(), story.held_back(), story.linked("bo")])
async def test_nobody_fetches_a_receipt_that_stood_on_the_page(notify: Desk, fact: Fact) -> None:
    """It was written on a page of the network's own, where the receipt was read at once."""
    await notify.hear(story.organisation(FeedbackChannel.STREAM, "school"), story.accepted("cia"))
    before = await counted(notify)
    await notify.hear(fact.model_copy(update={"receipt_shown": True}))
    assert await counted(notify) == before
