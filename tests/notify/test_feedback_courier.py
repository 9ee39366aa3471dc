"""The referrer hears back: once, in order, naming whom they are, on their own stream or on paper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.notify.app import service
from services.notify.channels import Channel, Channels, Folder, Way
from services.notify.feedback_courier import FeedbackCourier
from sluss_contracts.followup import DeadlineMet, DeadlinePassed
from sluss_contracts.message import FeedbackIssued, FeedbackSent
from sluss_contracts.vocabulary import FeedbackChannel
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.story import DAY
from tests.notify.test_message_courier import SHORT, Fatal, Killed, Troubled
from tests.support.desk import Desk, desk


def courier(here: Desk, vault: Vault, *channels: Channel, lease: timedelta = SHORT) -> FeedbackCourier:
    return FeedbackCourier(here.pool, vault, here.clock, Channels(channels), lease=lease)


@pytest_asyncio.fixture
async def twin(url: str, notify: Desk) -> AsyncIterator[Desk]:
    async with desk(url, service, notify.clock) as here:
        yield here


async def carry(carrier: FeedbackCourier) -> None:
    while await carrier.round():
        pass


async def statuses(here: Desk) -> list[str]:
    """What the organisation reads, in the order of its own lane."""
    rows = await here.pool.fetch("select body from event where lane = 'out.clinic' order by number")
    return [orjson.loads(row["body"])["data"]["status"] for row in rows]


async def test_the_referrer_reads_it_on_their_own_stream_and_the_network_knows(
    notify: Desk, vault: Vault
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.plan(), story.closed())
    await carry(courier(notify, vault))
    assert await statuses(notify) == ["accepted", "assigned", "plan_agreed", "closed"]
    last = (await notify.said(FeedbackIssued))[-1]
    assert (last.to.unit, last.to.person, last.submission_id) == ("Enhet 1", "Lena", "s-alva")
    assert last.text == "Har kommit igång."
    assert len(await notify.said(FeedbackSent)) == 4
    rows = await notify.pool.fetch("select subject from event where lane = 'out.clinic'")
    assert {row["subject"] for row in rows} == {"sluss.out.clinic.feedback.issued.v1.alva"}
    await notify.wait(30 * DAY)
    assert "feedback_sent" not in {fact.kind.value for fact in await notify.said(DeadlinePassed)}
    assert [f.kind.value for f in await notify.said(DeadlineMet)].count("feedback_sent") == 4


async def test_many_couriers_of_two_replicas_tell_each_thing_once_and_in_order(
    notify: Desk, twin: Desk, vault: Vault
) -> None:
    people = [f"r{n}" for n in range(20)]
    for fact in (story.accepted, story.queued, story.claimed, story.closed):
        await notify.hear(*(fact(who) for who in people))
    lease = timedelta(seconds=30)
    await asyncio.gather(
        *(carry(courier(here, vault, lease=lease)) for here in (notify, twin) for _ in range(3))
    )
    await carry(courier(notify, vault, lease=lease))
    issued: dict[str, list[str]] = {}
    rows = await notify.pool.fetch("select key, body from event where lane = 'out.clinic' order by number")
    for row in rows:
        issued.setdefault(row["key"], []).append(orjson.loads(row["body"])["data"]["status"])
    assert issued == {who: ["accepted", "in_line", "assigned", "closed"] for who in people}


async def test_a_courier_that_dies_before_its_transaction_leaves_it_to_the_next(
    notify: Desk, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notify.hear(story.accepted())
    doomed = courier(notify, vault)

    async def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(doomed, "_issue", die)
    with pytest.raises(Killed):
        await doomed.round()
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    await carry(courier(notify, vault))
    assert await statuses(notify) == ["accepted"]


@pytest.mark.parametrize("trouble", ["away", "try_again", "unknown"])
async def test_what_the_vault_cannot_answer_now_is_told_later(
    notify: Desk, vault: Vault, trouble: str
) -> None:
    await notify.hear(story.accepted())
    vault.away, vault.refuses = trouble == "away", trouble if trouble == "try_again" else None
    vault.unknown = {"alva"} if trouble == "unknown" else set()
    carrier = courier(notify, vault)
    await carry(carrier)
    assert await statuses(notify) == []
    vault.away, vault.refuses, vault.unknown = False, None, set()
    await notify.pool.execute("update feedback set not_before = null")
    await carry(carrier)
    assert await statuses(notify) == ["accepted"]


async def test_one_referral_the_vault_does_not_know_does_not_hold_up_the_others(
    notify: Desk, vault: Vault
) -> None:
    await notify.hear(story.accepted("alva"), story.accepted("bo"))
    vault.unknown = {"alva"}
    await carry(courier(notify, vault))
    assert [fact.referral_id for fact in await notify.said(FeedbackIssued)] == ["bo"]


async def test_one_that_cannot_be_addressed_does_not_hold_up_the_others(notify: Desk) -> None:
    class Forgetful(Vault):
        def _result(self, command: Any) -> dict[str, Any]:
            result = super()._result(command)
            result["referrers"]["alva"]["unit"] = ""
            return result

    await notify.hear(story.accepted("alva"), story.accepted("bo"))
    await carry(courier(notify, Forgetful()))
    assert [fact.referral_id for fact in await notify.said(FeedbackIssued)] == ["bo"]
    await notify.wait(30 * DAY)
    assert [fact.referral_id for fact in await notify.said(DeadlinePassed)] == ["alva"]


async def test_an_organisation_that_wants_letters_gets_letters(
    notify: Desk, vault: Vault, post: Post
) -> None:
    amended = story.organisation(FeedbackChannel.LETTER)
    await notify.hear(amended)
    await notify.hear(story.accepted())
    await carry(courier(notify, vault, Folder(post.folder)))
    (letter,) = post.letters
    assert letter.startswith("To: Clinic of Skarptorp, Enhet 1, Lena\nBy: letter\n")
    assert "s-alva" in letter
    assert "Alva" not in letter.replace("s-alva", "")
    assert len(await notify.said(FeedbackSent)) == 1
    assert await notify.said(FeedbackIssued) == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_letter_that_may_have_gone_is_not_sent_again_and_its_deadline_tells_somebody(
    notify: Desk, vault: Vault, post: Post, after: bool
) -> None:
    await notify.hear(story.organisation(FeedbackChannel.LETTER))
    await notify.hear(story.accepted())
    folder = Folder(post.folder)
    with pytest.raises(Killed):
        await courier(notify, vault, Fatal(folder, after=after)).round()
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    await carry(courier(notify, vault, folder))
    assert len(post.letters) == (1 if after else 0)
    await notify.wait(30 * DAY)
    assert "feedback_sent" in {fact.kind.value for fact in await notify.said(DeadlinePassed)}
    assert await notify.pool.fetchval("select state from feedback") == "over"


async def test_an_error_while_a_letter_goes_is_an_unknown_outcome_too(notify: Desk, vault: Vault) -> None:
    await notify.hear(story.organisation(FeedbackChannel.EMAIL))
    await notify.hear(story.accepted())
    channel = Troubled(ConnectionError(), *Way)
    await carry(courier(notify, vault, channel))
    channel.trouble = None
    await carry(courier(notify, vault, channel))
    assert (channel.sent, await notify.said(FeedbackSent)) == ([], [])


async def test_feedback_by_a_way_no_channel_carries_waits(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.organisation(FeedbackChannel.LETTER))
    await notify.hear(story.accepted())
    await carry(courier(notify, vault))
    await notify.pool.execute("update feedback set not_before = null")
    await carry(courier(notify, vault, Folder(post.folder)))
    assert len(post.letters) == 1
