"""What simulated link workers and providers do next, from what they can see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sluss.ledger import Entry
from sluss.pathways.files import shipped
from sluss.people.acting import LookFirst, TakeBack
from sluss.people.lives import Life, Turn
from sluss.people.picture import Picture
from sluss.people.staff import Act, acts
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import (
    ClaimCase,
    CompleteTask,
    RecordContact,
    RecordUnmetNeed,
    RequestEnrolment,
    ResumeCase,
)
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.commands.planning import IssuePrescription, RecordAlternatives
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
    ScheduleSession,
    VerifyActivity,
)
from sluss_contracts.commands.referral import ConfirmWithdrawal, DeclineReferral, RedirectReferral
from sluss_contracts.matching import Ground, Match, Unanswered
from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Acceptance, MeetingKind, Need, Verdict

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REFERRAL = "0193-referral"
NUMBER = count(1)


def said(name: str, at: datetime = NOW, **data: Any) -> Entry:
    type_ = f"sluss.{name}.v1"
    event = {"type": type_, "time": at.isoformat(), "data": data}
    return Entry("any", "0", next(NUMBER), type_, data.get("referral_id", "x"), at, event)


def picture(*entries: Entry) -> Picture:
    seen = Picture()
    for entry in entries:
        seen.see(entry)
    return seen


SUBMITTED = said("referral.submitted", referral_id=REFERRAL, organisation="vc", area="hageby", language="sv",
                 needs=["company"])  # fmt: skip
ANNA = said("linkworker.registered", worker="anna", team="city", areas=["hageby"])
KORPEN_WALK = said("activity.published", activity="walk", provider="korpen", needs=["company"], area="hageby")
CHOIR = said("activity.published", activity="choir", provider="hemgarden", needs=["culture"], area="hageby")


def task(kind: str, **more: Any) -> Entry:
    return said(
        "task.opened",
        task_id=f"task-{kind}",
        referral_id=REFERRAL,
        kind=kind,
        team="city",
        due="2026-12-01",
        **more,
    )


def next_acts(*entries: Entry) -> list[Act]:
    return list(acts(picture(SUBMITTED, ANNA, *entries), NOW, seed=1))


def test_somebody_of_the_team_claims_what_waits_in_its_inbox() -> None:
    (act,) = next_acts(task("claim_case"))
    assert isinstance(act.command, ClaimCase)
    assert act.command.worker == "anna"


def test_people_take_their_time() -> None:
    (act,) = next_acts(task("contact_person"))
    assert isinstance(act.command, RecordContact)
    assert NOW < act.not_before < NOW + timedelta(days=2)


def test_a_meeting_is_booked_within_the_link_workers_hours() -> None:
    times = [{"weekday": day, "starts": "10:00", "ends": "12:00"} for day in ("thursday", "friday")]
    hours = said("linkworker.hours_set", worker="anna", valid_from="2026-01-01", times=times)
    assigned = said("case.assigned", referral_id=REFERRAL, worker="anna", team="city")
    (booking,) = next_acts(hours, assigned, task("hold_meeting"))
    assert isinstance(booking.command, BookMeeting)
    assert booking.command.starts.weekday() in (3, 4)
    assert booking.command.starts.hour in (10, 11)


def test_a_meeting_is_booked_before_it_is_held_and_held_after_its_time() -> None:
    (booking,) = next_acts(task("hold_meeting"))
    assert isinstance(booking.command, BookMeeting)
    starts = NOW + timedelta(days=3)
    booked = said("meeting.booked", referral_id=REFERRAL, meeting_id="m1", starts=starts.isoformat())
    (holding,) = next_acts(task("hold_meeting"), booked)
    assert isinstance(holding.command, RecordMeeting)
    assert holding.not_before > starts


PLAN = said("plan.agreed", referral_id=REFERRAL, goals=[{"goal_id": "g1"}], version=1)


def suits(activity: str, need: int = 32) -> Match:
    """A row of the network's answer; `need` is what it gives for the need, of 32."""
    return Match(
        activity=activity,
        provider="korpen",
        title=activity,
        area="hageby",
        mode=Mode.ON_SITE,
        acceptance=Acceptance.REQUIRED,
        points=need,
        parts={"need": need},
        fits=(Ground(code="meets_need"),),
    )


