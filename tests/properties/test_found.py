"""What sequences have found, each as the shortest story that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest

from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.referral import CancelReferral, RedirectReferral, ReplayErasure
from sluss_contracts.message import FeedbackDue
from sluss_contracts.referral import ReferralLinked
from sluss_contracts.vocabulary import Role
from tests.properties import holds, town
from tests.properties.paper.town import PaperTown

CLINIC_ACTOR = Actor(id="siv", role=Role.REFERRER, organisation=town.CLINIC)


@pytest.fixture
def there() -> Iterator[PaperTown]:
    one = town.opened()
    with town.counted_ids(one):
        yield one


def referred(there: PaperTown, submission_id: str, organisation: str = town.CLINIC) -> str:
    """Somebody known by number is referred, with their consent."""
    data: dict[str, Any] = {
        "submission_id": submission_id,
        "person": {"identity_number": town.GROWN},
        "area": "centrum",
        "needs": ["company"],
        "consent": {"status": "given", "purposes": list(town.PURPOSES)},
        "referrer": {"unit": "Mottagning 1"},
    }
    known = set(there.seen.get("referral_id", ()))
    town.submit(there, town.enveloped("sluss.referral.requested.v1", organisation, data))
    town.settle(there, Random(1))
    (referral_id,) = set(there.seen["referral_id"]) - known
    return referral_id


def do(there: PaperTown, verb: type[Command], by: Actor, **values: Any) -> Answer:
    command = verb(command_id=UUID(int=len(there.commands), version=4), actor=by, **values)
    there.commands.add(command.command_id)
    answer = there.desks[verb.OWNER].carry_out(command)
    town.settle(there, Random(1))
    return answer


def told(there: PaperTown, referral_id: str) -> list[str]:
    return [e.fact.status for e in there.desks["notify"].said(FeedbackDue) if e.said.key == referral_id]  # type: ignore[attr-defined]


def test_a_duplicate_taken_back_leaves_nobody_waiting(there: PaperTown) -> None:
    followed = referred(there, "first")
    duplicate = referred(there, "second", town.SCHOOL)
    assert [e.said.key for e in there.desks["referral"].said(ReferralLinked)] == [duplicate]
    by = Actor(id="rektor", role=Role.REFERRER, organisation=town.SCHOOL)
    assert do(there, CancelReferral, by, referral_id=duplicate, why="person_asked").ok
    holds.nothing_is_left(there)
    before = told(there, duplicate)
    assert before[-1] == "closed"
    assert do(there, CancelReferral, CLINIC_ACTOR, referral_id=followed, why="person_asked").ok
    assert told(there, followed)[-1] == "closed"
    assert told(there, duplicate) == before, "whoever has taken theirs back is told nothing more"


def test_an_erasure_is_replayed_of_a_pseudonym_only(there: PaperTown) -> None:
    answer = do(there, ReplayErasure, town.OPERATOR, person="somebody", why="restored")
    assert answer.refused
    assert answer.refused.code == "unknown_person"


def test_nobody_who_was_erased_is_sent_to_another_team(there: PaperTown) -> None:
    referral_id = referred(there, "first")
    person = there.desks["referral"].all("referral")[referral_id].person
    assert do(there, ReplayErasure, town.OPERATOR, person=person, why="restored").ok
    wanted = {"referral_id": referral_id, "why": "moved", "to_area": "vilbergen"}
    answer = do(there, RedirectReferral, town.COORDINATOR, **wanted)
    assert answer.refused
    assert answer.refused.code == "referral_is_over"


def test_what_is_said_of_something_fetched_names_it_as_its_cause(there: PaperTown) -> None:
    referred(there, "first")
    chance = Random(0)
    for _ in range(8):
        town.fetch(there, chance)
    acknowledged = [e for e in there.desks["notify"].log if e.fact.FACT == "acknowledged"]
    assert acknowledged
    said = {str(e.said.id) for desk in there.desks.values() for e in desk.log}
    assert {e.causation for e in acknowledged} <= said
    assert json.loads(acknowledged[0].said.body)["causationid"] in said


def test_a_duplicate_taken_back_before_anybody_heard_of_it(there: PaperTown) -> None:
    referred(there, "first")
    data = {
        "submission_id": "second",
        "person": {"identity_number": town.GROWN},
        "area": "centrum",
        "needs": ["company"],
        "consent": {"status": "given", "purposes": list(town.PURPOSES)},
        "referrer": {"unit": "Rektorn"},
    }
    town.submit(there, town.enveloped("sluss.referral.requested.v1", town.SCHOOL, data))
    (linked,) = there.desks["referral"].said(ReferralLinked)
    duplicate = linked.said.key
    by = Actor(id="rektor", role=Role.REFERRER, organisation=town.SCHOOL)
    command = CancelReferral(command_id=UUID(int=99, version=4), actor=by, referral_id=duplicate, why="asked")
    assert there.desks["referral"].carry_out(command).ok
    queue = there.queues["notify", "referral", duplicate]
    batch = [queue.popleft() for _ in range(len(queue))]
    there.desks["notify"].take(batch)
    holds.while_things_go_on(there)
    assert told(there, duplicate) == ["closed"], "as any referrer who takes theirs back"
