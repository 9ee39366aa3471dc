"""Erasing a person: nothing of them can be read again, and what must stay stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.referral.erasing import destroy_again
from services.runtime.engine.transaction import Transaction
from sluss_contracts.command import Actor
from sluss_contracts.commands.referral import (
    ErasePerson,
    HoldErasure,
    KeepWords,
    ReadErasures,
    ReadReferrers,
    RedirectReferral,
    ReplayErasure,
)
from sluss_contracts.vocabulary import Role
from tests.referral.office import MONDAY, Office
from tests.referral.requests import (
    ANOTHER_NUMBER,
    CLINIC,
    EMAIL,
    LINK_WORKER,
    NAME,
    NOTIFY,
    OPERATOR,
    PHONE,
    SCHOOL,
    about,
)
from tests.referral.test_consent import SHARES, WHOLE


async def erased(office: Office, **referral: Any) -> tuple[str, str]:
    """Somebody whose work is over and who has been erased: the referral and the pseudonym."""
    id = await office.refer(**referral)
    person = await office.person_of(id)
    await office.do(KeepWords, referral_id=id, words=("Sjunga i kör",))
    await office.case_closed(id)
    assert await office.do(ErasePerson, OPERATOR, person=person) == {"erased": True}
    return id, person


async def test_the_key_the_hash_and_everything_sealed_are_gone(office: Office) -> None:
    referral, person = await erased(office)
    for table in ("person", "secret"):
        assert await office.pool.fetchval(f"select count(*) from {table}") == 0
    assert await office.said(person) == ["person.erased"]
    denied = (await office.read(referral)).refused
    assert denied is not None
    assert denied.code == "person_is_erased"
    assert await office.refused(KeepWords, referral_id=referral, words=("mer",)) == "person_is_erased"


async def test_who_looked_stays_and_so_does_the_ledgers_line(office: Office) -> None:
    referral = await office.refer()
    person = await office.person_of(referral)
    await office.read(referral)
    await office.case_closed(referral)
    await office.do(ErasePerson, OPERATOR, person=person)
    assert await office.pool.fetchval("select count(*) from access where person = $1::uuid", person) == 1
    (line,) = (await office.do(ReadErasures, OPERATOR))["erasures"]
    assert (line["person"], line["why"]) == (person, "asked_by_person")
    assert await office.refused(ReadErasures, LINK_WORKER) == "not_for_this_role"


async def test_the_same_number_afterwards_is_somebody_new(office: Office) -> None:
    _, person = await erased(office)
    again = await office.refer("b")
    assert await office.person_of(again) != person
    assert await office.status(again) == "open"


async def test_nobody_else_is_touched(office: Office) -> None:
    other = await office.refer("other", person=about(ANOTHER_NUMBER, name="Nils"))
    await erased(office)
    assert (await office.read(other)).result["name"] == "Nils"


async def test_the_referrer_is_still_answered_by_its_own_submission(office: Office) -> None:
    referral, _ = await erased(office)
    told = (await office.do(ReadReferrers, NOTIFY, referral_ids=(referral,)))["referrers"][referral]
    assert told == {"organisation": CLINIC, "submission_id": "remiss-1", "unit": CLINIC, "person": None}


async def test_open_work_is_closed_first_and_when_the_case_is_over_it_happens_by_itself(
    office: Office,
) -> None:
    referral = await office.refer()
    person = await office.person_of(referral)
    told = await office.do(ErasePerson, OPERATOR, person=person)
    assert told == {"erased": False, "held": "open_work"}
    assert await office.status(referral) == "closed"
    await office.pass_days(3)
    assert (await office.read(referral)).refused is None, "the link worker is still at it"
    await office.case_closed(referral)
    await office.pass_days()
    assert await office.said(person) == ["person.erasure_held", "person.erased"]
    assert await office.pool.fetchval("select count(*) from secret") == 0


async def test_every_referral_of_the_person_is_waited_for(office: Office) -> None:
    first = await office.refer("a")
    moved = await office.do(RedirectReferral, referral_id=first, why="moved", to_area="linkoping")
    second, person = str(moved["replaced_by"]), await office.person_of(first)
    await office.do(ErasePerson, OPERATOR, person=person)
    for referral, said in ((first, 1), (second, 2)):
        await office.case_closed(referral)
        await office.pass_days()
        assert len(await office.said(person)) == said


async def test_a_rule_holds_it_until_its_day_and_then_it_happens_by_itself(office: Office) -> None:
    referral = await office.refer()
    person = await office.person_of(referral)
    until = (MONDAY + timedelta(days=30)).date()
    await office.do(HoldErasure, OPERATOR, person=person, until=until)
    await office.case_closed(referral)
    told = await office.do(ErasePerson, OPERATOR, person=person)
    assert told == {"erased": False, "held": "archive_law", "until": until.isoformat()}
    await office.pass_days(29)
    assert (await office.read(referral)).result["name"] == NAME
    await office.pass_days(1)
    assert (await office.said(person))[-1] == "person.erased"


async def test_of_what_was_sent_on_the_event_stays_without_the_person_in_it(office: Office) -> None:
    referral = await office.refer(**SHARES, person=WHOLE)
    person = await office.person_of(referral)
    await office.do(RedirectReferral, referral_id=referral, why="school", to_organisation=SCHOOL)
    (before,) = await office.facts("referral.forwarded")
    assert before["name"] == NAME
    await office.case_closed(referral)
    await office.do(ErasePerson, OPERATOR, person=person)
    (after,) = await office.facts("referral.forwarded")
    assert after["forwarding_id"] == before["forwarding_id"]
    written = "".join((await office.everything_written()).values())
    assert not [w for w in (NAME, PHONE, EMAIL) if w in written or w.encode().hex() in written]


@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.REFERRER, Role.PROVIDER, Role.VOLUNTEER])
async def test_who_may_not_erase_is_told_so(office: Office, role: Role) -> None:
    person = await office.person_of(await office.refer())
    assert await office.refused(ErasePerson, Actor(id="x", role=role), person=person) == "not_allowed"


async def test_nobody_and_nonsense_are_unknown(office: Office) -> None:
    for who in ("5d0c6a86-0000-4000-8000-000000000009", "siv"):
        assert await office.refused(ErasePerson, OPERATOR, person=who) == "unknown_person"


async def restored(pool: asyncpg.Pool, *tables: str) -> None:
    """The tables as they were copied away."""
    for table in tables:
        await pool.execute(f"truncate {table}")
        await pool.execute(f"insert into {table} select * from copy_{table}")
        await pool.execute(f"drop table copy_{table}")


async def test_after_an_older_backup_the_ledger_is_replayed(office: Office) -> None:
    referral = await office.refer()
    person = await office.person_of(referral)
    tables = ("person", "secret", "standing", "aggregate", "event", "head", "erasure")
    for table in tables:
        await office.pool.execute(f"create table copy_{table} as table {table}")
    await office.case_closed(referral)
    await office.do(ErasePerson, OPERATOR, person=person)
    ledger = (await office.do(ReadErasures, OPERATOR))["erasures"]
    await restored(office.pool, *tables)
    assert (await office.read(referral)).result["name"] == NAME, "the old backup knows them"
    for line in ledger:
        await office.do(ReplayErasure, OPERATOR, person=line["person"], why=line["why"])
    assert await office.status(referral) == "closed"
    assert (await office.read(referral)).refused is not None
    assert await office.pool.fetchval("select count(*) from secret") == 0


async def test_at_start_whoever_is_in_the_ledger_is_destroyed_again(office: Office) -> None:
    referral = await office.refer()
    person = await office.person_of(referral)
    for table in ("person", "secret"):
        await office.pool.execute(f"create table copy_{table} as table {table}")
    await office.case_closed(referral)
    await office.do(ErasePerson, OPERATOR, person=person)
    await restored(office.pool, "person", "secret")
    async with office.pool.acquire() as connection, connection.transaction():
        assert await destroy_again(Transaction(connection, office.clock.now())) == 1
    assert await office.pool.fetchval("select count(*) from person") == 0
    assert await office.pool.fetchval("select count(*) from secret") == 0
