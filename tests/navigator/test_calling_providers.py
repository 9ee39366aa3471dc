"""A provider that could not be written to about an offer is called by whoever has the case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.navigator.app import service
from services.navigator.domain.agenda import Agenda
from services.navigator.domain.places import accepted, declined
from services.navigator.domain.silences import notice_failed
from services.runtime.timers import Timers
from sluss_contracts.commands.navigator import RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import AgreePlan
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentDeclined
from sluss_contracts.notice import NoticeAbout, NoticeFailed
from sluss_contracts.task import TaskDone, TaskOpened
from sluss_contracts.vocabulary import ContactOutcome, ContactWay, NoticeTemplate, TaskKind, Whose
from tests.navigator.office import Office, published
from tests.navigator.office import accepted as accepted_referral

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

PLACE: dict[str, Any] = {
    "enrolment_id": "alva-1",
    "referral_id": "alva",
    "activity": "walk",
    "provider": "korpen",
}


def agenda() -> Agenda:
    """A case in which a provider is asked."""
    ids = iter(f"t{number}" for number in range(9))
    made = Agenda("alva", {}, team="city", worker="anna", now=NOON, new_id=lambda: next(ids))
    made.open(TaskKind.AWAIT_PROVIDER, "requested", about="alva-1")
    return made


def calls(made: Agenda) -> list[str]:
    opened = [fact for fact in made.facts if isinstance(fact, TaskOpened)]
    return [fact.why for fact in opened if fact.kind is TaskKind.CHECK_MESSAGE]


def test_whoever_waits_for_the_provider_is_told_to_call_once() -> None:
    made = agenda()
    notice_failed(made, "no_way_to_reach", "alva-1")
    notice_failed(made, "no_way_to_reach", "alva-1")
    assert calls(made) == ["provider_no_way_to_reach"]


def test_nobody_calls_a_provider_that_has_answered_or_was_never_asked() -> None:
    made = agenda()
    made.close(TaskKind.AWAIT_PROVIDER, how="accepted")
    notice_failed(made, "outcome_unknown", "alva-1")
    notice_failed(agenda(), "outcome_unknown", "another")
    assert calls(made) == []


def test_an_answer_ends_the_call() -> None:
    for answer in (accepted, declined):
        made = agenda()
        notice_failed(made, "channel_refused", "alva-1")
        if answer is accepted:
            accepted(None, EnrolmentAccepted(**PLACE, person="p1"), made)
        else:
            declined(None, EnrolmentDeclined(**PLACE, whose=Whose.PROVIDER, reason="no_host"), made)
        assert "t1" in [fact.task_id for fact in made.facts if isinstance(fact, TaskDone)]


async def test_the_task_lands_in_the_case_that_waits(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(published())
    await office.hear(accepted_referral("r1"))
    reached = {"way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await office.do(RecordContact, referral_id="r1", **reached)
    await office.do(AgreePlan, referral_id="r1", goals=[{"words": "Komma ut mer"}])
    place = await office.do(RequestEnrolment, referral_id="r1", activity="choir")
    about = NoticeAbout(activity="choir", referral_id="r1", enrolment_id=place["enrolment_id"])
    names: dict[str, Any] = {"provider": "korpen", "why": "no_way_to_reach"}
    of_offer = NoticeFailed(notice_id="offer-1", template=NoticeTemplate.OFFER, about=about, **names)
    activity = NoticeAbout(activity="choir")
    of_activity = NoticeFailed(
        notice_id="verification-1", template=NoticeTemplate.VERIFICATION, about=activity, **names
    )
    await office.hear(of_offer, of_activity)
    await Timers(service, office.pool, office.clock).fire_due()
    rows = await office.rows("select key, state from aggregate where kind = 'task'")
    found = [row for row in rows if row["state"]["kind"] == "check_message"]
    assert [(row["key"], row["state"]["why"], row["state"]["worker"]) for row in found] == [
        ("r1", "provider_no_way_to_reach", "anna")
    ]
