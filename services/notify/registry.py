"""The notify service's registry: what it owns. Handlers add what it does."""

from __future__ import annotations

from pydantic import BaseModel

from services.notify.domain import deadline, evaluation, feedback, followup, message, notice, series
from services.runtime.service import Service
from sluss_contracts.event import Fact

service = Service("notify")


class Copy(BaseModel):
    """What a referrer was sent leaves no state here: the event is all there is."""


def _no_state(state: Copy | None, fact: Fact) -> Copy:
    return Copy()


FOLLOWUP = service.aggregate("followup", followup.FollowUp, followup.evolve)
DEADLINE = service.aggregate("deadline", deadline.Deadline, deadline.evolve)
EVALUATION = service.aggregate("evaluation", evaluation.Evaluation, evaluation.evolve)
SERIES = service.aggregate("series", series.Series, series.evolve)
MESSAGE = service.aggregate("message", message.Message, message.evolve)
NOTICE = service.aggregate("notice", notice.Notice, notice.evolve)
FEEDBACK = service.aggregate("feedback", feedback.Feedback, feedback.evolve)
FEEDBACK_COPY = service.aggregate("feedback_copy", Copy, _no_state, keep=False)
