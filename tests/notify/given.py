"""One fact of every kind this service says, for specs of what may follow what."""

from __future__ import annotations

from datetime import date
from typing import Any

from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
    EvaluationScheduled,
    SeriesImported,
    SeriesPoint,
)
from sluss_contracts.event import Fact
from sluss_contracts.followup import (
    DeadlineMet,
    DeadlineMoved,
    DeadlinePassed,
    DeadlineSet,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpLapsed,
    FollowUpScheduled,
)
from sluss_contracts.message import (
    FeedbackAcknowledged,
    FeedbackDue,
    FeedbackOverdue,
    FeedbackSent,
    FeedbackWithheld,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.notice import NoticeAbout, NoticeFailed, NoticeQueued, NoticeSent, NoticeSuppressed
from sluss_contracts.pathway import SentBy
from sluss_contracts.vocabulary import (
    DeadlineKind,
    FeedbackPoint,
    MessageTemplate,
    NoticeTemplate,
    OutsideMeasure,
)
from tests.notify.story import CLINIC, DAY, NOON

_F: dict[str, Any] = {"followup_id": "f1", "referral_id": "alva"}
_D: dict[str, Any] = {
    "deadline_id": "case_claimed-alva",
    "referral_id": "alva",
    "kind": DeadlineKind.CASE_CLAIMED,
}
_M: dict[str, Any] = {"message_id": "m1", "referral_id": "alva", "template": MessageTemplate.INVITATION}
_B: dict[str, Any] = {
    "feedback_id": "b1",
    "referral_id": "alva",
    "organisation": CLINIC,
    "point": FeedbackPoint.PLAN,
}
_N: dict[str, Any] = {"notice_id": "n1", "provider": "korpen", "template": NoticeTemplate.OFFER}
_ABOUT = NoticeAbout(activity="promenad", referral_id="alva", enrolment_id="alva-1")
_E: dict[str, Any] = {"evaluation_id": "e1", "referral_id": "alva"}
_ASKED: dict[str, Any] = {
    "person": "p-alva",
    "instruments": ("ons-direct",),
    "sent_by": SentBy.NETWORK,
    "lapses": NOON + 45 * DAY,
}

EVERY: tuple[Fact, ...] = (
    FollowUpScheduled(**_F, person="p-alva", plan_version=1, due=NOON, lapses=NOON + DAY),
    FollowUpDue(**_F, person="p-alva"),
    FollowUpDone(**_F, how_it_went="going_well"),
    FollowUpLapsed(**_F),
    FollowUpCancelled(**_F, why="case_closed"),
    DeadlineSet(**_D, due=NOON),
    DeadlineMoved(**_D, due=NOON + DAY),
    DeadlineMet(**_D),
    DeadlinePassed(**_D),
    MessageQueued(**_M, person="p-alva", cause="c1"),
    MessageSent(**_M, channel="folder"),
    MessageFailed(**_M, why="channel_refused"),
    MessageSuppressed(**_M, why="paused"),
    NoticeQueued(**_N, cause="alva-1", about=_ABOUT),
    NoticeSent(**_N, channel="folder"),
    NoticeFailed(**_N, why="no_way_to_reach", about=_ABOUT),
    NoticeSuppressed(**_N, why="no_longer_true"),
    FeedbackDue(**_B, status="plan_agreed", due=NOON),
    FeedbackSent(**_B),
    FeedbackAcknowledged(**_B),
    FeedbackOverdue(**_B),
    FeedbackWithheld(**_B, why="consent_withdrawn"),
    EvaluationScheduled(**_E, **_ASKED, due=NOON),
    EvaluationDue(**_E, **_ASKED),
    EvaluationAnswered(
        **_E, instrument="ons-direct", version=1, answers={"lonely": 3}, scores={"lonely": 3.0}, how="link"
    ),
    EvaluationLapsed(**_E),
    EvaluationCancelled(**_E, why="deceased"),
    SeriesImported(
        series="visits",
        measure=OutsideMeasure.EMERGENCY_VISITS,
        area="frome",
        comparison_area="mendip",
        source="The region",
        points=(SeriesPoint(starts=date(2026, 1, 1), ends=date(2026, 3, 31), here=10, comparison=12),),
    ),
)


def one(kind: type[Fact]) -> Fact:
    """The fact of this kind."""
    return next(fact for fact in EVERY if type(fact) is kind)
