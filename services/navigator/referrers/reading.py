"""A referrer's own referrals, as far as referrers are told: by the last step they were told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Integer, Text, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.board import board, step
from services.navigator.steps import STEPS_TOLD_TO_REFERRERS, Lane

PAGE = 25


class Which(StrEnum):
    """Which of them are listed."""

    OPEN = "open"
    OVER = "over"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Followed:
    """One of them."""

    referral: str
    received: datetime
    step: str
    """The last step the referrer was told of."""
    told_at: datetime
    over: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of them, and how many there are."""

    total: int
    rows: Sequence[Followed]


_own = board.c.organisation == bindparam("organisation", type_=Text)
_shown = (_own, board.c.received.is_not(None))
_over = board.c.lane == Lane.CLOSED.value
_told = (
    select(step.c.step, step.c.time)
    .where(
        step.c.referral == board.c.referral,
        step.c.step == func.any(bindparam("told", type_=ARRAY(Text))),
    )
    .order_by(step.c.time.desc(), step.c.event.desc())
    .limit(1)
    .lateral("told")
)
_WHICH = {Which.OPEN: ~_over, Which.OVER: _over, Which.ALL: true()}


async def listed(db: AsyncEngine, organisation: str, which: Which, page: int) -> Listed:
    """A page of an organisation's referrals, those it was told of last first."""
    wanted = (*_shown, _WHICH[which])
    count = select(func.count()).select_from(board).where(*wanted)
    rows = (
        select(board.c.referral, board.c.received, _told.c.step, _told.c.time, _over.label("over"))
        .select_from(board.join(_told, true()))
        .where(*wanted)
        .order_by(_told.c.time.desc(), board.c.referral)
        .limit(PAGE)
        .offset(bindparam("skipped", type_=Integer))
    )
    given = {"organisation": organisation}
    more = {"told": sorted(STEPS_TOLD_TO_REFERRERS), "skipped": (page - 1) * PAGE}
    async with db.connect() as connection:
        total = (await connection.execute(count, given)).scalar_one()
        found = (await connection.execute(rows, given | more)).all()
    return Listed(
        total, [Followed(row.referral, row.received, row.step, row.time, row.over) for row in found]
    )
