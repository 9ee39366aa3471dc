"""How a case ends: by the link worker, and because its referral is over."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.domain import ending
from services.navigator.domain.rules import DecidedByTheReferral
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.commands.navigator import CloseCase, CompleteTask, RecordContact
from sluss_contracts.consent import ConsentWithdrawn
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlinePassed
from sluss_contracts.message import FeedbackSent
from sluss_contracts.pathway import PathwayPublished
from sluss_contracts.referral import (
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
)
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ConsentPurpose,
    ContactOutcome,
    ContactWay,
    DeadlineKind,
    FeedbackPoint,
    GuardianRule,
    LinkKind,
    Whose,
)
from tests.navigator.office import SIV, Office, accepted
from tests.navigator.spec import PLANNED, actor, close, closed, given, pathway, paused, queued, requested

R1: dict[str, Any] = {"referral_id": "r1", "organisation": "clinic"}
DECLINED = ReferralDeclined(**R1, whose=Whose.ELIGIBILITY, why="outside_remit", turn_to="Skuldrådgivningen")
SCREENED_OUT = ReferralDeclined(**R1, whose=Whose.PERSON, why="social_phobia", screened_out=True)
CANCELLED = ReferralCancelled(**R1, why="solved_otherwise")
REDIRECTED = ReferralRedirected(**R1, why="lives_elsewhere", to_area="norr")
VOID = ReferralEnteredInError(**R1, why="wrong_person")
WITHDRAWN = ConsentWithdrawn(referral_id="r1", person="p", purposes=(ConsentPurpose.REFERRAL,))
LINKED = ReferralLinked(**R1, how=LinkKind.DUPLICATE_OF, to="r0")
HELD = ReferralHeld(**R1, person="p", area="centrum", why="consent_to_be_asked")
ENDS: list[tuple[Fact, CaseOutcome]] = [
    (DECLINED, CaseOutcome.OUTSIDE_REMIT),
    (SCREENED_OUT, CaseOutcome.SCREENED_OUT),
    (CANCELLED, CaseOutcome.CANCELLED),
    (REDIRECTED, CaseOutcome.REDIRECTED),
    (VOID, CaseOutcome.ENTERED_IN_ERROR),
    (WITHDRAWN, CaseOutcome.CONSENT_WITHDRAWN),
]


# --- by the link worker


@pytest.mark.parametrize("outcome", sorted(ending.DECIDED_BY_THE_REFERRAL))
def test_what_the_referral_decides_is_not_said_by_closing_the_case(outcome: CaseOutcome) -> None:
    given(*PLANNED).when(close, actor(), outcome).then_refused(DecidedByTheReferral, saying=outcome.value)


@pytest.mark.parametrize("outcome", sorted(set(CaseOutcome) - set(ending.DECIDED_BY_THE_REFERRAL)))
def test_every_other_end_is_the_link_workers_to_say(outcome: CaseOutcome) -> None:
    given(*PLANNED).when(close, actor(), outcome).then(closed(outcome))


# --- by the referral


@pytest.mark.parametrize("facts", [(queued(),), PLANNED, (*PLANNED, requested(), paused())])
def test_the_case_ends_with_its_referral_wherever_it_stands(facts: tuple[Fact, ...]) -> None:
    given(*facts).when(ending.end, CaseOutcome.CANCELLED).then(closed(CaseOutcome.CANCELLED))


def test_what_is_closed_stays_as_it_was_closed() -> None:
    given(*PLANNED, closed()).when(ending.end, CaseOutcome.CANCELLED).then_nothing()


# --- on a real database


async def tasks(office: Office, referral: str = "r1") -> list[tuple[str, str]]:
    rows = await office.rows(
        "select kind, why from task where done is null and referral_id = $1 order by task_id", referral
    )
    return [(row["kind"], row["why"]) for row in rows]


@pytest.mark.parametrize(("ended", "outcome"), ENDS)
async def test_the_case_closes_with_the_outcome_of_its_referral(
    office: Office, ended: Fact, outcome: CaseOutcome
) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    assert (await office.hear(ended))[0] == "case.closed"
    assert await office.value("select outcome from case_file") == outcome
    assert await tasks(office) == []
    assert await office.load("anna") == 0
    assert await office.hear(ReferralClosed(**R1, outcome=outcome)) == []


async def test_where_to_turn_instead_goes_with_the_closing(office: Office) -> None:
    await office.team()
    await office.hear(accepted("r1"), DECLINED)
    body = await office.value("select body from event where type = 'sluss.case.closed.v1'")
    assert "Skuldrådgivningen" in body.decode()


@pytest.mark.parametrize("ended", [*(fact for fact, _ in ENDS), LINKED])
async def test_a_referral_that_ends_before_it_is_a_case_asks_nothing_more(
    office: Office, ended: Fact
) -> None:
    await office.team()
    await office.hear(HELD)
    assert await tasks(office) == [("ask_consent", "consent_to_be_asked")]
    assert await office.hear(ended) == ["task.lapsed"]
    assert await tasks(office) == []


async def test_what_is_silent_of_a_referral_that_never_was_a_case_lands_in_the_networks_inbox(
    office: Office,
) -> None:
    told = FeedbackSent(**R1, feedback_id="fb", point=FeedbackPoint.ACCEPTANCE)
    passed = DeadlinePassed(deadline_id="d1", referral_id="r1", kind=DeadlineKind.RECEIPT_FETCHED)
    assert await office.hear(LINKED, told) == []
    assert await office.hear(passed) == ["task.opened"]
    assert await office.value("select count(*) from parked") == 0
    assert await office.rows("select team, worker from task") == [{"team": "network", "worker": None}]


async def test_a_referral_that_replaces_another_goes_on_as_any(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(ReferralLinked(**R1, how=LinkKind.REPLACES, to="r0"), accepted("r1", replaces="r0"))
    assert await office.whose("r1") == ("city", "anna")


async def test_an_alarm_before_the_referral_is_anybodys_is_the_areas_and_follows_the_case(
    office: Office,
) -> None:
    await office.team()
    await office.worker("anna")
    alarm = AlarmRaised(alarm_id="a1", referral_id="r1", area="centrum", where="reason")
    assert await office.hear(alarm, accepted("r1")) == [
        *("task.opened", "case.assigned", "task.reassigned", "task.opened"),
    ]
    assert ("acute_risk", "reason") in await tasks(office)
    await office.do(CloseCase, referral_id="r1", outcome=CaseOutcome.MOVED)
    assert await tasks(office) == [("acute_risk", "reason")]


async def test_a_minor_waits_for_a_decision_and_what_was_decided_is_somebodys_to_do(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(HELD.model_copy(update={"why": "guardian_to_be_decided"}))
    assert await tasks(office) == [("guardian", "guardian_to_be_decided")]
    (waiting,) = await office.rows("select task_id from task")
    from_hand = await office.ask(
        CompleteTask, SIV, referral_id="r1", task_id=waiting["task_id"], how="looked_at"
    )
    assert from_hand.refused is not None
    assert from_hand.refused.code == "done_by_its_step"
    await office.hear(accepted("r1", guardian_rule=GuardianRule.INFORMED))
    assert sorted(await tasks(office)) == [
        ("contact_person", "assigned"),
        ("guardian", "guardian_informed"),
    ]


async def test_a_case_waits_until_its_pathway_is_published_and_then_follows_it(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    strict = pathway(contact={"attempts": 1, "then": "close"})
    assert await office.hear(accepted("r1", pathway="local", pathway_version=2)) == []
    published = PathwayPublished(pathway="local", version=2, definition=strict)
    await office.hear(published)
    await office.settle("r1")
    assert await office.whose("r1") == ("city", "anna")
    await office.do(RecordContact, referral_id="r1", way=ContactWay.PHONE, outcome=ContactOutcome.NO_ANSWER)
    assert await office.value("select outcome from case_file") == "unreachable"
    body = await office.value("select body from event where type = 'sluss.case.closed.v1'")
    assert b'"pathway":"local","pathway_version":2' in body


@pytest.mark.parametrize("acute", [True, False])
async def test_whoever_writes_to_the_referrer_of_acute_risk_is_shown_where_to_call(
    office: Office, acute: bool
) -> None:
    """The vault looks through the words and raises the alarm; whoever wrote them is told by the answer."""
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    office.vault.acute = acute
    told = await office.do(
        CloseCase, referral_id="r1", outcome=CaseOutcome.MOVED, feedback="Säger att han vill dö"
    )
    assert told == ({"acute": True} if acute else {})
