"""Whom a visitor of a demonstration has chosen to be is left to them, for as long as they are there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from sluss.machine.postgres import Postgres
from sluss.people.acting import Act, ByLetter, LookFirst, TakeBack
from sluss.people.visitors import STAYS, Visitors, of_others
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import ClaimCase
from sluss_contracts.vocabulary import Role
from tests.support.pages import navigator_of_its_own

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def claim(who: str) -> ClaimCase:
    by = Actor(id=who, role=Role.LINK_WORKER)
    return ClaimCase(command_id=uuid4(), actor=by, referral_id="r1", worker=who)


def test_nobody_acts_for_a_visitor_and_everybody_else_goes_on() -> None:
    back = TakeBack("clinic", "r1", "s1", "wrong_person", False)
    first = LookFirst(claim("anna"), lambda _: claim("anna"))
    letter = ByLetter("m1", {}, claim("anna"))
    commands: list[Any] = [claim("anna"), first, letter, claim("berit"), back]
    acts = [Act(str(number), NOW, command) for number, command in enumerate(commands)]
    assert [act.what for act in of_others(acts, {"anna"})] == ["3", "4"]
    assert list(of_others(acts, ())) == acts


async def test_a_visitor_is_there_until_their_last_page_is_a_while_ago(postgres_server: Postgres) -> None:
    async with navigator_of_its_own(postgres_server) as database, database.pool.acquire() as connection:
        visitors, sessions = Visitors(connection), Sessions(database.pool)
        for who, role in (("anna", Role.LINK_WORKER), ("david", Role.VOLUNTEER), ("siv", Role.COORDINATOR)):
            await sessions.open(Identity(Actor(id=who, role=role), who.title()))
        assert await visitors.present() == {"anna", "david"}
        await _time_passes(database.pool)
        assert await visitors.present() == frozenset()


async def _time_passes(pool: asyncpg.Pool) -> None:
    await pool.execute("update web.session set seen = seen - $1::interval", STAYS)