def once_answered(act: Act, *rows: Match, unmet: tuple[Unanswered, ...] = ()) -> Command:
    """What somebody does who has asked what may suit, and heard this."""
    assert isinstance(act.command, LookFirst)
    told = {"matches": [row.model_dump(mode="json") for row in rows]}
    told["unmet"] = [each.model_dump(mode="json") for each in unmet]
    return act.command.then(Answer(result=told))


RECEPT = said("prescription.issued", referral_id=REFERRAL, kind="social", trial=False, giver=False)


def test_the_activity_asked_for_is_what_the_network_says_may_suit_and_was_not_tried_before() -> None:
    (first,) = next_acts(KORPEN_WALK, CHOIR, PLAN, RECEPT, task("find_activity"))
    asked = once_answered(first, suits("walk"))
    assert isinstance(asked, RequestEnrolment)
    assert (asked.activity, asked.because) == ("walk", ("meets_need",))
    tried = said("case.enrolment_requested", referral_id=REFERRAL, activity="walk")
    (second,) = next_acts(KORPEN_WALK, CHOIR, PLAN, RECEPT, tried, task("find_activity"))
    again = once_answered(second, suits("walk"), suits("choir", need=0))
    assert isinstance(again, RequestEnrolment)
    assert again.activity == "choir"


def test_what_was_chosen_together_is_what_is_asked_for() -> None:
    chosen = said("prescription.issued", referral_id=REFERRAL, activity="choir")
    (act,) = next_acts(PLAN, chosen, task("find_activity"))
    asked = once_answered(act, *(suits(name) for name in ("bowls", "games", "walk")), suits("choir", need=0))
    assert isinstance(asked, RequestEnrolment)
    assert asked.activity == "choir"


def test_where_nothing_suits_the_need_is_written_down_as_unmet() -> None:
    (act,) = next_acts(PLAN, RECEPT, task("find_activity"))
    unmet = once_answered(act, unmet=(Unanswered(need=Need.DEBT, area="hageby", why="too_far"),))
    assert isinstance(unmet, RecordUnmetNeed)
    assert (unmet.need, unmet.why) == (Need.DEBT, "too_far")


def offer(status: str) -> Entry:
    return said(
        f"enrolment.{status}", enrolment_id="e1", referral_id=REFERRAL, activity="walk", provider="korpen"
    )


def test_the_provider_answers_its_own_offer() -> None:
    (act,) = next_acts(KORPEN_WALK, offer("offered"))
    assert isinstance(act.command, AcceptEnrolment | DeclineEnrolment)
    assert act.command.provider == "korpen"


def test_attendance_is_reported_once_the_session_has_passed() -> None:
    starts = NOW + timedelta(days=2)
    session = said("session.scheduled", session_id="s1", activity="walk", starts=starts.isoformat())
    (act,) = next_acts(KORPEN_WALK, session, offer("accepted"))
    assert isinstance(act.command, RecordAttendance)
    assert act.not_before > starts
    reported = said(
        "attendance.recorded", enrolment_id="e1", referral_id=REFERRAL, session_id="s1", outcome="attended"
    )
    (again,) = next_acts(KORPEN_WALK, session, offer("accepted"), reported)
    assert isinstance(again.command, ScheduleSession), "the next is not laid out yet"


def test_after_two_times_people_go_on_by_themselves() -> None:
    came = [
        said(
            "attendance.recorded", enrolment_id="e1", referral_id=REFERRAL, session_id=id, outcome="attended"
        )
        for id in ("s1", "s2")
    ]
    (act,) = next_acts(KORPEN_WALK, offer("accepted"), *came)
    assert isinstance(act.command, EndEnrolment)
    assert act.command.reason == "self_sustaining"


