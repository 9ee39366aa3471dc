"""Messages go at most once, whatever dies when, and nothing is sent again blindly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.notify.app import service
from services.notify.channels import Address, Channel, ChannelRefuses, Channels, Folder, NotTaken, Way
from services.notify.letters import Letter
from services.notify.message_courier import MessageCourier
from sluss_contracts.commands.referral import ReadPerson
from sluss_contracts.message import MessageFailed, MessageQueued, MessageSent, MessageSuppressed
from sluss_contracts.vocabulary import Role
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.support.desk import Desk, desk

SHORT = timedelta(milliseconds=300)
"""A lease that a test can outlive."""


class Killed(BaseException):
    """The process died here: nothing after it runs, not even what catches errors."""


class Fatal:
    """A channel in which the process dies before or after the message has gone."""

    name, at_once = "fatal", 3

    def __init__(self, folder: Folder, *, after: bool) -> None:
        self._folder, self._after = folder, after

    def reaches(self, way: Way) -> bool:
        return True

    def complaint(self) -> str | None:
        return None

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        if self._after:
            await self._folder.send(message_id, address, letter)
        raise Killed


class Troubled:
    """A channel with a trouble of one's choice."""

    name, at_once = "troubled", 1

    def __init__(self, trouble: Exception, *ways: Way) -> None:
        self.trouble: Exception | None = trouble
        self._ways = ways or (Way.SMS, Way.EMAIL)
        self.sent: list[str] = []

    def reaches(self, way: Way) -> bool:
        return way in self._ways

    def complaint(self) -> str | None:
        return None

    async def send(self, message_id: str, address: Address, letter: Letter) -> None:
        if self.trouble:
            raise self.trouble
        self.sent.append(message_id)


def courier(
    here: Desk, vault: Vault, *channels: Channel, lease: timedelta = SHORT, **more: Any
) -> MessageCourier:
    return MessageCourier(here.pool, vault, here.clock, Channels(channels), lease=lease, **more)


@pytest_asyncio.fixture
async def twin(url: str, notify: Desk) -> AsyncIterator[Desk]:
    async with desk(url, service, notify.clock) as here:
        yield here


async def outcomes(here: Desk) -> dict[str, int]:
    return {
        kind.FACT: len(await here.said(kind))
        for kind in (MessageQueued, MessageSent, MessageFailed, MessageSuppressed)
    }


async def states(here: Desk) -> set[str]:
    return {row["state"] for row in await here.pool.fetch("select state from message")}


