"""Needs lead to new activities, and whoever waited for one hears of it."""

from __future__ import annotations

from services.navigator.app import service
from services.runtime.timers import Timers
from sluss_contracts.activity import ActivityAmended
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed
from sluss_contracts.vocabulary import CaseOutcome, Need
from tests.navigator.office import Office, accepted, published

CHOIR = published("choir")


async def fire(office: Office) -> None:
    while await Timers(service, office.pool, office.clock).fire_due():
        pass


async def new_activities(office: Office) -> list[str]:
    rows = await office.rows("select referral_id from task where kind = 'new_activity' order by 1")
    return [row["referral_id"] for row in rows]


async def test_whoever_waits_for_something_hears_once_when_it_is_there(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(*(accepted(each) for each in ("here", "closed", "other-need", "content")))
    for referral, need in (("here", Need.COMPANY), ("closed", Need.COMPANY), ("other-need", Need.DEBT)):
        await office.do(RecordUnmetNeed, referral_id=referral, need=need, why="nothing_offered")
    await office.do(RecordUnmetNeed, referral_id="content", need=Need.COMPANY, why="full", area="norr")
    await office.do(CloseCase, referral_id="closed", outcome=CaseOutcome.MOVED)
    await office.hear(CHOIR)
    await fire(office)
    assert await new_activities(office) == ["here"]
    assert await office.rows("select why, about, worker from task where kind = 'new_activity'") == [
        {"why": "company", "about": "choir", "worker": "anna"}
    ]
    await office.hear(ActivityAmended(**CHOIR.model_dump()))
    await fire(office)
    assert await new_activities(office) == ["here"]


async def test_an_unmet_need_is_of_the_area_the_referral_is_from(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    await office.do(RecordUnmetNeed, referral_id="r1", need=Need.WORK, why="too_far")
    assert await office.rows("select area, need from unmet_need") == [{"area": "centrum", "need": "work"}]
