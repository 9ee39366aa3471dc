"""Cases change hands: one by one, back in line, and all at once when a link worker leaves."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.app import service
from services.navigator.domain import holding, worker
from services.navigator.domain.assignment import Candidate, Chosen, Nobody, Wanted, choose
from services.navigator.domain.rules import NotAssigned
from services.navigator.domain.worker import LinkWorker, UnknownWorker
from services.navigator.handing_over import HAND_OVER
from services.runtime.decision import NotAllowed
from services.runtime.timers import Timers
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import ClaimCase, CloseCase, PauseCase, ReassignCase, RecordContact
from sluss_contracts.commands.staff import HandOverCaseload, ReadHandOver, RegisterLinkWorker
from sluss_contracts.linkworker import CaseloadHandedOver
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    Need,
    Protection,
    Role,
)
from tests.navigator.office import MONDAY, SIV, Office, accepted
from tests.navigator.spec import (
    ALVA,
    ANNA,
    BO,
    CITY,
    HARBOUR,
    PLANNED,
    Journey,
    actor,
    assigned,
    claimed,
    given,
    paused,
    queued,
    reassigned,
    requested,
    unassigned,
)

COORDINATOR = actor("siv", Role.COORDINATOR)
TO_BO = (BO, CITY, "handed_on")
BACK = (None, None, "conflict_of_interest")
BO_HAS_ROOM = Chosen(BO, CITY, ("least_load",))
LEFT = "link_worker_left"


# --- one case


def test_a_case_is_handed_on_by_whoever_has_it_or_by_a_coordinator() -> None:
    for by in (actor(), COORDINATOR):
        given(*PLANNED).when(holding.reassign, by, *TO_BO).then(reassigned())


def test_a_case_may_go_to_another_team() -> None:
    given(*PLANNED).when(holding.reassign, actor(), BO, HARBOUR, "moved").then(
        reassigned(team=HARBOUR, because="moved")
    )


def test_to_hand_a_case_to_whoever_has_it_changes_nothing() -> None:
    given(assigned()).when(holding.reassign, actor(), ANNA, CITY, "handed_on").then_nothing()


def test_nobody_is_handed_a_case_who_is_not_there_and_a_case_in_line_is_claimed() -> None:
    given(assigned()).when(holding.reassign, actor(), "nobody", None, "handed_on").then_refused(UnknownWorker)
    given(queued()).when(holding.reassign, COORDINATOR, *TO_BO).then_refused(NotAssigned, saying="claim")


def test_a_case_is_given_back_to_the_team_with_the_reason() -> None:
    given(assigned()).when(holding.reassign, actor(), *BACK).then(
        unassigned(because="conflict_of_interest"), queued("conflict_of_interest")
    )
    given(queued()).when(holding.reassign, COORDINATOR, *BACK).then_nothing()
    given(queued()).when(holding.reassign, actor("korpen", Role.PROVIDER), *BACK).then_refused(NotAllowed)


def test_somebody_protected_stays_so_when_given_back() -> None:
    given(queued("protected_identity"), claimed()).when(holding.reassign, actor(), *BACK).then(
        unassigned(because="conflict_of_interest"),
        queued("protected_identity", "conflict_of_interest"),
    )


def test_everything_that_was_to_be_done_goes_with_the_case() -> None:
    story = Journey(*PLANNED, requested(), reassigned())
    assert {(task.kind, task.worker) for task in story.open} == {("await_provider", BO)}
    story.hear(unassigned(BO), queued())
    assert {task.worker for task in story.open} == {None}
    assert sorted(story.waiting) == ["await_provider: requested", "claim_case: no_capacity"]


# --- by the policy


def wanted(**said: Any) -> Wanted:
    return Wanted(area="centrum", language="sv", needs=(), **said)


def candidate(name: str) -> Candidate:
    return Candidate(name, CITY, ("centrum",), ("sv",), capacity=5, load=0)


def test_nobody_is_given_what_they_gave_back() -> None:
    both = (candidate(ANNA), candidate(BO))
    chosen = choose(wanted(never=(ANNA,), before=ANNA), both, MONDAY.date())
    assert isinstance(chosen, Chosen)
    assert chosen.worker == BO
    nobody = choose(wanted(never=(ANNA, BO)), both, MONDAY.date())
    assert nobody == Nobody(("gave_it_back",))


def test_what_a_leaver_has_goes_to_whom_the_policy_chooses_or_back_in_line() -> None:
    (to_bo,) = given(*PLANNED).when(holding.hand_over, ANNA, BO_HAS_ROOM, LEFT).answer
    assert (to_bo.worker, to_bo.before, to_bo.because) == (BO, ANNA, (LEFT, "least_load"))
    given(*PLANNED, paused()).when(holding.hand_over, ANNA, Nobody(("no_capacity",)), LEFT).then(
        unassigned(because=LEFT), queued("no_capacity")
    )


def test_what_is_not_theirs_any_more_or_over_is_left() -> None:
    for facts in ((queued(),), (*PLANNED, reassigned()), (assigned(BO),)):
        given(*facts).when(holding.hand_over, ANNA, BO_HAS_ROOM, LEFT).then_nothing()


def test_nobody_protected_is_handed_over_by_a_policy() -> None:
    given(queued("protected_identity"), claimed()).when(holding.hand_over, ANNA, BO_HAS_ROOM, LEFT).then(
        unassigned(because=LEFT), queued("protected_identity")
    )


def test_a_link_worker_leaves_once_and_may_come_back() -> None:
    anna = LinkWorker(worker=ANNA, name="Anna", team=CITY, areas=("centrum",), languages=("sv",), capacity=5)
    said = CaseloadHandedOver(worker=ANNA, because=LEFT)
    assert worker.hand_over(anna, ANNA, LEFT) == [said]
    gone = worker.evolve(anna, said)
    assert worker.hand_over(gone, ANNA, LEFT) == []
    (back,) = worker.register(gone, anna, team_exists=True)
    assert worker.evolve(gone, back).left is False
    with pytest.raises(UnknownWorker):
        worker.hand_over(None, "nobody", LEFT)


def test_a_protected_referral_waits_whatever_the_policy_would_choose() -> None:
    referral = ReferralAccepted(
        **ALVA,
        area="centrum",
        language="sv",
        needs=(Need.COMPANY,),
        pathway="open-network",
        protection=Protection.CONFIDENTIAL,
    )
    given().when(holding.take_on, referral, BO_HAS_ROOM, CITY).then(queued("protected_identity"))
    given(queued("protected_identity")).when(holding.give_from_the_line, BO_HAS_ROOM).then_nothing()


# --- on a real database


async def fire(office: Office) -> None:
    """Let everything that is due be done."""
    while await Timers(service, office.pool, office.clock).fire_due():
        pass


async def fire_and_die(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first due date be done; then the service is gone."""
    with monkeypatch.context() as patched:
        patched.setattr("services.runtime.timers.BATCH", 1)
        await Timers(service, office.pool, office.clock).fire_due()


