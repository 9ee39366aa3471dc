"""This service's own events, into its own tables and due dates, in the transaction that says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.provider import tables
from services.provider.catalogue import ASK_WHETHER_RIGHT, END_THOSE_IN_IT, HIDE, SESSION_OVER
from services.provider.domain.activity import LIFECYCLE
from services.provider.domain.answer import GRACE
from services.provider.domain.enrolment import NO_PROVIDER, Status, status_after
from services.provider.domain.leaving import of_all
from services.provider.domain.places import EVERYBODY
from services.provider.freshness import freshness
from services.provider.handlers import LOOK_AT_THE_LINE, OFFER_EXPIRES, REPORT_DUE
from services.provider.registry import service
from services.runtime.pathways import known_pathways, write_pathways
from services.runtime.tx import Tx
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityProposed,
    ActivityPublished,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderAmended,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Event
from sluss_contracts.pathway import DEFAULT, PathwayPublished
from sluss_contracts.vocabulary import ConsentPurpose

_Changed = (
    EnrolmentOffered
    | EnrolmentAccepted
    | EnrolmentDeclined
    | EnrolmentWaitlisted
    | EnrolmentExpired
    | EnrolmentEnded
)


@service.project(ProviderRegistered, ProviderAmended)
async def list_providers(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    rows = [{"provider": each.data.provider, "name": each.data.name} for each in events]
    await tx.execute_many(tables.WRITE_PROVIDER, rows)


@service.project(ActivityProposed, ActivityPublished, ActivityAmended)
async def list_activities(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """Nobody waits for what nobody could wish for before."""
    rows = []
    for each in events:
        status = LIFECYCLE.moves[type(each.data)].to
        assert status is not None, "each of these leads somewhere"
        rows.append(
            {
                "activity": each.data.activity,
                "provider": each.data.provider,
                "capacity": each.data.capacity,
                "acceptance": each.data.acceptance.value,
                "status": status.value,
                "vouched_by": each.data.by,
                "vouched_at": each.data.at,
                "ask_again": each.data.ask_again,
                "hides": None,
            }
        )
        if isinstance(each.data, ActivityAmended):
            await _look_at_the_line(tx, each)  # there may be more places than before
    await tx.execute_many(tables.WRITE_ACTIVITY, rows)


@service.project(ActivityVerified, ActivityExpired, ActivityWithdrawn)
async def follow_activities(
    tx: Tx, events: Sequence[Event[ActivityVerified | ActivityExpired | ActivityWithdrawn]]
) -> None:
    for each in events:
        status = LIFECYCLE.moves[type(each.data)].to
        assert status is not None, "each of these leads somewhere"
        await tx.execute(tables.MOVE_ACTIVITY, named=each.data.activity, to=status.value)
        if isinstance(each.data, ActivityVerified):
            said = {"vouched_by": each.data.by, "vouched_at": each.data.at, "ask_again": each.data.ask_again}
            await tx.execute(tables.VOUCH, named=each.data.activity, hides=None, **said)
            await _look_at_the_line(tx, each)  # it takes people again
        elif isinstance(each.data, ActivityWithdrawn):
            await tx.timers.set(END_THOSE_IN_IT, each.data.activity, each.partitionkey, tx.now)


@service.project(
    ActivityPublished, ActivityAmended, ActivityVerified, VerificationDue, ActivityExpired, ActivityWithdrawn
)
async def ask_whether_still_right(
    tx: Tx,
    events: Sequence[
        Event[ActivityPublished | ActivityVerified | VerificationDue | ActivityExpired | ActivityWithdrawn]
    ],
) -> None:
    """Whoever publishes, corrects or verifies says that it is right, and is asked again after a while."""
    for each in events:
        name = each.data.activity
        await tx.timers.clear(ASK_WHETHER_RIGHT, name)
        await tx.timers.clear(HIDE, name)
        match each.data:
            case ActivityPublished():
                due = each.data.ask_again or each.time + freshness().ask_after
                await tx.timers.set(ASK_WHETHER_RIGHT, name, each.partitionkey, due)
            case ActivityVerified(ask_again=due):
                await tx.timers.set(ASK_WHETHER_RIGHT, name, each.partitionkey, due)
            case VerificationDue(hidden_at=due):
                await tx.execute(tables.SINK, named=name, until=due)
                await tx.timers.set(HIDE, name, each.partitionkey, due)


@service.project(SessionScheduled, ActivityRescheduled)
async def list_sessions(tx: Tx, events: Sequence[Event[SessionScheduled | ActivityRescheduled]]) -> None:
    for each in events:
        session = each.data
        ends = session.starts + timedelta(minutes=session.minutes)
        await tx.execute(
            tables.WRITE_SESSION,
            session_id=session.session_id,
            activity=session.activity,
            starts=session.starts,
            ends=ends,
            cancelled=False,
            venue=session.venue.model_dump(mode="json") if session.venue else None,
        )
        await tx.timers.set(SESSION_OVER, session.session_id, each.partitionkey, ends)


@service.project(SessionCancelled)
async def strike_sessions(tx: Tx, events: Sequence[Event[SessionCancelled]]) -> None:
    for each in events:
        await tx.execute(tables.CANCEL_SESSION, session=each.data.session_id)
        await tx.timers.clear(SESSION_OVER, each.data.session_id)


@service.project(
    EnrolmentOffered,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentWaitlisted,
    EnrolmentExpired,
    EnrolmentEnded,
)
async def follow_enrolments(tx: Tx, events: Sequence[Event[_Changed]]) -> None:
    """Keep count of places and line. Whatever may have let somebody in line come nearer is looked at again
    after this transaction: a place given back, somebody leaving the line, and somebody joining it (a place
    may have been given back by another transaction at the same moment)."""
    for each in events:
        fact, status = each.data, status_after(each.data)
        assert status is not None, "each of these leads somewhere"
        if fact.provider == NO_PROVIDER:
            continue
        if each.sequence == 1:
            await tx.execute(
                tables.WRITE_ENROLMENT,
                enrolment_id=fact.enrolment_id,
                referral_id=fact.referral_id,
                activity=fact.activity,
                status=status.value,
                pathway=getattr(fact, "pathway", DEFAULT),
                pathway_version=getattr(fact, "pathway_version", 0),
                expected_from=None,
            )
        else:
            await tx.execute(tables.MOVE_ENROLMENT, enrolment=fact.enrolment_id, to=status.value)
        if isinstance(fact, EnrolmentAccepted):
            # Nobody is expected before the session or the time they were welcomed to.
            await tx.execute(
                tables.EXPECT,
                enrolment=fact.enrolment_id,
                since=fact.starts or each.time,
                begins_at=fact.first_session,
            )
        if not status.holds_a_place and not (status is Status.DECLINED and each.sequence == 1):
            await _look_at_the_line(tx, each)


@service.project(
    EnrolmentOffered,
    AnotherTimeSuggested,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentExpired,
    EnrolmentEnded,
)
async def let_offers_expire(tx: Tx, events: Sequence[Event[Any]]) -> None:
    for each in events:
        match each.data:
            case EnrolmentOffered() | AnotherTimeSuggested():
                due = each.data.answer_by + GRACE
                await tx.timers.set(OFFER_EXPIRES, each.data.enrolment_id, each.partitionkey, due)
            case _ if each.sequence > 1:
                await tx.timers.clear(OFFER_EXPIRES, each.data.enrolment_id)


@service.project(AttendanceRecorded)
async def expect_no_more_report(tx: Tx, events: Sequence[Event[AttendanceRecorded]]) -> None:
    for each in events:
        await tx.timers.clear(REPORT_DUE, f"{each.data.enrolment_id}/{each.data.session_id}")


@service.absorb(ConsentGiven, ConsentWithdrawn)
async def remember_who_is_shut_out(
    tx: Tx, events: Sequence[Event[ConsentGiven] | Event[ConsentWithdrawn]]
) -> None:
    """A wish for a place may have been on its way when consent was withdrawn."""
    for each in events:
        said, referral = each.data, each.data.referral_id
        if isinstance(said, ConsentWithdrawn):
            for provider in ([EVERYBODY] if of_all(said) else []) + list(said.receivers):
                await tx.execute(tables.SHUT_OUT, referral_id=referral, provider=provider)
        elif ConsentPurpose.SHARE_WITH_PROVIDER in said.purposes:
            if not said.receivers:
                await tx.execute(tables.LET_ALL_IN, referral=referral)
            for provider in (EVERYBODY, *said.receivers) if said.receivers else ():
                await tx.execute(tables.LET_IN, referral=referral, of=provider)


async def _look_at_the_line(tx: Tx, event: Event[Any]) -> None:
    # Named after the event, so that two transactions never wait for each other over one timer.
    await tx.timers.set(
        LOOK_AT_THE_LINE, str(event.id), event.partitionkey, tx.now, activity=event.data.activity
    )


service.absorb(PathwayPublished)(write_pathways)
service.give = known_pathways
