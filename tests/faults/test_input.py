"""What nobody should send: each is answered with a code and a place, or refused at the connection; nothing
crashes, loops, or holds up what comes after it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any
from uuid import uuid4

import nats
import nats.errors
import pytest
import pytest_asyncio
from nats.aio.client import Client

from services.runtime.engine.recovery import said_by
from sluss.ledger import SERVICES
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority
from sluss.people.persons import referral_of
from sluss.registries import registries
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.subjects import EVENT_STREAM
from tests.faults.town import Town, town, under
from tests.referral.requests import INVALID_NUMBERS

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=1), pytest.mark.timeout(300)]

STRANGER = "folkhogskolan"
_STRANGER = (
    f'\n\n[[organisation]]\nid = "{STRANGER}"\nname = "Folkhögskolan"\nkind = "school"\narea = "hageby"\n'
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("input"), more=_STRANGER) as there:
        yield there


class Bare:
    """An organisation with nothing but a NATS client and its credentials."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, raw: bytes, within: float = 5.0) -> dict[str, Any]:
        """Submit, and return the receipt that comes next."""
        await self._client.request("referral.submit", raw, timeout=within)
        mine = await self._client.jetstream().pull_subscribe_bind("partner", f"OUT_{STRANGER}")
        try:
            while True:
                (message,) = await mine.fetch(1, timeout=within)
                await message.ack()
                event = json.loads(message.data)
                if event["type"] == "sluss.receipt.issued.v1":
                    receipt: dict[str, Any] = event["data"]
                    return receipt
        finally:
            await mine.unsubscribe()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(there: Town) -> AsyncIterator[Bare]:
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    await partners.add(STRANGER)
    client = await nats.connect(
        there.run.nats.url,
        user_credentials=str(partners.credentials_file(STRANGER)),
        inbox_prefix=f"_INBOX.{STRANGER}".encode(),
    )
    yield Bare(client)
    await client.close()


def letter(changed: dict[str, Any] | None = None, without: str = "", **envelope: Any) -> bytes:
    """A submission that is accepted, but for what is changed in its payload or its envelope."""
    data = {"submission_id": str(uuid4()), **referral_of(Random(5), "Enhet 1", "Lena")}
    data["consent"] = {"status": "given"}
    data |= changed or {}
    data.pop(without, None)
    document = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"/org/{STRANGER}",
        "type": "sluss.referral.requested.v1",
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(document | envelope).encode()


def nested(depth: int) -> Any:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"a": deep}
    return deep


BAD = {
    "nothing at all": (b"", "not_json", ""),
    "malformed JSON": (letter()[:-2], "not_json", ""),
    "not even text": (b"\xff\xfe\x00\xd8", "nul_byte", ""),
    "a list": (b"[1, 2]", "not_a_cloudevent", ""),
    "wrong types": (letter({"area": 7, "needs": "company"}), "invalid", "/data/area"),
    "an unknown field": (letter({"diagnosis": "x"}), "invalid", "/data"),
    "no person": (letter(without="person"), "invalid", "/data/person"),
    "an unknown type": (letter(type="sluss.referral.demanded.v1"), "unknown_type", "/type"),
    "an unknown version": (letter(type="sluss.referral.requested.v9"), "unknown_version", "/type"),
    "no consent": (letter(without="consent"), "missing_consent", "/data/consent"),
    "a foreign source": (letter(source="/org/vasaskolan"), "foreign_source", "/source"),
    "nested deeply": (letter({"person": nested(60)}), "too_deep", ""),
    "nested abysmally": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_large", ""),
    "brackets without end": (b"[" * 60_000, "too_deep", ""),
    "a raw NUL": (letter().replace(b"Lena", b"Le\0na"), "nul_byte", ""),
    "an escaped NUL": (letter({"reason": "a\0b"}), "nul_byte", "/data/reason"),
    "as large as the server lets pass": (letter({"reason": "x" * 1_000_000}), "too_large", ""),
    **{
        f"identity number {number}": (
            letter({"person": {"identity_number": number, "language": "sv"}}),
            "invalid_identity_number",
            "/data/person/identity_number",
        )
        for number in INVALID_NUMBERS
    },
}


