"""What people are reminded of and told of what they take part in: once, in time, and of what is theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sluss_contracts.message import MessageQueued
from sluss_contracts.vocabulary import Attendance, MessageTemplate
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.letterbox import held_back, written
from tests.notify.story import DAY, NOON
from tests.support.desk import Desk

HOUR = timedelta(hours=1)


async def test_a_meeting_is_reminded_of_the_day_before(notify: Desk) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.booked())
    await notify.wait(2 * DAY - HOUR)
    assert MessageTemplate.MEETING_REMINDER not in await written(notify)
    await notify.wait(HOUR)
    await notify.wait(DAY)
    assert (await written(notify)).count(MessageTemplate.MEETING_REMINDER) == 1


async def test_whoever_has_just_heard_of_a_meeting_is_not_reminded(notify: Desk) -> None:
    soon = story.booked().model_copy(update={"starts": NOON + 20 * HOUR})
    await notify.hear(story.accepted(), story.assigned(), soon)
    await notify.wait(DAY)
    assert MessageTemplate.MEETING_REMINDER not in await written(notify)


async def test_a_first_session_is_prepared_by_a_host_and_a_reminder(notify: Desk) -> None:
    first = story.session()
    await notify.hear(story.accepted(), story.assigned(), first, story.welcomed_to(first, host="Maud"))
    for _ in range(6):
        await notify.wait(DAY)
    assert (await written(notify))[1:] == [
        MessageTemplate.ACTIVITY_CONFIRMED,
        MessageTemplate.HOST_INTRODUCTION,
        MessageTemplate.SESSION_REMINDER,
    ]
    about = {fact.template: fact.about for fact in await notify.said(MessageQueued)}
    assert about[MessageTemplate.HOST_INTRODUCTION].host == "Maud"
    assert about[MessageTemplate.SESSION_REMINDER].worker == story.KARIN, "signed by who guides"


async def test_a_session_that_is_off_is_told_and_not_reminded_of(notify: Desk) -> None:
    first = story.session()
    await notify.hear(first)
    for who in ("alva", "bo"):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(first, who))
    await notify.hear(story.accepted("cia"))
    await notify.hear(story.ended("bo"), story.called_off())
    for _ in range(6):
        await notify.wait(DAY)
    told = [fact for fact in await notify.said(MessageQueued) if fact.template == "session_cancelled"]
    assert [(fact.referral_id, fact.about.starts) for fact in told] == [("alva", first.starts)]
    assert MessageTemplate.SESSION_REMINDER not in await written(notify)


async def test_a_session_that_is_moved_is_told_and_reminded_of_anew(notify: Desk) -> None:
    first = story.session()
    await notify.hear(first)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.wait(4 * DAY)
    await notify.hear(story.moved(NOON + 10 * DAY))
    for _ in range(8):
        await notify.wait(DAY)
    said = [(fact.template.value, fact.about.starts) for fact in await notify.said(MessageQueued)][1:]
    assert said == [
        ("activity_confirmed", first.starts),
        ("session_reminder", first.starts),
        ("session_moved", NOON + 10 * DAY),
        ("session_reminder", NOON + 10 * DAY),
    ]


async def test_one_session_that_is_moved_is_told_to_everybody_who_was_to_come(notify: Desk) -> None:
    first, second, third = (story.session(f"s{n}", NOON + (5 + 7 * n) * DAY) for n in range(3))
    await notify.hear(first, second, third)
    for who, begins in (("alva", first), ("bo", second), ("cia", third)):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(begins, who))
    before = len(await notify.said(MessageQueued))
    moved_to = second.starts + timedelta(hours=2)
    await notify.hear(story.moved(moved_to, "s1"))
    told = [(each.referral_id, each.about.starts) for each in (await notify.said(MessageQueued))[before:]]
    assert sorted(told) == [("alva", moved_to), ("bo", moved_to)]


async def test_a_summer_without_sessions_is_told_week_by_week_and_not_at_once(notify: Desk) -> None:
    weekly = [story.session(f"s{week}", NOON + timedelta(days=5 + 7 * week)) for week in range(4)]
    await notify.hear(*weekly)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(weekly[0]))
    await notify.hear(*(story.called_off(f"s{week}", by_schedule=True) for week in (1, 2, 3)))
    told = []
    for _ in range(26):
        told.append((await written(notify)).count(MessageTemplate.SESSION_CANCELLED))
        await notify.wait(DAY)
    assert [told[day] for day in (0, 4, 5, 11, 12, 18, 19, 25)] == [0, 0, 1, 1, 2, 2, 3, 3]
    about = [f.about for f in await notify.said(MessageQueued) if f.template == "session_cancelled"]
    assert [each.starts for each in about] == [each.starts for each in weekly[1:]]


async def test_what_the_schedule_leaves_out_within_the_week_is_told_at_once(notify: Desk) -> None:
    soon = story.session()
    await notify.hear(soon)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(soon))
    await notify.hear(story.called_off(by_schedule=True))
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1
    for _ in range(6):
        await notify.wait(DAY)
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1


async def test_a_break_that_is_called_off_again_is_told_to_nobody(notify: Desk) -> None:
    first, later = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(first, later)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.hear(story.called_off("s2", by_schedule=True))
    await notify.hear(story.session("s2-2", NOON + 12 * DAY))
    for _ in range(13):
        await notify.wait(DAY)
    assert MessageTemplate.SESSION_CANCELLED not in await written(notify)


async def test_a_session_before_they_begin_is_not_theirs_to_hear_of(notify: Desk) -> None:
    early, first = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(early, first)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(first))
    await notify.hear(story.called_off())
    assert MessageTemplate.SESSION_CANCELLED not in await written(notify)
    await notify.hear(story.called_off("s2"))
    assert (await written(notify)).count(MessageTemplate.SESSION_CANCELLED) == 1


async def test_an_activity_that_ends_is_not_told_session_by_session(notify: Desk) -> None:
    weekly = [story.session(f"s{week}", NOON + timedelta(days=5 + 7 * week)) for week in range(4)]
    await notify.hear(*weekly)
    await notify.hear(story.accepted(), story.assigned(), story.welcomed_to(weekly[0]))
    await notify.hear(*(story.called_off(each.session_id, why="activity_withdrawn") for each in weekly))
    await notify.hear(story.ended())
    for _ in range(26):
        await notify.wait(DAY)
    about = [f.about for f in await notify.said(MessageQueued) if f.template == "session_cancelled"]
    assert [each.starts for each in about] == [weekly[0].starts]


async def test_another_hour_is_told_once_to_everybody_and_to_who_begins_later_when_they_begin(
    notify: Desk,
) -> None:
    first, second = story.session(), story.session("s2", NOON + 12 * DAY)
    await notify.hear(first, second)
    for who, begins in (("alva", first), ("bo", second)):
        await notify.hear(story.accepted(who), story.assigned(who), story.welcomed_to(begins, who))
    await notify.wait(6 * DAY)
    third = story.session("s3", NOON + 19 * DAY)
    await notify.hear(third)
    hour = timedelta(hours=1)
    before = len(await notify.said(MessageQueued))
    await notify.hear(story.moved(second.starts + hour, "s2", by_schedule=True))
    await notify.hear(story.moved(third.starts + hour, "s3", by_schedule=True, tells_all=False))
    told = [(each.referral_id, each.about.starts) for each in (await notify.said(MessageQueued))[before:]]
    assert sorted(told) == [("alva", second.starts + hour), ("bo", second.starts + hour)]


@pytest.mark.parametrize("outcome", list(Attendance))
async def test_only_who_stayed_away_unexcused_is_asked_how_they_are(
    notify: Desk, outcome: Attendance
) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.welcomed())
    await notify.hear(story.came(outcome))
    asked = MessageTemplate.MISSED_SESSION in await written(notify)
    assert asked is (outcome is Attendance.ABSENT)


async def test_a_correction_takes_the_question_back(notify: Desk, vault: Vault, post: Post) -> None:
    await notify.hear(story.accepted(), story.assigned(), story.welcomed())
    await notify.hear(story.came(Attendance.ABSENT))
    await notify.hear(story.came(Attendance.ATTENDED))
    await notify.hear(story.came(Attendance.ABSENT))
    assert await held_back(notify) == {MessageTemplate.MISSED_SESSION: "no_longer_true"}
    assert (await written(notify)).count(MessageTemplate.MISSED_SESSION) == 1


async def test_what_is_told_names_the_session_and_the_provider_for_who_must_hold_it_back(
    notify: Desk,
) -> None:
    await notify.hear(story.accepted(), story.welcomed())
    (told,) = await notify.said(MessageQueued)
    about: Any = told.about
    assert (about.provider, about.activity) == ("korpen", "walk")
