"""Deadlines: what may not stay silent for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlineMet, DeadlineMoved, DeadlinePassed, DeadlineSet
from sluss_contracts.message import FeedbackDue
from sluss_contracts.pathway import Silence
from sluss_contracts.vocabulary import ContactOutcome, DeadlineKind

OF_THE_PERSON = frozenset({DeadlineKind.PERSON_REACHED, DeadlineKind.EVALUATION_ANSWERED})
"""Wait with the person while their case is paused; all others are somebody else's to keep."""
OUTLASTS_THE_CASE = frozenset(
    {
        DeadlineKind.FEEDBACK_SENT,
        DeadlineKind.RECEIPT_FETCHED,
        DeadlineKind.WITHDRAWAL_CONFIRMED,
        DeadlineKind.EVALUATION_ANSWERED,
    }
)
"""Are still waited for when the case is over."""
_LONGEST_ID = 120


class Status(StrEnum):
    """Where a deadline is; only an `OPEN` one can still be met or pass."""

    OPEN = "open"
    MET = "met"
    PASSED = "passed"


LIFECYCLE = Lifecycle(
    "deadline",
    {
        DeadlineSet: born(Status.OPEN),
        DeadlineMoved: move(Status.OPEN),
        DeadlineMet: move(Status.OPEN, to=Status.MET),
        DeadlinePassed: move(Status.OPEN, to=Status.PASSED),
    },
    Status,
)


class _Names(TypedDict):
    deadline_id: str
    referral_id: str
    kind: DeadlineKind
    about: str | None


class Deadline(BaseModel):
    """State of one deadline."""

    model_config = ConfigDict(frozen=True)

    deadline_id: str
    referral_id: str
    kind: DeadlineKind
    about: str | None = None
    due: datetime
    status: Status = Status.OPEN


def name_of(kind: DeadlineKind, about: str) -> str:
    """A deadline's id: there is one of each kind for each thing waited for (`offer_answered-<enrolment>`)."""
    return f"{kind.value}-{about}"[:_LONGEST_ID]


def of_receiver(referral_id: str, receiver: str) -> str:
    """What a withdrawal waits for: this receiver, in this referral."""
    return f"{referral_id}-{receiver}"


def of_session(enrolment_id: str, session_id: str) -> str:
    """What a missing report is about: this session, for this enrolment."""
    return f"{enrolment_id}-{session_id}"


def expect(
    deadlines: Mapping[str, Deadline],
    kind: DeadlineKind,
    referral_id: str,
    *,
    silence: Silence,
    about: str | None = None,
    tells: str | None = None,
    since: datetime,
    due: datetime | None = None,
    not_before: datetime | None = None,
    closed: bool,
) -> list[Fact]:
    """Something is expected by `due`, or within the pathway's patience (`silence`) `since` a moment.

    Once for each thing waited for (`about`; the referral if not given, `tells` is what readers are told it
    is), and not when the case is closed, unless the wait outlasts it. What is expected of the person is not
    expected while they are left alone (`not_before`).
    """
    deadline_id = name_of(kind, about or referral_id)
    if deadline_id in deadlines or (closed and kind not in OUTLASTS_THE_CASE):
        return []
    patience = timedelta(days=getattr(silence, kind.value)) if due is None else timedelta()
    begins = max(since, not_before) if not_before and kind in OF_THE_PERSON else since
    return [
        DeadlineSet(
            deadline_id=deadline_id,
            referral_id=referral_id,
            kind=kind,
            about=tells or about,
            due=due or begins + patience,
        )
    ]


def of_feedback(due: FeedbackDue) -> list[Fact]:
    """The referrer is to be told by a date, closed case or not."""
    return [
        DeadlineSet(
            deadline_id=name_of(DeadlineKind.FEEDBACK_SENT, due.feedback_id),
            referral_id=due.referral_id,
            kind=DeadlineKind.FEEDBACK_SENT,
            about=due.feedback_id,
            due=due.due,
        )
    ]


def meet(deadlines: Mapping[str, Deadline], kind: DeadlineKind, about: str) -> list[Fact]:
    """What was expected has happened. Too late is no news: the passing has been told."""
    deadline = deadlines.get(name_of(kind, about))
    return [_met(deadline)] if deadline and LIFECYCLE.allows(deadline.status, DeadlineMet) else []


def met_at_once(expected: list[Fact]) -> list[Fact]:
    """What is expected now has happened before: it is set and met, and no timer need watch for it."""
    met = [_met(evolve(None, fact)) for fact in expected]
    return [*expected, *met]


def meet_by_contact(
    deadlines: Mapping[str, Deadline], referral_id: str, outcome: ContactOutcome
) -> list[Fact]:
    """A try to reach the person meets the deadline only when it reached them."""
    if outcome is not ContactOutcome.REACHED:
        return []
    return meet(deadlines, DeadlineKind.PERSON_REACHED, referral_id)


def pass_by(deadline: Deadline | None, now: datetime) -> list[Fact]:
    """Its date has come and nobody did. Said once; a date that has moved has not come."""
    if deadline is None or not LIFECYCLE.allows(deadline.status, DeadlinePassed) or now < deadline.due:
        return []
    return [DeadlinePassed(**_names(deadline))]


def pause(deadlines: Iterable[Deadline], until: datetime) -> list[Fact]:
    """Nothing is asked of the person until then: what is expected of them waits as long."""
    return [
        DeadlineMoved(**_names(each), due=until)
        for each in deadlines
        if each.kind in OF_THE_PERSON and LIFECYCLE.allows(each.status, DeadlineMoved) and each.due < until
    ]


def close(deadlines: Iterable[Deadline]) -> list[Fact]:
    """The case is over and nobody is waited for any more, but for what outlasts it."""
    return [
        _met(each)
        for each in deadlines
        if LIFECYCLE.allows(each.status, DeadlineMet) and each.kind not in OUTLASTS_THE_CASE
    ]


def evolve(state: Deadline | None, fact: Fact) -> Deadline:
    """What a fact makes of a deadline."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, DeadlineSet):
        return Deadline(**dict(fact))
    assert state is not None
    due = fact.due if isinstance(fact, DeadlineMoved) else state.due
    return state.model_copy(update={"status": status, "due": due})


def _met(deadline: Deadline) -> Fact:
    return DeadlineMet(**_names(deadline))


def _names(deadline: Deadline) -> _Names:
    return _Names(
        deadline_id=deadline.deadline_id,
        referral_id=deadline.referral_id,
        kind=deadline.kind,
        about=deadline.about,
    )
