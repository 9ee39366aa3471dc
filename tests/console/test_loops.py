"""Loops open and close as the log goes on; who is usually heard from has a pace, and their silence shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.console.loops.folding import fold
from services.console.loops.kinds import CLOSES, HEARD, OPENS, Kind, Voice, due_of
from services.console.loops.looking import open_loops, overdue, silent
from services.console.loops.tables import metadata
from services.console.standing import judging
from sluss.machine.postgres import Postgres
from sluss_contracts.event import FACTS, PREFIX
from tests.support.console import Record
from tests.support.tables import assert_migrated

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
async def looped(record: Record) -> Record:
    await record.admin.execute("truncate console.loop, console.pace")
    await record.admin.execute("update console.loops_followed set position = 0")
    return record


async def follow(record: Record) -> None:
    await record.gather()
    async with record.pool.acquire() as connection:
        while await fold(connection):
            pass


async def test_a_promise_is_open_until_it_is_kept(looped: Record) -> None:
    due = (NOON + timedelta(days=2)).isoformat()
    place: dict[str, Any] = {"referral_id": "r-1", "feedback_id": "f-1", "organisation": "vc-strommen"}
    await looped.say("feedback.due", at=NOON, recorded=LONG_AGO, due=due, **place)
    await looped.say("feedback.due", at=NOON, recorded=LONG_AGO, due=due, **place | {"feedback_id": "f-2"})
    await looped.say("feedback.sent", at=NOON, recorded=LONG_AGO, **place | {"feedback_id": "f-2"})
    await follow(looped)
    async with looped.pool.acquire() as connection:
        [feedback, *_] = await open_loops(connection, NOON + timedelta(days=1))
        assert (feedback.kind, feedback.open, feedback.overdue) == (Kind.FEEDBACK, 1, 0)
        late = NOON + timedelta(days=3)
        [feedback, *_] = await open_loops(connection, late)
        assert (feedback.overdue, feedback.whose) == (1, (("vc-strommen", 1),))
        [loop] = await overdue(connection, late)
        assert (loop.id, loop.key, loop.whose) == ("f-1", "r-1", "vc-strommen")
        assert await overdue(connection, late, Kind.OFFER) == []
        said = judging.of_loops(feedback).troubles[0]
        assert str(said.what) == "1 referrers were not told by the date promised: vc-strommen (1)"
        assert said.do == ("sluss loops --kind feedback",)
        # What has only just been written down may still be under way.
        await connection.execute("update loop set recorded = clock_timestamp()")
        assert await overdue(connection, late) == []
    await looped.say("feedback.sent", at=NOON, **place)
    await follow(looped)
    async with looped.pool.acquire() as connection:
        assert [each.open for each in await open_loops(connection, late)] == [0, 0, 0, 0]


async def test_an_offer_made_again_is_open_again(looped: Record) -> None:
    place: dict[str, Any] = {"referral_id": "r-1", "enrolment_id": "e-1", "provider": "hembygd"}
    for day in (0, 10):
        answer_by = (NOON + timedelta(days=day + 5)).isoformat()
        at = NOON + timedelta(days=day)
        await looped.say("enrolment.offered", at=at, recorded=LONG_AGO, answer_by=answer_by, **place)
        if not day:
            await looped.say("enrolment.expired", at=NOON + timedelta(days=6), recorded=LONG_AGO, **place)
    await follow(looped)
    async with looped.pool.acquire() as connection:
        [loop] = await overdue(connection, NOON + timedelta(days=16), Kind.OFFER)
        assert (loop.opened, loop.whose) == (NOON + timedelta(days=10), "hembygd")


async def test_who_is_silent_for_longer_than_usual_is_named(looped: Record) -> None:
    for n in range(6):
        for whose, gap in (("vc-strommen", 1), ("vasaskolan", 9)):
            at = NOON + timedelta(days=n * gap)
            await looped.say(
                "referral.submitted", at=at, referral_id=f"{whose}-{n}", organisation=whose,
                submission_id=f"{whose}-{n}",
            )  # fmt: skip
    await follow(looped)
    async with looped.pool.acquire() as connection:
        assert await silent(connection, NOON + timedelta(days=6)) == []
        [one] = await silent(connection, NOON + timedelta(days=12))
        assert (one.whose, one.voice) == ("vc-strommen", Voice.REFERRALS)
        assert one.usually == timedelta(days=1)
        assert len(await silent(connection, NOON + timedelta(days=90))) == 2
    assert str(judging.silence(one)) == (
        "vc-strommen has not referred anybody since 2027-03-06; usually 1 d pass"
    )
    finding = judging.of_silence([one])
    assert finding.well  # somebody should know; nothing is broken
    assert "vc-strommen" in str(finding.state)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 1, 13, tzinfo=UTC)),
        (datetime(2027, 3, 1, 22, tzinfo=UTC), datetime(2027, 3, 2, 9, tzinfo=UTC)),
        (datetime(2027, 3, 2, 1, tzinfo=UTC), datetime(2027, 3, 2, 9, tzinfo=UTC)),
    ],
)
def test_a_message_goes_at_once_by_day_and_in_the_morning_by_night(said: datetime, due: datetime) -> None:
    assert due_of(OPENS["message.queued.v1"], {}, said) == due


def test_loops_are_about_events_there_are_and_fields_they_have() -> None:
    fields = {
        **{name: [each.id, *filter(None, (each.whose, each.due))] for name, each in OPENS.items()},
        **{name: [each[1]] for name, each in CLOSES.items()},
        **{name: [each[1]] for name, each in HEARD.items()},
    }
    for name, wanted in fields.items():
        assert set(wanted) <= set(FACTS[f"{PREFIX}.{name}"].model_fields), name


async def test_the_migration_makes_the_tables_the_code_knows(
    postgres_server: Postgres, record: Record
) -> None:
    database = urlsplit(record.url).path.strip("/")
    await assert_migrated(postgres_server.url(database=database), "console", metadata)
