"""Submissions on real streams: what comes of each, and that it gets its receipt once."""

from __future__ import annotations

import json

import pytest

from services.referral.vault.keys import MasterKey, Tampered
from services.referral.vault.safe import vault
from services.runtime.partner_streams import declare_partner_streams
from sluss_contracts.event import CONTENT_TYPE
from sluss_contracts.subjects import ingress_stream, outgoing_stream
from tests.referral.conftest import House, people, said
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
