"""One organisation tries to reach what is another's, or the network's own. Each attempt has its control:
the same thing said by somebody who may say it works."""

from __future__ import annotations

import asyncio
import json

import nats
import pytest
from nats.aio.msg import Msg
from nats.js.errors import APIError

from sluss.partners.accounts import NotAPartner
from sluss.partners.claims import ClaimsRefused, publish_account
from sluss.partners.tokens import Key, Kind, account_claims, signed
from tests.partners.conftest import CLINIC, SCHOOL, TwoPartners

FOREIGN_SUBJECTS = [
    f"sluss.in.{SCHOOL}.submit",
    f"sluss.in.{CLINIC}.submit",  # its own, but not under its local name: only the server may stamp
    f"sluss.out.{SCHOOL}.receipt.issued.v1.x",
    f"sluss.out.{CLINIC}.receipt.issued.v1.x",
    "sluss.evt.0.referral.accepted.v1.x",
    "sluss.cmd.navigator.claim",
    "$SYS.REQ.SERVER.PING",
    f"$JS.ACK.OUT_{SCHOOL}.partner.1.1.1.1.0",
    f"$JS.ACK.IN_{CLINIC}.partner.1.1.1.1.0",
    f"_INBOX.{SCHOOL}.reply",
    f"_INBOX.{CLINIC}.reply",
    "referral.other",
]

JETSTREAM_API = [
    "INFO",
    "STREAM.NAMES",
    "STREAM.LIST",
    "STREAM.CREATE.MINE",
    f"STREAM.INFO.OUT_{CLINIC}",
    f"STREAM.INFO.IN_{SCHOOL}",
    f"STREAM.PURGE.IN_{SCHOOL}",
    f"STREAM.DELETE.OUT_{SCHOOL}",
    f"STREAM.UPDATE.IN_{CLINIC}",
    f"STREAM.MSG.GET.OUT_{SCHOOL}",
    f"STREAM.MSG.DELETE.IN_{CLINIC}",
    f"DIRECT.GET.OUT_{SCHOOL}",
    f"CONSUMER.CREATE.OUT_{CLINIC}",
    f"CONSUMER.CREATE.OUT_{SCHOOL}.mine",
    f"CONSUMER.DURABLE.CREATE.OUT_{SCHOOL}.mine",
    f"CONSUMER.DELETE.OUT_{SCHOOL}.partner",
    f"CONSUMER.INFO.OUT_{SCHOOL}.partner",
    f"CONSUMER.PAUSE.OUT_{SCHOOL}.partner",
    f"CONSUMER.MSG.NEXT.OUT_{SCHOOL}.partner",
    f"CONSUMER.MSG.NEXT.IN_{CLINIC}.partner",
    "CONSUMER.MSG.NEXT.EVT.navigator",
]

LISTENING = [
    ">",
    "sluss.>",
    f"sluss.out.{SCHOOL}.>",
    f"sluss.out.{CLINIC}.>",
    f"sluss.in.{SCHOOL}.>",
    "sluss.evt.>",
    "_INBOX.>",
    f"_INBOX.{SCHOOL}.>",
    "$SYS.>",
    "$JS.>",
    "referral.submit",
]

FORBIDDEN_HEADERS = {
    "a schedule onto another's subject": {
        "Nats-Schedule": "@at 2020-01-01T00:00:00Z",
        "Nats-Schedule-Target": f"sluss.in.{SCHOOL}.submit",
    },
    "a schedule onto its own subject": {
        "Nats-Schedule": "@every 1s",
        "Nats-Schedule-Target": f"sluss.in.{CLINIC}.submit",
    },
    "a rollup of the whole stream": {"Nats-Rollup": "all"},
    "a rollup of the subject": {"Nats-Rollup": "sub"},
    "a time to live": {"Nats-TTL": "1s"},
    "an atomic batch": {"Nats-Batch-Id": "x", "Nats-Batch-Sequence": "1", "Nats-Batch-Commit": "1"},
    "a counter": {"Nats-Incr": "1"},
}


