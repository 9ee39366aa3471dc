"""Submissions on real streams: each gets its receipt, nothing doubles, nobody waits for another's flood."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import time
from typing import Any

import pytest
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from services.referral.domain.submission import examine
from services.referral.mailbox import Mailbox
from services.referral.vault.keys import MasterKey, Tampered
from services.referral.vault.safe import vault
from services.runtime.partner_streams import declare_partner_streams
from sluss.machine.broker import Broker
from sluss_contracts.event import CONTENT_TYPE
from sluss_contracts.subjects import ingress_stream, outgoing_stream
from tests.referral.conftest import House, said
from tests.referral.requests import (
    ANOTHER_NUMBER,
    CANARIES,
    CLINIC,
    INVALID_NUMBERS,
    NAME,
    SAME_NUMBER,
    SCHOOL,
    about,
    letter,
    request,
)


async def people(house: House) -> list[str]:
    """The pseudonym of each referral, in the order they were submitted."""
    rows = await house.pool.fetch("select state from aggregate where kind = 'referral' order by id")
    return [row["state"]["person"] for row in rows]


async def test_a_submission_becomes_a_referral_and_leaves_nothing_in_the_stream(house: House) -> None:
    house.open()
    await house.submit(letter())
    receipt = await house.receipt("remiss-1")
    assert (receipt["status"], receipt["code"]) == ("accepted", "accepted")
    story = {word for word in await said(house.pool) if not word.startswith("organisation")}
    assert story == {"referral.submitted", "referral.accepted", "receipt.issued"}
    info = await house.client.jetstream().consumer_info(ingress_stream(CLINIC), "referral")
    assert (info.num_ack_pending, info.num_pending) == (0, 0)


async def test_consent_to_be_asked_holds_the_referral(house: House) -> None:
    house.open()
    await house.submit(letter(consent={"status": "to_be_asked"}))
    assert (await house.receipt("remiss-1"))["status"] == "held"
    assert "referral.held" in await said(house.pool)
    assert "referral.accepted" not in await said(house.pool)


BAD: list[tuple[bytes, str]] = [
    (b"{not json", "not_json"),
    (b"\xff\xfe\x00\x01", "nul_byte"),
    (letter().replace(b"norrk", b"\\u0000"), "nul_byte"),
    (letter(needs=7), "invalid"),
    (letter(envelope={"type": "sluss.referral.withdrawn.v1"}), "unknown_type"),
    (letter(envelope={"type": "sluss.referral.requested.v9"}), "unknown_version"),
    (letter(consent=None), "missing_consent"),
    (letter(organisation=SCHOOL), "foreign_source"),
    (b"[" * 50_000, "too_deep"),
    (b"x" * 900_000, "too_large"),
    (letter(person=about(INVALID_NUMBERS[0])), "invalid_identity_number"),
    (b"", "not_json"),
]


async def test_everything_bad_gets_its_code_and_the_good_one_behind_it_gets_in(house: House) -> None:
    house.open()
    for raw, _ in BAD:
        await house.submit(raw)
    await house.submit(letter("good"))
    assert (await house.receipt("good"))["status"] == "accepted"
    receipts = await house.receipts()
    assert sorted(receipt["code"] for receipt in receipts) == sorted([*(code for _, code in BAD), "accepted"])
    assert all(receipt["faults"] for receipt in receipts if receipt["status"] == "refused")


async def test_what_was_refused_is_kept_but_not_in_the_clear(house: House) -> None:
    house.open()
    await house.submit(raw := letter(needs=[]))
    receipt = await house.receipt()
    row = await house.pool.fetchrow("select * from refused where receipt_id = $1", receipt["receipt_id"])
    assert NAME.encode() not in row["sealed"]
    place = f"refused/{receipt['receipt_id']}"
    assert vault.master.unwrap(row["wrapped"], place).open(row["sealed"], belongs_to=place) == raw
    assert row["size"] == len(raw)


async def test_the_same_bytes_again_get_the_very_same_receipt_again(house: House) -> None:
    house.open()
    await house.submit(letter())
    first = await house.receipt("remiss-1")
    reader = await house.client.jetstream().pull_subscribe_bind("partner", outgoing_stream(CLINIC))
    for _ in range(2):
        await house.submit(letter())
        (again,) = await reader.fetch(1, timeout=5)
        event = json.loads(again.data)
        assert (event["data"], event["type"]) == (first, "sluss.receipt.issued.v1")
        assert (again.headers or {})["content-type"] == CONTENT_TYPE
        await again.ack()
    assert await house.receipts() == [first]
    assert len(await people(house)) == 1


async def test_the_same_id_with_other_bytes_is_refused_and_the_first_stands(house: House) -> None:
    house.open()
    await house.submit(letter("remiss-1"))
    await house.submit(letter("remiss-1", area="linkoping"))
    assert (await house.receipt("remiss-1"))["code"] == "id_reused"
    assert len(await people(house)) == 1


async def test_a_refused_submission_may_be_mended_and_sent_under_its_id(house: House) -> None:
    house.open()
    await house.submit(letter("remiss-1", needs=[]))
    assert (await house.receipt("remiss-1"))["code"] == "invalid"
    await house.submit(letter("remiss-1"))
    assert (await house.receipt("remiss-1"))["code"] == "accepted"
    await house.submit(letter("remiss-1", needs=[]))
    await house.emptied(CLINIC)
    assert [receipt["code"] for receipt in await house.receipts()] == ["invalid", "accepted"]


async def test_copies_that_arrive_together_are_one_referral(house: House) -> None:
    for _ in range(5):
        await house.submit(letter("remiss-1"))
    for _ in range(3):
        await house.submit(letter("remiss-1", reason="something else"))
    house.open()
    await house.emptied(CLINIC)
    assert [receipt["code"] for receipt in await house.receipts()] == ["accepted", "id_reused"]


async def test_another_organisations_id_cannot_be_taken(house: House) -> None:
    house.open()
    await house.submit(letter("remiss-1", organisation=SCHOOL), by=SCHOOL)
    assert (await house.receipt("remiss-1", by=SCHOOL))["status"] == "accepted"
    await house.submit(letter("remiss-1"))
    assert (await house.receipt("remiss-1"))["status"] == "accepted"


async def test_the_same_number_is_the_same_person_at_every_organisation_and_nobody_is_told(
    house: House,
) -> None:
    house.open()
    await house.submit(letter("a"))
    first = await house.receipt("a")
    await house.submit(letter("b", organisation=SCHOOL, person=about(SAME_NUMBER)), by=SCHOOL)
    second = await house.receipt("b", by=SCHOOL)
    await house.submit(letter("c", person=about(ANOTHER_NUMBER)))
    await house.submit(letter("d", person=about(None, name=NAME)))
    await house.submit(letter("e", person=about(None, name=NAME)))
    await house.emptied(CLINIC)
    one, same, *others = await people(house)
    assert one == same
    assert len({one, *others}) == 4, "another number, and nobody's number, is somebody else"
    assert first.keys() == second.keys()
    assert first["code"] == second["code"]


async def test_people_who_arrive_together_are_told_apart_by_number_alone(house: House) -> None:
    for n in range(6):
        await house.submit(letter(f"r{n}", person=about(SAME_NUMBER if n % 2 else ANOTHER_NUMBER)))
    house.open()
    await house.emptied(CLINIC)
    assert len(set(await people(house))) == 2


async def test_a_revoked_organisation_is_refused_until_then_and_not_for_what_it_sent_before(
    house: House,
) -> None:
    house.open()
    await house.submit(letter("before"))
    await house.receipt("before")
    await house.revoke(CLINIC)
    await house.submit(letter("after"))
    assert (await house.receipt("after"))["code"] == "organisation_revoked"
    await house.submit(letter("before"))
    await house.emptied(CLINIC)
    assert len(await house.receipts()) == 2, "it asked for its first receipt again, and got that one"


async def test_an_organisation_added_while_the_service_runs_is_served(house: House) -> None:
    house.open()
    await house.submit(letter("first"))
    await house.receipt("first")
    await house.register("brottsofferjouren")
    await house.submit(letter("new", organisation="brottsofferjouren"), by="brottsofferjouren")
    assert (await house.receipt("new", by="brottsofferjouren"))["status"] == "accepted"


async def test_credentials_without_registration_get_a_receipt_that_the_same_bytes_outgrow(
    house: House,
) -> None:
    house.open()
    await declare_partner_streams(house.client.jetstream(), "forhastad")
    await house.submit(raw := letter("early", organisation="forhastad"), by="forhastad")
    assert (await house.receipt("early", by="forhastad"))["code"] == "unknown_organisation"
    await house.register("forhastad")
    await house.submit(raw, by="forhastad")
    assert (await house.receipt("early", by="forhastad"))["code"] == "accepted"


async def test_header_tricks_change_nothing(house: House) -> None:
    house.open()
    tricks = {
        "Nats-Msg-Id": "chosen",
        "Nats-Expected-Stream": ingress_stream(CLINIC),
        "ce-source": f"/org/{SCHOOL}",
        "ce-type": "sluss.case.closed.v1",
        "Content-Type": "application/x-evil",
        "Content-Encoding": "gzip",
        "Status": "409",
        "Description": "Consumer Deleted",
    }
    await house.submit(letter("tricky"), headers=tricks)
    assert (await house.receipt("tricky"))["status"] == "accepted"


async def test_nothing_of_a_person_leaves_the_vault(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    house.open()
    names = {NAME: 1, "Kanariefågel": 2}
    await house.submit(letter("good"))
    await house.submit(letter("held", consent={"status": "to_be_asked"}))
    await house.submit(letter(envelope={"data": request("odd") | names}))
    await house.submit(letter("bad", person=about(None, name=NAME, contact={"phone": [NAME]})))
    await house.submit(letter(NAME, area=NAME))
    await house.submit(letter("19460823-9986"))
    await house.submit(NAME.encode())
    await house.emptied(CLINIC)
    assert len(await house.receipts()) == 7
    tables = await house.pool.fetch("select tablename from pg_tables where schemaname = 'referral'")
    assert len(tables) > 10
    for (table,) in tables:
        rows = await house.pool.fetch(f"select t::text from referral.{table} t")
        text = "\n".join(row["t"] for row in rows)
        # bytea is shown in hexadecimal: look for the canaries in that too
        found = [c for c in CANARIES if c in text or c.encode().hex() in text]
        assert not found, f"{found} in {table}"
    written = capfd.readouterr()
    assert not [c for c in CANARIES if c in written.out + written.err]


async def test_the_vault_opens_only_with_the_master_key(house: House) -> None:
    house.open()
    await house.submit(letter())
    await house.receipt()
    row = await house.pool.fetchrow(
        "select s.*, p.wrapped from secret s join person p using (person) where kind = 'person'"
    )
    assert vault.open(row)["name"] == NAME
    assert vault.open(row)["identity_number"] == "194608239986"
    vault.unlock(MasterKey(bytes(32)), vault.identity)
    with pytest.raises(Tampered):
        vault.open(row)


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