def test_a_provider_lays_out_new_sessions_when_the_term_is_over() -> None:
    (act,) = next_acts(KORPEN_WALK, offer("accepted"))
    assert isinstance(act.command, ScheduleSession)
    assert act.command.starts > NOW


def test_the_same_occasion_is_always_the_same_command() -> None:
    one, again = (next_acts(task("contact_person"))[0] for _ in range(2))
    assert one == again


def test_nobody_acts_on_what_is_over() -> None:
    closed = said("referral.closed", referral_id=REFERRAL)
    assert next_acts(offer("offered"), closed) == []


def test_what_is_over_is_not_kept_in_mind() -> None:
    session = said("session.scheduled", session_id="s1", activity="walk", starts=NOW.isoformat())
    later = said("session.scheduled", session_id="s2", activity="walk", starts="2026-12-01T09:00:00+00:00")
    closed = said("referral.closed", referral_id=REFERRAL)
    done = said("task.done", task_id="task-contact_person", referral_id=REFERRAL, how="case_closed")
    seen = picture(
        *(SUBMITTED, session, later, task("contact_person")),
        *(offer("offered"), done, closed, offer("ended")),
    )
    assert not seen.cases
    assert not seen.tasks
    assert not seen.enrolments
    assert set(seen.closed) == {REFERRAL}
    seen.forget_sessions(NOW + timedelta(days=30))
    assert list(seen.sessions["walk"]) == ["s2"], "the last one tells when the next may be"


def life(turn: Turn, pathway: str) -> Life:
    return Life(1, 1, pathway, turn, "vc", "s1", {}, 0.0, elsewhere="right-actor")


def acts_of(turn: Turn, name: str, *entries: Entry) -> list[Act]:
    """What is done in this life, on a shipped pathway."""
    definition = next(each for each in shipped() if each.pathway == name)
    published = said(
        "pathway.published", pathway=name, version=1, definition=definition.model_dump(mode="json")
    )
    submitted = said("referral.submitted", **{**SUBMITTED.data, "pathway": name, "pathway_version": 1,
                                              "submission_id": "s1"})  # fmt: skip
    seen = picture(published, submitted, ANNA, KORPEN_WALK, CHOIR, *entries)
    return list(acts(seen, NOW, 1, {"s1": life(turn, name)}))


def test_a_receiver_confirms_what_it_was_asked_to_remove() -> None:
    withdrawn = said("consent.withdrawn", referral_id=REFERRAL, receivers=["korpen"], shared_with=["korpen"])
    (act,) = next_acts(KORPEN_WALK, withdrawn)
    assert isinstance(act.command, ConfirmWithdrawal)
    assert act.not_before <= NOW


def test_whoever_runs_an_activity_says_that_it_is_still_right_when_asked() -> None:
    (act,) = next_acts(KORPEN_WALK, said("activity.verification_due", activity="walk", provider="korpen"))
    assert isinstance(act.command, VerifyActivity)


MET = said("meeting.held", referral_id=REFERRAL, meeting_id="m1", kind="first")


def test_whoever_is_screened_out_is_told_where_to_turn() -> None:
    (act,) = acts_of(Turn.SCREENED_OUT, "tillsammans-skarptorp", MET, task("agree_plan"))
    assert isinstance(act.command, DeclineReferral)
    assert (act.command.screened_out, act.command.why) == (True, "social_phobia")
    assert act.command.turn_to


def test_the_second_step_comes_before_a_place_is_asked_for() -> None:
    (act,) = acts_of(Turn.USUAL, "tillsammans-skarptorp", MET, PLAN, task("find_activity"))
    assert isinstance(act.command, BookMeeting)
    assert act.command.kind is MeetingKind.STEP_TWO