async def test_what_an_organisation_submits_is_stamped_with_its_name_by_the_server(two: TwoPartners) -> None:
    await two.clinic.js.publish("referral.submit", b"from the clinic")
    await two.school.js.publish("referral.submit", b"from the school")
    stored = await two.core.get_msg(f"IN_{CLINIC}", 1)
    assert (stored.subject, stored.data) == (f"sluss.in.{CLINIC}.submit", b"from the clinic")
    stored = await two.core.get_msg(f"IN_{SCHOOL}", 1)
    assert (stored.subject, stored.data) == (f"sluss.in.{SCHOOL}.submit", b"from the school")


async def test_an_organisation_fetches_and_acknowledges_what_is_addressed_to_it(two: TwoPartners) -> None:
    await two.core.publish(f"sluss.out.{CLINIC}.receipt.issued.v1.r1", b"accepted")
    mine = await two.clinic.js.pull_subscribe_bind("partner", f"OUT_{CLINIC}")
    (message,) = await mine.fetch(1, timeout=1)
    assert message.data == b"accepted"
    await message.ack_sync(timeout=1)
    seen = await two.core.consumer_info(f"OUT_{CLINIC}", "partner")
    assert (seen.num_ack_pending, seen.num_pending) == (0, 0)


async def test_an_organisation_publishes_on_its_submit_subject_only(two: TwoPartners) -> None:
    await two.clinic.client.publish("referral.submit", b"control")
    assert await two.clinic.refused() == ""
    for subject in FOREIGN_SUBJECTS:
        await two.clinic.client.publish(subject, b"forged")
        assert "permissions violation for publish" in (await two.clinic.refused()).lower(), subject
    assert await two.stored(f"IN_{SCHOOL}") == 0
    assert await two.stored(f"OUT_{SCHOOL}") == 0
    assert await two.stored(f"IN_{CLINIC}") == 1


async def test_the_jetstream_api_is_closed_to_organisations(two: TwoPartners) -> None:
    before = [(s.config.name, s.state.messages) for s in await two.core.streams_info()]
    for call in JETSTREAM_API:
        with pytest.raises((nats.errors.TimeoutError, nats.errors.NoRespondersError)):
            await two.clinic.client.request(f"$JS.API.{call}", b'{"batch":1,"no_wait":true}', timeout=0.1)
        assert "permissions violation for publish" in (await two.clinic.refused()).lower(), call
    assert [(s.config.name, s.state.messages) for s in await two.core.streams_info()] == before


async def test_an_organisation_listens_on_its_own_inbox_only(two: TwoPartners) -> None:
    heard: list[bytes] = []

    async def hear(message: Msg) -> None:
        heard.append(message.data)

    for subject in LISTENING:
        await two.clinic.client.subscribe(subject, cb=hear)
        assert "permissions violation for subscription" in (await two.clinic.refused()).lower(), subject
    await two.core.publish(f"sluss.out.{SCHOOL}.receipt.issued.v1.r1", b"not for the clinic")
    await two.school.js.publish("referral.submit", b"not for the clinic")
    await asyncio.sleep(0.05)
    assert heard == []


async def test_fetching_anothers_feedback_gets_nothing_and_leaves_it_for_its_owner(two: TwoPartners) -> None:
    await two.core.publish(f"sluss.out.{SCHOOL}.receipt.issued.v1.r1", b"for the school")
    foreign = await two.clinic.js.pull_subscribe_bind("partner", f"OUT_{SCHOOL}")
    with pytest.raises(nats.errors.TimeoutError):
        await foreign.fetch(1, timeout=0.3)
    own = await two.school.js.pull_subscribe_bind("partner", f"OUT_{SCHOOL}")
    (message,) = await own.fetch(1, timeout=1)
    assert message.data == b"for the school"


