"""The one outside who sends evaluations out: fetches a file without names, and gives one back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from services.runtime.calls import Network
from services.runtime.decision import Transient
from sluss.people.acting import PACKS, answers_to
from sluss.people.picture import Picture
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import ImportEvaluations, OutsideAnswer, ReadEvaluationExport
from sluss_contracts.pathway import SentBy
from sluss_contracts.vocabulary import Role

_BY = Actor(id="region-distributor", role=Role.COORDINATOR)
_AFTER = timedelta(days=7)
"""How long people take to answer on paper."""
_BETWEEN = timedelta(days=5)


class Distributor:
    """Everybody it writes to answers, one question left out now and then."""

    def __init__(self, network: Network, seed: int) -> None:
        self._network = network
        self._seed = seed
        self._latest: datetime | None = None
        self.answered = 0
        """Instruments of evaluations that came back so far."""

    def has_work(self, picture: Picture, now: datetime) -> bool:
        """Whether evaluations have been out long enough for the answers to be here."""
        if self._latest and now - self._latest < _BETWEEN:
            return False
        return any(
            each.status in ("due", "answered") and each.sent_by == SentBy.OUTSIDE
            for each in picture.evaluations.values()
            if each.since is None or each.since + _AFTER < now
        )

    async def send_out_and_collect(self, now: datetime) -> None:
        """Fetch what is due, and bring the answers."""
        self._latest = now
        with suppress(Transient):
            export = ReadEvaluationExport(command_id=uuid4(), actor=_BY, until=now)
            answer = await self._network.ask(export, timeout=10)
            rows = [row for each in answer.result.get("rows", ()) for row in self._of(each)]
            numbered = [row.model_copy(update={"line": line}) for line, row in enumerate(rows, 2)]
            for begin in range(0, len(numbered), 200):
                batch = tuple(numbered[begin : begin + 200])
                brought = ImportEvaluations(command_id=uuid4(), actor=_BY, rows=batch)
                told = await self._network.ask(brought, timeout=10)
                self.answered += int(told.result.get("answered", 0))

    def _of(self, exported: dict[str, object]) -> list[OutsideAnswer]:
        export_id, wanted = str(exported["export_id"]), exported["instruments"]
        assert isinstance(wanted, list | tuple)
        rows = []
        for each in wanted:
            instrument = each["instrument"] if isinstance(each, dict) else str(each)
            answers = answers_to(instrument, Random(f"{self._seed}:{export_id}:{instrument}"), better=0.2)
            cells = {item: str(value) for item, value in answers.items()}
            version = str(PACKS[instrument].version)
            rows.append(
                OutsideAnswer(
                    line=2, export_id=export_id, instrument=instrument, version=version, answers=cells
                )
            )
        return rows
