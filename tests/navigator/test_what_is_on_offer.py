"""What nobody vouches for, and what takes place no more, is asked for by nobody."""

from __future__ import annotations

from datetime import timedelta

from sluss_contracts.activity import ActivityExpired, ActivityVerified, ActivityWithdrawn
from sluss_contracts.commands.navigator import (
    AgreePlan,
    BookMeeting,
    GoalInWords,
    RecordContact,
    RecordMeeting,
    RequestEnrolment,
)
from sluss_contracts.vocabulary import ContactOutcome, ContactWay, Role
from tests.navigator.office import MONDAY, Office, accepted, published


async def with_a_plan(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(published("choir"))
    await office.hear(accepted("r1"))
    reached = {"way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await office.do(RecordContact, referral_id="r1", **reached)
    booked = await office.do(BookMeeting, referral_id="r1", starts=MONDAY + timedelta(days=2))
    await office.do(RecordMeeting, referral_id="r1", meeting_id=booked["meeting_id"], held=True)
    await office.do(AgreePlan, referral_id="r1", goals=(GoalInWords(words="Sjunga igen"),))


async def refusal(office: Office) -> str | None:
    answer = await office.ask(RequestEnrolment, referral_id="r1", activity="choir")
    return answer.refused.code if answer.refused else None


async def test_what_is_hidden_is_asked_for_by_nobody_until_somebody_verifies_it(office: Office) -> None:
    await with_a_plan(office)
    await office.hear(ActivityExpired(activity="choir"))
    assert await refusal(office) == "unknown_activity"
    again = ActivityVerified(activity="choir", by=Role.PROVIDER, ask_again=MONDAY + timedelta(days=180))
    await office.hear(again)
    assert (await office.do(RequestEnrolment, referral_id="r1", activity="choir"))["enrolment_id"]


async def test_what_is_withdrawn_is_asked_for_by_nobody(office: Office) -> None:
    await with_a_plan(office)
    await office.hear(ActivityWithdrawn(activity="choir", why="no_leader"))
    assert await refusal(office) == "unknown_activity"
