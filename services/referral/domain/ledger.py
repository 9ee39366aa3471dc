"""What was said once and never changes: receipts, refusals, alarms … leave a trace but no state."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from sluss_contracts.event import Fact


class Told(BaseModel):
    """That it was said is all there is to know."""

    model_config = ConfigDict(frozen=True)


def told(_: Told | None, fact: Fact) -> Told:
    return Told()
