"""The line: cases nobody has yet, and which of them are worth another look when somebody has room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Text, bindparam, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.domain.assignment import SUITS_A_VOLUNTEER
from services.navigator.store.tables import case_file, link_worker, reach, referral
from services.runtime.tables import aggregate
from services.runtime.tx import Tx, sql
from sluss_contracts.referral import ReferralAccepted

MORE = 3
"""How many cases beyond the free places are looked at: some may be claimed in the meantime."""


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_in_line = (case_file.c.worker.is_(None), case_file.c.closed.is_(None))
_fitting = (
    select(case_file.c.referral_id)
    .select_from(
        case_file.join(referral, referral.c.referral_id == case_file.c.referral_id).join(
            reach,
            (reach.c.area == referral.c.area) & (reach.c.language == referral.c.language),
        )
    )
    .where(
        *_in_line,
        reach.c.worker == link_worker.c.worker,
        or_(referral.c.requested_gender.is_(None), referral.c.requested_gender == link_worker.c.gender),
        or_(~link_worker.c.volunteer, referral.c.needs.contained_by(_texts("suitable"))),
    )
    .order_by(case_file.c.since, case_file.c.referral_id)
    .limit(link_worker.c.capacity - link_worker.c.load + MORE)
    .correlate(link_worker)
    .lateral("fitting")
)
_FITTING = sql(
    select(_fitting.c.referral_id)
    .select_from(link_worker.join(_fitting, true()))
    .where(link_worker.c.worker == func.any(_texts("workers")), link_worker.c.load < link_worker.c.capacity)
    .distinct()
)
_asked = (
    select(*(referral.c[name] for name in ReferralAccepted.model_fields if name in referral.c))
    .select_from(referral.join(case_file, case_file.c.referral_id == referral.c.referral_id))
    .where(referral.c.referral_id == func.any(_texts("referrals")))
)
_ASKED_IN_LINE = sql(_asked.where(*_in_line))
_ASKED_OF_WORKER = sql(
    _asked.where(case_file.c.worker == bindparam("worker", type_=Text), case_file.c.closed.is_(None))
)
_HELD = sql(
    select(case_file.c.referral_id)
    .where(case_file.c.worker == bindparam("worker", type_=Text), case_file.c.closed.is_(None))
    .order_by(case_file.c.referral_id)
)
STATES = sql(
    select(aggregate.c.state)
    .where(aggregate.c.kind == literal("case"), aggregate.c.key == func.any(_texts("referrals")))
    .order_by(aggregate.c.key)
)
"""The cases of these referrals as they are."""
_FORMERLY = sql(
    select(case_file.c.worker).where(
        case_file.c.referral_id == func.any(_texts("referrals")), case_file.c.worker.is_not(None)
    )
)


async def fitting(tx: Tx, workers: Iterable[str]) -> list[str]:
    """The referrals in line that these link workers could be given, as many as they have room for and a
    few more, the longest waiting first."""
    rows = await tx.fetch(
        _FITTING, workers=sorted(set(workers)), suitable=sorted(need.value for need in SUITS_A_VOLUNTEER)
    )
    return [row["referral_id"] for row in rows]


async def asked_of(tx: Tx, referrals: Collection[str]) -> dict[str, ReferralAccepted]:
    """What these referrals ask for, of those still in line."""
    rows = await tx.fetch(_ASKED_IN_LINE, referrals=sorted(set(referrals)))
    return {row["referral_id"]: ReferralAccepted(**row) for row in rows}


async def asked_of_worker(tx: Tx, worker: str, referrals: Collection[str]) -> dict[str, ReferralAccepted]:
    """What these referrals ask for, of those this link worker still has."""
    rows = await tx.fetch(_ASKED_OF_WORKER, worker=worker, referrals=sorted(set(referrals)))
    return {row["referral_id"]: ReferralAccepted(**row) for row in rows}


async def held_by(tx: Tx, worker: str) -> list[str]:
    """The open cases of a link worker."""
    return [row["referral_id"] for row in await tx.fetch(_HELD, worker=worker)]


async def workers_of(tx: Tx, referrals: Collection[str]) -> list[str]:
    """Whose these cases are, or were."""
    return [row["worker"] for row in await tx.fetch(_FORMERLY, referrals=sorted(set(referrals)))]
