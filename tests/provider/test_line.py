"""The waiting line, whatever happens in whatever order: nobody is passed by, no place is given twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from services.provider.domain import enrolment, leaving, placing
from services.provider.domain.enrolment import Enrolment, Status
from services.provider.domain.places import Catalogue, Places
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentOffered, EnrolmentWaitlisted
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.vocabulary import Acceptance
from tests.provider.spec import KORPEN, NOON, WALK


@dataclass
class Group:
    """One activity and everybody who wants in; looks at the line wait until they are run, as timers do."""

    capacity: int
    acceptance: Acceptance
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    looks: int = 0
    calls: list[str] = field(default_factory=list)
    passed: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def line(self) -> list[str]:
        return [id for id in self.joined if self.enrolments[id].status is Status.WAITLISTED]

    @property
    def taken(self) -> int:
        return sum(each.status.holds_a_place for each in self.enrolments.values())

    def catalogue(self) -> Catalogue:
        places = Places(WALK, KORPEN, self.capacity, self.acceptance, self.taken, len(self.line))
        return Catalogue([places], {id: n for n, id in enumerate(self.line)})

    def say(self, facts: list[Fact]) -> None:
        for fact in facts:
            before = self.line
            known = self.enrolments.get(fact.aggregate_id)
            state = self.enrolments[fact.aggregate_id] = enrolment.evolve(known, fact)
            if known is None:
                self.joined.append(fact.aggregate_id)
            if state.status.holds_a_place and not (known and known.status.holds_a_place):
                ahead = before[: before.index(fact.aggregate_id)] if fact.aggregate_id in before else before
                self.passed.append((fact.aggregate_id, ahead))
            if not state.status.holds_a_place:
                self.looks += 1

    def ask(self) -> None:
        id = f"e{len(self.joined)}"
        wish = CaseEnrolmentRequested(referral_id=f"r-{id}", person=f"p-{id}", enrolment_id=id, activity=WALK)
        self.say(placing.request({}, wish, self.catalogue().of(WALK), BUILT_IN, NOON))

    def leave(self, n: int) -> None:
        open_ = [each for each in self.enrolments.values() if not each.status.over]
        if open_:
            self.say(leaving.close([open_[n % len(open_)]]))

    def resize(self, capacity: int) -> None:
        self.capacity, self.looks = capacity, self.looks + 1

    def look(self) -> None:
        if self.looks:
            self.looks -= 1
            free = max(0, self.capacity - self.taken)
            self.calls += [id for id in self.line[:free] if id not in self.calls]

    def call(self, n: int) -> None:
        if self.calls:
            id = self.calls.pop(n % len(self.calls))
            catalogue = self.catalogue()
            ahead = catalogue.ahead_of(id, WALK) if id in self.line else 0
            self.say(placing.call(self.enrolments[id], catalogue.of(WALK), ahead, BUILT_IN, NOON))

    def settle(self) -> None:
        while self.looks or self.calls:
            self.look()
            self.call(0)


STEPS = st.one_of(
    st.just(("ask", None)),
    st.just(("look", None)),
    st.tuples(st.just("leave"), st.integers(0, 9)),
    st.tuples(st.just("call"), st.integers(0, 9)),
    st.tuples(st.just("resize"), st.integers(1, 5)),
)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4), st.sampled_from(Acceptance), st.lists(STEPS, max_size=40))
def test_no_place_is_given_twice_and_whoever_waits_gets_one_as_soon_as_there_is_one(
    capacity: int, acceptance: Acceptance, steps: list[tuple[str, int | None]]
) -> None:
    group = Group(capacity, acceptance)
    for what, n in steps:
        before = group.taken
        getattr(group, what)(*(() if n is None else (n,)))
        assert group.taken <= max(group.capacity, before), "more people than places"
    group.settle()
    assert not group.line or group.taken >= group.capacity, "somebody waits although a place is free"


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 4), st.lists(STEPS, max_size=40))
def test_a_place_goes_to_somebody_only_when_there_are_places_for_all_before_them(
    capacity: int, steps: list[tuple[str, int | None]]
) -> None:
    group = Group(capacity, Acceptance.REQUIRED)
    for what, n in steps:
        taken, told = group.taken, len(group.passed)
        getattr(group, what)(*(() if n is None else (n,)))
        for _, ahead in group.passed[told:]:
            assert len(ahead) < group.capacity - taken, "passed somebody who stood before them"


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 6), st.integers(0, 6), st.integers(1, 12))
def test_many_wishes_in_one_transaction_share_the_same_places(capacity: int, taken: int, wishes: int) -> None:
    catalogue = Catalogue([Places(WALK, KORPEN, capacity, Acceptance.REQUIRED, min(taken, capacity), 0)])
    said: list[Fact] = []
    for n in range(wishes):
        wish = CaseEnrolmentRequested(
            referral_id=f"r{n}", person=f"p{n}", enrolment_id=f"e{n}", activity=WALK
        )
        facts = placing.request({}, wish, catalogue.of(WALK), BUILT_IN, NOON)
        catalogue.newcomer(facts)
        said += facts
    offers = [fact for fact in said if isinstance(fact, EnrolmentOffered | EnrolmentAccepted)]
    line = [fact.position for fact in said if isinstance(fact, EnrolmentWaitlisted)]
    assert len(offers) == min(wishes, capacity - min(taken, capacity))
    assert line == list(range(1, len(line) + 1))
    assert said == sorted(said, key=lambda fact: isinstance(fact, EnrolmentWaitlisted))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5), st.permutations(range(6)))
def test_however_the_called_come_forward_in_one_transaction_only_the_first_in_line_get_places(
    free: int, order: list[int]
) -> None:
    catalogue = Catalogue(
        [Places(WALK, KORPEN, free, Acceptance.REQUIRED, 0, 6)], {f"e{n}": n for n in range(6)}
    )
    got = set()
    for n in order:
        waiting = Enrolment(
            enrolment_id=f"e{n}",
            referral_id=f"r{n}",
            activity=WALK,
            provider=KORPEN,
            person=f"p{n}",
            status=Status.WAITLISTED,
        )
        facts = placing.call(waiting, catalogue.of(WALK), catalogue.ahead_of(f"e{n}", WALK), BUILT_IN, NOON)
        catalogue.called(facts)
        got |= {fact.aggregate_id for fact in facts}
    assert got == {f"e{n}" for n in range(free)}
