"""From answers to scores, exactly by the pack, and from two measurements to what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluss_contracts.command import Fault
from sluss_contracts.instruments.format import Direction, Item, Pack, Rule, Scale


class InstrumentError(ValueError):
    """An instrument cannot be used like that. Carries a stable `code`, and a fault for each thing wrong.

    Neither the message nor a fault repeats an answer: answers are personal.
    """

    code = "instrument"

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class NotAnswerable(InstrumentError):
    """An answer names an item the instrument does not have, or is none of the item's answers."""

    code = "not_answerable"


class NotComparable(InstrumentError):
    """Two measurements were made with different instruments or versions, or of different goals."""

    code = "not_comparable"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of asking somebody once."""

    instrument: str
    version: int
    scores: Mapping[str, float | None] = field(default_factory=dict)
    goal_id: str | None = None
    """For goal attainment: which goal."""


def score(pack: Pack, answers: Mapping[str, int | None]) -> dict[str, float | None]:
    """Every scale's score. None where too many of its items are unanswered for it to mean anything.

    An item that is left out and one that is None are both unanswered. Raises `NotAnswerable`.
    """
    if faults := tuple(_faults(pack, answers)):
        raise NotAnswerable(
            f"{len(faults)} of the answers cannot be given to {pack.instrument} version {pack.version}",
            faults,
        )
    return {scale.scale: _score(pack, scale, answers) for scale in pack.scales}


def measure(pack: Pack, answers: Mapping[str, int | None], goal_id: str | None = None) -> Measured:
    """The scores, with what they may be compared by."""
    return Measured(pack.instrument, pack.version, score(pack, answers), goal_id)


def change(before: Measured, after: Measured) -> dict[str, float | None]:
    """By scale, the later score less the earlier. None where either is void.

    Raises `NotComparable` across instruments, versions and goals: a number would come out, and mean nothing.
    """
    if before.instrument != after.instrument:
        raise NotComparable(
            f"{before.instrument} and {after.instrument} measure different things; "
            "compare two measurements with the same instrument"
        )
    if before.version != after.version:
        raise NotComparable(
            f"versions {before.version} and {after.version} of {after.instrument} are not the same "
            "instrument; compare two measurements of the same version"
        )
    if before.goal_id != after.goal_id:
        raise NotComparable("these are two different goals; compare two measurements of the same goal")
    names = [name for name in after.scores if name in before.scores]
    return {name: _less(after.scores[name], before.scores[name]) for name in names}


def better(scale: Scale, difference: float) -> bool | None:
    """Whether a change is for the better for the person; None when there is none."""
    if difference == 0:
        return None
    return (difference > 0) == (scale.better is Direction.HIGHER)


@dataclass(frozen=True, slots=True)
class _Wording:
    better: str
    worse: str
    unchanged: str
    void: str
    point: str
    points: str
    step: str
    steps: str


_SWEDISH = _Wording("bättre", "sämre", "oförändrat", "går inte att jämföra", "poäng", "poäng", "steg", "steg")
_ENGLISH = _Wording("better", "worse", "unchanged", "cannot be compared", "point", "points", "step", "steps")


def in_words(scale: Scale, difference: float | None, language: str = "sv") -> str:
    """What a change means for the person, whichever way the scale runs: "2 points better". A rank moves in
    steps. Swedish for `sv`, English for every other language."""
    words = _SWEDISH if language == "sv" else _ENGLISH
    if difference is None:
        return words.void
    way = better(scale, difference)
    if way is None:
        return words.unchanged
    one, many = (words.step, words.steps) if scale.rule is Rule.ORDINAL else (words.point, words.points)
    size = abs(difference)
    return f"{size:g} {one if size == 1 else many} {words.better if way else words.worse}"


def band(scale: Scale, score: float | None, language: str = "sv") -> str | None:
    """What the score's stretch of the scale is called; None for a void score or a scale without bands."""
    if score is None:
        return None
    for each in scale.bands:
        if each.lowest <= score <= each.highest:
            return each.name.sv if language == "sv" else each.name.en
    return None


def _score(pack: Pack, scale: Scale, answers: Mapping[str, int | None]) -> float | None:
    values = [_value(pack, pack.by_item[name], answers.get(name)) for name in scale.items]
    answered = [value for value in values if value is not None]
    if len(values) - len(answered) > scale.missing_at_most:
        return None
    return float(sum(answered))


def _value(pack: Pack, item: Item, answer: int | None) -> int | None:
    if answer is None:
        return None
    if item.counts:
        return int(answer in item.counts)
    if item.reversed:
        values = pack.values_of(item)
        return values[0] + values[-1] - answer
    return answer


def _faults(pack: Pack, answers: Mapping[str, int | None]) -> list[Fault]:
    faults = []
    for name, answer in answers.items():
        item = pack.by_item.get(name)
        if item is None:
            remedy = f"Answer the items of {pack.instrument}: {', '.join(pack.by_item)}."
            # A name that is no item may be anything somebody wrote, so it is not repeated.
            faults.append(Fault(path="/answers", code="unknown_item", remedy=remedy))
        elif answer is not None and (type(answer) is not int or answer not in pack.values_of(item)):
            values = pack.values_of(item)
            allowed = (
                f"a whole number from {values[0]} to {values[-1]}"
                if values == tuple(range(values[0], values[-1] + 1))
                else f"one of {', '.join(map(str, values))}"
            )
            remedy = f"Give {allowed}, or nothing where the person did not answer."
            faults.append(Fault(path=f"/answers/{name}", code="answer_out_of_range", remedy=remedy))
    return faults


def _less(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before
