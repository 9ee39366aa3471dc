"""What befalls the ingress (a flood, a cut-off, a lost store): nothing is lost or doubled, nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from typing import Any

import pytest
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from services.referral.domain.submission import examine
from services.referral.mailbox import ACK_WAIT, Mailbox
from sluss.machine.broker import Broker
from sluss_contracts.subjects import ingress_stream, outgoing_stream
from tests.referral.conftest import House, people
from tests.referral.requests import (
    CLINIC,
    NAME,
    SCHOOL,
    about,
    letter,
)


async def test_an_organisation_that_cannot_be_answered_again_holds_nobody_up(house: House) -> None:
    letters = {by: letter("remiss-1", organisation=by) for by in (CLINIC, SCHOOL)}
    for by, raw in letters.items():
        await house.submit(raw, by=by)
    house.open()
    await house.emptied(CLINIC, SCHOOL)
    await house.client.jetstream().delete_stream(outgoing_stream(SCHOOL))
    for by, raw in letters.items():
        await house.submit(raw, by=by)
    await house.emptied(CLINIC, within=5)
    assert len(await house.receipts()) == 1


@pytest.mark.slow
async def test_one_organisations_flood_does_not_delay_anothers_receipt(house: House) -> None:
    raws = [letter(f"flood-{n}", person=about(None)) for n in range(3000)]
    js = house.client.jetstream()
    for start in range(0, len(raws), 500):
        await asyncio.gather(
            *(js.publish(f"sluss.in.{CLINIC}.submit", raw) for raw in raws[start : start + 500])
        )
    house.open()
    await asyncio.sleep(1)
    began = time.monotonic()
    await house.submit(letter("alone", organisation=SCHOOL), by=SCHOOL)
    await house.emptied(SCHOOL, within=2)
    waited = time.monotonic() - began
    assert (await js.stream_info(ingress_stream(CLINIC))).state.messages, (
        "the flood was over too soon to tell"
    )
    assert waited < 2
    await house.emptied(CLINIC, within=60)
    receipts = await house.receipts()
    assert {receipt["submission_id"] for receipt in receipts} == {f"flood-{n}" for n in range(3000)}
    assert len(receipts) == 3000


@pytest.mark.slow
async def test_cut_off_anywhere_nothing_is_lost_or_doubled(house: House) -> None:
    wanted = {f"r{n}" for n in range(300)}
    for submission_id in sorted(wanted):
        await house.submit(letter(submission_id, person=about(None)))
    js = house.client.jetstream()
    for _ in range(8):
        house.open()
        await asyncio.sleep(0.15)
        await house.cut()
        # Unanswered letters come again at once, rather than after the consumer's patience.
        with contextlib.suppress(NotFoundError):  # cut off before there was one
            await js.delete_consumer(ingress_stream(CLINIC), "referral")
    house.open()
    await house.emptied(CLINIC)
    receipts = await house.receipts()
    assert sorted(receipt["submission_id"] for receipt in receipts) == sorted(wanted)
    assert len(await people(house)) == 300


async def test_committed_but_not_acknowledged_it_comes_again_and_is_not_doubled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(Mailbox, "acknowledge", die)
    house.open()
    await house.submit(letter())
    async with asyncio.timeout(10):
        while not await house.receipts():
            await asyncio.sleep(0.02)
    await house.cut()
    monkeypatch.undo()
    await house.client.jetstream().delete_consumer(ingress_stream(CLINIC), "referral")
    house.open()
    await house.emptied(CLINIC)
    assert len(await house.receipts()) == 1
    assert len(await people(house)) == 1


async def test_a_fault_of_our_own_refuses_that_letter_and_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:

    def stumble(raw: bytes, *rest: Any) -> Any:
        if b"stumbling-block" in raw:
            raise RuntimeError("nobody foresaw this")
        return examine(raw, *rest)

    monkeypatch.setattr("services.referral.intake.examine", stumble)
    for submission_id in ("one", "stumbling-block", "two"):
        await house.submit(letter(submission_id))
    house.open()
    await house.emptied(CLINIC)
    assert sorted(receipt["code"] for receipt in await house.receipts()) == [
        "accepted",
        "accepted",
        "unreadable",
    ]


@pytest.mark.slow
async def test_two_replicas_share_the_work_and_double_nothing(house: House) -> None:
    for n in range(400):
        await house.submit(letter(f"r{n % 200}", person=about(None)))
    house.open()
    house.open()
    await house.emptied(CLINIC)
    assert len(await house.receipts()) == 200
    await house.shut()


async def test_a_stop_finishes_what_is_started(house: House) -> None:
    for n in range(200):
        await house.submit(letter(f"r{n}", person=about(None)))
    house.open()
    await asyncio.sleep(0.3)
    await house.shut()
    left = (await house.client.jetstream().stream_info(ingress_stream(CLINIC))).state.messages
    assert len(await house.receipts()) == 200 - left


async def test_what_a_replica_has_in_hand_when_it_ends_is_the_nexts_at_once_and_in_order(
    house: House,
) -> None:
    def mailbox() -> Mailbox:
        return Mailbox(house.client, CLINIC, arrived=lambda: None, answered=lambda _: None)

    async def filled(one: Mailbox) -> list[int]:
        async with asyncio.timeout(ACK_WAIT / 3):  # without being given back it would take all of that
            while len(one.waiting) < 3:
                await asyncio.sleep(0.01)
        return [each.sequence for each in one.waiting]

    for n in range(3):
        await house.submit(letter(f"r{n}"))
    ending, following = mailbox(), mailbox()
    await ending.open()
    in_hand = await filled(ending)
    await ending.leave()
    assert not ending.waiting
    await following.open()
    assert await filled(following) == in_hand
    await following.leave()


async def test_after_the_brokers_store_is_lost_organisations_have_their_streams_again(house: House) -> None:
    house.open()
    await house.submit(letter("before"))
    await house.receipt("before")
    js = house.client.jetstream()
    for stream in (ingress_stream(CLINIC), outgoing_stream(CLINIC)):
        await js.delete_stream(stream)
    async with asyncio.timeout(15):
        while True:
            try:
                await house.submit(letter("after"))
                break
            except Exception:
                await asyncio.sleep(0.1)
    assert (await house.receipt("after"))["status"] == "accepted"


async def test_the_consumer_keeps_to_its_declaration(house: House) -> None:
    house.open()
    await house.submit(letter())
    await house.receipt()
    config: ConsumerConfig = (
        await house.client.jetstream().consumer_info(ingress_stream(CLINIC), "referral")
    ).config
    assert (config.ack_policy, config.max_deliver) == ("explicit", -1)


async def test_an_answered_submission_is_gone_from_the_brokers_disk(
    house: House, nats_server: Broker
) -> None:
    def on_disk() -> bool:
        return any(NAME.encode() in path.read_bytes() for path in nats_server.store.rglob("IN_*/**/*.blk"))

    await house.submit(letter("good"))
    await house.submit(letter("bad", needs=[]))
    assert on_disk()
    house.open()
    await house.emptied(CLINIC)
    assert not on_disk()


@pytest.mark.slow
async def test_with_the_store_deleted_under_the_running_broker_submissions_get_in_again(
    own_house: House, own_broker: Broker
) -> None:
    own_house.open()
    await own_house.submit(letter("before"))
    await own_house.emptied(CLINIC)
    while own_broker.store.exists():  # the server may be writing there
        shutil.rmtree(own_broker.store, ignore_errors=True)
    pid = own_broker.pid
    for submission_id in ("one", "two", "three"):
        # As an organisation does: again and again until it has its receipt.
        async with asyncio.timeout(30):
            while submission_id not in {r["submission_id"] for r in await own_house.receipts()}:
                with contextlib.suppress(Exception):
                    await own_house.submit(letter(submission_id))
                await asyncio.sleep(0.5)
    assert own_broker.pid == pid
    assert [receipt["code"] for receipt in await own_house.receipts()] == ["accepted"] * 4
