"""Couriers killed with SIGKILL at every point where something might be lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from services.runtime.engine import faultpoint
from sluss_contracts.event import Fact
from sluss_contracts.message import FeedbackIssued, FeedbackSent, MessageFailed, MessageSent
from tests.notify import story
from tests.notify.conftest import Post
from tests.notify.doomed import LEASE, one_round
from tests.support.desk import Desk

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]


async def killed_courier(what: str, url: str, post: Post, point: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.notify.doomed", what, url, str(post.folder)),
        cwd=ROOT,
        env={**os.environ, faultpoint.VARIABLE: point},
    )
    assert await process.wait() == -signal.SIGKILL
    await asyncio.sleep(LEASE.total_seconds() * 1.2)


@pytest.mark.parametrize(
    ("point", "letters", "outcome"),
    [
        ("message_sending", 0, MessageFailed),
        ("message_sent", 1, MessageFailed),
        ("in_transaction", 1, MessageFailed),
        ("committed", 1, MessageSent),
    ],
)
async def test_a_message_goes_at_most_once_and_its_outcome_is_always_known_or_asked_about(
    notify: Desk, url: str, post: Post, point: str, letters: int, outcome: type[Fact]
) -> None:
    await notify.hear(story.assigned())
    await killed_courier("message", url, post, point)
    for _ in range(2):
        await one_round("message", url, str(post.folder))
    assert len(post.letters) == letters
    said = [*await notify.said(MessageSent), *await notify.said(MessageFailed)]
    assert [type(fact) for fact in said] == [outcome]
    assert all(fact.why == "outcome_unknown" for fact in said if isinstance(fact, MessageFailed))


@pytest.mark.parametrize("point", ["in_transaction", "committed"])
async def test_feedback_on_a_stream_is_said_exactly_once(
    notify: Desk, url: str, post: Post, point: str
) -> None:
    await notify.hear(story.accepted())
    await killed_courier("feedback", url, post, point)
    await one_round("feedback", url, str(post.folder))
    assert len(await notify.said(FeedbackIssued)) == 1
    assert len(await notify.said(FeedbackSent)) == 1