async def test_every_bad_submission_gets_a_receipt_with_code_and_place_and_the_next_one_is_accepted(
    there: Town, stranger: Bare
) -> None:
    before = there.restarts()
    for what, (raw, code, path) in BAD.items():
        receipt = await stranger.send(raw)
        assert receipt["status"] == "refused", what
        assert receipt["code"] == code, what
        assert path in [fault["path"] for fault in receipt["faults"]], f"{what}: {receipt['faults']}"
    assert (await stranger.send(letter()))["status"] == "accepted"
    assert there.restarts() == before


async def test_eight_megabytes_are_refused_at_the_connection(there: Town, stranger: Bare) -> None:
    host, port = there.run.nats.url.removeprefix("nats://").split(":")
    with pytest.raises(nats.errors.MaxPayloadError):
        await stranger.send(letter({"reason": "x" * 8_000_000}))
    # Nor does the server take them from a client that does not look at its limits.
    reading, writing = await asyncio.open_connection(host, int(port))
    await reading.readline()
    writing.write(b'CONNECT {"verbose":false}\r\nPUB referral.submit 8000000\r\n')
    told = await reading.read(1000)
    assert b"-ERR" in told
    writing.close()
    assert (await stranger.send(letter()))["status"] == "accepted"


async def test_duplicates_disorder_and_poison_on_the_bus_while_referrals_are_on_their_way(
    there: Town,
) -> None:
    before, chance = there.restarts(), Random(9)
    client = await nats.connect(there.run.nats.url, user_credentials=str(there.run.nats.creds["navigator"]))
    js = client.jetstream()

    async def put(subject: str, body: bytes) -> None:
        await js.publish(subject, body, headers={"Nats-Msg-Id": str(uuid4())}, stream=EVENT_STREAM)

    async def harm() -> None:
        for _ in range(3):
            again = await said_so_far(there)
            for row in chance.sample(again, int(len(again) * 0.3)):
                await put(row["subject"], bytes(row["body"]))
            accepted = [row for row in again if row["type"] == ReferralAccepted.TYPE]
            for row in chance.sample(accepted, 2):
                for body in poison(bytes(row["body"]), client.max_payload):
                    await put(row["subject"], body)
                await put(row["subject"].replace(".accepted.", ".vanished."), bytes(row["body"]))
            await asyncio.sleep(1)

    try:
        outcome = await under(there, harm, referrals=20, after=4)
    finally:
        await client.close()
    await there.assert_whole(outcome)
    assert there.restarts() == before
    for reader in ReferralAccepted.READ_BY:
        if reader in SERVICES:
            codes = await there.record.fetch(f"select distinct code from {reader}.dead_letter")
            assert {"unreadable", "misfiled"} <= {row["code"] for row in codes}, reader
    for service in SERVICES:
        parked = await there.record.fetch(f"select reason from {service}.parked")
        assert parked == []


async def said_so_far(there: Town) -> list[Any]:
    """Everything on the network's stream, as its services have recorded it."""
    rows: list[Any] = []
    for service in registries():
        types = [fact.TYPE for fact in said_by(service)]
        rows += await there.record.fetch(
            f"select subject, type, body from {service}.event where type = any($1::text[])", types
        )
    return rows


def poison(body: bytes, most: int) -> list[bytes]:
    """What must harm nobody when it comes in place of an event."""
    event = json.loads(body)
    fresh = {"id": str(uuid4())}
    changed = [
        {"data": {**event["data"], "needs": 7, "area": ["x"]}},
        {"data": None},
        {"sequence": "first"},
        {"time": "yesterday"},
        {"data": {**event["data"], "area": "a\0b"}},
        {"data": {**event["data"], "pathway": nested(400)}},
        {"data": {**event["data"], "area": "x" * (most - 10_000)}},
        {"type": "sluss.referral.closed.v1"},
        {"partitionkey": "somebody-else"},
    ]
    without_id = {name: value for name, value in event.items() if name != "id"}
    return [
        b"",
        b"\xff\xfe is no JSON",
        body[: len(body) // 2],
        body.replace(b"sluss", b"slu\0ss"),
        b"[" * 100_000,
        b"null",
        json.dumps(without_id).encode(),
        *(json.dumps(event | fresh | each).encode() for each in changed),
    ]
