"""Volunteers see less: what, the pathway says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.navigator.domain.rules import NotShown
from services.navigator.domain.visibility import may_see, may_see_step, parts_seen
from services.navigator.steps import KEPT
from services.navigator.store.desk import CaseSummary, OpenTask
from services.navigator.store.seen import as_seen, pathway_of
from services.runtime.database import open_engine
from sluss_contracts.pathway import BUILT_IN, PartOfCase, PathwayPublished
from sluss_contracts.vocabulary import Role
from tests.navigator.office import Office, accepted
from tests.navigator.spec import actor, pathway

EVERYTHING = frozenset(PartOfCase)
VOLUNTEER = parts_seen(Role.VOLUNTEER, BUILT_IN)
STEPS = {f"{fact.NOUN}.{fact.FACT}" for fact in KEPT}


def test_a_link_worker_sees_all_and_a_volunteer_what_the_pathway_says() -> None:
    assert parts_seen(Role.LINK_WORKER, BUILT_IN) == EVERYTHING
    assert {PartOfCase.REASON, PartOfCase.MAPPING, PartOfCase.MEASURES}.isdisjoint(VOLUNTEER)
    frome = pathway(visibility={"volunteer": ("name", "enrolments"), "coordinator": ("plan",)})
    assert parts_seen(Role.VOLUNTEER, frome) == {PartOfCase.NAME, PartOfCase.ENROLMENTS}
    assert parts_seen(Role.COORDINATOR, frome) == {PartOfCase.PLAN}


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.REFERRER, Role.PERSON, Role.SERVICE, Role.OPERATOR])
def test_nobody_else_sees_any_part(role: Role) -> None:
    assert parts_seen(role, BUILT_IN) == frozenset()


def test_what_has_changed_is_told_to_whoever_sees_measures() -> None:
    measures = PartOfCase.MEASURES
    may_see(actor("anna"), measures, BUILT_IN)
    for role in (Role.VOLUNTEER, Role.COORDINATOR):
        with pytest.raises(NotShown, match="measures"):
            may_see(actor("vera", role), measures, BUILT_IN)
    trusting = pathway(visibility={"volunteer": ("measures",)})
    may_see(actor("vera", Role.VOLUNTEER), measures, trusting)


def test_a_volunteer_is_shown_no_mapping_measure_or_unmet_need_and_always_an_alarm() -> None:
    hidden = {step for step in STEPS if not may_see_step(step, VOLUNTEER)}
    assert hidden == {
        *("mapping.recorded", "measure.recorded", "evaluation.answered"),
        *("referral.declined", "case.need_unmet"),
    }
    assert may_see_step("alarm.raised", frozenset())


def test_whoever_sees_no_part_sees_the_way_through_the_network_alone() -> None:
    seen = {step for step in STEPS if may_see_step(step, frozenset())}
    nouns = {"plan", "goal", "enrolment", "attendance", "measure", "mapping", "meeting", "contact"}
    assert not {step for step in seen if step.partition(".")[0] in nouns}


def _summary() -> CaseSummary:
    task = OpenTask(
        "t1",
        "r1",
        "contact_person",
        "assigned",
        None,
        "city",
        "vera",
        datetime(2026, 3, 2, tzinfo=UTC),
        "clinic",
        "centrum",
        "sv",
        ("debt",),
    )
    return CaseSummary(
        case={"referral_id": "r1", "person": "p", "plan_version": 1},
        referral={"referral_id": "r1", "person": "p", "needs": ["debt"], "area": "centrum"},
        tasks=(task,),
        meetings=({"meeting_id": "m1"},),
        enrolments=({"enrolment_id": "e1"},),
    )


def test_a_case_as_seen_holds_only_what_may_be_seen() -> None:
    assert as_seen(_summary(), EVERYTHING) == _summary()
    volunteers = as_seen(_summary(), VOLUNTEER)
    assert volunteers.referral == {"referral_id": "r1", "person": "p", "area": "centrum"}
    assert volunteers.tasks[0].needs == ()
    assert (volunteers.meetings, volunteers.enrolments) == (_summary().meetings, _summary().enrolments)
    nobodys = as_seen(_summary(), frozenset())
    assert nobodys.case == {"referral_id": "r1"}
    assert nobodys.referral == {"referral_id": "r1", "area": "centrum"}
    assert (nobodys.meetings, nobodys.enrolments) == ((), ())
    assert nobodys.tasks[0].kind == "contact_person"


async def test_the_pathway_is_the_version_the_referral_began_with(office: Office, navigator_url: str) -> None:
    first = pathway(visibility={"volunteer": ("name",)})
    later = pathway(visibility={"volunteer": ("plan",)})
    await office.team()
    for version, definition in ((1, first), (2, later)):
        await office.hear(PathwayPublished(pathway="local", version=version, definition=definition))
    await office.hear(accepted("r1", pathway="local", pathway_version=1), accepted("r2"))
    pages = open_engine(navigator_url, "navigator")
    try:
        assert parts_seen(Role.VOLUNTEER, await pathway_of(pages, "r1")) == {PartOfCase.NAME}
        assert await pathway_of(pages, "r2") == BUILT_IN
    finally:
        await pages.dispose()
