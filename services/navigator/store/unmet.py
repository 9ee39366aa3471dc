"""What nothing met: needs by area, of cases that are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.store.rows import insertion, packed
from services.navigator.store.tables import case_file, unmet_need
from services.runtime.tx import Tx, sql
from sluss_contracts.case import NeedUnmet
from sluss_contracts.event import Event

_WRITE = sql(insertion(unmet_need).on_conflict_do_nothing())
_WAITING = sql(
    select(unmet_need.c.referral_id)
    .distinct()
    .select_from(unmet_need.join(case_file, case_file.c.referral_id == unmet_need.c.referral_id))
    .where(
        unmet_need.c.area == bindparam("area", type_=Text),
        unmet_need.c.need == func.any(bindparam("needs", type_=ARRAY(Text))),
        case_file.c.closed.is_(None),
    )
    .order_by(unmet_need.c.referral_id)
)


async def write_unmet(tx: Tx, events: Sequence[Event[NeedUnmet]]) -> None:
    """Each need once for each area and referral."""
    rows: list[dict[str, Any]] = [
        {"referral_id": event.data.referral_id, "need": event.data.need, "area": event.data.area}
        for event in events
    ]
    await tx.execute(_WRITE, rows=packed(rows))


async def waiting_for(tx: Tx, area: str, needs: Collection[str]) -> list[str]:
    """The open cases that wait for something that meets one of these needs in this area."""
    rows = await tx.fetch(_WAITING, area=area, needs=[str(need) for need in needs])
    return [row["referral_id"] for row in rows]
