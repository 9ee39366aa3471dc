"""The rules of follow-ups, deadlines, messages and feedback, one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pytest

from services.notify.domain import deadline, feedback, followup, message
from services.notify.domain.deadline import Deadline
from services.notify.domain.feedback import Feedback, Letterhead, Told
from services.notify.domain.followup import FollowUp, FollowUpIsCancelled, UnknownFollowUp
from services.notify.domain.message import Message
from sluss_contracts.event import Fact
from sluss_contracts.followup import (
    DeadlineMet,
    DeadlinePassed,
    DeadlineSet,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpScheduled,
)
from sluss_contracts.message import (
    FeedbackDue,
    FeedbackIssued,
    FeedbackSent,
    MessageAbout,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.pathway import BUILT_IN, Silence
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    DeadlineKind,
    FeedbackPoint,
    MeetingMode,
    MessageTemplate,
)
from tests.notify.story import CLINIC, DAY, FOLLOW_UP_AFTER, NOON, how_it_went, plan

S = TypeVar("S")
LATER = NOON + 400 * DAY


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


def fold(evolve: Callable[[Any, Fact], S], *facts: Fact, into: dict[str, S] | None = None) -> dict[str, S]:
    states = dict(into or {})
    for fact in facts:
        states[fact.aggregate_id] = evolve(states.get(fact.aggregate_id), fact)
    return states


# Follow-ups


def scheduled(version: int = 1, id: str = "f1") -> Fact:
    return FollowUpScheduled(
        followup_id=id,
        referral_id="alva",
        person="p-alva",
        plan_version=version,
        due=NOON + FOLLOW_UP_AFTER,
        lapses=NOON + FOLLOW_UP_AFTER + 30 * DAY,
    )


DUE = FollowUpDue(
    followup_id="f1",
    referral_id="alva",
    person="p-alva",
    modes=(MeetingMode.PHONE,),
    lapses=NOON + FOLLOW_UP_AFTER + 30 * DAY,
)
DONE = FollowUpDone(followup_id="f1", referral_id="alva", how_it_went="going_well")
CANCELLED = FollowUpCancelled(followup_id="f1", referral_id="alva", why="case_closed")


def schedule(states: dict[str, FollowUp], agreed: Any, at: datetime, id: str) -> list[Fact]:
    return followup.schedule(states, agreed, at, BUILT_IN.followups, lambda: id)


def followups(*facts: Fact) -> dict[str, FollowUp]:
    return fold(followup.evolve, *facts)


def test_a_plan_is_followed_up_some_weeks_later() -> None:
    assert schedule({}, plan(), NOON, "f1") == [scheduled()]


def test_the_same_plan_again_schedules_nothing() -> None:
    for story in ([scheduled()], [scheduled(), DUE], [scheduled(), DUE, DONE]):
        assert schedule(followups(*story), plan(), NOON + DAY, "f2") == []


def test_a_new_version_of_the_plan_moves_the_follow_up() -> None:
    (moved,) = schedule(followups(scheduled()), plan(2), NOON + DAY, "f2")
    assert isinstance(moved, FollowUpScheduled)
    assert (moved.followup_id, moved.plan_version, moved.due) == ("f1", 2, NOON + DAY + FOLLOW_UP_AFTER)


def test_a_follow_up_that_is_due_gives_way_to_the_new_plans_own() -> None:
    cancelled, new = schedule(followups(scheduled(), DUE), plan(2), NOON + DAY, "f2")
    assert isinstance(cancelled, FollowUpCancelled)
    assert (cancelled.followup_id, cancelled.why) == ("f1", "plan_revised")
    assert isinstance(new, FollowUpScheduled)
    assert new.followup_id == "f2"


def test_a_follow_up_comes_due_once_and_not_when_it_was_done_or_cancelled() -> None:
    assert followup.come_due(followups(scheduled())["f1"], LATER, BUILT_IN.followups) == [DUE]
    for story in ([scheduled(), DUE], [scheduled(), DONE], [scheduled(), CANCELLED]):
        assert followup.come_due(followups(*story)["f1"], LATER) == []
    assert followup.come_due(None, LATER) == []


def test_a_follow_up_may_be_done_in_time_or_before_and_only_once() -> None:
    for story in ([scheduled()], [scheduled(), DUE]):
        assert followup.complete(followups(*story)["f1"], how_it_went("f1")) == [DONE]
    assert followup.complete(followups(scheduled(), DONE)["f1"], how_it_went("f1")) == []


def test_a_follow_up_nobody_knows_or_that_was_cancelled_cannot_be_done() -> None:
    with pytest.raises(UnknownFollowUp):
        followup.complete(None, how_it_went("f9"))
    with pytest.raises(FollowUpIsCancelled):
        followup.complete(followups(scheduled(), CANCELLED)["f1"], how_it_went("f1"))


def test_a_closed_case_is_not_followed_up() -> None:
    states = followups(scheduled(), scheduled(id="f2"), DUE, scheduled(id="f3"))
    states |= fold(
        followup.evolve, FollowUpDone(followup_id="f3", referral_id="alva", how_it_went="ok"), into=states
    )
    assert [fact.aggregate_id for fact in followup.close(states.values())] == ["f1", "f2"]


# Deadlines


def expect(states: dict[str, Deadline], kind: DeadlineKind, **given: Any) -> list[Fact]:
    return deadline.expect(
        states, kind, "alva", **{"silence": Silence(), "since": NOON, "closed": False, **given}
    )


def test_silence_has_a_date_for_every_kind() -> None:
    for kind in DeadlineKind:
        (fact,) = expect({}, kind, due=NOON + DAY if kind is DeadlineKind.ACTIVITY_VERIFIED else None)
        assert isinstance(fact, DeadlineSet)
        assert fact.due > NOON


def test_what_is_expected_already_is_not_expected_twice() -> None:
    states = fold(deadline.evolve, *expect({}, DeadlineKind.CASE_CLAIMED))
    assert expect(states, DeadlineKind.CASE_CLAIMED) == []
    assert expect(states, DeadlineKind.OFFER_ANSWERED, about="another", due=NOON) != []


def test_nothing_is_expected_of_a_closed_case() -> None:
    assert expect({}, DeadlineKind.PERSON_REACHED, closed=True) == []


def test_a_deadline_is_met_once_and_passes_once() -> None:
    states = fold(deadline.evolve, *expect({}, DeadlineKind.CASE_CLAIMED))
    (id,) = states
    met = deadline.meet(states, DeadlineKind.CASE_CLAIMED, "alva")
    passed = deadline.pass_by(states[id], LATER)
    assert (kinds(met), kinds(passed)) == ([DeadlineMet], [DeadlinePassed])
    for end in (met, passed):
        over = fold(deadline.evolve, *end, into=states)
        assert deadline.meet(over, DeadlineKind.CASE_CLAIMED, "alva") == []
        assert deadline.pass_by(over[id], LATER) == []
    assert deadline.meet({}, DeadlineKind.CASE_CLAIMED, "alva") == []


def test_only_a_contact_that_reached_the_person_counts() -> None:
    states = fold(deadline.evolve, *expect({}, DeadlineKind.PERSON_REACHED))
    for outcome in ContactOutcome:
        met = deadline.meet_by_contact(states, "alva", outcome)
        assert bool(met) is (outcome is ContactOutcome.REACHED)


def test_when_a_case_is_closed_only_the_referrer_is_still_owed_an_answer() -> None:
    states = fold(
        deadline.evolve,
        *expect({}, DeadlineKind.PERSON_REACHED),
        *expect({}, DeadlineKind.OFFER_ANSWERED, about="e1", due=NOON + DAY),
        *expect({}, DeadlineKind.FEEDBACK_SENT, about="b1"),
    )
    assert [fact.aggregate_id for fact in deadline.close(states.values())] == [
        "person_reached-alva",
        "offer_answered-e1",
    ]


# Messages


def queue(states: dict[str, Message], **changed: Any) -> list[Fact]:
    given: dict[str, Any] = {
        "referral_id": "alva",
        "person": "p-alva",
        "cause": "event-1",
        "about": MessageAbout(worker="karin"),
        "new_id": f"m{len(states)}",
        "closed": False,
        **changed,
    }
    return message.queue(states, given.pop("template", MessageTemplate.INVITATION), **given)


def test_there_is_one_message_for_each_cause_person_and_template() -> None:
    states = fold(message.evolve, *queue({}))
    assert queue(states) == []
    for change in ({"cause": "event-2"}, {"person": "p-bo"}, {"template": MessageTemplate.FOLLOW_UP}):
        assert kinds(queue(states, **change)) == [MessageQueued]


def test_nobody_is_written_to_once_the_case_is_closed() -> None:
    assert queue({}, closed=True) == []
    states = fold(message.evolve, *queue({}))
    (held_back,) = message.close(states.values())
    assert isinstance(held_back, MessageSuppressed)
    assert held_back.why == "case_closed"


def test_a_message_ends_once() -> None:
    states = fold(message.evolve, *queue({}))
    (one,) = states.values()
    ends: dict[type[Fact], list[Fact]] = {
        MessageSent: message.sent(one, "folder"),
        MessageFailed: message.failed(one, message.OUTCOME_UNKNOWN),
        MessageSuppressed: message.suppress(one, message.NO_WAY_TO_REACH),
    }
    for kind, end in ends.items():
        assert kinds(end) == [kind]
        (over,) = fold(message.evolve, *end, into=states).values()
        assert message.failed(over, message.OUTCOME_UNKNOWN) == []
        assert message.suppress(over, message.NO_WAY_TO_REACH) == []
        assert kinds(message.sent(over, "folder")) == ([MessageSent] if kind is MessageSuppressed else [])


def test_the_link_worker_who_wrote_last_signs_what_has_no_writer() -> None:
    states = fold(message.evolve, *queue({}))
    states = fold(message.evolve, *queue(states, cause="e2", about=MessageAbout(worker="omar")), into=states)
    states = fold(message.evolve, *queue(states, cause="e3", about=MessageAbout()), into=states)
    assert message.worker_of(states) == "omar"
    assert message.worker_of({}) is None


# Feedback


def tell(states: dict[str, Feedback], told: Told, **more: Any) -> list[FeedbackDue]:
    return feedback.tell(
        states,
        told,
        pathway=BUILT_IN,
        referral_id="alva",
        organisation=CLINIC,
        since=NOON,
        new_id=f"b-{told}",
        **more,
    )


def test_every_point_is_told_once_and_by_a_date() -> None:
    states: dict[str, Feedback] = {}
    for told in (Told.ACCEPTED, Told.IN_LINE, Told.ASSIGNED, Told.PLAN_AGREED, Told.CLOSED):
        (due,) = tell(states, told)
        assert due.due > NOON
        states = fold(feedback.evolve, due, into=states)
        assert tell(states, told) == []
    assert [each.point for each in states.values()] == [
        FeedbackPoint.ACCEPTANCE,
        FeedbackPoint.ASSIGNMENT,
        FeedbackPoint.ASSIGNMENT,
        FeedbackPoint.PLAN,
        FeedbackPoint.CLOSURE,
    ]


def test_nobody_is_told_to_stand_in_line_when_somebody_has_the_case() -> None:
    assert tell(fold(feedback.evolve, *tell({}, Told.ASSIGNED)), Told.IN_LINE) == []


def test_feedback_names_unit_and_person_and_says_no_more_than_the_sender_marked() -> None:
    states = fold(feedback.evolve, *tell({}, Told.CLOSED, outcome=CaseOutcome.COMPLETED))
    to = Letterhead(submission_id="s1", unit="Enhet 1", person="Lena")
    issued, sent = feedback.issue(states["b-closed"], to, "Har kommit igång.")
    assert isinstance(issued, FeedbackIssued)
    assert (issued.to.unit, issued.to.person, issued.submission_id) == ("Enhet 1", "Lena", "s1")
    assert (issued.status, issued.outcome, issued.text) == (
        "closed",
        CaseOutcome.COMPLETED,
        "Har kommit igång.",
    )
    assert isinstance(sent, FeedbackSent)


def test_feedback_is_sent_once() -> None:
    to = Letterhead(submission_id="s1", unit="Enhet 1")
    states = fold(feedback.evolve, *tell({}, Told.ACCEPTED))
    states = fold(feedback.evolve, *feedback.sent(states["b-accepted"]), into=states)
    assert feedback.issue(states["b-accepted"], to, None) == []
    assert feedback.sent(states["b-accepted"]) == []
    assert feedback.sent(None) == []


def test_a_closed_case_is_known_by_what_the_referrer_is_told() -> None:
    assert not feedback.case_is_closed(fold(feedback.evolve, *tell({}, Told.PLAN_AGREED)))
    assert feedback.case_is_closed(fold(feedback.evolve, *tell({}, Told.CLOSED)))
