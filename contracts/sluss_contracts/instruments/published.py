"""An instrument that an organisation has added to the network. Owned by the navigator service."""

from __future__ import annotations

from pydantic import Field

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.instruments.format import Pack
from sluss_contracts.pathway import InstrumentId


class InstrumentPublished(
    Fact,
    type="instrument.published",
    id="instrument",
    said_by="navigator",
    read_by=("notify", "console"),
    data_class=DataClass.STAFF,
):
    """An instrument may be used from now on, in this version; said again, its wording is corrected.

    It does *not* change how any version scores, and does *not* mean that anybody outside the network may see
    its wording: the pack's licence note says on what terms it is used.
    """

    instrument: InstrumentId
    version: int = Field(ge=1)
    definition: Pack
