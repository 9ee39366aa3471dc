"""Follow-ups and deadlines: what is due, and what may not stay silent. Owned by the notify service."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from sluss_contracts.event import Fact
from sluss_contracts.pathway import Condition
from sluss_contracts.vocabulary import Code, DeadlineKind, Key, MeetingMode


class _OfFollowUp(Fact):
    followup_id: Key
    referral_id: Key


class FollowUpScheduled(
    _OfFollowUp,
    type="followup.scheduled",
    id="followup_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The person will be asked how it went, by a date. Said again it moves: with the plan, or after a pause.

    It does *not* mean that a meeting is booked: how they are asked is decided when it is due.
    """

    person: Key
    plan_version: int
    due: AwareDatetime
    number: int = Field(default=1, ge=1)
    """The first, second … of the pathway."""
    when: Condition = Condition.ALWAYS
    """Whether it takes place at all is judged on the day."""
    lapses: AwareDatetime | None = None
    """When it is too late to ask."""


class FollowUpDue(
    _OfFollowUp,
    type="followup.due",
    id="followup_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """It is time to ask. A task opens for the link worker.

    It does *not* mean that the person has been asked.
    """

    person: Key
    number: int = Field(default=1, ge=1)
    """The first, second … of the pathway."""
    minutes: int = Field(default=30, ge=5, le=480)
    """How long the pathway sets aside for it."""
    modes: tuple[MeetingMode, ...] = ()
    """How it may be asked; the first is what the pathway proposes."""
    lapses: AwareDatetime | None = None
    """When it is too late to ask."""


class FollowUpDone(
    _OfFollowUp,
    type="followup.done",
    id="followup_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The person was asked; how it went is a code.

    It does *not* hold what they said, and does *not* close the case.
    """

    how_it_went: Code


class FollowUpLapsed(
    _OfFollowUp,
    type="followup.lapsed",
    id="followup_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """It was due and nobody asked for so long that it is too late to ask.

    It does *not* close the case; the next follow-up still comes.
    """


class FollowUpCancelled(
    _OfFollowUp,
    type="followup.cancelled",
    id="followup_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The follow-up is no longer needed, and why.

    It does *not* mean that the person was asked: a new plan usually schedules another.
    """

    why: Code


class _OfDeadline(Fact):
    deadline_id: Key
    referral_id: Key
    kind: DeadlineKind
    about: Key | None = None
    """What is waited for, when it is not the referral itself: the enrolment, feedback, evaluation, the
    session (`<enrolment>-<session>`), or the receiver that is to confirm."""


class DeadlineSet(
    _OfDeadline,
    type="deadline.set",
    id="deadline_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """Somebody is expected to do something before `due`.

    It does *not* name them: the task that goes with it does.
    """

    due: AwareDatetime


class DeadlineMoved(
    _OfDeadline,
    type="deadline.moved",
    id="deadline_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """The person is left alone for a while, so what is expected of them has a later date.

    It does *not* mean that anybody asked for more time.
    """

    due: AwareDatetime


class DeadlineMet(
    _OfDeadline,
    type="deadline.met",
    id="deadline_id",
    key="referral_id",
    said_by="notify",
    read_by=("console",),
):
    """It happened in time. It does *not* tell what came of it: the event that met it does."""


class DeadlinePassed(
    _OfDeadline,
    type="deadline.passed",
    id="deadline_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """Silence: nobody did what was expected in time. A task opens for somebody who will. Fires once.

    It does *not* end or change what was waited for: a late answer is still an answer.
    """
