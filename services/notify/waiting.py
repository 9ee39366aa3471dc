"""From something that has begun to a deadline, and from something that has come to one that is met."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notify.domain import deadline, feedback
from services.notify.domain.course import Course, Follower
from services.notify.registry import DEADLINE, FEEDBACK
from services.runtime.service import Held
from sluss_contracts.event import Event, Fact
from sluss_contracts.pathway import Silence
from sluss_contracts.vocabulary import DeadlineKind


def expect(
    held: Held,
    course: Course,
    kind: DeadlineKind,
    since: datetime,
    *,
    about: str | None = None,
    tells: str | None = None,
    due: datetime | None = None,
) -> list[Fact]:
    """Something is expected, for as long as the referral's pathway says."""
    return deadline.expect(
        held.all(DEADLINE),
        kind,
        course.referral_id,
        silence=course.pathway.silence,
        about=about,
        tells=tells,
        since=since,
        due=due,
        not_before=course.paused_until,
        closed=feedback.case_is_closed(held.all(FEEDBACK)),
    )


def expect_by(held: Held, referral_id: str, kind: DeadlineKind, due: datetime, *, about: str) -> list[Fact]:
    """Something is expected by a date that whoever said it has set."""
    return deadline.expect(
        held.all(DEADLINE),
        kind,
        referral_id,
        silence=Silence(),
        about=about,
        since=due,
        due=due,
        closed=feedback.case_is_closed(held.all(FEEDBACK)),
    )


def expect_receipt(held: Held, of: Course | Follower, silence: Silence, event: Event[Any]) -> list[Fact]:
    """An organisation that reads a stream is expected to fetch its receipt, and may have done so already."""
    if not of.reads_stream:
        return []
    expected = deadline.expect(
        held.all(DEADLINE),
        DeadlineKind.RECEIPT_FETCHED,
        of.referral_id,
        silence=silence,
        since=event.time,
        closed=feedback.case_is_closed(held.all(FEEDBACK)),
    )
    fetched = of.receipts_until is not None and of.receipts_until >= event.recordedtime
    return deadline.met_at_once(expected) if fetched else expected


def meet(held: Held, kind: DeadlineKind, about: str) -> list[Fact]:
    """What was expected has come."""
    return deadline.meet(held.all(DEADLINE), kind, about)
