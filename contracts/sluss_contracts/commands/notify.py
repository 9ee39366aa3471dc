"""Commands and questions to the notify service: follow-ups, evaluations, outside series."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sluss_contracts.command import Command
from sluss_contracts.evaluation import SeriesPoint
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.vocabulary import Area, Code, Key, Moment, OutsideMeasure, ShortText, Slug
from sluss_contracts.words import Known

LinkToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
"""What a one-time link carries: at least 128 random bits."""

Cell = Annotated[str, StringConstraints(max_length=200)]
"""A cell of a file, as it was written there."""


class CompleteFollowUp(Command, owner="notify", verb="complete_followup", key="referral_id"):
    """The person was asked how it went."""

    referral_id: Key
    followup_id: Key
    how_it_went: Code


class ReadFeedback(Command, owner="notify", verb="read_feedback", key="referral_id"):
    """What has the referrer been told of a referral? Answered to the organisation that referred, in what was
    issued to it and in no other words.

    Result: `feedback` [{point, status, outcome, turn_to, text, to, at}], the earliest first; `outcome`,
    `turn_to` and `text` only where they were said on its stream. What went on paper is told by its status.
    """

    referral_id: Key


class InstrumentAnswered(BaseModel):
    """What the person answered to one instrument."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    instrument: InstrumentId
    version: int = Field(ge=1)
    answers: dict[Code, int | None]
    """By item; None or left out where the person did not answer."""


class AnswerEvaluation(Command, owner="notify", verb="answer_evaluation"):
    """The person answers by their one-time link. All they answer comes in this one command; the link is used
    then."""

    token: LinkToken
    answers: tuple[InstrumentAnswered, ...] = Field(min_length=1, max_length=12)


class RecordEvaluation(Command, owner="notify", verb="record_evaluation", key="referral_id"):
    """Somebody writes down what the person answered on paper or by phone. More may follow for another
    instrument."""

    referral_id: Key
    evaluation_id: Key
    how: Literal["paper", "phone"]
    answers: tuple[InstrumentAnswered, ...] = Field(min_length=1, max_length=12)


class ReadEvaluationExport(Command, owner="notify", verb="read_evaluation_export"):
    """What an outside distributor needs to send evaluations out: those due until `until` and not answered.

    Result: `rows` [{export_id, instruments, due}], where an export id leads back to the person here alone,
    and `instruments` [{instrument, version, items}], how the answers are to be given back.
    """

    until: Moment


class OutsideAnswer(BaseModel):
    """One row of the distributor's file: one instrument of one evaluation. Nothing is judged yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    line: int = Field(ge=1)
    """Where it stands in the file."""
    export_id: Cell
    instrument: Cell
    version: Cell
    answers: dict[Cell, Cell]
    """By column; empty where there is no answer."""


class ImportEvaluations(Command, owner="notify", verb="import_evaluations"):
    """Answers that an outside distributor gives back. Each row stands for itself: a faulty one is told, the
    rest is taken. The same rows again change nothing. Result: `answered`, `unchanged` and `faults` [{line,
    code, remedy}]."""

    rows: tuple[OutsideAnswer, ...] = Field(min_length=1, max_length=500)


class ImportSeries(Command, owner="notify", verb="import_series", key="series"):
    """Take in an outside series, or a newer edition of it; the same again changes nothing."""

    series: Slug
    measure: Annotated[OutsideMeasure, Known]
    area: Area
    comparison_area: Area
    source: ShortText
    points: tuple[SeriesPoint, ...] = Field(min_length=1, max_length=400)


class ReadSeries(Command, owner="notify", verb="read_series", key="series"):
    """An outside series beside the network's own numbers.

    Result: `series`, `measure`, `area`, `comparison_area`, `source`, `fewest` and `points` [{starts, ends,
    here, comparison, referrals, completed}]; a number of people under `fewest` is left out (None).
    """

    series: Slug
