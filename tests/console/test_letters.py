"""Dead letters by cause, and one of them against its contract, masked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from services.console.letters.differing import masked_places, seen
from services.console.letters.reading import causes, letter, letters, proposals, type_of
from services.runtime.engine.ids import uuid7
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of
from tests.support.console import Record

ACCEPTED = "sluss.referral.accepted.v1"


async def bury(record: Record, service: str, code: str, event: Any, key: str = "r-1", **more: Any) -> int:
    subject = more.get("subject", f"sluss.evt.{slot_of(key)}.referral.accepted.v1.{key}")
    body = event if isinstance(event, bytes) else orjson.dumps(event)
    number: int = await record.admin.fetchval(
        f"""insert into {service}.dead_letter (event_id, key, subject, body, code, reason)
            values ($1, $2, $3, $4, $5, $6) returning number""",
        *(uuid7(), key, subject, body, code, more.get("reason", "why")),
    )
    return number


async def test_letters_are_grouped_by_what_they_died_of(record: Record) -> None:
    for key in ("r-1", "r-2"):
        await bury(record, "navigator", "unreadable", {}, key, reason="/data: missing")
    await bury(record, "notify", "failed", {}, subject="timer.followup")
    gone = await bury(record, "notify", "failed", {})
    await record.admin.execute("update notify.dead_letter set resolved = now() where number = $1", gone)
    async with record.pool.acquire() as connection:
        found = await causes(connection, ["referral", "navigator", "notify"])
        assert [(each.service, each.count, each.type, each.reason) for each in found] == [
            ("navigator", 2, ACCEPTED, "/data: missing"),
            ("notify", 1, "timer.followup", "why"),
        ]
        one = await letter(connection, "navigator", found[0].number)
        assert (one.key, type_of(one)) == ("r-1", ACCEPTED)
        assert len(await letters(connection, "navigator", type=ACCEPTED)) == 2
        assert len(await letters(connection, "navigator", because="/data: missing")) == 2
        assert await letters(connection, "navigator", because="something else") == []
        assert await letters(connection, "navigator", before=datetime(2020, 1, 1, tzinfo=UTC)) == []
        assert await letters(connection, "navigator", key="r-9") == []
        assert len(await letters(connection, "notify", resolved=True)) == 2
        assert await proposals(connection, ["navigator"]) == []


async def test_a_letter_is_held_against_its_contract_and_masked(record: Record) -> None:
    event = example_of(ACCEPTED)
    data = event["data"] | {"needs": "company, and a secret", "shoe_size": "forty-four"}
    del data["referral_id"]
    number = await bury(record, "navigator", "unreadable", event | {"data": data, "note": "call Anna"})
    async with record.pool.acquire() as connection:
        found = seen(await letter(connection, "navigator", number))
    assert (found.type, found.readable) == (ACCEPTED, True)
    by_path = {each.path: each for each in found.differences}
    assert (by_path["/referral_id"].code, by_path["/referral_id"].found) == ("missing", "")
    assert by_path["/needs"].found == "text"
    assert by_path["/shoe_size"].code == "not_in_contract"
    assert {each.path for each in found.breaks} == {"/referral_id", "/needs"}
    assert found.shown["needs"] is None
    assert found.shown["shoe_size"] is None
    assert "note" not in found.envelope
    told = repr(found)
    assert not any(secret in told for secret in ("secret", "forty-four", "Anna"))


async def test_what_is_no_event_is_told_by_nothing_but_its_kind(record: Record) -> None:
    for body, readable in ((b"\xff not json", False), (b"[1]", False), (b'{"name": "Anna"}', True)):
        number = await bury(record, "navigator", "unreadable", body, subject="sluss.evt.1.a.b.c")
        async with record.pool.acquire() as connection:
            found = seen(await letter(connection, "navigator", number))
        assert (found.readable, found.type, found.shown, found.envelope) == (readable, "", {}, {})


async def test_each_masked_field_has_a_place_of_its_own(record: Record) -> None:
    event = example_of(ACCEPTED)
    data = event["data"] | {"needs": ["a", "b"], "alien": {"name": "Anna", "more": [{"a": 1}]}}
    bodies = ((event | {"data": data}, {"needs", "alien.name", "alien.more[0].a"}), (b"\xff", {"*"}))
    for body, places in bodies:
        number = await bury(record, "navigator", "unreadable", body)
        async with record.pool.acquire() as connection:
            one = await letter(connection, "navigator", number)
        assert places <= {*masked_places(one, seen(one).shown)}
