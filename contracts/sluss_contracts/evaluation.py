"""Evaluations, and outside series to hold them beside. Owned by the notify service."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.pathway import InstrumentId, SentBy
from sluss_contracts.vocabulary import Area, Code, Key, OutsideMeasure, ShortText, Slug


class _OfEvaluation(Fact):
    evaluation_id: Key
    referral_id: Key


class EvaluationScheduled(
    _OfEvaluation,
    type="evaluation.scheduled",
    id="evaluation_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The person will be asked some time after the plan, whether the case is closed by then or not. Said
    again it moves: after a pause.

    It does *not* mean that they must answer.
    """

    person: Key
    instruments: tuple[InstrumentId, ...] = Field(min_length=1)
    sent_by: SentBy
    due: AwareDatetime
    lapses: AwareDatetime
    """When nobody waits for the answer any longer."""


class EvaluationDue(
    _OfEvaluation,
    type="evaluation.due",
    id="evaluation_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """It is time to ask. It does *not* mean that anything has been sent: the pathway says who sends it."""

    person: Key
    instruments: tuple[InstrumentId, ...] = Field(min_length=1)
    sent_by: SentBy
    lapses: AwareDatetime


class EvaluationAnswered(
    _OfEvaluation,
    type="evaluation.answered",
    id="evaluation_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The person answered, by link, on paper, by phone, or through an outside distributor.

    It does *not* hold any free text. One instrument at a time: several answers may follow each other.
    """

    instrument: InstrumentId
    version: int = Field(ge=1)
    answers: dict[Code, int | None]
    scores: dict[Code, float | None]
    how: Code
    """`link`, `paper`, `phone` or `outside`."""


class EvaluationLapsed(
    _OfEvaluation,
    type="evaluation.lapsed",
    id="evaluation_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """No answer came in time. It does *not* say why, and nobody is asked again."""


class EvaluationCancelled(
    _OfEvaluation,
    type="evaluation.cancelled",
    id="evaluation_id",
    key="referral_id",
    said_by="notify",
    read_by=("navigator", "console"),
):
    """The person is not to be asked: they withdrew, died, or are erased. It does *not* remove any answer."""

    why: Code


class SeriesPoint(BaseModel):
    """One period of an outside series, here and in the area it is compared with."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    starts: date
    ends: date
    here: float = Field(ge=0)
    comparison: float = Field(ge=0)
    """Per 1,000 inhabitants in both."""


class SeriesImported(
    Fact,
    type="series.imported",
    id="series",
    said_by="notify",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """Somebody outside has counted something here and in a comparison area, shown beside the network's own.

    It does *not* claim that the network caused any difference.
    """

    series: Slug
    measure: OutsideMeasure
    area: Area
    comparison_area: Area
    source: ShortText
    points: tuple[SeriesPoint, ...] = Field(min_length=1, max_length=400)
