"""What is found out together with the person: their life as they tell it, and what is measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.navigator.domain.case import Case
from services.navigator.domain.rules import (
    GoalNotNamed,
    NoSuchGoal,
    NotComparable,
    NothingToCompare,
    UnknownInstrument,
    WrongAnswers,
)
from services.navigator.domain.standing import whose_work
from sluss_contracts import instruments
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.instruments import Measured, Pack
from sluss_contracts.mapping import MappingRecorded, MeasureRecorded

GOAL_ATTAINMENT: Final = "goal-attainment"
"""The instrument that is answered for one goal at a time."""


def record(case: Case, by: Actor, found: Mapping[str, Any]) -> list[Fact]:
    """A mapping is the whole truth from now on. The same again changes nothing.

    `found` holds the fields of `mapping.recorded`; what matters to the person is a vault reference by now.
    """
    whose_work(case, by, MappingRecorded)
    before = case.mapping
    recorded = MappingRecorded(
        referral_id=case.referral_id, version=before.version + 1 if before else 1, **found
    )
    if before is not None and before.model_copy(update={"version": recorded.version}) == recorded:
        return []
    return [recorded]


def pack_of(instrument: str, version: int | None, published: Iterable[Pack]) -> Pack:
    """The instrument to score by, the newest version where none is named. Raises `UnknownInstrument`."""
    try:
        return instruments.pack_of(instrument, version, published)
    except instruments.UnknownInstrument as unknown:
        raise UnknownInstrument(str(unknown), unknown.faults) from None


def measure(
    case: Case,
    by: Actor,
    measure_id: str,
    pack: Pack,
    *,
    at: str,
    answers: Mapping[str, int | None],
    language: str,
    goal_id: str | None,
) -> tuple[MeasureRecorded, list[Fact]]:
    """An instrument was answered; the scores follow. The same answers at the same timepoint are one measure,
    unless another was recorded in between."""
    whose_work(case, by, MeasureRecorded)
    if (goal_id is not None) != (pack.instrument == GOAL_ATTAINMENT):
        raise GoalNotNamed(f"{GOAL_ATTAINMENT} names the goal it is about, and no other instrument does")
    if goal_id is not None and goal_id not in case.goal_ids:
        raise NoSuchGoal(
            f"the plan of case {case.referral_id} has no goal {goal_id}; it has {list(case.goal_ids)}"
        )
    try:
        scores = instruments.score(pack, answers)
    except instruments.NotAnswerable as wrong:
        raise WrongAnswers(str(wrong), wrong.faults) from None
    measured = MeasureRecorded(
        referral_id=case.referral_id,
        measure_id=measure_id,
        instrument=pack.instrument,
        version=pack.version,
        language=language,
        at=at,
        answers=dict(answers),
        scores=scores,
        goal_id=goal_id,
    )
    last = next(reversed(_measures(case, pack.instrument, goal_id)), None)
    if last is not None and last.model_copy(update={"measure_id": measure_id}) == measured:
        return last, []
    return measured, [measured]


def change(
    case: Case, instrument: str, goal_id: str | None, earlier: str | None, later: str | None
) -> tuple[MeasureRecorded, MeasureRecorded, dict[str, float | None]]:
    """What has changed between two measures, by scale; between the first and the latest where none is named.

    Raises `NotComparable` across versions, `NothingToCompare` when there are not two.
    """
    measures = _measures(case, instrument, goal_id)
    named = {each.measure_id: each for each in measures}
    for wanted in (earlier, later):
        if wanted is not None and wanted not in named:
            raise NothingToCompare(
                f"case {case.referral_id} has no measure {wanted} with {instrument}; it has {list(named)}"
            )
    before = named[earlier] if earlier else next(iter(measures), None)
    after = named[later] if later else next(reversed(measures), None)
    if before is None or after is None or before is after:
        raise NothingToCompare(
            f"a change needs two measures with {instrument}; case {case.referral_id} has {len(measures)}"
        )
    try:
        return before, after, instruments.change(_measured(before), _measured(after))
    except instruments.NotComparable as different:
        raise NotComparable(str(different)) from None


def _measures(case: Case, instrument: str, goal_id: str | None) -> list[MeasureRecorded]:
    return [
        each for each in case.measures.values() if (each.instrument, each.goal_id) == (instrument, goal_id)
    ]


def _measured(fact: MeasureRecorded) -> Measured:
    return Measured(fact.instrument, fact.version, fact.scores, fact.goal_id)
