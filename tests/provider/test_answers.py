"""What may be answered to an offer, by whom, and what a silence comes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.provider.domain import answer, leaving, placing
from services.provider.domain.activity import Status as Activity
from services.provider.domain.enrolment import LIFECYCLE, Status, evolve
from services.provider.domain.places import Places
from services.provider.domain.refusals import (
    ForAnotherProvider,
    NoTimeSuggested,
    NotOffered,
    NotTakingPart,
    OfferExpired,
    TimeHasPassed,
    UnknownEnrolment,
)
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    AgreeToTime,
    DeclineEnrolment,
    EndEnrolment,
    SuggestAnotherTime,
)
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.enrolment import (
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    HostWanted,
)
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN, Silence
from sluss_contracts.vocabulary import Acceptance, Attendance, ConsentPurpose, Role, Whose
from tests.provider.spec import (
    ALVA,
    ASKED,
    HEMGARDEN,
    KORPEN,
    NOON,
    WALK,
    accepted,
    declined,
    ended,
    expired,
    given,
    offered,
    state_of,
    suggested,
    waitlisted,
    wish,
)

THURSDAY = NOON + timedelta(days=3)
IMPOSTOR: dict[str, Any] = {
    "command_id": UUID(int=2),
    "actor": Actor(id="sven", role=Role.PROVIDER, organisation=HEMGARDEN),
}
LINK_WORKER: dict[str, Any] = {"command_id": UUID(int=3), "actor": Actor(id="anna", role=Role.LINK_WORKER)}
PATIENT = BUILT_IN.model_copy(update={"silence": Silence(offer_answered=12)})


def suggest(
    starts: datetime = THURSDAY, host: str | None = "Maud", by: dict[str, Any] = ASKED
) -> SuggestAnotherTime:
    return SuggestAnotherTime(**by, **ALVA, provider=KORPEN, starts=starts, host=host)


def agree() -> AgreeToTime:
    return AgreeToTime(**LINK_WORKER, **ALVA)


ANSWERS = [
    (answer.accept, AcceptEnrolment(**IMPOSTOR, **ALVA, provider=KORPEN), (None, NOON)),
    (answer.decline, DeclineEnrolment(**IMPOSTOR, **ALVA, provider=KORPEN, reason="full"), ()),
    (answer.suggest_another_time, suggest(by=IMPOSTOR), (BUILT_IN, NOON)),
    (leaving.end, EndEnrolment(**IMPOSTOR, **ALVA, whose=Whose.PROVIDER, reason="full"), ()),
]


@pytest.mark.parametrize(("decide", "command", "more"), ANSWERS)
def test_a_provider_answers_for_itself_alone(decide: Any, command: Any, more: tuple[Any, ...]) -> None:
    given(offered()).when(decide, command, *more).then_refused(ForAnotherProvider)


@pytest.mark.parametrize(("decide", "command", "more"), ANSWERS[:2])
def test_staff_may_write_down_what_a_provider_said_on_the_telephone(
    decide: Any, command: Any, more: tuple[Any, ...]
) -> None:
    told = command.model_copy(update={"actor": LINK_WORKER["actor"]})
    assert len(decide(state_of(offered()), told, *more)) == 1


def test_a_person_who_is_their_own_organisation_acts_for_it() -> None:
    alone = {"command_id": UUID(int=4), "actor": Actor(id=KORPEN, role=Role.PROVIDER)}
    yes = AcceptEnrolment(**alone, **ALVA, provider=KORPEN)
    given(offered()).when(answer.accept, yes, None, NOON).then(accepted())


def test_an_offer_stands_as_long_as_the_referrals_pathway_says() -> None:
    places = Places(WALK, KORPEN, 2, Acceptance.REQUIRED, 0, 0)
    asked = wish().model_copy(update={"pathway": "frome", "pathway_version": 3})
    (offer,) = placing.request({}, asked, places, PATIENT, NOON)
    assert isinstance(offer, EnrolmentOffered)
    assert offer.answer_by == NOON + timedelta(days=12)
    assert (offer.pathway, offer.pathway_version) == ("frome", 3)
    in_line = state_of(waitlisted().model_copy(update={"pathway": "frome", "pathway_version": 3}))
    (called,) = placing.call(in_line, places, 0, PATIENT, NOON)
    assert isinstance(called, EnrolmentOffered)
    assert called.answer_by == NOON + timedelta(days=12)
    assert (called.pathway, called.pathway_version) == ("frome", 3)


def test_an_offer_nobody_answers_expires() -> None:
    given(offered()).when(answer.expire).then(expired())


@pytest.mark.parametrize(
    "story",
    [[], [waitlisted()], [offered(), accepted()], [offered(), declined()], [offered(), ended()],
     [offered(), expired()]],
)  # fmt: skip
def test_what_is_answered_or_not_on_offer_does_not_expire(story: list[Fact]) -> None:
    given(*story).when(answer.expire).then_nothing()


def test_a_late_yes_is_told_that_the_place_is_gone() -> None:
    yes = AcceptEnrolment(**ASKED, **ALVA, provider=KORPEN)
    no = DeclineEnrolment(**ASKED, **ALVA, provider=KORPEN, reason="full")
    given(offered(), expired()).when(answer.accept, yes, None, NOON).then_refused(OfferExpired)
    given(offered(), expired()).when(answer.decline, no).then_refused(OfferExpired)
    given(offered(), expired()).when(answer.suggest_another_time, suggest(), BUILT_IN, NOON).then_refused(
        OfferExpired
    )
    stop = EndEnrolment(**ASKED, **ALVA, whose=Whose.PERSON, reason="person_stopped")
    given(offered(), expired()).when(leaving.end, stop).then_refused(NotTakingPart)


def test_a_provider_may_suggest_another_time_and_the_place_is_held_as_long_again() -> None:
    given(offered()).when(answer.suggest_another_time, suggest(), BUILT_IN, NOON).then(suggested())


def test_suggesting_the_same_twice_is_suggesting_it_once_and_something_else_replaces_it() -> None:
    story = given(offered(), suggested())
    story.when(answer.suggest_another_time, suggest(), BUILT_IN, NOON).then_nothing()
    later = THURSDAY + timedelta(days=7)
    story.when(answer.suggest_another_time, suggest(later), BUILT_IN, NOON).then(suggested(later))
    story.when(answer.suggest_another_time, suggest(host=None), BUILT_IN, NOON).then(suggested(host=None))


def test_nobody_is_welcomed_at_a_time_that_has_passed() -> None:
    given(offered()).when(answer.suggest_another_time, suggest(NOON), BUILT_IN, NOON).then_refused(
        TimeHasPassed
    )
    given(offered(), suggested()).when(answer.agree_to_time, agree(), THURSDAY).then_refused(TimeHasPassed)


@pytest.mark.parametrize("story", [[waitlisted()], [offered(), accepted()], [offered(), ended()]])
def test_another_time_is_suggested_only_for_what_is_on_offer(story: list[Fact]) -> None:
    given(*story).when(answer.suggest_another_time, suggest(), BUILT_IN, NOON).then_refused(NotOffered)
    given(*story).when(answer.agree_to_time, agree(), NOON).then_refused(NotOffered)


def test_the_persons_yes_to_the_suggested_time_is_the_welcome() -> None:
    welcome = EnrolmentAccepted(
        **ALVA, activity=WALK, provider=KORPEN, person="p1", host="Maud", starts=THURSDAY
    )
    given(offered(), suggested()).when(answer.agree_to_time, agree(), NOON).then(welcome)
    given(offered(), suggested(), welcome).when(answer.agree_to_time, agree(), NOON).then_nothing()


def test_nobody_agrees_to_what_nobody_suggested() -> None:
    given(offered()).when(answer.agree_to_time, agree(), NOON).then_refused(NoTimeSuggested)
    given().when(answer.agree_to_time, agree(), NOON).then_refused(UnknownEnrolment)


def test_a_provider_may_still_accept_the_usual_time_after_suggesting_another() -> None:
    yes = AcceptEnrolment(**ASKED, **ALVA, provider=KORPEN)
    given(offered(), suggested()).when(answer.accept, yes, None, NOON).then(accepted())


@pytest.mark.parametrize(
    ("status", "whose", "reason"),
    [
        (Activity.PROPOSED, Whose.NETWORK, "not_published"),
        (Activity.HIDDEN, Whose.PROVIDER, "not_verified"),
        (Activity.WITHDRAWN, Whose.PROVIDER, "activity_withdrawn"),
    ],
)
def test_what_is_not_published_takes_nobody_new_and_says_whose_reason_that_is(
    status: Activity, whose: Whose, reason: str
) -> None:
    places = Places(WALK, KORPEN, 2, Acceptance.DROP_IN, 0, 0, None, status)
    (no,) = placing.request({}, wish(), places, BUILT_IN, NOON)
    assert isinstance(no, EnrolmentDeclined)
    assert (no.provider, no.whose, no.reason) == (KORPEN, whose, reason)
    assert placing.call(state_of(waitlisted()), places, 0, BUILT_IN, NOON) == []


def test_a_provider_the_person_has_said_no_to_is_asked_nothing() -> None:
    places = Places(WALK, KORPEN, 2, Acceptance.REQUIRED, 0, 0)
    (no,) = placing.request({}, wish(), places, BUILT_IN, NOON, consent_withdrawn=True)
    assert isinstance(no, EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.PERSON, "consent_withdrawn")


def test_nobody_is_put_in_line_of_whom_nothing_may_go_to_a_provider_by_itself() -> None:
    by_hand = wish().model_copy(update={"by_hand": True})
    free = Places(WALK, KORPEN, 2, Acceptance.REQUIRED, 1, 0)
    assert isinstance(placing.request({}, by_hand, free, BUILT_IN, NOON)[0], EnrolmentOffered)
    full = Places(WALK, KORPEN, 2, Acceptance.REQUIRED, 2, 0)
    (no,) = placing.request({}, by_hand, full, BUILT_IN, NOON)
    assert isinstance(no, EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.PROVIDER, "full")


def withdrawn(*purposes: ConsentPurpose, receivers: tuple[str, ...] = ()) -> ConsentWithdrawn:
    return ConsentWithdrawn(referral_id="alva", person="p1", purposes=purposes, receivers=receivers)


HERE = state_of(offered(), accepted())
IN_LINE = state_of(*[waitlisted().model_copy(update={"enrolment_id": "b", "provider": HEMGARDEN})])
OVER = state_of(*[fact.model_copy(update={"enrolment_id": "c"}) for fact in (offered(), declined())])
ALL = [HERE, IN_LINE, OVER]


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        (withdrawn(receivers=(KORPEN,)), ["alva-walk"]),
        (withdrawn(receivers=(HEMGARDEN,)), ["b"]),
        (withdrawn(receivers=("somebody-else",)), []),
        (withdrawn(ConsentPurpose.SHARE_WITH_PROVIDER), ["alva-walk", "b"]),
        (withdrawn(ConsentPurpose.REFERRAL), ["alva-walk", "b"]),
        (withdrawn(ConsentPurpose.FEEDBACK_TO_REFERRER), []),
    ],
)
def test_withdrawn_consent_ends_what_is_open_at_exactly_those_it_names(
    said: ConsentWithdrawn, ends: list[str]
) -> None:
    facts = leaving.withdraw_consent(ALL, said)
    assert [fact.aggregate_id for fact in facts] == ends
    for fact in facts:
        assert isinstance(fact, EnrolmentEnded)
        assert (fact.whose, fact.reason) == (Whose.PERSON, "consent_withdrawn")


def test_whoever_still_stood_in_line_was_never_mentioned_to_the_provider() -> None:
    told = {fact.aggregate_id: fact.told for fact in leaving.close(ALL) if isinstance(fact, EnrolmentEnded)}
    assert told == {"alva-walk": True, "b": False}


def test_an_activity_that_goes_ends_whoever_is_in_it_for_the_providers_reason() -> None:
    (end,) = leaving.withdraw_with_activity(state_of(waitlisted()))
    assert isinstance(end, EnrolmentEnded)
    assert (end.whose, end.reason) == (Whose.PROVIDER, "activity_withdrawn")
    for story in ([offered(), declined()], [offered(), expired()], [offered(), ended()]):
        assert leaving.withdraw_with_activity(state_of(*story)) == []
    assert leaving.withdraw_with_activity(None) == []


STORIES: dict[Status | None, list[Fact]] = {
    None: [],
    Status.WAITLISTED: [waitlisted()],
    Status.OFFERED: [offered()],
    Status.ACCEPTED: [offered(), accepted()],
    Status.DECLINED: [offered(), declined()],
    Status.EXPIRED: [offered(), expired()],
    Status.ENDED: [offered(), ended()],
}
_PLACE: dict[str, Any] = {**ALVA, "activity": WALK, "provider": KORPEN}
FACTS = {
    type(fact): fact
    for fact in (
        waitlisted(),
        offered(),
        accepted(),
        declined(),
        expired(),
        ended(),
        suggested(),
        AttendanceRecorded(**_PLACE, session_id="s1", outcome=Attendance.ATTENDED, by=Role.PERSON),
        AttendanceMissing(**_PLACE, session_id="s1"),
        HostWanted(**_PLACE),
    )
}


@pytest.mark.parametrize("fact", LIFECYCLE.moves)
@pytest.mark.parametrize("before", STORIES)
def test_every_fact_follows_exactly_the_states_of_the_table(before: Status | None, fact: type[Fact]) -> None:
    state = state_of(*STORIES[before]) if before else None
    if LIFECYCLE.allows(before, fact):
        assert evolve(state, FACTS[fact]).status == (LIFECYCLE.moves[fact].to or before)
    else:
        with pytest.raises(OutOfOrder):
            evolve(state, FACTS[fact])


def test_what_is_over_is_over() -> None:
    assert set(LIFECYCLE.last()) == {status for status in Status if status.over}