async def three_of_annas(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"), accepted("r2"), accepted("r3"))
    await office.do(RecordContact, referral_id="r1", way=ContactWay.PHONE, outcome=ContactOutcome.REACHED)
    await office.do(CloseCase, referral_id="r3", outcome=CaseOutcome.MOVED)
    assert await office.load("anna") == 2


async def test_a_whole_caseload_goes_to_others_and_survives_a_death_half_way(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_of_annas(office)
    await office.worker("bo", capacity=1)
    await office.do(HandOverCaseload, SIV, worker="anna")
    assert await office.whose("r1") == ("city", "anna"), "each case moves by a due date of its own"
    await fire_and_die(office, monkeypatch)
    assert {await office.whose("r1"), await office.whose("r2")} == {("city", "bo"), ("city", "anna")}
    await fire(office)
    assert await office.value("select count(*) from timer where kind = $1", HAND_OVER) == 0
    assert {await office.whose("r1"), await office.whose("r2")} == {("city", "bo"), ("city", None)}
    assert (await office.load("anna"), await office.load("bo")) == (0, 1)
    open_tasks = await office.rows("select distinct worker from task where done is null")
    assert {row["worker"] for row in open_tasks} == {"bo", None}
    moved = await office.value("select count(*) from event where type = 'sluss.case.reassigned.v1'")
    assert moved == 1


async def test_a_named_successor_gets_what_they_may_have_whatever_room_they_have(office: Office) -> None:
    await office.team()
    await office.worker("anna", languages=("sv", "so"))
    await office.hear(
        accepted("r1"),
        accepted("r2", language="so"),
        accepted("r3", person="p-karin"),
        accepted("r4", protection=Protection.CONFIDENTIAL),
        accepted("r5"),
    )
    await office.do(ClaimCase, referral_id="r4", worker="anna")
    await office.worker("bo", capacity=1)
    await office.do(ReassignCase, referral_id="r3", worker="bo")
    await office.do(ReassignCase, "bo", referral_id="r3", worker="anna", because="conflict_of_interest")
    await office.worker("cilla", languages=("so",), capacity=1)
    told = (await office.do(ReadHandOver, SIV, worker="anna", to="bo"))["cases"]
    assert [(row["referral_id"], row["worker"], row["not_named"]) for row in told] == [
        ("r1", "bo", []),
        ("r2", "cilla", ["no_language"]),
        ("r3", None, ["gave_it_back"]),
        ("r4", None, []),
        ("r5", "bo", []),
    ]
    assert (told[0]["because"], told[3]["because"]) == (["named_successor"], ["protected_identity"])
    assert await office.whose("r1") == ("city", "anna"), "to ask changes nothing"
    await office.do(HandOverCaseload, SIV, worker="anna", to="bo")
    await fire(office)
    whose = {f"r{number}": (await office.whose(f"r{number}"))[1] for number in range(1, 6)}
    assert whose == {row["referral_id"]: row["worker"] for row in told}
    assert (await office.load("bo"), await office.load("cilla")) == (2, 1)


async def test_a_successor_is_somebody_else_who_has_not_left(office: Office) -> None:
    await three_of_annas(office)
    await office.worker("bo")
    await office.do(HandOverCaseload, SIV, worker="bo")
    for to, code in (("anna", "no_successor"), ("bo", "no_successor"), ("nobody", "unknown_worker")):
        for command in (ReadHandOver, HandOverCaseload):
            answer = await office.ask(command, SIV, worker="anna", to=to)
            assert answer.refused is not None
            assert answer.refused.code == code, (to, command)
    for by in ("bo", actor("korpen", Role.PROVIDER)):
        answer = await office.ask(ReadHandOver, by, worker="anna")
        assert answer.refused is not None
        assert answer.refused.code == "not_allowed"


async def test_whoever_has_left_gets_no_new_case_until_they_are_back(office: Office) -> None:
    await three_of_annas(office)
    await office.do(HandOverCaseload, SIV, worker="anna")
    await fire(office)
    await office.hear(accepted("r4"))
    assert await office.whose("r4") == ("city", None)
    for command, said in ((ClaimCase, {}), (ReassignCase, {"because": "handed_on"})):
        answer = await office.ask(command, SIV, referral_id="r4", worker="anna", **said)
        assert answer.refused is not None
        assert answer.refused.code == "no_successor", command
    await office.worker("anna")
    await office.hear(accepted("r5"))
    assert await office.whose("r5") == ("city", "anna")


async def test_a_case_given_back_goes_to_somebody_else_who_has_room(office: Office) -> None:
    await three_of_annas(office)
    await office.do(ReassignCase, referral_id="r1", because="conflict_of_interest")
    await fire(office)
    assert await office.whose("r1") == ("city", None), "not to her who gave it back"
    await office.worker("bo")
    await fire(office)
    assert await office.whose("r1") == ("city", "bo")


async def test_a_conflict_of_interest_is_with_the_person_whatever_the_case(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.worker("bo")
    await office.hear(accepted("r1", person="p-karin"))
    assert await office.whose("r1") == ("city", "anna")
    await office.do(ReassignCase, referral_id="r1", worker="bo", because="conflict_of_interest")
    await office.do(CloseCase, "bo", referral_id="r1", outcome=CaseOutcome.COMPLETED)
    await office.away("bo", MONDAY.date())
    await office.hear(accepted("r2", person="p-karin", replaces="r1"), accepted("r3"))
    assert await office.whose("r2") == ("city", None), "she knows the person, and he is away"
    assert await office.whose("r3") == ("city", "anna")


async def test_somebody_protected_is_claimed_by_hand_and_never_given(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1", protection=Protection.PROTECTED_REGISTRATION))
    assert await office.whose("r1") == ("city", None)
    await office.worker("bo")
    await fire(office)
    assert await office.whose("r1") == ("city", None)
    await office.do(ClaimCase, referral_id="r1", worker="anna")
    assert await office.whose("r1") == ("city", "anna")


async def test_a_link_worker_hands_on_their_own_and_nobody_elses(office: Office) -> None:
    await three_of_annas(office)
    await office.worker("bo")
    taken = await office.ask(ReassignCase, "bo", referral_id="r1", worker="bo")
    assert taken.refused is not None
    assert taken.refused.code == "not_this_workers"
    await office.do(ReassignCase, referral_id="r1", worker="bo")
    assert (await office.load("anna"), await office.load("bo")) == (1, 1)
    alone = await office.ask(HandOverCaseload, "bo", worker="anna")
    assert alone.refused is not None
    assert alone.refused.code == "not_allowed"


async def test_a_pause_counts_its_days_where_people_are(office: Office) -> None:
    await three_of_annas(office)
    over = await office.ask(PauseCase, referral_id="r1", why="travel", until=MONDAY.date())
    assert over.refused is not None
    assert over.refused.code == "pause_ends_in_the_past"


async def test_a_provider_does_not_register_link_workers(office: Office) -> None:
    korpen = Actor(id="korpen", role=Role.PROVIDER)
    answer = await office.ask(
        RegisterLinkWorker,
        korpen,
        worker="x",
        name="X",
        team="city",
        areas=("centrum",),
        languages=("sv",),
        capacity=1,
    )
    assert answer.refused is not None
    assert answer.refused.code == "not_allowed"
