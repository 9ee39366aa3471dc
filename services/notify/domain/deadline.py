"""Deadlines: what may not stay silent for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlineMet, DeadlinePassed, DeadlineSet
from sluss_contracts.message import FeedbackDue
from sluss_contracts.vocabulary import ContactOutcome, DeadlineKind

PATIENCE = {
    DeadlineKind.CONSENT_ASKED: timedelta(days=7),
    DeadlineKind.CASE_CLAIMED: timedelta(days=2),
    DeadlineKind.PERSON_REACHED: timedelta(days=7),
    DeadlineKind.FEEDBACK_SENT: timedelta(days=3),
}
"""How long each may take. An offer carries its own date."""


class Status(StrEnum):
    """Where a deadline is; only an `OPEN` one can still be met or pass."""

    OPEN = "open"
    MET = "met"
    PASSED = "passed"


class Deadline(BaseModel):
    """State of one deadline."""

    model_config = ConfigDict(frozen=True)

    deadline_id: str
    referral_id: str
    kind: DeadlineKind
    due: datetime
    status: Status = Status.OPEN


def name_of(kind: DeadlineKind, about: str) -> str:
    """A deadline's id: there is one of each kind for each thing waited for (`offer_answered-<enrolment>`)."""
    return f"{kind.value}-{about}"


def expect(
    deadlines: Mapping[str, Deadline],
    kind: DeadlineKind,
    referral_id: str,
    *,
    about: str | None = None,
    since: datetime,
    due: datetime | None = None,
    closed: bool,
) -> list[Fact]:
    """Something is expected by `due`, or within the kind's patience `since` a moment. Once for each thing
    waited for (`about`; the referral if not given), and not when the case is closed."""
    deadline_id = name_of(kind, about or referral_id)
    if closed or deadline_id in deadlines:
        return []
    due = due or since + PATIENCE[kind]
    return [DeadlineSet(deadline_id=deadline_id, referral_id=referral_id, kind=kind, due=due)]


def of_feedback(due: FeedbackDue) -> list[Fact]:
    """The referrer is to be told by a date, closed case or not."""
    return [
        DeadlineSet(
            deadline_id=name_of(DeadlineKind.FEEDBACK_SENT, due.feedback_id),
            referral_id=due.referral_id,
            kind=DeadlineKind.FEEDBACK_SENT,
            due=due.due,
        )
    ]


def meet(deadlines: Mapping[str, Deadline], kind: DeadlineKind, about: str) -> list[Fact]:
    """What was expected has happened. Too late is no news: the passing has been told."""
    deadline = deadlines.get(name_of(kind, about))
    return [_met(deadline)] if deadline and deadline.status is Status.OPEN else []


def meet_by_contact(
    deadlines: Mapping[str, Deadline], referral_id: str, outcome: ContactOutcome
) -> list[Fact]:
    """A try to reach the person meets the deadline only when it reached them."""
    if outcome is not ContactOutcome.REACHED:
        return []
    return meet(deadlines, DeadlineKind.PERSON_REACHED, referral_id)


def pass_by(deadline: Deadline | None) -> list[Fact]:
    """Its date has come and nobody did. Said once."""
    if deadline is None or deadline.status is not Status.OPEN:
        return []
    return [
        DeadlinePassed(deadline_id=deadline.deadline_id, referral_id=deadline.referral_id, kind=deadline.kind)
    ]


def close(deadlines: Iterable[Deadline]) -> list[Fact]:
    """The case is over and nobody is waited for any more; only the referrer must still be told."""
    return [
        _met(each)
        for each in deadlines
        if each.status is Status.OPEN and each.kind is not DeadlineKind.FEEDBACK_SENT
    ]


def evolve(state: Deadline | None, fact: Fact) -> Deadline:
    """What a fact makes of a deadline."""
    if isinstance(fact, DeadlineSet):
        return Deadline(**dict(fact))
    assert state is not None, "a deadline is set before it is met or passes"
    return state.model_copy(update={"status": Status.MET if isinstance(fact, DeadlineMet) else Status.PASSED})


def _met(deadline: Deadline) -> Fact:
    return DeadlineMet(deadline_id=deadline.deadline_id, referral_id=deadline.referral_id, kind=deadline.kind)