async def test_a_message_is_written_in_the_persons_language_and_recorded(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(story.assigned())
    await courier(notify, vault, Folder(post.folder)).round()
    (letter,) = post.letters
    assert letter.startswith("To: 070-174 06 00\nBy: sms\nLanguage: sv\n")
    assert letter.endswith(
        "Hej Alva!\n\nJag hör av mig till dig de närmaste dagarna, så bestämmer vi "
        "tillsammans när och hur vi ska prata. Du behöver inte göra något nu.\n\nVänliga hälsningar\nKarin\n"
    )
    (sent,) = await notify.said(MessageSent)
    assert sent.channel == "folder"
    (asked,) = vault.asked
    assert isinstance(asked, ReadPerson)
    assert (asked.actor.id, asked.actor.role, asked.purpose) == ("notify", Role.SERVICE, "send_message")


async def test_nothing_of_the_person_is_kept_with_the_message(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.assigned(), story.booked())
    await courier(notify, vault, Folder(post.folder)).round()
    kept = str([dict(row) for row in await notify.pool.fetch("select * from message")])
    said = b"".join(row["body"] for row in await notify.pool.fetch("select body from event")).decode()
    for canary in ("070-174 06 00", "Alva Ek"):
        assert canary not in kept + said


async def test_a_second_round_sends_nothing_again(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.assigned(), story.booked())
    carrier = courier(notify, vault, Folder(post.folder))
    for _ in range(3):
        await carrier.round()
    assert len(post.letters) == 2
    assert await outcomes(notify) == {"queued": 2, "sent": 2, "failed": 0, "suppressed": 0}


async def test_many_couriers_of_two_replicas_send_each_message_once(
    notify: Desk, twin: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(*(story.assigned(f"r{n}") for n in range(60)))
    lease = timedelta(seconds=30)
    couriers = [
        courier(here, vault, Folder(post.folder), lease=lease) for here in (notify, twin) for _ in range(3)
    ]
    await asyncio.gather(*(each.round() for each in couriers for _ in range(2)))
    assert len(post.letters) == 60
    assert await outcomes(notify) == {"queued": 60, "sent": 60, "failed": 0, "suppressed": 0}
    assert await states(notify) == {"over"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_courier_that_dies_around_the_sending_leaves_an_unknown_outcome_and_no_second_message(
    notify: Desk, vault: Vault, post: Post, after: bool
) -> None:
    await notify.hear(*(story.assigned(who) for who in ("alva", "bo", "cia")))
    folder = Folder(post.folder)
    with pytest.raises(Killed):
        await courier(notify, vault, Fatal(folder, after=after)).round()
    assert await states(notify) == {"sending"}
    next_one = courier(notify, vault, folder)
    await next_one.round()
    assert (await outcomes(notify))["failed"] == 0, "not before the lease of the dead one has ended"
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    for _ in range(2):
        await next_one.round()
    assert len(post.letters) == (3 if after else 0)
    failed = await notify.said(MessageFailed)
    assert {fact.referral_id for fact in failed} == {"alva", "bo", "cia"}
    assert {fact.why for fact in failed} == {"outcome_unknown"}
    assert await states(notify) == {"over"}


async def test_a_courier_that_dies_before_it_says_sending_loses_nothing(
    notify: Desk, vault: Vault, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notify.hear(story.assigned())
    doomed = courier(notify, vault, Folder(post.folder))

    async def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(doomed, "_send", die)
    with pytest.raises(Killed):
        await doomed.round()
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    await courier(notify, vault, Folder(post.folder)).round()
    assert len(post.letters) == 1
    assert (await outcomes(notify))["sent"] == 1


async def test_a_courier_that_wakes_from_a_freeze_does_not_send_what_is_no_longer_its_own(
    notify: Desk, twin: Desk, vault: Vault, post: Post
) -> None:
    """It froze after the vault had answered; meanwhile another replica sent the message."""
    await notify.hear(story.assigned())
    thawed, went = asyncio.Event(), asyncio.Event()

    class Slow(Vault):
        async def ask(self, *args: Any, **named: Any) -> Any:
            went.set()
            await thawed.wait()
            return await super().ask(*args, **named)

    frozen = asyncio.create_task(courier(notify, Slow(), Folder(post.folder)).round())
    await went.wait()
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    await courier(twin, vault, Folder(post.folder)).round()
    thawed.set()
    await frozen
    assert len(post.letters) == 1
    assert await outcomes(notify) == {"queued": 1, "sent": 1, "failed": 0, "suppressed": 0}


async def test_a_vault_that_is_away_is_asked_again_later(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.assigned())
    carrier = courier(notify, vault, Folder(post.folder))
    vault.away = True
    await carrier.round()
    vault.away, vault.refuses = False, "try_again"
    await notify.pool.execute("update message set not_before = null")
    await carrier.round()
    assert post.letters == []
    assert await notify.pool.fetchval("select tries from message") == 2
    vault.refuses = None
    await carrier.round()
    assert post.letters == [], "not before the pause is over"
    await notify.pool.execute("update message set not_before = null")
    await carrier.round()
    assert len(post.letters) == 1


async def test_whom_nothing_reaches_is_not_written_to(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.assigned())
    vault.contact = {}
    await courier(notify, vault, Folder(post.folder)).round()
    (held_back,) = await notify.said(MessageSuppressed)
    assert held_back.why == "no_way_to_reach"


async def test_the_first_way_that_some_channel_carries_is_taken(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(story.assigned())
    vault.contact = {"email": "alva@example.org", "postal_address": "Storgatan 1\n602 00 Norrköping"}
    email = Troubled(ChannelRefuses())
    email.trouble = None
    await courier(notify, vault, email, Folder(post.folder)).round()
    assert (len(email.sent), post.letters) == (1, [])


async def test_a_letter_has_a_name_and_an_address_and_nothing_else_outside(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(story.assigned())
    vault.contact = {"postal_address": "Storgatan 1\n602 00 Norrköping"}
    await courier(notify, vault, Folder(post.folder)).round()
    assert post.letters[0].startswith("To: Alva Ek, Storgatan 1, 602 00 Norrköping\nBy: letter\n")


async def test_a_vault_that_refuses_is_a_reason_not_to_write(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.assigned())
    vault.refuses = "consent_to_be_asked"
    await courier(notify, vault, Folder(post.folder)).round()
    (held_back,) = await notify.said(MessageSuppressed)
    assert held_back.why == "consent_to_be_asked"


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (ChannelRefuses(), "channel_refused"),
        (ConnectionError(), "outcome_unknown"),
        (KeyError(), "outcome_unknown"),
    ],
)
async def test_a_message_that_may_have_gone_is_somebodys_task_and_never_sent_again(
    notify: Desk, vault: Vault, trouble: Exception, why: str
) -> None:
    await notify.hear(story.assigned())
    channel = Troubled(trouble)
    carrier = courier(notify, vault, channel)
    await carrier.round()
    channel.trouble = None
    await asyncio.sleep(SHORT.total_seconds() * 1.5)
    await carrier.round()
    (failed,) = await notify.said(MessageFailed)
    assert (failed.why, channel.sent) == (why, [])


async def test_a_channel_that_takes_too_long_leaves_the_outcome_unknown(notify: Desk, vault: Vault) -> None:
    await notify.hear(story.assigned())

    class Endless(Troubled):
        async def send(self, *_: Any) -> None:
            await asyncio.sleep(60)

    await courier(
        notify, vault, Endless(KeyError()), lease=timedelta(seconds=9), send_time=timedelta(seconds=0.1)
    ).round()
    (failed,) = await notify.said(MessageFailed)
    assert failed.why == "outcome_unknown"


async def test_a_message_that_surely_has_not_gone_is_tried_again(notify: Desk, vault: Vault) -> None:
    await notify.hear(story.assigned())
    channel = Troubled(NotTaken())
    carrier = courier(notify, vault, channel)
    await carrier.round()
    assert await states(notify) == {"waiting"}
    channel.trouble = None
    await notify.pool.execute("update message set not_before = null")
    await carrier.round()
    assert len(channel.sent) == 1
    assert await outcomes(notify) == {"queued": 1, "sent": 1, "failed": 0, "suppressed": 0}


async def test_a_case_closed_while_the_courier_asks_the_vault_keeps_the_message_here(
    notify: Desk, twin: Desk, post: Post
) -> None:
    await notify.hear(story.assigned())

    class Closing(Vault):
        async def ask(self, *args: Any, **named: Any) -> Any:
            await twin.hear(story.closed())
            return await super().ask(*args, **named)

    await courier(notify, Closing(), Folder(post.folder)).round()
    assert post.letters == []
    assert await outcomes(notify) == {"queued": 1, "sent": 0, "failed": 0, "suppressed": 1}


async def test_a_full_disk_is_no_lost_message(notify: Desk, vault: Vault, tmp_path: Path) -> None:
    await notify.hear(story.assigned())
    folder = Folder(tmp_path / "post")
    (tmp_path / "post").rmdir()
    carrier = courier(notify, vault, folder)
    await carrier.round()
    assert await states(notify) == {"waiting"}
    (tmp_path / "post").mkdir()
    await notify.pool.execute("update message set not_before = null")
    await carrier.round()
    assert len(list((tmp_path / "post").glob("*"))) == 1, "and nothing half written stays"


async def test_a_message_nobody_has_words_for_holds_up_nothing(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await notify.hear(story.assigned("alva"), story.assigned("bo"))
    await notify.pool.execute("update message set template = 'from_tomorrow' where referral_id = 'alva'")
    await courier(notify, vault, Folder(post.folder)).round()
    assert [(fact.referral_id, fact.why) for fact in await notify.said(MessageFailed)] == [
        ("alva", "not_writable")
    ]
    assert len(post.letters) == 1
