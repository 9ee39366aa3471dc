"""Teams and link workers: said again changes nothing, said otherwise corrects."""

from __future__ import annotations

from datetime import date

import pytest

from services.navigator.domain import team, worker
from services.navigator.domain.roles import may_keep_the_registry
from services.navigator.domain.team import NETWORK_TEAM, Team, home_of
from services.navigator.domain.worker import (
    Leave,
    LeaveEndsBeforeItStarts,
    LinkWorker,
    UnknownTeam,
    UnknownWorker,
)
from services.runtime.decision import NotAllowed
from sluss_contracts.linkworker import (
    LeaveRecorded,
    LinkWorkerAmended,
    LinkWorkerRegistered,
    TeamAmended,
    TeamRegistered,
)
from sluss_contracts.vocabulary import Role
from tests.navigator.spec import actor

CITY = Team(team="city", name="Centrum", areas=("centrum",))
ANNA = LinkWorker(
    worker="anna", name="Anna Lind", team="city", areas=("centrum",), languages=("sv",), capacity=20
)
JULY = Leave(starts=date(2026, 7, 1), ends=date(2026, 7, 31))


def test_a_team_is_registered_once_and_then_amended() -> None:
    (first,) = team.register(None, CITY)
    assert type(first) is TeamRegistered
    assert team.register(team.evolve(None, first), CITY) == []
    (second,) = team.register(CITY, CITY.model_copy(update={"areas": ("centrum", "norr")}))
    assert type(second) is TeamAmended
    assert second.areas == ("centrum", "norr")


def test_a_link_worker_is_registered_once_and_then_amended() -> None:
    (first,) = worker.register(None, ANNA, team_exists=True)
    assert type(first) is LinkWorkerRegistered
    known = worker.evolve(None, first)
    assert known == ANNA
    assert worker.register(known, ANNA, team_exists=True) == []
    (second,) = worker.register(known, ANNA.model_copy(update={"capacity": 5}), team_exists=True)
    assert type(second) is LinkWorkerAmended
    assert second.capacity == 5


def test_amending_a_link_worker_keeps_their_leaves() -> None:
    away = worker.evolve(ANNA, LeaveRecorded(worker="anna", starts=JULY.starts, ends=JULY.ends))
    assert worker.register(away, ANNA, team_exists=True) == []
    (said,) = worker.register(away, ANNA.model_copy(update={"capacity": 5}), team_exists=True)
    assert worker.evolve(away, said).leaves == (JULY,)


def test_nobody_joins_a_team_that_does_not_exist() -> None:
    with pytest.raises(UnknownTeam) as refused:
        worker.register(None, ANNA, team_exists=False)
    assert refused.value.faults[0].path == "/team"


def test_a_leave_is_recorded_once() -> None:
    (said,) = worker.record_leave(ANNA, "anna", JULY)
    assert worker.record_leave(worker.evolve(ANNA, said), "anna", JULY) == []


def test_a_leave_of_one_day_is_a_leave_and_one_of_less_is_none() -> None:
    day = date(2026, 7, 1)
    assert worker.record_leave(ANNA, "anna", Leave(starts=day, ends=day))
    with pytest.raises(LeaveEndsBeforeItStarts):
        worker.record_leave(ANNA, "anna", Leave(starts=day, ends=date(2026, 6, 30)))


def test_nobody_unknown_goes_on_leave() -> None:
    with pytest.raises(UnknownWorker, match="nobody"):
        worker.record_leave(None, "nobody", JULY)


def test_an_area_belongs_to_the_first_team_by_name_that_covers_it() -> None:
    assert home_of(["soder", "city"]) == "city"


def test_an_area_nobody_covers_belongs_to_the_network() -> None:
    assert home_of([]) == NETWORK_TEAM


def test_the_registry_is_kept_by_coordinators_and_a_leave_is_ones_own_to_tell() -> None:
    may_keep_the_registry(actor("siv", Role.COORDINATOR))
    may_keep_the_registry(actor("anna"), of="anna")
    for by, of in [(actor("anna"), ""), (actor("bo"), "anna"), (actor("korpen", Role.PROVIDER), "korpen")]:
        with pytest.raises(NotAllowed):
            may_keep_the_registry(by, of=of)
