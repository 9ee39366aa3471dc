"""Erasing a person: open work is closed first, rules hold it, and in the end it is done once."""

from __future__ import annotations

from datetime import date
from functools import reduce

import pytest

from services.referral.domain import person
from services.referral.domain.person import (
    DateHasPassed,
    NotYourself,
    Person,
    PersonIsErased,
    Status,
    UnknownPerson,
    Work,
    evolve,
)
from services.referral.domain.referral import Status as ReferralStatus
from sluss_contracts.command import Actor
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.event import Fact
from sluss_contracts.person import ErasureHeld, PersonErased, PersonRetained
from sluss_contracts.referral import ReferralClosed
from sluss_contracts.vocabulary import Role
from tests.referral.domain.stories import given, refused, told
from tests.referral.requests import OPERATOR

SIV = "5d0c6a86-0000-4000-8000-000000000001"
SOMEBODY = Actor(id="5d0c6a86-0000-4000-8000-000000000009", role=Role.PERSON)
TODAY, LATER, LATER_STILL = date(2027, 1, 4), date(2027, 6, 1), date(2028, 6, 1)
NOTHING = Work()
AT_WORK = Work(referrals=(given(ReferralStatus.OPEN),), told={"0197-referral": {"korpen"}}, cases=True)
CASE_OPEN = Work(cases=True)


def asked(held: Person | None = None, work: Work = NOTHING, today: date = TODAY) -> list[Fact]:
    return list(person.erase(held, SIV, "asked_by_person", work, today, OPERATOR))


def after(*facts: Fact) -> Person:
    own = [fact for fact in facts if isinstance(fact, (PersonRetained, ErasureHeld, PersonErased))]
    state: Person | None = reduce(evolve, own, None)
    assert state is not None
    return state


def retained(until: date = LATER) -> Person:
    return after(*person.hold(None, SIV, "archive_law", until, TODAY, True))


def test_somebody_nothing_is_done_for_is_erased_at_once_and_once() -> None:
    facts = asked()
    assert told(facts) == [PersonErased]
    assert asked(after(*facts)) == []


def test_open_work_is_closed_first_as_by_a_consent_taken_back() -> None:
    withdrawn, closed, held = asked(work=AT_WORK)
    assert isinstance(withdrawn, ConsentWithdrawn)
    assert withdrawn.shared_with == ("korpen",)
    assert isinstance(closed, ReferralClosed)
    assert isinstance(held, ErasureHeld)
    assert (held.why, held.until) == ("open_work", None)


def test_when_the_case_is_over_it_happens_by_itself_and_not_before() -> None:
    held = after(*asked(work=AT_WORK))
    assert person.go_on(held, CASE_OPEN, TODAY) == []
    (erased,) = person.go_on(held, NOTHING, TODAY)
    assert isinstance(erased, PersonErased)
    assert erased.why == "asked_by_person"


def test_a_referral_held_has_no_case_to_wait_for() -> None:
    facts = asked(work=Work(referrals=(given(ReferralStatus.HELD),)))
    assert told(facts) == [ConsentWithdrawn, ReferralClosed, PersonErased]


def test_nobody_who_did_not_ask_is_erased_when_a_case_is_over() -> None:
    assert person.go_on(None, NOTHING, TODAY) == []
    assert person.go_on(retained(), NOTHING, LATER_STILL) == []


def test_a_rule_holds_it_until_its_day_and_says_so_with_the_date() -> None:
    (held,) = asked(retained())
    assert isinstance(held, ErasureHeld)
    assert (held.why, held.until) == ("archive_law", LATER)
    waiting = evolve(retained(), held)
    assert asked(waiting) == [], "asking twice is asking once"
    assert person.go_on(waiting, NOTHING, TODAY) == []
    assert told(person.go_on(waiting, NOTHING, LATER)) == [PersonErased]


def test_a_rule_found_after_somebody_asked_holds_it_too() -> None:
    waiting = after(*asked(work=AT_WORK))
    (held,) = person.hold(waiting, SIV, "archive_law", LATER, TODAY, True)
    assert isinstance(held, ErasureHeld)
    assert person.go_on(evolve(waiting, held), NOTHING, TODAY) == []


def test_open_work_under_a_rule_is_closed_all_the_same() -> None:
    assert told(asked(retained(), AT_WORK)) == [ConsentWithdrawn, ReferralClosed, ErasureHeld]


def test_when_the_rule_has_run_out_open_work_still_holds_it() -> None:
    waiting = evolve(retained(), asked(retained(), AT_WORK)[-1])  # type: ignore[arg-type]
    (held,) = person.go_on(waiting, CASE_OPEN, LATER)
    assert isinstance(held, ErasureHeld)
    assert held.why == "open_work"
    assert told(person.go_on(evolve(waiting, held), NOTHING, LATER)) == [PersonErased]


def test_a_rule_names_a_day_to_come_and_may_be_moved() -> None:
    refused(DateHasPassed, lambda: person.hold(None, SIV, "archive_law", TODAY, TODAY, True))
    assert person.hold(retained(), SIV, "archive_law", LATER, TODAY, True) == []
    (moved,) = person.hold(retained(), SIV, "archive_law", LATER_STILL, TODAY, True)
    assert evolve(retained(), moved).until == LATER_STILL  # type: ignore[arg-type]


def test_a_person_asks_for_themselves_alone() -> None:
    def ask(actor: Actor) -> object:
        return person.erase(None, SIV, "asked_by_person", NOTHING, TODAY, actor)

    refused(NotYourself, lambda: ask(SOMEBODY))
    assert ask(Actor(id=SIV, role=Role.PERSON))


def test_of_nobody_there_is_nothing_to_erase_or_hold() -> None:
    nobody = Work(known=False)
    refused(UnknownPerson, lambda: asked(work=nobody))
    refused(UnknownPerson, lambda: person.hold(None, SIV, "archive_law", LATER, TODAY, False))


@pytest.mark.parametrize("work", [NOTHING, Work(known=False)])
def test_after_erasure_nothing_is_held_and_nothing_said_again(work: Work) -> None:
    erased = after(*asked())
    assert erased.status is Status.ERASED
    assert asked(erased, work) == []
    refused(PersonIsErased, lambda: person.hold(erased, SIV, "archive_law", LATER, TODAY, work.known))


def test_after_a_restore_who_was_erased_is_erased_again_whatever_stands_there() -> None:
    for restored in (None, retained(), after(*asked(work=AT_WORK))):
        assert told(person.replay(restored, SIV, "asked_by_person", NOTHING)) == [PersonErased]
    assert person.replay(after(*asked()), SIV, "asked_by_person", NOTHING) == []


def test_what_is_open_again_after_a_restore_ends_with_it() -> None:
    facts = person.replay(None, SIV, "asked_by_person", AT_WORK)
    assert told(facts) == [ConsentWithdrawn, ReferralClosed, PersonErased]


def test_a_ledger_that_names_no_pseudonym_erases_nobody() -> None:
    refused(UnknownPerson, lambda: person.replay(None, "siv", "asked_by_person", NOTHING))
