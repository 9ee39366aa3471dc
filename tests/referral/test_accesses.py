"""Who has looked: the person's extract, what is drawn for a spot check, and that the log stays as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from sluss_contracts.command import Actor
from sluss_contracts.commands.looking import ReadAccessLog, ReadPersons, ReadSpotCheck
from sluss_contracts.vocabulary import Role
from tests.referral.office import AT_THE_CLINIC, Office
from tests.referral.requests import LINK_WORKER, NUMBER, OPERATOR, about

SIV = Actor(id="siv", role=Role.COORDINATOR)
CITY = [Actor(id=f"worker-{n}", role=Role.LINK_WORKER, organisation="team-city") for n in range(3)]


async def extract(office: Office, referral_id: str, **said: Any) -> list[dict[str, Any]]:
    told = await office.do(ReadAccessLog, SIV, referral_id=referral_id, **said)
    entries: list[dict[str, Any]] = told["entries"]
    return entries


async def drawn(office: Office, **said: Any) -> dict[str, Any]:
    now = office.clock.now()
    period = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
    return await office.do(ReadSpotCheck, SIV, **{**period, **said})


async def test_the_extract_has_every_look_at_the_person_by_whomever_and_through_any_referral(
    office: Office,
) -> None:
    first, second = await office.refer("a"), await office.refer("b", person=about(NUMBER))
    other = await office.refer("c", person=about(None, name="Bo Ek"))
    await office.read(first)
    await office.do(ReadPersons, CITY[0], referral_ids=(second, other), purpose="today")
    await office.ask(ReadAccessLog, AT_THE_CLINIC, referral_id=first)
    entries = await extract(office, first)
    told = [(e["actor"], e["unit"], e["action"], e["referral_id"], e["why_not"]) for e in entries]
    assert told == [
        ("siv", None, "read_access_log", first, None),
        (AT_THE_CLINIC.id, AT_THE_CLINIC.organisation, "read_access_log", first, "not_for_this_role"),
        ("worker-0", "team-city", "listed", second, None),
        ("maria", "team-city", "read_person", first, None),
    ]
    later = await extract(office, first, before=entries[2]["number"])
    assert [e["actor"] for e in later] == ["maria"]


async def test_some_looks_of_each_unit_are_drawn_and_the_same_seed_draws_the_same(office: Office) -> None:
    ids = [await office.refer(f"r{n}", person=about(None, name=f"Nr {n}")) for n in range(4)]
    for worker in CITY:
        await office.do(ReadPersons, worker, referral_ids=tuple(ids), purpose="today")
    await office.do(ReadPersons, Actor(id="olle", role=Role.VOLUNTEER), referral_ids=(ids[0],), purpose="x")
    await office.do(ReadPersons, Actor(id="notify", role=Role.SERVICE), referral_ids=(ids[0],), purpose="x")
    one = await drawn(office, most=5, seed=7)
    assert one["counts"] == {"team-city": 12, "volunteer": 1}
    assert [e["unit"] for e in one["entries"]] == ["team-city"] * 5 + [None]
    assert await drawn(office, most=5, seed=7) == one
    assert (await drawn(office, most=5, seed=8))["entries"] != one["entries"]
    free = await drawn(office, most=2)
    assert await drawn(office, most=2, seed=free["seed"]) == free
    assert (await drawn(office, unit="volunteer"))["counts"] == {"volunteer": 1}
    yesterday = office.clock.now() - timedelta(days=1)
    assert (await drawn(office, until=yesterday, since=yesterday - timedelta(days=1)))["entries"] == []


@pytest.mark.parametrize("actor", [LINK_WORKER, AT_THE_CLINIC], ids=lambda actor: actor.role.value)
async def test_others_are_not_told_who_looked(office: Office, actor: Actor) -> None:
    now = office.clock.now()
    assert await office.refused(ReadSpotCheck, actor, since=now, until=now) == "not_for_this_role"
    assert await office.refused(ReadAccessLog, actor, referral_id="r") == "not_for_this_role"
    assert await office.refused(ReadAccessLog, OPERATOR, referral_id="nobody") == "unknown_referral"


async def test_the_log_stays_as_it_was_written_for_five_years(office: Office) -> None:
    await office.read(await office.refer())
    for statement in ("update access set actor = 'nobody'", "delete from access"):
        with pytest.raises(asyncpg.RaiseError, match="five years"):
            await office.pool.execute(statement)
    await office.pool.execute(
        "insert into access (at, actor, role, action, purpose, allowed, command_id) "
        "values (now() - interval '5 years 1 day', 'a', 'b', 'c', 'd', true, gen_random_uuid())"
    )
    await office.pool.execute("delete from access where at < now() - interval '5 years'")
    assert await office.pool.fetchval("select count(*) from access") == 1