def test_in_umea_alternatives_come_first_and_each_no_has_a_reason() -> None:
    both = [said("meeting.held", referral_id=REFERRAL, meeting_id=k, kind=k) for k in ("mapping", "first")]
    (act,) = acts_of(Turn.USUAL, "sar-umea", *both, PLAN, task("find_activity"))
    looked_at = once_answered(act, suits("walk"), suits("choir"), suits("games"), suits("far-off", need=0))
    assert isinstance(looked_at, RecordAlternatives)
    assert {each.activity for each in looked_at.alternatives} == {"walk", "choir", "games"}
    assert [each.verdict for each in looked_at.alternatives].count(Verdict.CHOSEN) == 1
    assert all(each.why for each in looked_at.alternatives if each.verdict is Verdict.DECLINED)


def test_whoever_gives_is_prescribed_to_give() -> None:
    looked_at = said("alternatives.looked_at", referral_id=REFERRAL, alternatives=[])
    (act,) = acts_of(Turn.GIVES, "sar-umea", MET, PLAN, looked_at, task("find_activity"))
    prescribed = once_answered(act, suits("walk"))
    assert isinstance(prescribed, IssuePrescription)
    assert prescribed.giver


def test_in_the_open_network_somebody_else_may_be_right() -> None:
    (act,) = acts_of(Turn.ONWARD, "open-network", task("hold_meeting"))
    assert isinstance(act.command, RedirectReferral)
    assert act.command.to_organisation == "right-actor"


def test_there_are_several_short_contacts_before_a_place_in_bromley() -> None:
    short = [said("meeting.held", referral_id=REFERRAL, meeting_id=f"s{n}", kind="short") for n in range(2)]
    (act,) = acts_of(Turn.USUAL, "bromley-by-bow", MET, PLAN, *short, task("find_activity"))
    assert isinstance(act.command, BookMeeting)
    assert act.command.kind is MeetingKind.SHORT


def test_a_referrer_takes_back_over_its_own_connection() -> None:
    contacted = said("contact.attempted", referral_id=REFERRAL, attempt=1, outcome="reached")
    (act,) = acts_of(Turn.BY_MISTAKE, "open-network", contacted)
    assert isinstance(act.command, TakeBack)
    assert act.command.entered_in_error


def followup(step: str, id: str) -> Entry:
    return said(f"followup.{step}", referral_id=REFERRAL, followup_id=id)


def test_a_follow_up_is_made_when_it_comes_due_whatever_becomes_of_the_others() -> None:
    planned = [followup("scheduled", "f1"), followup("scheduled", "f2"), task("follow_up")]
    assert next_acts(*planned) == []
    due = [followup("due", "f1"), followup("cancelled", "f2")]
    (act,) = next_acts(*planned, *due)
    assert isinstance(act.command, CompleteFollowUp)
    assert act.command.followup_id == "f1"


def test_where_no_follow_up_will_come_due_any_more_somebody_asks_without_one() -> None:
    """They lapsed, or were made before the person had been there: nothing but the task reminds of asking."""
    over = [followup("scheduled", "f1"), followup("due", "f1"), followup("lapsed", "f1")]
    (act,) = next_acts(*over, task("follow_up"))
    assert isinstance(act.command, CompleteTask)
    assert act.command.task_id == "task-follow_up"
    assert next_acts(*over, followup("scheduled", "f2"), task("follow_up")) == []
    assert next_acts(task("follow_up")) == [], "the plan has been agreed and nobody has said when to ask"


def test_nothing_is_asked_of_anybody_while_their_case_is_paused() -> None:
    paused = said("case.paused", referral_id=REFERRAL, why="illness", until="2026-12-24")
    assert acts_of(Turn.PAUSES, "halsolots-hogsby", paused, task("hold_meeting")) == []
    (act,) = acts_of(Turn.PAUSES, "halsolots-hogsby", paused, task("hold_meeting"), task("resume_case"))
    assert isinstance(act.command, ResumeCase)
