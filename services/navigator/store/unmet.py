"""What nothing met: needs by area, of cases that are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Boolean, Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.store.rows import insertion, packed
from services.navigator.store.tables import case_file, unmet_need
from services.runtime.tx import Tx, sql
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.event import Event

_WRITE = sql(insertion(unmet_need).on_conflict_do_nothing())
_WAITING = sql(
    select(unmet_need.c.referral_id)
    .distinct()
    .select_from(unmet_need.join(case_file, case_file.c.referral_id == unmet_need.c.referral_id))
    .where(
        or_(
            bindparam("everywhere", type_=Boolean),
            unmet_need.c.area == func.any(bindparam("areas", type_=ARRAY(Text))),
        ),
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


async def waiting_for(
    tx: Tx, areas: Collection[str], needs: Collection[str], *, everywhere: bool
) -> list[str]:
    """The open cases that wait for something that meets one of these needs in one of these areas."""
    rows = await tx.fetch(
        _WAITING, areas=sorted(areas), needs=[str(need) for need in needs], everywhere=everywhere
    )
    return [row["referral_id"] for row in rows]
