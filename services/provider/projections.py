"""This service's own events, into its own tables, in the transaction that says them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.provider import store
from services.provider.domain.enrolment import NO_PROVIDER, Status, status_after
from services.provider.handlers import LOOK_AT_THE_LINE
from services.provider.registry import service
from services.runtime.pathways import known_pathways, write_pathways
from services.runtime.tx import Tx
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityPublished,
    ProviderAmended,
    ProviderRegistered,
    SessionScheduled,
)
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Event
from sluss_contracts.pathway import PathwayPublished

_Changed = EnrolmentOffered | EnrolmentAccepted | EnrolmentDeclined | EnrolmentWaitlisted | EnrolmentEnded


@service.project(ProviderRegistered, ProviderAmended)
async def list_providers(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    rows = [{"provider": each.data.provider, "name": each.data.name} for each in events]
    await tx.execute_many(store.WRITE_PROVIDER, rows)


@service.project(ActivityPublished, ActivityAmended)
async def list_activities(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    rows = [
        {
            "activity": each.data.activity,
            "provider": each.data.provider,
            "capacity": each.data.capacity,
            "acceptance": each.data.acceptance.value,
        }
        for each in events
    ]
    await tx.execute_many(store.WRITE_ACTIVITY, rows)
    for each in events:  # there may be more places than before
        await _look_at_the_line(tx, each)


@service.project(SessionScheduled)
async def list_sessions(tx: Tx, events: Sequence[Event[SessionScheduled]]) -> None:
    rows = [
        {"session_id": each.data.session_id, "activity": each.data.activity, "starts": each.data.starts}
        for each in events
    ]
    await tx.execute_many(store.WRITE_SESSION, rows)


@service.project(EnrolmentOffered, EnrolmentAccepted, EnrolmentDeclined, EnrolmentWaitlisted, EnrolmentEnded)
async def follow_enrolments(tx: Tx, events: Sequence[Event[_Changed]]) -> None:
    """Keep count of places and line. Whatever may have let somebody in line come nearer is looked at again
    after this transaction: a place given back, somebody leaving the line, and somebody joining it (a place
    may have been given back by another transaction at the same moment)."""
    for each in events:
        fact, status = each.data, status_after(each.data)
        if fact.provider == NO_PROVIDER:
            continue
        if each.sequence == 1:
            await tx.execute(
                store.WRITE_ENROLMENT,
                enrolment_id=fact.enrolment_id,
                referral_id=fact.referral_id,
                activity=fact.activity,
                status=status.value,
            )
        else:
            await tx.execute(store.MOVE_ENROLMENT, enrolment=fact.enrolment_id, to=status.value)
        if not status.holds_a_place and not (status is Status.DECLINED and each.sequence == 1):
            await _look_at_the_line(tx, each)


async def _look_at_the_line(tx: Tx, event: Event[Any]) -> None:
    # Named after the event, so that two transactions never wait for each other over one timer.
    await tx.timers.set(
        LOOK_AT_THE_LINE, str(event.id), event.partitionkey, tx.now, activity=event.data.activity
    )


service.absorb(PathwayPublished)(write_pathways)
service.give = known_pathways