async def test_acknowledging_for_another_changes_nothing(two: TwoPartners) -> None:
    await two.core.publish(f"sluss.out.{SCHOOL}.receipt.issued.v1.r1", b"for the school")
    own = await two.school.js.pull_subscribe_bind("partner", f"OUT_{SCHOOL}")
    (message,) = await own.fetch(1, timeout=1)
    await two.clinic.client.publish(message.reply, b"+ACK")
    assert "permissions violation" in (await two.clinic.refused()).lower()
    assert (await two.core.consumer_info(f"OUT_{SCHOOL}", "partner")).num_ack_pending == 1
    await message.ack_sync(timeout=1)
    assert (await two.core.consumer_info(f"OUT_{SCHOOL}", "partner")).num_ack_pending == 0


async def test_an_answer_cannot_be_put_into_anothers_inbox(two: TwoPartners) -> None:
    heard: list[bytes] = []

    async def hear(message: Msg) -> None:
        heard.append(message.data)

    await two.school.client.subscribe(f"_INBOX.{SCHOOL}.mine", cb=hear)
    await two.school.client.flush()
    await two.clinic.client.publish(f"_INBOX.{SCHOOL}.mine", b"forged")
    # Nor through the reply address of a request the clinic may make: the answer stays in its own account.
    await two.clinic.client.publish("referral.submit", b"{}", reply=f"_INBOX.{SCHOOL}.mine")
    await two.clinic.refused()
    assert heard == []


async def test_taking_an_id_first_does_not_silence_another_organisation(two: TwoPartners) -> None:
    squatted = {"Nats-Msg-Id": "019a7c4e-0000-7000-8000-000000000001"}
    await two.clinic.js.publish("referral.submit", b"squatter", headers=squatted)
    ack = await two.school.js.publish("referral.submit", b"the real one", headers=squatted)
    assert not ack.duplicate
    assert (await two.core.get_msg(f"IN_{SCHOOL}", ack.seq)).data == b"the real one"


async def test_a_resend_under_the_same_id_reaches_the_ingress_again(two: TwoPartners) -> None:
    same = {"Nats-Msg-Id": "019a7c4e-0000-7000-8000-000000000002"}
    await two.clinic.js.publish("referral.submit", b"first", headers=same)
    await asyncio.sleep(0.3)
    assert not (await two.clinic.js.publish("referral.submit", b"changed", headers=same)).duplicate
    assert await two.stored(f"IN_{CLINIC}") == 2


@pytest.mark.parametrize("what", FORBIDDEN_HEADERS)
async def test_headers_that_reach_beyond_one_message_are_refused(two: TwoPartners, what: str) -> None:
    await two.school.js.publish("referral.submit", b"standing")
    await two.clinic.js.publish("referral.submit", b"standing", headers={"content-type": "application/json"})
    with pytest.raises(APIError):
        await two.clinic.js.publish("referral.submit", b"forged", headers=FORBIDDEN_HEADERS[what])
    await asyncio.sleep(0.05)
    assert await two.stored(f"IN_{CLINIC}") == 1
    assert await two.stored(f"IN_{SCHOOL}") == 1


async def test_a_trace_cannot_be_sent_to_anothers_subject(two: TwoPartners) -> None:
    headers = {"Nats-Trace-Dest": f"sluss.in.{SCHOOL}.submit"}
    await two.clinic.client.publish("referral.submit", b"traced", headers=headers)
    assert "permissions violation" in (await two.clinic.refused()).lower()
    assert await two.stored(f"IN_{SCHOOL}") == 0


async def test_the_server_itself_refuses_eight_megabytes(two: TwoPartners) -> None:
    with pytest.raises(nats.errors.MaxPayloadError):
        await two.clinic.js.publish("referral.submit", b"x" * (8 << 20))
    # A client that does not check for itself is cut off by the server.
    assert two.clinic.client._transport is not None
    two.clinic.client._transport.write(b"PUB referral.submit %d\r\n" % (8 << 20))
    await asyncio.wait_for(two.clinic.ended.wait(), 3)
    assert await two.stored(f"IN_{CLINIC}") == 0
    await two.school.js.publish("referral.submit", b"undisturbed")


