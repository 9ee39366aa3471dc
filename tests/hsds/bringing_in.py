"""Documents brought into a town, and what came of them."""

from __future__ import annotations

import io
from typing import Any

import orjson

from sluss.hsds import exporting
from sluss.hsds.importing import Found, Importer, Report
from sluss.hsds.reader import pieces
from sluss.hsds.terms import Outcome, Terms
from sluss.reach import RefusedByRule
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.outside_record import BringInRecords
from sluss_contracts.outside_record import Assumed
from sluss_contracts.vocabulary import Need, OrganisationKind
from tests.support.calendar import COORDINATOR, Town

ASSUMED = Assumed(
    area="mycity", needs=(Need.MENTAL_WELLBEING,), capacity=10, organisation_kind=OrganisationKind.ASSOCIATION
)


class Asking:
    """The town as an import reaches it: a refusal is raised."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.sent: list[Command] = []

    async def ask(self, command: Command) -> Answer:
        answer = await self.town.desk.ask(command)
        if answer.refused:
            raise RefusedByRule(f"{answer.refused.message} [{answer.refused.code}]")
        if isinstance(command, BringInRecords):
            self.sent += (each for brought in command.records for each in brought.commands)
        return answer


class Import:
    """What came of one import."""

    def __init__(self) -> None:
        self.faults: list[Found] = []
        self.notes: list[Found] = []
        self.report = Report(on_fault=self.faults.append, on_note=self.notes.append)
        self.sent: list[str] = []

    @property
    def counts(self) -> dict[str, int]:
        return {str(each): many for each, many in self.report.counts.items()}


async def bring_in(
    town: Town,
    *documents: Any,
    text: bytes | None = None,
    register: bool = True,
    check: bool = False,
    hint: str | None = None,
    assumed: Assumed = ASSUMED,
) -> Import:
    """Bring these documents in, as a file that lists them."""
    came, asking = Import(), Asking(town)
    importer = Importer(asking, Terms(COORDINATOR, assumed, register), came.report, only_check=check)
    file = io.BytesIO(orjson.dumps(documents) if text is None else text)
    await importer.bring_in("file.json", pieces(file), hint)
    came.sent = [command.VERB for command in asking.sent]
    return came


async def written_out(town: Town, what: str, *, public: bool = False) -> list[dict[str, Any]]:
    """What the export writes."""
    out = io.BytesIO()
    count = await exporting.write(town.engine, what, out, public=public)
    found: list[dict[str, Any]] = orjson.loads(out.getvalue())
    assert len(found) == count
    return found


__all__ = ["ASSUMED", "Import", "Outcome", "bring_in", "written_out"]
