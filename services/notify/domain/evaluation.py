"""Evaluations: some time after the plan the person is asked once more, closed case or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, move
from sluss_contracts.commands.notify import InstrumentAnswered
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
    EvaluationScheduled,
)
from sluss_contracts.event import Fact
from sluss_contracts.instruments import NotAnswerable, Pack, UnknownInstrument, pack_of, score
from sluss_contracts.pathway import Evaluation as InPathway
from sluss_contracts.pathway import SentBy
from sluss_contracts.plan import PlanAgreed, PlanRevised
from sluss_contracts.vocabulary import CaseOutcome

LINK, OUTSIDE = "link", "outside"
DECEASED, ERASED, WITHDRAWN, NO_CASE = "deceased", "erased", "withdrawn", "no_case"
NOT_ASKED_AFTER = {
    CaseOutcome.DECEASED: DECEASED,
    CaseOutcome.CONSENT_WITHDRAWN: WITHDRAWN,
    CaseOutcome.SCREENED_OUT: NO_CASE,
    CaseOutcome.OUTSIDE_REMIT: NO_CASE,
    CaseOutcome.REDIRECTED: NO_CASE,
    CaseOutcome.CANCELLED: NO_CASE,
    CaseOutcome.ENTERED_IN_ERROR: NO_CASE,
}
"""Ends of a case after which nobody is asked, and what that is called. After any other they are."""


class UnknownEvaluation(Refusal):
    """There is no such evaluation."""

    code = "unknown_evaluation"


class EvaluationIsCancelled(Refusal):
    """The person is not to be asked, so nothing is recorded of them."""

    code = "evaluation_is_cancelled"


class EvaluationNotDue(Refusal):
    """The evaluation measures how it is some time after the plan; that time has not come."""

    code = "evaluation_not_due"


class InstrumentNotAsked(Refusal):
    """The evaluation does not ask this instrument."""

    code = "instrument_not_asked"


class AlreadyAnswered(Refusal):
    """The instrument has been answered, otherwise than now; an answer stands."""

    code = "already_answered"


class AnswersDoNotFit(Refusal):
    """The answers are none that the instrument has, or it has no such version."""

    code = "not_answerable"


class Status(StrEnum):
    """Where an evaluation is. A late answer is an answer, so `LAPSED` may still become `ANSWERED`."""

    SCHEDULED = "scheduled"
    DUE = "due"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


LIFECYCLE = Lifecycle(
    "evaluation",
    {
        EvaluationScheduled: move(None, Status.SCHEDULED, to=Status.SCHEDULED),
        EvaluationDue: move(Status.SCHEDULED, to=Status.DUE),
        EvaluationAnswered: move(Status.DUE, Status.ANSWERED, Status.LAPSED, to=Status.ANSWERED),
        EvaluationLapsed: move(Status.DUE, to=Status.LAPSED),
        EvaluationCancelled: move(Status.SCHEDULED, Status.DUE, to=Status.CANCELLED),
    },
    Status,
)


class Given(BaseModel):
    """What was answered to one instrument."""

    model_config = ConfigDict(frozen=True)

    version: int
    answers: dict[str, int | None]


class Evaluation(BaseModel):
    """State of one evaluation."""

    model_config = ConfigDict(frozen=True)

    evaluation_id: str
    referral_id: str
    person: str
    instruments: tuple[str, ...]
    sent_by: SentBy
    due: datetime
    lapses: datetime
    status: Status = Status.SCHEDULED
    given: dict[str, Given] = {}
    """By instrument."""


class _Names(TypedDict):
    evaluation_id: str
    referral_id: str


def schedule(
    evaluations: Mapping[str, Evaluation],
    plan: PlanAgreed | PlanRevised,
    agreed: datetime,
    wanted: InPathway | None,
    new_id: str,
) -> list[Fact]:
    """The first plan schedules it, if the pathway has one; it counts from there, whatever is agreed later."""
    if wanted is None or evaluations:
        return []
    return [
        EvaluationScheduled(
            evaluation_id=new_id,
            referral_id=plan.referral_id,
            person=plan.person,
            instruments=wanted.instruments,
            sent_by=wanted.sent_by,
            due=agreed + timedelta(days=wanted.after),
            lapses=agreed + timedelta(days=wanted.after + wanted.lapses_after),
        )
    ]


def come_due(
    evaluation: Evaluation | None, now: datetime, *, paused_until: datetime | None = None
) -> list[Fact]:
    """It is time to ask; during a pause nobody is asked, but after it."""
    if evaluation is None or not LIFECYCLE.allows(evaluation.status, EvaluationDue) or now < evaluation.due:
        return []
    asked = {"instruments": evaluation.instruments, "sent_by": evaluation.sent_by}
    if paused_until and paused_until > now:
        later = {"due": paused_until, "lapses": paused_until + (evaluation.lapses - evaluation.due)}
        return [EvaluationScheduled(**_names(evaluation), person=evaluation.person, **asked, **later)]
    return [EvaluationDue(**_names(evaluation), person=evaluation.person, **asked, lapses=evaluation.lapses)]


def lapse(evaluation: Evaluation | None) -> list[Fact]:
    """No answer came in time."""
    if evaluation is None or not LIFECYCLE.allows(evaluation.status, EvaluationLapsed):
        return []
    return [EvaluationLapsed(**_names(evaluation))]


def answer(
    evaluation: Evaluation | None, given: Sequence[InstrumentAnswered], how: str, packs: Iterable[Pack]
) -> list[Fact]:
    """The person's answers, scored here by the instrument's own rules.

    The same answers again change nothing. Raises `UnknownEvaluation`, `EvaluationIsCancelled`,
    `EvaluationNotDue`, `InstrumentNotAsked`, `AlreadyAnswered`, `AnswersDoNotFit`.
    """
    if evaluation is None:
        raise UnknownEvaluation
    if evaluation.status is Status.CANCELLED:
        raise EvaluationIsCancelled(f"{evaluation.evaluation_id} was cancelled; nothing is recorded")
    if not LIFECYCLE.allows(evaluation.status, EvaluationAnswered):
        raise EvaluationNotDue(f"{evaluation.evaluation_id} is due {evaluation.due:%Y-%m-%d}; answer it then")
    known = tuple(packs)
    return [fact for each in given for fact in _answered(evaluation, each, how, known)]


def _answered(
    evaluation: Evaluation, given: InstrumentAnswered, how: str, packs: Sequence[Pack]
) -> list[Fact]:
    if given.instrument not in evaluation.instruments:
        asked = ", ".join(evaluation.instruments)
        raise InstrumentNotAsked(f"this evaluation asks {asked}; answer one of these")
    try:
        pack = pack_of(given.instrument, given.version, packs)
        scores = score(pack, given.answers)
    except (NotAnswerable, UnknownInstrument) as wrong:
        raise AnswersDoNotFit(str(wrong), wrong.faults) from None
    complete = {item: given.answers.get(item) for item in pack.by_item}
    if before := evaluation.given.get(given.instrument):
        if before == Given(version=given.version, answers=complete):
            return []
        raise AlreadyAnswered(f"{given.instrument} has been answered in this evaluation; that answer stands")
    return [
        EvaluationAnswered(
            **_names(evaluation),
            instrument=given.instrument,
            version=given.version,
            answers=complete,
            scores=scores,
            how=how,
        )
    ]


def cancel(evaluations: Iterable[Evaluation], why: str) -> list[Fact]:
    """The person is not to be asked."""
    return [
        EvaluationCancelled(**_names(each), why=why)
        for each in evaluations
        if LIFECYCLE.allows(each.status, EvaluationCancelled)
    ]


def close(evaluations: Iterable[Evaluation], outcome: CaseOutcome) -> list[Fact]:
    """A case that is over is still evaluated, but not after every end."""
    why = NOT_ASKED_AFTER.get(outcome)
    return cancel(evaluations, why) if why else []


def evolve(state: Evaluation | None, fact: Fact) -> Evaluation:
    """What a fact makes of an evaluation. Scheduling it again moves it."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, EvaluationScheduled):
        return Evaluation(**dict(fact))
    assert state is not None
    changed: dict[str, object] = {"status": status}
    if isinstance(fact, EvaluationAnswered):
        given = Given(version=fact.version, answers=fact.answers)
        changed["given"] = {**state.given, fact.instrument: given}
    return state.model_copy(update=changed)


def _names(evaluation: Evaluation) -> _Names:
    return _Names(evaluation_id=evaluation.evaluation_id, referral_id=evaluation.referral_id)
