"""What tells of a meeting leads to a page where the person answers; the link is in the message alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from sluss_contracts.commands.meetings import ReadMeetingLink
from sluss_contracts.meeting import MeetingConfirmed, MeetingTimeUnsuited
from sluss_contracts.message import MessageQueued
from sluss_contracts.vocabulary import MeetingKind, MessageTemplate
from tests.notify import story
from tests.notify.conftest import MEETING_LINK, Post, Vault
from tests.notify.letterbox import carry, held_back, written
from tests.notify.story import DAY, NOON
from tests.support.desk import Desk

SOON = NOON + 3 * DAY
ABOUT = {"referral_id": "alva", "meeting_id": "m1", "kind": MeetingKind.FIRST, "starts": SOON}
BY_WORD = "Hör av dig till mig om tiden inte passar."


async def told(notify: Desk, vault: Vault, post: Post) -> Sequence[str]:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await carry(notify, vault, post)
    return [letter for letter in post.letters if "Vi ses" in letter]


async def test_the_message_has_a_link_and_nothing_else_has(notify: Desk, vault: Vault, post: Post) -> None:
    vault.meetings = {"m1": SOON}
    (letter,) = await told(notify, vault, post)
    assert f"Säg att tiden passar, byt tid eller avboka: {MEETING_LINK}" in letter
    assert BY_WORD not in letter
    (asked,) = [each for each in vault.asked if isinstance(each, ReadMeetingLink)]
    assert (asked.referral_id, asked.meeting_id, asked.actor.id) == ("alva", "m1", "notify")
    for table in ("event", "message", "course", "meeting"):
        kept = await notify.pool.fetchval(f"select count(*) from {table} t where t::text like '%signed%'")
        assert kept == 0, table
    assert all(fact.about.link is None for fact in await notify.said(MessageQueued))


@pytest.mark.parametrize("why", ["not_assigned", "no_link_for_protected", "unknown_case", "not_allowed"])
async def test_where_no_link_is_made_one_answers_by_word(
    notify: Desk, vault: Vault, post: Post, why: str
) -> None:
    vault.link_refused = why
    (letter,) = await told(notify, vault, post)
    assert BY_WORD in letter
    assert "http" not in letter


async def test_a_letter_on_paper_has_no_link(notify: Desk, vault: Vault, post: Post) -> None:
    vault.meetings = {"m1": SOON}
    vault.contact = {"postal_address": "Storgatan 1\n602 00 Norrköping"}
    (letter,) = await told(notify, vault, post)
    assert BY_WORD in letter
    assert "http" not in letter


async def test_what_was_cancelled_or_moved_before_it_left_is_not_sent(
    notify: Desk, vault: Vault, post: Post
) -> None:
    vault.meetings = {"m1": SOON + timedelta(hours=1)}
    assert not await told(notify, vault, post)
    assert await held_back(notify) == {MessageTemplate.MEETING_BOOKED: "no_longer_true"}


async def test_a_cancelled_meeting_is_not_announced(notify: Desk, vault: Vault, post: Post) -> None:
    vault.link_refused = "meeting_is_cancelled"
    assert not await told(notify, vault, post)
    assert await held_back(notify) == {MessageTemplate.MEETING_BOOKED: "no_longer_true"}


async def test_it_waits_for_the_navigator(notify: Desk, vault: Vault, post: Post) -> None:
    vault.link_refused = "try_again"
    assert not await told(notify, vault, post)
    assert await held_back(notify) == {}
    vault.link_refused, vault.meetings = None, {"m1": SOON}
    await notify.pool.execute("update message set not_before = null")
    await carry(notify, vault, post)
    assert [letter for letter in post.letters if MEETING_LINK in letter]


async def test_nobody_is_reminded_of_a_time_that_does_not_suit_unless_it_does_after_all(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await notify.hear(MeetingTimeUnsuited(**ABOUT))
    await notify.wait(DAY)
    await notify.hear(MeetingConfirmed(**ABOUT))
    await notify.wait(DAY)
    assert (await written(notify)).count(MessageTemplate.MEETING_REMINDER) == 1


async def test_a_time_that_does_not_suit_is_not_brought_to_mind(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await notify.hear(MeetingTimeUnsuited(**ABOUT))
    await notify.wait(2 * DAY + timedelta(hours=1))
    assert MessageTemplate.MEETING_REMINDER not in await written(notify)
