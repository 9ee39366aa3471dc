"""The line: nobody in it is forgotten when somebody gets room."""

from __future__ import annotations

from datetime import timedelta

from services.navigator.app import service
from services.navigator.domain import holding
from services.navigator.domain.assignment import Chosen, Nobody
from services.runtime.timers import Timers
from sluss_contracts.commands.navigator import ClaimCase, CloseCase
from sluss_contracts.vocabulary import CaseOutcome, Engagement, Gender, Need
from tests.navigator.office import MONDAY, Office, accepted
from tests.navigator.spec import ANNA, CITY, assigned, claimed, closed, given, queued

LEAST = Chosen(ANNA, CITY, ("least_load",))


def test_a_case_in_line_goes_to_whoever_fits_now() -> None:
    given(queued()).when(holding.give_from_the_line, LEAST).then(assigned())


def test_a_case_in_line_stays_there_while_nobody_fits() -> None:
    given(queued()).when(holding.give_from_the_line, Nobody(("no_capacity",))).then_nothing()


def test_what_was_claimed_or_closed_meanwhile_is_given_to_nobody() -> None:
    given(queued(), claimed()).when(holding.give_from_the_line, LEAST).then_nothing()
    given(queued(), closed()).when(holding.give_from_the_line, LEAST).then_nothing()


async def fire(office: Office) -> None:
    timers = Timers(service, office.pool, office.clock)
    while await timers.fire_due():
        pass


async def in_line(office: Office) -> list[str]:
    rows = await office.rows("select referral_id from case_file where worker is null order by 1")
    return [row["referral_id"] for row in rows]


async def close(office: Office, referral: str, by: str = "anna") -> None:
    await office.do(CloseCase, by, referral_id=referral, outcome=CaseOutcome.COMPLETED)


async def test_a_place_that_frees_goes_to_whoever_has_waited_longest(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=1)
    await office.hear(accepted("r1"))
    for referral in ("r2", "r3"):
        office.clock.move(timedelta(hours=1))
        await office.hear(accepted(referral))
    await fire(office)
    assert await in_line(office) == ["r2", "r3"]
    await close(office, "r1")
    await fire(office)
    assert (await in_line(office), await office.load("anna")) == (["r3"], 1)
    assert await office.rows(
        "select kind, why, worker from task where done is null and referral_id = 'r2'"
    ) == [{"kind": "contact_person", "why": "assigned", "worker": "anna"}]


async def test_whoever_joins_takes_from_the_line_what_they_can(office: Office) -> None:
    await office.team()
    await office.hear(
        accepted("arabic", language="ar"),
        accepted("debt", needs=(Need.DEBT,), language="ar"),
        accepted("woman", requested_gender=Gender.WOMAN, language="ar"),
        accepted("far", area="vikbolandet", language="ar"),
    )
    await office.worker("vera", languages=("ar",), engagement=Engagement.VOLUNTEER, gender=Gender.MAN)
    await fire(office)
    assert await in_line(office) == ["debt", "far", "woman"]
    await office.worker("leila", languages=("ar",), gender=Gender.WOMAN, areas=("centrum", "vikbolandet"))
    await fire(office)
    assert await in_line(office) == []


async def test_a_raised_capacity_is_filled_and_not_exceeded(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=0)
    await office.hear(*(accepted(f"r{number}") for number in range(10)))
    await office.worker("anna", capacity=4)
    await fire(office)
    assert (await office.load("anna"), len(await in_line(office))) == (4, 6)


async def test_whoever_comes_back_from_leave_finds_work_that_morning(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.away("anna", MONDAY.date(), days=2)
    await office.hear(accepted("r1"))
    await fire(office)
    office.clock.move(timedelta(hours=34))  # Tuesday, an hour before midnight where the network is
    await fire(office)
    assert await in_line(office) == ["r1"]
    office.clock.move(timedelta(hours=2))
    await fire(office)
    assert await in_line(office) == []


async def test_a_claim_before_the_second_look_stands(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=1)
    await office.worker("bo", capacity=0)
    await office.hear(accepted("r1"), accepted("r2"))
    await close(office, "r1")
    await office.do(ClaimCase, "bo", referral_id="r2", worker="bo")
    await fire(office)
    assert await office.whose("r2") == ("city", "bo")
    assert await office.load("anna") == 0
