"""The harness is proven: each planted bug is caught by the check that is there for it, and without the bug
the same scene passes every check."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from services.notify.app import service as notify
from services.notify.channels import Address, Channels, Folder, Way
from services.notify.letters import Letter
from services.notify.message_courier import MessageCourier
from services.provider.app import service as provider
from services.runtime.clock import SetClock
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import RegisterProvider
from sluss_contracts.event import FACTS
from sluss_contracts.vocabulary import OrganisationKind, Role
from tests.faults import laboratory as scenes
from tests.faults.bugs import BUGS, plant
from tests.faults.laboratory import Laboratory
from tests.faults.town import sent_twice
from tests.notify import story
from tests.notify.conftest import Vault
from tests.provider.spec import KORPEN, NOON
from tests.provider.test_places import ask, publish, wish
from tests.runtime.engine.conftest import Open, database, open_connection
from tests.runtime.engine.lab import NoteRead, NoteWritten
from tests.support.desk import Desk, desk, schema_of
from tests.support.servers import BrokerAccess

__all__ = ["database", "open_connection"]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(60)]

SCENES: dict[Callable[[Laboratory], Awaitable[None]], tuple[str, ...]] = {
    scenes.an_ordinary_day: (
        "published_from_memory_only",
        "outbox_rows_deleted",
        "state_written_beside_the_facts",
    ),
    scenes.a_handler_fails_at_first: ("skip_as_retry", "nak_as_retry"),
    scenes.the_reader_dies_in_its_transaction: ("position_outside_the_transaction",),
    scenes.everything_comes_twice: ("no_inbox",),
    scenes.the_stream_is_lost: ("inbox_shorter_than_the_stream", "cursors_not_rewound"),
    scenes.a_message_is_lost_on_its_way: ("gaps_in_delivery_ignored",),
    scenes.two_replicas_read: ("shared_durable_consumer",),
    scenes.the_broker_takes_the_second_but_not_the_first: ("unwaved_pipelining", "publishing_that_skips"),
    scenes.an_owner_is_frozen: ("no_idle_session_timeout",),
    scenes.the_store_is_deleted_under_the_running_broker: ("no_watchdog",),
}
PLAYED = [(scene, bug) for scene, bugs in SCENES.items() for bug in (None, *bugs)]


@pytest_asyncio.fixture
async def here(
    database: str,
    open_connection: Open,
    broker: BrokerAccess,
    own_broker: Broker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Laboratory]:
    for fact in (NoteWritten, NoteRead):
        monkeypatch.setitem(FACTS, fact.TYPE, fact)
    lab, reader = await open_connection("lab"), await open_connection("reader")
    yield Laboratory(database, broker, own_broker, lab, reader, tmp_path, monkeypatch.setattr)


@pytest.mark.parametrize(
    ("scene", "bug"), PLAYED, ids=[f"{scene.__name__}-{bug or 'as_it_is'}" for scene, bug in PLAYED]
)
async def test_a_bug_is_caught_and_the_product_passes(
    scene: Callable[[Laboratory], Awaitable[None]],
    bug: str | None,
    here: Laboratory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here.bug = bug
    if bug:
        plant(bug, monkeypatch.setattr)
    await scene(here)
    found = await here.findings()
    if bug is None:
        assert found == {}
    else:
        assert BUGS[bug].caught_by in found, f"{bug} was not caught: {found}"


class Killed(BaseException):
    """The process died here: nothing after it runs."""


class Fatal(Folder):
    """A channel in whose first call the process dies, after the message has gone."""

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        await super().send(message_id, address, letter)
        raise Killed

    def reaches(self, way: Way) -> bool:
        return True

    def complaint(self) -> str | None:
        return None


@pytest.mark.parametrize("bug", [None, "blind_resend"])
async def test_a_letter_sent_twice_is_seen_in_the_letterbox(
    bug: str | None, postgres_server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bug:
        plant(bug, monkeypatch.setattr)
    url, lease = await schema_of(postgres_server, notify), timedelta(milliseconds=300)
    async with desk(url, notify, SetClock(story.NOON)) as office:
        await office.hear(story.organisation(), story.karin(), story.assigned())
        for channel in (Fatal(tmp_path), Folder(tmp_path), Folder(tmp_path)):
            courier = MessageCourier(office.pool, Vault(), office.clock, Channels([channel]), lease=lease)
            with suppress(Killed):
                await courier.round()
            await asyncio.sleep(lease.total_seconds() * 1.2)
    assert (sent_twice(tmp_path) != []) == (bug is not None)


@pytest.mark.parametrize("bug", [None, "seats_counted_without_a_lock"])
async def test_a_place_sold_twice_is_seen(
    bug: str | None, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bug:
        plant(bug, monkeypatch.setattr)
    url, clock = await schema_of(postgres_server, provider), SetClock(NOON)
    async with desk(url, provider, clock) as one, desk(url, provider, clock) as other:
        known = {"provider": KORPEN, "name": "Korpen", "kind": OrganisationKind.ASSOCIATION, "area": "hageby"}
        siv = Actor(id="siv", role=Role.COORDINATOR)
        await ask(one, RegisterProvider(command_id=uuid4(), actor=siv, **known))
        await publish(one, 1)
        people = [f"r{n}" for n in range(40)]

        async def come(here: Desk, who: list[str]) -> None:
            for first in range(0, len(who), 4):
                await here.hear(*(wish(each) for each in who[first : first + 4]))

        await asyncio.gather(come(one, people[::2]), come(other, people[1::2]))
        taken = await one.pool.fetchval(
            "select count(*) from enrolment where status in ('offered', 'accepted')"
        )
    assert (taken > 1) == (bug is not None)


def test_every_bug_of_the_book_is_planted_and_the_book_is_long_enough() -> None:
    played = Counter(bug for bugs in SCENES.values() for bug in bugs)
    assert played.keys() | {"blind_resend", "seats_counted_without_a_lock"} == BUGS.keys()
    assert len(BUGS) >= 10
