"""What a link worker's time is taken up by, read so that nobody else takes the same time meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.navigator.domain.meeting import Interval
from services.navigator.store.diary import BOOKED_SINCE, LONGEST
from services.runtime.tx import Tx, sql
from sluss_contracts.commands.meetings import BookMeeting, MoveMeeting

_ONE_AT_A_TIME = """
select pg_advisory_xact_lock(hashtextextended('time of ' || worker, 0)) from (
  select distinct worker from case_file
  where referral_id = any($1::text[]) and worker is not null order by worker
) whose
"""
_WHOSE = """
select referral_id, worker from case_file where referral_id = any($1::text[]) and worker is not null
"""
_BOOKED = sql(BOOKED_SINCE)

Booked = list[dict[str, Any]]
"""The meetings a link worker has before them, one row each."""


async def take_turns(tx: Tx, referrals: Collection[str]) -> dict[str, str]:
    """Whose these cases are. Until the transaction ends nobody else takes turns for the time of these link
    workers."""
    wanted = sorted(set(referrals))
    await tx.execute(_ONE_AT_A_TIME, wanted)
    return {row["referral_id"]: row["worker"] for row in await tx.fetch(_WHOSE, wanted)}


async def booked_with(tx: Tx, worker: str) -> Booked:
    """The meetings this link worker has before them."""
    return [dict(row) for row in await tx.fetch(_BOOKED, worker=worker, since=tx.now - LONGEST)]


def intervals(rows: Iterable[Mapping[str, Any]], *, but: str | None = None) -> list[Interval]:
    """What is booked, without this meeting itself: its own time is given up."""
    return [
        (row["starts"], row["starts"] + timedelta(minutes=row["minutes"]))
        for row in rows
        if row["meeting_id"] != but
    ]


async def times_taken(tx: Tx, commands: Sequence[BookMeeting | MoveMeeting]) -> dict[str, Booked]:
    """By referral, what is booked with whoever has the case, for those that want a free time."""
    careful = [command.referral_id for command in commands if command.only_if_free]
    if not careful:
        return {}
    whose = await take_turns(tx, careful)
    booked = {worker: await booked_with(tx, worker) for worker in set(whose.values())}
    return {referral: booked[worker] for referral, worker in whose.items()}
