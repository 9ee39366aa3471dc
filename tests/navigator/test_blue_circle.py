"""Needs lead to new activities, and whoever waited for one hears of it."""

from __future__ import annotations

import pytest

from services.navigator.app import service
from services.navigator.domain import plan
from services.navigator.domain.matching import judge
from services.runtime.timers import Timers
from sluss_contracts.activity import ActivityAmended
from sluss_contracts.blue_circle import NeedUnmet, OfferFound
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed
from sluss_contracts.commands.planning import RecordAlternatives, RecordMapping
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.offering import Eligibility, Mode
from sluss_contracts.vocabulary import Barrier, CaseOutcome, GuardianRule, Need, TaskKind
from tests.navigator.matching.judged import offer_told, wishes_told
from tests.navigator.office import Office, accepted, published
from tests.navigator.spec import PLANNED, Journey, closed, given

CHOIR = published("choir")
UNMET = NeedUnmet(referral_id="alva", need=Need.COMPANY, area="centrum", why="nothing_offered")
FOUND = OfferFound(
    referral_id="alva",
    need=Need.COMPANY,
    area="centrum",
    activity="choir",
    fits=("meets_need", "near", "speaks_language", "has_room"),
)


def test_what_may_meet_the_need_is_said_once_with_why_while_the_case_is_open() -> None:
    choir = judge(wishes_told(needs=["company"]), offer_told("choir"))
    given(*PLANNED, UNMET).when(plan.offer_found, choir, UNMET).then(FOUND)
    given(*PLANNED, UNMET, FOUND).when(plan.offer_found, choir, UNMET).then_nothing()
    given(*PLANNED, UNMET, closed()).when(plan.offer_found, choir, UNMET).then_nothing()


def test_the_link_worker_is_asked_to_tell_the_person() -> None:
    story = Journey(*PLANNED, UNMET, FOUND)
    (task,) = [task for task in story.open if task.kind is TaskKind.NEW_ACTIVITY]
    assert (task.why, task.about) == ("company", "choir")


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


async def with_an_unmet_need(office: Office) -> None:
    await office.team("city", "centrum", "soder")
    await office.worker("anna")
    await office.hear(accepted("r1", guardian_rule=GuardianRule.INFORMED))
    await office.do(RecordMapping, referral_id="r1", barriers=(Barrier.LANGUAGE,))
    await office.do(RecordUnmetNeed, referral_id="r1", need=Need.COMPANY, why="nothing_offered")


@pytest.mark.parametrize(
    ("told", "heard_of"),
    [
        ({}, True),
        ({"area": "soder"}, True),
        ({"area": "far-away"}, False),
        ({"area": "far-away", "mode": Mode.DIGITAL}, True),
        ({"eligibility": Eligibility(from_age=65)}, False),
        ({"languages": ("fi",)}, False),
        ({"needs": (Need.DEBT,)}, False),
    ],
)
async def test_only_what_may_suit_is_linked_back(
    office: Office, told: dict[str, object], heard_of: bool
) -> None:
    await with_an_unmet_need(office)
    await office.hear(CHOIR.model_copy(update=told))
    await fire(office)
    assert await new_activities(office) == (["r1"] if heard_of else [])
    found = await office.rows("select 1 from event where type = 'sluss.case.offer_found.v1'")
    assert len(found) == heard_of


async def test_nothing_is_linked_back_of_a_provider_or_an_activity_the_person_has_said_no_to(
    office: Office,
) -> None:
    await with_an_unmet_need(office)
    await office.hear(ConsentWithdrawn(referral_id="r1", person="p-r1", receivers=("korpen",)))
    declined = {"activity": "walk", "verdict": "declined", "why": "been_there"}
    await office.do(RecordAlternatives, referral_id="r1", alternatives=(declined,))
    await office.hear(CHOIR, published("walk").model_copy(update={"provider": "library"}))
    await fire(office)
    assert await new_activities(office) == []
