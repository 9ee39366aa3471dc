"""Cases, meetings and tasks as tables, written from the navigator's own events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Table, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert

from services.navigator.store.rows import given, insertion, packed
from services.navigator.store.tables import activity_task, case_file, conflict, meeting, task
from services.navigator.store.workers import change_loads
from services.runtime.tx import Statement, Tx, sql
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseQueued,
    CaseReassigned,
    CaseUnassigned,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.meeting import (
    MeetingBooked,
    MeetingCancelled,
    MeetingConfirmed,
    MeetingHeld,
    MeetingMissed,
    MeetingMoved,
    MeetingTimeUnsuited,
)
from sluss_contracts.plan import PlanAgreed, PlanRevised
from sluss_contracts.task import (
    ActivityTaskDone,
    ActivityTaskOpened,
    TaskDone,
    TaskLapsed,
    TaskOpened,
    TaskReassigned,
)


def _change(table: Table, *names: str) -> Any:
    """Set the columns `names` of the rows whose key is among the parameter `rows`."""
    (key,) = table.primary_key.columns
    rows = given(table, key.name, *names)
    return update(table).values({name: rows.c[name] for name in names}).where(key == rows.c[key.name])


_OPEN = sql(
    insertion(case_file, "referral_id", "person", "organisation", "team", "worker", "opened", "since")
)
_TAKE = sql(_change(case_file, "team", "worker", "since"))
_PLAN = sql(_change(case_file, "plan_version"))
_CLOSE = sql(
    _change(case_file, "closed", "outcome").where(case_file.c.closed.is_(None)).returning(case_file.c.worker)
)
_BOOK = sql(
    insertion(meeting, "meeting_id", "referral_id", "worker", "kind", "mode", "starts", "minutes", "held")
)
_MOVE = sql(_change(meeting, "worker", "mode", "starts", "minutes"))
_SUIT = sql(_change(meeting, "suits"))
_CANCEL = sql(_change(meeting, "cancelled"))
_REPORT = sql(_change(meeting, "mode", "minutes", "held"))
_MISS = sql(_change(meeting, "held"))
_OPEN_TASK = sql(
    insertion(task, "task_id", "referral_id", "kind", "why", "about", "team", "worker", "due", "opened")
)
_REASSIGN_TASK = sql(_change(task, "team", "worker"))
_OPEN_ACTIVITY_TASK = sql(
    insertion(activity_task, "task_id", "activity", "kind", "why", "team", "due", "opened")
)
_END_ACTIVITY_TASK = sql(_change(activity_task, "done", "how"))
_END_TASK = sql(_change(task, "done", "how"))


async def write_cases(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """Whose each case is, and with it how many cases each link worker has."""
    given = _of(events, CaseQueued, CaseAssigned, CaseClaimed, CaseReassigned)
    loads = Counter(event.data.worker for event in given if not isinstance(event.data, CaseQueued))
    loads.subtract(event.data.before for event in _of(events, CaseReassigned))
    loads.subtract(event.data.worker for event in _of(events, CaseUnassigned))
    opened = [
        {**_said(event, "referral_id", "person", "organisation", "team", "worker"), "opened": event.time}
        for event in given
        if event.sequence == 1
    ]
    taken = {
        event.data.referral_id: _said(event, "referral_id", "team", "worker")
        for event in given
        if event.sequence > 1
    }
    since = {"since": events[0].time}
    await _write(tx, _OPEN, [{**row, **since} for row in opened])
    await _write(tx, _TAKE, [{**row, **since} for row in taken.values()])
    plans = {
        event.data.referral_id: {"referral_id": event.data.referral_id, "plan_version": event.data.version}
        for event in _of(events, PlanAgreed, PlanRevised)
    }
    await _write(tx, _PLAN, list(plans.values()))
    closed = [
        {**_said(event, "referral_id", "outcome"), "closed": event.time} for event in _of(events, CaseClosed)
    ]
    if closed:
        freed = await tx.fetch(_CLOSE, rows=packed(closed))
        loads.subtract(row["worker"] for row in freed if row["worker"])
    await change_loads(tx, loads)


async def write_meetings(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """What is booked, and what came of it."""
    booked = [
        _said(event, "meeting_id", "referral_id", "worker", "kind", "mode", "starts", "minutes")
        for event in _of(events, MeetingBooked)
    ]
    held = [
        {**_said(event, "meeting_id", "mode", "minutes"), "held": True} for event in _of(events, MeetingHeld)
    ]
    missed = [{**_said(event, "meeting_id"), "held": False} for event in _of(events, MeetingMissed)]
    moved = {
        event.data.meeting_id: _said(event, "meeting_id", "worker", "mode", "starts", "minutes")
        for event in _of(events, MeetingMoved)
    }
    said = {
        event.data.meeting_id: {
            **_said(event, "meeting_id"),
            "suits": event.data.by_person or None
            if isinstance(event.data, MeetingMoved)
            else isinstance(event.data, MeetingConfirmed),
        }
        for event in _of(events, MeetingMoved, MeetingConfirmed, MeetingTimeUnsuited)
    }
    off = [{**_said(event, "meeting_id"), "cancelled": True} for event in _of(events, MeetingCancelled)]
    await _write(tx, _BOOK, booked)
    await _write(tx, _MOVE, list(moved.values()))
    await _write(tx, _SUIT, list(said.values()))
    await _write(tx, _CANCEL, off)
    await _write(tx, _REPORT, held)
    await _write(tx, _MISS, missed)


async def write_tasks(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """What waits for whom. A batch may open, hand over and end the same task, in that order."""
    opened = [{**event.data.model_dump(), "opened": event.time} for event in _of(events, TaskOpened)]
    moved = {
        event.data.task_id: _said(event, "task_id", "team", "worker") for event in _of(events, TaskReassigned)
    }
    done = [{**_said(event, "task_id", "how"), "done": event.time} for event in _of(events, TaskDone)]
    done += [
        {"task_id": event.data.task_id, "how": event.data.why, "done": event.time}
        for event in _of(events, TaskLapsed)
    ]
    await _write(tx, _OPEN_TASK, opened)
    await _write(tx, _REASSIGN_TASK, list(moved.values()))
    await _write(tx, _END_TASK, done)


async def write_activity_tasks(
    tx: Tx, events: Sequence[Event[ActivityTaskOpened | ActivityTaskDone]]
) -> None:
    """What waits for a team and is about no referral."""
    opened = [{**event.data.model_dump(), "opened": event.time} for event in _of(events, ActivityTaskOpened)]
    done = [{**_said(event, "task_id", "how"), "done": event.time} for event in _of(events, ActivityTaskDone)]
    await _write(tx, _OPEN_ACTIVITY_TASK, opened)
    await _write(tx, _END_ACTIVITY_TASK, done)


def _of(events: Sequence[Event[Any]], *facts: type[Fact]) -> list[Event[Any]]:
    return [event for event in events if isinstance(event.data, facts)]


def _said(event: Event[Any], *names: str) -> dict[str, Any]:
    return {name: getattr(event.data, name, None) for name in names}


async def _write(tx: Tx, statement: Statement, rows: list[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(statement, rows=packed(rows))


CONFLICT = "conflict_of_interest"
"""Why a case is given up by somebody who is never to be given this person again."""

_gave_up = given(case_file, "referral_id", "worker")
_CONFLICTS = sql(
    insert(conflict)
    .from_select(
        ["person", "worker"],
        select(case_file.c.person, _gave_up.c.worker).select_from(
            _gave_up.join(case_file, case_file.c.referral_id == _gave_up.c.referral_id)
        ),
    )
    .on_conflict_do_nothing()
)


async def write_conflicts(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """Whoever gave a case up because of a conflict of interest has it with the person, not with the case."""
    rows = []
    for event in events:
        said = event.data
        moved = isinstance(said, CaseReassigned)
        if CONFLICT in (said.because if moved else (said.because,)):
            worker = said.before if moved else said.worker
            rows.append({"referral_id": said.referral_id, "worker": worker})
    await _write(tx, _CONFLICTS, rows)


_CONFLICTS_OF = sql(
    select(conflict.c.person, conflict.c.worker)
    .where(conflict.c.person == func.any(bindparam("persons", type_=ARRAY(Text))))
    .order_by(conflict.c.person, conflict.c.worker)
)


async def conflicts_of(tx: Tx, persons: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The link workers with a conflict of interest, by person; persons without any are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for row in await tx.fetch(_CONFLICTS_OF, persons=sorted(set(persons))):
        found[row["person"]] = (*found.get(row["person"], ()), row["worker"])
    return found


_BEFORE = sql(
    select(case_file.c.person, case_file.c.worker)
    .ext(distinct_on(case_file.c.person))
    .where(
        case_file.c.person == func.any(bindparam("persons", type_=ARRAY(Text))),
        case_file.c.worker.is_not(None),
    )
    .order_by(case_file.c.person, case_file.c.since.desc(), case_file.c.referral_id.desc())
)


async def last_workers(tx: Tx, persons: Collection[str]) -> dict[str, str]:
    """Who last had each person; whom nobody had is left out."""
    rows = await tx.fetch(_BEFORE, persons=sorted(set(persons)))
    return {row["person"]: row["worker"] for row in rows}
