"""How things stand, from the tables and a real broker: what lags, what lies, and what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.console.log.gathering import SPEAKERS
from services.console.standing import judging, judging_broker
from services.console.standing.backlog import backlog_of
from services.console.standing.broker import Server, Stream, servers_of, streams_of, unread
from services.console.standing.clocks import Clock, clock_of
from services.console.standing.database import Database, database_state
from services.console.standing.disks import LEAST_FREE, of_disks, room_on
from services.console.standing.examining import SERVICES, examine_broker, examine_record
from services.console.standing.finding import Finding, plain
from services.console.standing.partners import Refusals, refusals
from services.console.standing.readers import reader_of, worst
from services.runtime.clock import NetworkClock
from services.runtime.engine.ids import uuid7
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.topology import declare_event_stream
from sluss.machine.broker import Broker
from sluss_contracts.subjects import slot_of, submission_subject
from tests.support.console import Record
from tests.support.servers import BrokerAccess

NOW = datetime.now(UTC)
AGO = timedelta(seconds=90)


@pytest.fixture
async def stood(record: Record) -> Record:
    """Readers that have read everything, a minute ago, and no promise to anybody."""
    await record.admin.execute("truncate console.loop, console.pace")
    for service in SERVICES:
        await record.admin.execute(f"truncate {service}.position, {service}.inbox, {service}.member")
        await record.admin.execute(
            f"""insert into {service}.position (slot, sequence, caught_up)
                select slot, 40, now() - interval '2 minutes' from generate_series(0, 15) slot"""
        )
    return record


async def publish(record: Record) -> None:
    for service in SPEAKERS:
        await record.admin.execute(f"update {service}.head set sent = last")


def test_everybody_who_says_something_is_looked_at() -> None:
    assert set(SERVICES) == set(SPEAKERS)


async def test_a_reader_lags_by_what_it_has_not_taken_in(stood: Record) -> None:
    now = datetime.now(UTC)
    first = await stood.say("referral.accepted", referral_id="r-1", recorded=now - AGO)
    await stood.say("referral.accepted", referral_id="r-2", recorded=now - timedelta(seconds=10))
    await stood.say("receipt.issued")  # for a partner, not for the network
    async with stood.pool.acquire() as connection:
        unpublished = await reader_of(connection, "navigator")
        assert (unpublished.events, unpublished.lag) == (0, timedelta())

        await publish(stood)
        behind = await reader_of(connection, "navigator")
        assert behind.events == 2
        assert behind.stalled
        assert behind.lag >= AGO
        assert {slot.number for slot in behind.slots if slot.events} == {slot_of("r-1"), slot_of("r-2")}
        assert [slot.position for slot in behind.slots] == [40] * 16

        await stood.admin.execute("insert into navigator.inbox (event_id) values ($1)", first)
        closer = await reader_of(connection, "navigator")
        assert closer.events == 1
        assert closer.lag < AGO
        # Nobody but its readers lags by it.
        others = [await reader_of(connection, service) for service in ("referral", "provider")]
        assert [each.events for each in others] == [0, 0]
        assert worst([*others, closer]) == closer


async def test_a_process_that_gives_no_sign_is_noticed(stood: Record) -> None:
    beat = "insert into navigator.member (id, seen) values ($1, clock_timestamp() - $2::interval)"
    await stood.admin.execute(beat, uuid7(), timedelta(seconds=40))
    async with stood.pool.acquire() as connection:
        frozen = await reader_of(connection, "navigator")
        assert frozen.silence is not None
        assert frozen.silence >= timedelta(seconds=40)
        [trouble] = judging.of_reader(frozen).troubles
        assert trouble.runbook == "consumer-stalled"
        await stood.admin.execute(beat, uuid7(), timedelta())
        assert (await reader_of(connection, "navigator")).silence is None


async def test_each_process_says_what_is_the_matter_with_it(stood: Record) -> None:
    say = """insert into {}.process (id, seen, ailing, cares)
             values ($1, clock_timestamp() - $2::interval, $3::text::jsonb, $4::text::jsonb)"""
    for service, silence, ailing, cares in (
        ("notify", 0, "{}", '{"channel": "/messages is no folder"}'),
        ("notify", 1, "{}", '{"channel": "/messages is no folder"}'),
        ("navigator", 0, '{"owner": "the owner has not come round for 20 s"}', "{}"),
        ("navigator", 40, '{"owner": "nobody believes it any longer"}', "{}"),
    ):
        row = (uuid7(), timedelta(seconds=silence), ailing, cares)
        await stood.admin.execute(say.format(service), *row)
    try:
        async with stood.pool.acquire() as connection:
            found = [each async for each in examine_record(connection, NetworkClock())]
            asked = [each async for each in examine_record(connection, NetworkClock(), processes=False)]
    finally:
        await stood.admin.execute("truncate notify.process, navigator.process")
    [said] = [each for each in found if each.part == "processes"]
    assert str(said.state) == "2 of 3 are fit for work; one more last gave a sign 40 s ago"
    assert [(str(each.what), each.runbook) for each in said.troubles] == [
        ("navigator, owner: the owner has not come round for 20 s", ""),
        ("no message can go: /messages is no folder", "channel-down"),
    ]
    assert "processes" not in {each.part for each in asked}


@pytest.mark.parametrize("free", [LEAST_FREE * 3, LEAST_FREE])
def test_the_disk_with_the_least_room_counts(free: int) -> None:
    said = of_disks({Path("/data"): free, Path("/other"): LEAST_FREE * 90})
    assert said.well == (free > LEAST_FREE)
    assert str(said.state) == f"{free >> 30}.0 GiB free at /data"
    assert room_on([Path("/"), Path("/nowhere/at/all")]).keys() == {Path("/")}


async def test_a_backlog_names_causes_and_keys(stood: Record) -> None:
    await stood.say("referral.accepted", referral_id="r-1", recorded=NOW - AGO)
    await stood.say("receipt.issued", organisation="vc-strommen", recorded=NOW - AGO)
    park = """insert into referral.parked (slot, key, event_id, subject, body, tries, reason)
              values (1, $1, $2, 's', '', $3, 'the vault is away')"""
    await stood.admin.execute(park, "r-9", uuid7(), 7)
    await stood.admin.execute(park, "r-8", uuid7(), 1)
    bury = "insert into referral.dead_letter (subject, body, code, reason) values ('s', '', $1, 'why')"
    for code in ("unreadable", "unreadable", "not_offered"):
        await stood.admin.execute(bury, code)
    async with stood.pool.acquire() as connection:
        found = await backlog_of(connection, "referral", timedelta(seconds=15))
    assert (found.unsent, found.unsent_to_partners, found.partners) == (1, 1, ("vc-strommen",))
    assert found.waited >= AGO
    assert (found.parked, found.stuck_count, found.stuck) == (2, 1, (("r-9", "the vault is away"),))
    assert found.causes == (("unreadable", 2), ("not_offered", 1))
    said = judging.of_backlog(found)
    assert [trouble.runbook for trouble in said.troubles] == ["disk-nearly-full", "", "poison-message", ""]
    assert str(said.troubles[2].what) == "dead letters: unreadable (2), not_offered (1)"
    assert said.troubles[3].do == ("sluss story r-9",)


async def test_a_clock_that_is_off_is_told_by_how_much(stood: Record) -> None:
    clock = NetworkClock(NOW - timedelta(hours=1), 1000.0)
    recorded = NOW - timedelta(minutes=1)
    await stood.say("referral.accepted", at=clock.shown_at(recorded) + timedelta(days=3), recorded=recorded)
    changed = """update referral.event set body = convert_to(jsonb_set(convert_from(body, 'UTF8')::jsonb,
                 '{recordedtime}', to_jsonb($1::text))::text, 'UTF8')"""
    await stood.admin.execute(changed, recorded.isoformat())
    async with stood.pool.acquire() as connection:
        off = await clock_of(connection, "referral", clock)
        assert off == Clock("referral", timedelta(), timedelta(days=3), off=True)
        assert await clock_of(connection, "notify", clock) is None
        await stood.admin.execute(changed, (recorded - timedelta(minutes=10)).isoformat())
        behind = await clock_of(connection, "referral", clock)
        # A network that goes on after a night shows another time than when its last event was said.
        began = "insert into referral.process (id, began) values (gen_random_uuid(), $1)"
        await stood.admin.execute(began, recorded + timedelta(seconds=20))
        assert await clock_of(connection, "referral", clock) is None
        await stood.admin.execute("truncate referral.process")
    assert behind is not None
    said = judging.of_clocks([off, behind], clock.speed).troubles
    assert str(said[0].what) == "referral's clock is 3 d ahead of the others"
    assert str(said[1].what) == "referral's clock is 10 min behind the others"


async def test_whoever_is_refused_again_and_again_is_named(stood: Record) -> None:
    for _ in range(3):
        await stood.say(
            "receipt.issued", organisation="vasaskolan", status="refused", code="unknown_version",
            receipt_id=uuid7().hex, referral_id=None,
        )  # fmt: skip
    await stood.say("receipt.issued", organisation="vc-strommen")
    async with stood.pool.acquire() as connection:
        found = await refusals(connection)
    assert found == [Refusals("vasaskolan", "unknown_version", 3)]
    assert judging.of_refusals(found).troubles[0].runbook == "wrong-version"


async def test_the_console_may_read_all_of_it(stood: Record) -> None:
    """As its own role, and what is well is said to be."""
    async with stood.pool.acquire() as connection:
        assert (await database_state(connection)).safe
        found = [each async for each in examine_record(connection, NetworkClock())]
    assert [str(each.name) for each in found if not each.well] == []
    assert {"database", "clocks", "submissions", "loops", "silence"} <= {each.part for each in found}


async def test_a_broker_is_asked_for_its_streams_and_servers(
    broker: BrokerAccess, nats_server: Broker
) -> None:
    client = await broker.connect()
    js = client.jetstream()
    await declare_event_stream(js)
    await declare_partner_streams(js, "vc-strommen")
    await js.publish(submission_subject("vc-strommen"), b"{}")
    [event, ingress, outgoing] = await streams_of(client)
    assert [event.name, ingress.name, outgoing.name] == ["EVT", "IN_vc-strommen", "OUT_vc-strommen"]
    assert (ingress.messages, ingress.organisation, ingress.refuses_when_full) == (1, "vc-strommen", True)
    assert 0 < ingress.full < 0.001
    assert [each.name for each in outgoing.consumers] == ["partner"]
    assert (unread(outgoing), event.organisation) == (0, "")

    found = [each async for each in examine_broker(client, [nats_server.monitor_url])]
    assert [each.part for each in found if each.well] == ["broker", "streams"]
    [away] = await servers_of(["http://127.0.0.1:1"])
    assert not away.answers
    assert judging_broker.of_servers([away]).troubles[0].runbook == "broker-restarted"


def _stream(**more: Any) -> Stream:
    facts = {"name": "EVT", "messages": 10, "bytes": 100, "first": 1, "last": 10, "created": NOW}
    facts |= {"limit_bytes": -1, "limit_messages": -1, "refuses_when_full": False}
    return Stream(**{**facts, "replicas": 1, "current": 1, "consumers": (), **more})


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            judging_broker.of_streams([_stream(limit_bytes=105)], timedelta(days=1)),
            "EVT is at its limit and takes nothing more: 100 B, 10 messages",
        ),
        (
            judging_broker.of_streams([_stream(name="IN_vasaskolan", messages=900)], timedelta(days=1)),
            "vasaskolan has 900 submissions waiting; the others are served in turn",
        ),
        (
            judging_broker.of_streams([_stream(replicas=3, current=2)], timedelta(days=1)),
            "EVT has 2 of 3 copies up to date",
        ),
        (
            judging_broker.of_streams([], None),
            "the event stream is gone; the services make it again within seconds",
        ),
        (
            judging_broker.of_servers([Server("http://a", id="A", durable=False)]),
            "it does not write through to disk: set sync_interval to always",
        ),
        (
            judging_broker.of_servers([Server("http://a", "A", durable=True, stored=95, limit=100)]),
            "its store is almost full: 95 B of 100 B",
        ),
        (
            judging.of_database(
                Database(290, 300, 1 << 30, timedelta(seconds=40), 3, 0, safe=True, up=timedelta(days=2))
            ),
            "it has hardly any connections left",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(finding: Finding, said: str) -> None:
    assert str(finding.troubles[0].what) == said
    assert not finding.well


def test_durations_and_sizes_are_short() -> None:
    spoken = [judging.lasting(timedelta(seconds=n)) for n in (0, 9, 61, 3600, 93_600, 180_000)]
    assert spoken == ["0 s", "9 s", "1 min 1 s", "1 h", "1 d 2 h", "2 d 2 h"]
    assert [judging.size(n) for n in (12, 2048, 40 << 20, 3 << 30)] == [
        "12 B",
        "2.0 KiB",
        "40 MiB",
        "3.0 GiB",
    ]
    assert str(plain("100 % of it")) == "100 % of it"