async def test_a_full_ingress_tells_its_own_organisation_and_nobody_else(two: TwoPartners) -> None:
    config = (await two.core.stream_info(f"IN_{CLINIC}")).config
    config.max_msgs = 1
    await two.core.update_stream(config)
    await two.clinic.js.publish("referral.submit", b"fits")
    with pytest.raises(APIError, match="maximum messages exceeded"):
        await two.clinic.js.publish("referral.submit", b"does not")
    assert (await two.core.get_msg(f"IN_{CLINIC}", 1)).data == b"fits"
    await two.school.js.publish("referral.submit", b"undisturbed")


async def test_a_revoked_organisation_is_cut_off_at_once_and_stays_out(two: TwoPartners) -> None:
    credentials = two.partners.credentials_file(CLINIC)
    kept = credentials.with_name("kept.creds")
    kept.write_bytes(credentials.read_bytes())
    await two.partners.revoke(CLINIC)
    await asyncio.wait_for(two.clinic.ended.wait(), 2)
    with pytest.raises(nats.errors.Error):
        await two.login(CLINIC, kept)
    await two.school.js.publish("referral.submit", b"undisturbed")
    with pytest.raises(NotAPartner):
        await two.partners.rotate(CLINIC)
    # Access given anew is new access: what was revoked stays void.
    back = await two.login(CLINIC, await two.partners.add(CLINIC))
    await back.js.publish("referral.submit", b"back")
    with pytest.raises(nats.errors.Error):
        await two.login(CLINIC, kept)
    await back.client.close()


async def test_rotated_credentials_work_and_the_old_ones_end_at_once(two: TwoPartners) -> None:
    kept = two.partners.credentials_file(CLINIC).with_name("kept.creds")
    kept.write_bytes(two.partners.credentials_file(CLINIC).read_bytes())
    fresh = await two.login(CLINIC, await two.partners.rotate(CLINIC))
    await asyncio.wait_for(two.clinic.ended.wait(), 2)
    with pytest.raises(nats.errors.Error):
        await two.login(CLINIC, kept)
    await fresh.js.publish("referral.submit", b"still here")
    assert (await two.core.get_last_msg(f"IN_{CLINIC}", f"sluss.in.{CLINIC}.submit")).data == b"still here"
    await fresh.client.close()


async def test_adding_twice_is_adding_once(two: TwoPartners) -> None:
    before = two.partners.credentials_file(CLINIC).read_bytes()
    await two.clinic.js.publish("referral.submit", b"waiting")
    await two.partners.add(CLINIC)
    assert two.partners.credentials_file(CLINIC).read_bytes() == before
    assert await two.stored(f"IN_{CLINIC}") == 1
    assert two.clinic.client.is_connected


async def test_an_account_cannot_import_what_was_activated_for_another(two: TwoPartners) -> None:
    """The second wall: even a mistake in an import would be refused by the server."""
    authority = two.partners._authority
    account = Key.new(Kind.ACCOUNT)
    stolen = {
        "name": "submit",
        "type": "service",
        "account": authority.core.public,
        "subject": f"sluss.in.{SCHOOL}.submit",
        "local_subject": "referral.submit",
        "token": authority.activation(account.public, f"sluss.in.{CLINIC}.submit"),
    }
    token = signed(authority.operator, account.public, "thief", account_claims(imports=[stolen]))
    system = await nats.connect(two.url, user_credentials=str(authority.system_credentials()))
    with pytest.raises(ClaimsRefused, match="doesn't match import"):
        await publish_account(system, token)
    await system.close()


async def test_a_partners_secrets_are_readable_by_the_owner_only(two: TwoPartners) -> None:
    folder = two.partners.credentials_file(CLINIC).parent
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.iterdir()])
    record = json.loads((folder / f"{CLINIC}.json").read_text())
    assert record["account"] not in repr(two.partners.get(CLINIC))
