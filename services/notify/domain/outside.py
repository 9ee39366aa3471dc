"""Answers an outside distributor gives back, row by row: what is good is taken, what is not is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, ValidationError

from services.notify.domain import evaluation
from services.notify.domain.evaluation import Evaluation
from services.runtime.decision import Refusal
from sluss_contracts.commands.notify import InstrumentAnswered, OutsideAnswer
from sluss_contracts.event import Fact
from sluss_contracts.instruments import Pack, UnknownInstrument, pack_of


class RowFault(BaseModel):
    """What is wrong with one row, and what to do about it. Never repeats what the row said."""

    model_config = ConfigDict(frozen=True)

    line: int
    code: str
    remedy: str


@dataclass(slots=True)
class Taken:
    """What came of a file."""

    facts: list[Fact] = field(default_factory=list)
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)


class _Faulty(Exception):
    def __init__(self, code: str, remedy: str) -> None:
        super().__init__(code)
        self.code, self.remedy = code, remedy


def take(
    rows: Sequence[OutsideAnswer], evaluations: Mapping[str, Evaluation], packs: Sequence[Pack]
) -> Taken:
    """Every row by itself, in order; two rows about the same thing are as two files."""
    taken, now = Taken(), dict(evaluations)
    for row in rows:
        try:
            known = now.get(row.export_id)
            if known is None:
                raise _Faulty("unknown_export_id", "Use the export id exactly as it was handed out.")
            facts = evaluation.answer(known, [_read(row, packs)], evaluation.OUTSIDE, packs)
        except _Faulty as fault:
            taken.faults.append(RowFault(line=row.line, code=fault.code, remedy=fault.remedy))
            continue
        except Refusal as refusal:
            code = refusal.faults[0].code if refusal.faults else refusal.code
            remedy = refusal.faults[0].remedy if refusal.faults else str(refusal)
            taken.faults.append(RowFault(line=row.line, code=code, remedy=remedy))
            continue
        for fact in facts:
            now[row.export_id] = evaluation.evolve(now[row.export_id], fact)
        taken.facts += facts
        taken.unchanged += not facts
    return taken


def _read(row: OutsideAnswer, packs: Sequence[Pack]) -> InstrumentAnswered:
    """The row's cells as answers; a cell left empty is an item left unanswered."""
    if not row.version.strip().isdecimal():
        raise _Faulty("wrong_version", "Write the instrument's version as a whole number.")
    try:
        pack = pack_of(row.instrument.strip(), int(row.version), packs)
    except UnknownInstrument:
        remedy = "Name an instrument and version that was asked for."
        raise _Faulty(UnknownInstrument.code, remedy) from None
    answers: dict[str, int | None] = {}
    for column, cell in row.answers.items():
        written = cell.strip()
        if not written:
            continue
        if column not in pack.by_item:
            remedy = f"Leave the columns of other instruments empty; its items are {', '.join(pack.by_item)}."
            raise _Faulty("unknown_item", remedy)
        if not written.lstrip("-").isdecimal():
            raise _Faulty(
                "not_a_number", f"Write the answer to {column} as a whole number, or leave it empty."
            )
        answers[column] = int(written)
    if not answers:
        raise _Faulty("nothing_answered", "Leave the row out when the person has not answered.")
    try:
        return InstrumentAnswered(instrument=pack.instrument, version=pack.version, answers=answers)
    except ValidationError:
        raise _Faulty("unreadable", "Write the columns as they were handed out.") from None
