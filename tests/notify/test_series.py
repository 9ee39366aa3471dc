"""What somebody else counts stands beside our own numbers, and nothing is made of the two."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.notify import ImportSeries, ReadSeries
from sluss_contracts.evaluation import SeriesImported, SeriesPoint
from sluss_contracts.vocabulary import CaseOutcome, OutsideMeasure, Role
from tests.notify import story
from tests.notify.story import DAY
from tests.support.desk import Desk

MIA = Actor(id="mia", role=Role.COORDINATOR)
FIRST = SeriesPoint(starts=date(2026, 1, 1), ends=date(2026, 3, 31), here=10.5, comparison=12)
SECOND = SeriesPoint(starts=date(2026, 4, 1), ends=date(2026, 6, 30), here=9.5, comparison=12.5)


def edition(*points: SeriesPoint, **changed: Any) -> ImportSeries:
    told = {
        "series": "visits",
        "measure": OutsideMeasure.EMERGENCY_VISITS,
        "area": "hageby",
        "comparison_area": "vilbergen",
        "source": "The region's own statistics",
        "actor": MIA,
        **changed,
    }
    return ImportSeries(command_id=uuid4(), points=points or (FIRST, SECOND), **told)


async def shown(here: Desk, actor: Actor = MIA, series: str = "visits") -> Answer:
    return await here.ask(ReadSeries(command_id=uuid4(), actor=actor, series=series))


async def test_a_series_stands_beside_our_own_numbers(notify: Desk) -> None:
    people = [f"r{number}" for number in range(6)]
    await notify.hear(*(story.accepted(who) for who in people))
    await notify.wait(40 * DAY)
    await notify.hear(*(story.closed(who) for who in people[:5]))
    await notify.hear(story.closed(people[5], outcome=CaseOutcome.MOVED))
    assert (await notify.ask(edition())).ok
    told = (await shown(notify)).result
    first, second = told["points"]
    assert (first["here"], first["comparison"]) == (10.5, 12)
    assert (first["referrals"], first["completed"]) == (6, None)
    assert (second["referrals"], second["completed"]) == (None, 5)
    assert set(first) == {"starts", "ends", "here", "comparison", "referrals", "completed"}, "and no return"


async def test_few_people_are_not_shown_and_nobody_elsewhere_is_counted(notify: Desk) -> None:
    people = [f"r{number}" for number in range(4)]
    elsewhere = story.accepted("far").model_copy(update={"area": "vilbergen"})
    await notify.hear(*(story.accepted(who) for who in people), elsewhere)
    await notify.ask(edition())
    assert (await shown(notify)).result["points"][0]["referrals"] is None
    assert (await shown(notify)).result["fewest"] == 5


async def test_a_period_begins_and_ends_at_midnight_where_people_live(notify: Desk) -> None:
    notify.clock.move(datetime(2026, 3, 31, 21, 59, tzinfo=UTC) - notify.clock.now())
    await notify.hear(*(story.accepted(f"a{number}") for number in range(5)))
    notify.clock.move(datetime(2026, 3, 31, 22, 1, tzinfo=UTC) - notify.clock.now())
    await notify.hear(*(story.accepted(f"b{number}") for number in range(6)))
    await notify.ask(edition())
    points = (await shown(notify)).result["points"]
    assert [point["referrals"] for point in points] == [5, 6]


async def test_the_same_edition_again_changes_nothing_and_a_new_one_replaces_it(notify: Desk) -> None:
    assert (await notify.ask(edition())).events
    assert (await notify.ask(edition())).events == ()
    assert (await notify.ask(edition(FIRST))).events
    assert len((await shown(notify)).result["points"]) == 1
    assert len(await notify.said(SeriesImported)) == 2


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (edition(comparison_area="hageby"), "compared_with_itself"),
        (edition(SECOND, FIRST), "periods_overlap"),
        (edition(FIRST, FIRST), "periods_overlap"),
        (edition(FIRST.model_copy(update={"ends": date(2025, 1, 1)})), "periods_overlap"),
        (edition(actor=Actor(id="karin", role=Role.LINK_WORKER)), "not_allowed"),
    ],
)
async def test_what_cannot_be_compared_is_refused_by_name(
    notify: Desk, wanted: ImportSeries, code: str
) -> None:
    answer = await notify.ask(wanted)
    assert answer.refused
    assert answer.refused.code == code


async def test_numbers_of_the_network_are_a_coordinators(notify: Desk) -> None:
    await notify.ask(edition())
    denied = await shown(notify, Actor(id="karin", role=Role.LINK_WORKER))
    unknown = await shown(notify, series="sick-leave")
    assert denied.refused
    assert unknown.refused
    assert (denied.refused.code, unknown.refused.code) == ("not_allowed", "unknown_series")
