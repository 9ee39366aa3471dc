"""How it went is asked as often as the pathway says, and not of somebody who is there already."""

from __future__ import annotations

from typing import Any

import pytest

from sluss_contracts.command import Actor
from sluss_contracts.followup import (
    FollowUpCancelled,
    FollowUpDue,
    FollowUpLapsed,
    FollowUpScheduled,
)
from sluss_contracts.message import MessageQueued, MessageSuppressed
from sluss_contracts.vocabulary import MeetingMode, MessageTemplate, Role
from tests.notify import story
from tests.notify.story import DAY, NOON, PATHWAY, how_it_went, on
from tests.support.desk import Desk


@pytest.fixture
async def planned(notify: Desk) -> Desk:
    await notify.hear(story.published())
    await notify.hear(on(story.accepted()), on(story.assigned()), on(story.plan()))
    return notify


async def due(here: Desk) -> list[int]:
    return [fact.number for fact in await here.said(FollowUpDue)]


async def test_a_plan_schedules_every_follow_up_of_its_pathway(planned: Desk) -> None:
    first, second = await planned.said(FollowUpScheduled)
    assert [(each.number, each.due) for each in (first, second)] == [
        (1, NOON + 20 * DAY),
        (2, NOON + 50 * DAY),
    ]
    assert first.lapses == NOON + 25 * DAY


async def test_the_task_is_told_how_long_and_how_it_may_be_asked(planned: Desk) -> None:
    await planned.wait(20 * DAY)
    await planned.wait(30 * DAY)
    first, second = await planned.said(FollowUpDue)
    assert (first.minutes, second.minutes, second.modes) == (30, 15, (MeetingMode.PHONE,))


async def test_a_second_follow_up_is_for_goals_ahead(planned: Desk) -> None:
    await planned.hear(story.reached(9))
    await planned.wait(20 * DAY)
    await planned.wait(30 * DAY)
    assert await due(planned) == [1, 2]


async def test_nobody_is_asked_about_goals_that_are_reached(planned: Desk) -> None:
    await planned.hear(story.reached(10))
    await planned.wait(20 * DAY)
    await planned.wait(30 * DAY)
    assert await due(planned) == [1]
    assert [fact.why for fact in await planned.said(FollowUpCancelled)] == ["goals_reached"]


async def test_a_goal_of_an_earlier_plan_is_no_goal_ahead(planned: Desk) -> None:
    new = story.plan().goals[0].model_copy(update={"goal_id": "g2"})
    await planned.hear(story.revised().model_copy(update={"goals": (new,)}), story.reached(10, "g2"))
    await planned.wait(50 * DAY)
    assert await due(planned) == [1]


async def test_follow_ups_move_with_the_plan(planned: Desk) -> None:
    await planned.wait(10 * DAY)
    await planned.hear(story.revised())
    await planned.wait(15 * DAY)
    assert await due(planned) == []
    await planned.wait(5 * DAY)
    assert await due(planned) == [1]
    assert len({fact.followup_id for fact in await planned.said(FollowUpScheduled)}) == 2


async def test_one_that_nobody_made_lapses_once_and_the_next_still_comes(planned: Desk) -> None:
    await planned.wait(20 * DAY)
    await planned.wait(5 * DAY)
    await planned.wait(25 * DAY)
    (lapsed,) = await planned.said(FollowUpLapsed)
    assert await due(planned) == [1, 2]
    answer = await planned.ask(how_it_went(lapsed.followup_id))
    assert answer.refused
    assert answer.refused.code == "followup_has_lapsed"


async def test_one_that_was_made_never_lapses(planned: Desk) -> None:
    await planned.wait(20 * DAY)
    (one,) = await planned.said(FollowUpDue)
    assert (await planned.ask(how_it_went(one.followup_id))).ok
    await planned.wait(10 * DAY)
    assert await planned.said(FollowUpLapsed) == []


async def test_during_a_pause_nobody_is_asked_but_after_it(planned: Desk) -> None:
    await planned.hear(story.paused(30))
    await planned.wait(20 * DAY)
    assert await due(planned) == []
    assert await planned.said(MessageQueued)
    await planned.wait(10 * DAY)
    assert await due(planned) == [1]
    (first, *_, moved) = (each for each in await planned.said(FollowUpScheduled) if each.number == 1)
    assert (moved.followup_id, moved.due.date()) == (first.followup_id, story.paused(30).until)


async def test_a_closed_case_is_followed_up_no_more(planned: Desk) -> None:
    await planned.hear(on(story.closed()))
    await planned.wait(100 * DAY)
    assert await due(planned) == []
    assert [fact.why for fact in await planned.said(FollowUpCancelled)] == ["case_closed"] * 2


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (Actor(id="omar", role=Role.LINK_WORKER), "not_this_workers"),
        (Actor(id="omar", role=Role.VOLUNTEER), "not_this_workers"),
        (Actor(id="korpen", role=Role.PROVIDER), "not_allowed"),
        (Actor(id="mia", role=Role.COORDINATOR), None),
    ],
)
async def test_a_follow_up_is_made_by_who_guides_the_person(
    planned: Desk, actor: Actor, code: str | None
) -> None:
    followup_id = (await planned.said(FollowUpScheduled))[0].followup_id
    command: Any = how_it_went(followup_id).model_copy(update={"actor": actor})
    answer = await planned.ask(command)
    assert (answer.refused.code if answer.refused else None) == code


async def test_the_person_hears_beforehand_where_the_pathway_says_so(notify: Desk) -> None:
    silent = story.changed(messages=(MessageTemplate.INVITATION,))
    await notify.hear(story.published(silent), on(story.accepted()), on(story.plan()))
    await notify.wait(20 * DAY)
    assert len(await notify.said(FollowUpDue)) == 1
    assert {(f.template, f.why) for f in await notify.said(MessageSuppressed)} == {
        (MessageTemplate.FOLLOW_UP, "not_in_pathway")
    }
    assert PATHWAY.messages != silent.messages
