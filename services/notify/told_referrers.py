"""What a referrer has been told, for whoever referred to read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notify.domain.feedback import Feedback, Status
from services.notify.registry import FEEDBACK, service
from services.runtime.decision import Decision, Done, NotAllowed
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.notify import ReadFeedback
from sluss_contracts.event import read_event
from sluss_contracts.message import FeedbackIssued, FeedbackSent
from sluss_contracts.vocabulary import Role

_SAID = """
select type, aggregate_id, body from event
where key = $1 and type = any($2::text[]) order by recorded, number
"""
_TOLD = frozenset({Status.SENT, Status.ACKNOWLEDGED})
_SHOWN = ("outcome", "turn_to", "text")


@dataclass(frozen=True, slots=True)
class Said:
    """What was issued, by feedback, and when each was told."""

    issued: Mapping[str, FeedbackIssued]
    at: Mapping[str, str]


@service.command(ReadFeedback)
def read_feedback(held: Held, question: ReadFeedback, ctx: Ctx) -> Decision:
    actor = question.actor
    if actor.role is not Role.REFERRER or actor.organisation is None:
        raise NotAllowed("what a referrer was told is shown to the organisation that referred")
    said: Said = ctx.looked_up
    own = [each for each in held.all(FEEDBACK).values() if each.organisation == actor.organisation]
    told = [_told(each, said) for each in own if each.status in _TOLD]
    return Done([], {"feedback": sorted(told, key=lambda each: each["at"])})


@read_feedback.lookup
async def what_was_said(tx: Tx, questions: Sequence[ReadFeedback]) -> Said:
    (question,) = questions
    issued: dict[str, FeedbackIssued] = {}
    at: dict[str, str] = {}
    rows = await tx.fetch(_SAID, question.referral_id, [FeedbackIssued.TYPE, FeedbackSent.TYPE])
    for row in rows:
        if row["type"] == FeedbackIssued.TYPE:
            copy = read_event(FeedbackIssued, row["body"]).data
            issued[copy.feedback_id] = copy
        else:
            at[row["aggregate_id"]] = read_event(FeedbackSent, row["body"]).time.isoformat()
    return Said(issued, at)


def _told(feedback: Feedback, said: Said) -> dict[str, Any]:
    copy = said.issued.get(feedback.feedback_id)
    shown = copy.model_dump(mode="json", include=set(_SHOWN)) if copy else dict.fromkeys(_SHOWN)
    return {
        "point": feedback.point.value,
        "status": feedback.told.value,
        "to": copy.to.model_dump(mode="json") if copy else None,
        "at": said.at.get(feedback.feedback_id, ""),
        **shown,
    }
