"""Who takes part in what, and whose no a no is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.provider.domain import answer, attendance, leaving, placing
from services.provider.domain.enrolment import Enrolment, evolve
from services.provider.domain.places import Coming, Places
from services.provider.domain.refusals import NotOffered, NotTakingPart, UnknownEnrolment, UnknownSession
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
)
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
    HostWanted,
)
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.plan import SupportAgreed
from sluss_contracts.vocabulary import Acceptance, Attendance, Role, SupportKind, Whose
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
    waitlisted,
    wish,
)

TUESDAY = Coming("tuesday", NOON + timedelta(days=1))


def walk(*, taken: int = 0, waiting: int = 0, drop_in: bool = False, capacity: int = 2) -> Places:
    acceptance = Acceptance.DROP_IN if drop_in else Acceptance.REQUIRED
    return Places(WALK, KORPEN, capacity, acceptance, taken, waiting, TUESDAY)


def asked(places: Places | None, *before: Fact) -> Fact | None:
    known: dict[str, Enrolment] = {}
    for fact in before:
        known[fact.aggregate_id] = evolve(known.get(fact.aggregate_id), fact)
    said = placing.request(known, wish(), places, BUILT_IN, NOON)
    assert len(said) <= 1
    return said[0] if said else None


def test_a_free_place_is_held_and_the_provider_is_asked_under_an_alias() -> None:
    said = asked(walk())
    assert isinstance(said, EnrolmentOffered)
    assert said.provider == KORPEN
    assert said.answer_by == NOON + timedelta(days=BUILT_IN.silence.offer_answered)
    assert len(said.alias.split()) == 2
    assert said.person not in said.alias


def test_a_drop_in_activity_needs_nobodys_yes() -> None:
    said = asked(walk(drop_in=True))
    assert isinstance(said, EnrolmentAccepted)
    assert (said.first_session, said.starts, said.host) == ("tuesday", TUESDAY.starts, None)


def test_a_full_activity_puts_the_person_last_in_line() -> None:
    said = asked(walk(taken=2, waiting=3))
    assert isinstance(said, EnrolmentWaitlisted)
    assert said.position == 4


def test_nobody_gets_a_place_before_those_in_line() -> None:
    assert isinstance(asked(walk(taken=1, waiting=1)), EnrolmentWaitlisted)
    assert isinstance(asked(walk(taken=0, waiting=1)), EnrolmentOffered)


def test_an_activity_made_smaller_than_its_group_gives_nothing_away() -> None:
    assert isinstance(asked(walk(taken=5, capacity=3)), EnrolmentWaitlisted)


def test_an_activity_nobody_knows_is_declined_by_the_network() -> None:
    said = asked(None)
    assert isinstance(said, EnrolmentDeclined)
    assert (said.whose, said.reason) == (Whose.NETWORK, "unknown_activity")


def test_asking_again_with_the_same_id_says_nothing() -> None:
    assert asked(walk(), offered()) is None


@pytest.mark.parametrize("before", [offered(), accepted(), waitlisted()])
def test_nobody_takes_two_places_in_one_activity(before: Fact) -> None:
    another = before.model_copy(update={"enrolment_id": "earlier"})
    said = asked(walk(), another)
    assert isinstance(said, EnrolmentDeclined)
    assert (said.whose, said.reason) == (Whose.NETWORK, "already_enrolled")


@pytest.mark.parametrize("last", [declined(), ended(), expired()])
def test_after_a_no_an_end_or_a_silence_the_person_may_ask_anew(last: Fact) -> None:
    earlier = [fact.model_copy(update={"enrolment_id": "earlier"}) for fact in (offered(), last)]
    assert isinstance(asked(walk(), *earlier), EnrolmentOffered)


def yes(by: str = KORPEN, host: str | None = None) -> AcceptEnrolment:
    return AcceptEnrolment(**ASKED, **ALVA, provider=by, host=host)


def test_a_provider_accepts_names_a_host_and_says_when_to_come() -> None:
    welcome = EnrolmentAccepted(
        **ALVA,
        activity=WALK,
        provider=KORPEN,
        person="p1",
        host="Maud",
        first_session="tuesday",
        starts=TUESDAY.starts,
    )
    given(offered()).when(answer.accept, yes(host="Maud"), TUESDAY, NOON).then(welcome)


def test_an_activity_without_a_coming_session_may_still_accept() -> None:
    given(offered()).when(answer.accept, yes(), None, NOON).then(accepted())


def test_accepting_twice_is_accepting_once() -> None:
    given(offered(), accepted()).when(answer.accept, yes(), TUESDAY, NOON).then_nothing()


def test_nobody_accepts_an_offer_made_to_someone_else() -> None:
    given(offered(to=KORPEN)).when(answer.accept, yes(by=HEMGARDEN), TUESDAY, NOON).then_refused(NotOffered)
    given(offered(), accepted()).when(answer.accept, yes(by=HEMGARDEN), None, NOON).then_refused(NotOffered)


@pytest.mark.parametrize("story", [[waitlisted()], [offered(), declined()], [offered(), ended()]])
def test_what_is_not_on_offer_cannot_be_accepted(story: list[Fact]) -> None:
    given(*story).when(answer.accept, yes(), TUESDAY, NOON).then_refused(NotOffered)


def test_an_enrolment_nobody_knows_is_named_as_unknown() -> None:
    given().when(answer.accept, yes(), None, NOON).then_refused(UnknownEnrolment)
    given().when(leaving.end, stop()).then_refused(UnknownEnrolment)


def no(by: str = KORPEN) -> DeclineEnrolment:
    return DeclineEnrolment(**ASKED, **ALVA, provider=by, whose=Whose.PROVIDER, reason="group_is_full")


@pytest.mark.parametrize("before", [offered(), waitlisted()])
def test_a_provider_may_say_no_to_an_offer_and_to_somebody_in_line(before: Fact) -> None:
    given(before).when(answer.decline, no()).then(declined())


def test_declining_twice_is_declining_once() -> None:
    given(offered(), declined()).when(answer.decline, no()).then_nothing()


def test_nobody_declines_for_another_provider() -> None:
    given(offered()).when(answer.decline, no(by=HEMGARDEN)).then_refused(NotOffered)


def test_whoever_was_welcomed_is_not_declined_afterwards() -> None:
    given(offered(), accepted()).when(answer.decline, no()).then_refused(NotOffered)


def stop() -> EndEnrolment:
    return EndEnrolment(**ASKED, **ALVA, whose=Whose.PERSON, reason="person_stopped")


@pytest.mark.parametrize("story", [[offered()], [waitlisted()], [offered(), accepted()]])
def test_a_person_may_stop_at_any_time(story: list[Fact]) -> None:
    given(*story).when(leaving.end, stop()).then(ended(told=story != [waitlisted()]))


def test_ending_twice_is_ending_once_and_a_declined_one_has_nothing_to_end() -> None:
    given(offered(), ended()).when(leaving.end, stop()).then_nothing()
    given(offered(), declined()).when(leaving.end, stop()).then_refused(NotTakingPart)


def test_when_the_case_is_closed_everything_open_ends_and_says_why() -> None:
    story = {"alva-walk": None, "b": accepted(), "c": None, "d": declined(), "e": ended(), "f": expired()}
    states = [
        state_of(
            *(
                fact.model_copy(update={"enrolment_id": id})
                for fact in (waitlisted() if id == "c" else offered(), last)
                if fact
            )
        )
        for id, last in story.items()
    ]
    said = leaving.close(states)
    assert [fact.aggregate_id for fact in said] == ["alva-walk", "b", "c"]
    assert {(fact.whose, fact.reason) for fact in said if isinstance(fact, EnrolmentEnded)} == {
        (Whose.NETWORK, "case_closed")
    }


def came(outcome: Attendance = Attendance.ATTENDED, session: str = "tuesday") -> RecordAttendance:
    return RecordAttendance(**ASKED, **ALVA, session_id=session, outcome=outcome)


def recorded(outcome: Attendance = Attendance.ATTENDED) -> Fact:
    return AttendanceRecorded(
        **ALVA, activity=WALK, provider=KORPEN, session_id="tuesday", outcome=outcome, by=Role.PROVIDER
    )


SESSIONS = {"tuesday": WALK, "rehearsal": "choir"}


def test_attendance_is_recorded_with_the_role_of_whoever_says_so() -> None:
    story = given(offered(), accepted())
    story.when(attendance.record, came(), Role.PROVIDER, SESSIONS).then(recorded())


def test_saying_the_same_twice_is_saying_it_once_and_otherwise_a_correction() -> None:
    story = given(offered(), accepted(), recorded())
    story.when(attendance.record, came(), Role.PROVIDER, SESSIONS).then_nothing()
    absent = came(Attendance.ABSENT)
    story.when(attendance.record, absent, Role.PROVIDER, SESSIONS).then(recorded(Attendance.ABSENT))


@pytest.mark.parametrize("session", ["rehearsal", "never"])
def test_nobody_attends_a_session_of_another_activity(session: str) -> None:
    story = given(offered(), accepted())
    story.when(attendance.record, came(session=session), Role.PROVIDER, SESSIONS).then_refused(UnknownSession)


@pytest.mark.parametrize("story", [[offered()], [waitlisted()], [offered(), declined()]])
def test_only_those_who_were_welcomed_can_have_come(story: list[Fact]) -> None:
    given(*story).when(attendance.record, came(), Role.PROVIDER, SESSIONS).then_refused(NotTakingPart)


def test_a_correction_replaces_what_was_said_of_that_session_only() -> None:
    state: Enrolment | None = None
    other = AttendanceRecorded(**{**dict(recorded()), "session_id": "wednesday"})
    for fact in (offered(), accepted(), recorded(), other, recorded(Attendance.EXCUSED)):
        state = evolve(state, fact)
    assert state is not None
    assert state.attended == {"tuesday": Attendance.EXCUSED, "wednesday": Attendance.ATTENDED}


# Somebody there to meet the newcomer


def host_agreed(
    enrolment_id: str | None = "alva-walk", kind: SupportKind = SupportKind.HOST
) -> SupportAgreed:
    return SupportAgreed(referral_id="alva", support_id="s1", kind=kind, enrolment_id=enrolment_id)


def with_host(fact: Fact) -> Fact:
    return fact.model_copy(update={"host_wanted": True})


def asked_for_host(*before: Fact, agreed: SupportAgreed | None = None) -> list[Fact]:
    return placing.want_host([state_of(*before)], agreed or host_agreed())


WANTED = HostWanted(**ALVA, activity=WALK, provider=KORPEN)


def test_a_provider_is_told_with_the_offer_that_a_host_is_wanted_and_never_why() -> None:
    wanted = wish().model_copy(update={"host_wanted": True, "because": ("going_alone",)})
    (offer,) = placing.request({}, wanted, walk(), BUILT_IN, NOON)
    assert isinstance(offer, EnrolmentOffered)
    assert offer.host_wanted
    assert "going_alone" not in offer.model_dump_json()


def test_whoever_waited_in_line_is_offered_with_the_same_wish() -> None:
    wanted = wish().model_copy(update={"host_wanted": True})
    (waiting,) = placing.request({}, wanted, walk(taken=2), BUILT_IN, NOON)
    (offer,) = placing.call(state_of(waiting), walk(taken=1, waiting=1), 0, BUILT_IN, NOON)
    assert isinstance(offer, EnrolmentOffered)
    assert offer.host_wanted


@pytest.mark.parametrize("before", [offered(), waitlisted()])
def test_a_host_agreed_on_later_is_told_while_the_provider_has_not_answered(before: Fact) -> None:
    assert asked_for_host(before) == [WANTED]
    assert asked_for_host(before, agreed=host_agreed(None)) == [WANTED], "wherever they go"
    assert state_of(before, WANTED).host_wanted


@pytest.mark.parametrize(
    "before", [(offered(), WANTED), (with_host(offered()),), (offered(), accepted()), (offered(), declined())]
)
def test_nobody_is_told_twice_or_after_the_answer(before: tuple[Fact, ...]) -> None:
    assert asked_for_host(*before) == []


def test_other_help_and_other_places_are_none_of_the_providers_business() -> None:
    assert asked_for_host(offered(), agreed=host_agreed(kind=SupportKind.ACCOMPANIMENT)) == []
    assert asked_for_host(offered(), agreed=host_agreed("alva-choir")) == []


def test_of_a_protected_person_a_human_tells_the_provider() -> None:
    by_hand = host_agreed().model_copy(update={"by_hand": True})
    assert asked_for_host(offered(), agreed=by_hand) == []
