"""What link workers and coordinators look at: tasks by urgency, the team's inbox, caseloads, one case.

Each function reads through the pages' engine and gives plain frozen records; names of people, teams and
activities are the board's to give, and who a person is only the vault's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Select, Text, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.store.activity_tasks import ActivityTask, activity_tasks_of_team
from services.navigator.store.tables import (
    case_file,
    enrolment,
    link_worker,
    meeting,
    referral,
    task,
)

__all__ = [
    "ActivityTask",
    "activity_tasks_of_team",
]

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
"""Whose calendar days `today` and leaves are counted in."""


class Urgency(StrEnum):
    """When a task is due, as a person reads a calendar."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    LATER = "later"


def urgency(due: datetime, now: datetime) -> Urgency:
    """Overdue once the moment has passed; otherwise by calendar days, and weeks that end on Sunday."""
    if due < now:
        return Urgency.OVERDUE
    day, today = due.astimezone(LOCAL_TIME).date(), now.astimezone(LOCAL_TIME).date()
    if day == today:
        return Urgency.TODAY
    if day == today + timedelta(days=1):
        return Urgency.TOMORROW
    if day <= today + timedelta(days=6 - today.weekday()):
        return Urgency.THIS_WEEK
    return Urgency.LATER


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Something that waits, with what a row on a page needs of its referral."""

    task_id: str
    referral_id: str
    kind: str
    why: str
    about: str | None
    team: str
    worker: str | None
    due: datetime
    organisation: str | None
    area: str | None
    language: str | None
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case in a team's inbox, the longest waiting first."""

    referral_id: str
    organisation: str
    since: datetime
    area: str | None
    language: str | None
    needs: tuple[str, ...]
    requested_gender: str | None


@dataclass(frozen=True, slots=True)
class HeldCase:
    """An open case of a link worker, and what is to be done next in it."""

    referral_id: str
    organisation: str
    team: str
    since: datetime
    plan_version: int
    kind: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Load:
    """How full a link worker is."""

    worker: str
    capacity: int
    load: int
    volunteer: bool


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One case with its open tasks, meetings and enrolments as rows of their tables."""

    case: Mapping[str, Any]
    referral: Mapping[str, Any] | None
    tasks: tuple[OpenTask, ...]
    meetings: tuple[Mapping[str, Any], ...]
    enrolments: tuple[Mapping[str, Any], ...]


_MOST = bindparam("most", type_=Integer)


def _given(name: str) -> Any:
    return bindparam(name, type_=Text)


_task = (
    select(
        *(
            task.c[name]
            for name in ("task_id", "referral_id", "kind", "why", "about", "team", "worker", "due")
        ),
        func.coalesce(case_file.c.organisation, referral.c.organisation).label("organisation"),
        referral.c.area,
        referral.c.language,
        referral.c.needs,
    )
    .select_from(
        task.outerjoin(case_file, case_file.c.referral_id == task.c.referral_id).outerjoin(
            referral, referral.c.referral_id == task.c.referral_id
        )
    )
    .where(task.c.done.is_(None))
    .order_by(task.c.due, task.c.task_id)
)
_TASKS_OF_WORKER = _task.where(task.c.worker == _given("worker")).limit(_MOST)
_TASKS_OF_TEAM = _task.where(task.c.team == _given("team"), task.c.worker.is_(None)).limit(_MOST)
_TASKS_OF_REFERRAL = _task.where(task.c.referral_id == _given("referral_id"))
_INBOX = (
    select(
        case_file.c.referral_id,
        case_file.c.organisation,
        case_file.c.since,
        referral.c.area,
        referral.c.language,
        referral.c.needs,
        referral.c.requested_gender,
    )
    .select_from(case_file.outerjoin(referral, referral.c.referral_id == case_file.c.referral_id))
    .where(case_file.c.team == _given("team"), case_file.c.worker.is_(None), case_file.c.closed.is_(None))
    .order_by(case_file.c.since, case_file.c.referral_id)
    .limit(_MOST)
)
_next = (
    select(task.c.kind, task.c.due)
    .where(task.c.referral_id == case_file.c.referral_id, task.c.done.is_(None))
    .order_by(task.c.due, task.c.task_id)
    .limit(1)
    .lateral("next")
)
_CASELOAD = (
    select(
        *(case_file.c[name] for name in ("referral_id", "organisation", "team", "since", "plan_version")),
        _next.c.kind,
        _next.c.due,
    )
    .select_from(case_file.outerjoin(_next, true()))
    .where(case_file.c.worker == _given("worker"), case_file.c.closed.is_(None))
    .order_by(_next.c.due.nulls_last(), case_file.c.referral_id)
    .limit(_MOST)
)
_LOADS = (
    select(link_worker.c.worker, link_worker.c.capacity, link_worker.c.load, link_worker.c.volunteer)
    .where(link_worker.c.team == _given("team"))
    .order_by(link_worker.c.worker)
    .limit(_MOST)
)
_CASE = select(case_file).where(case_file.c.referral_id == _given("referral_id"))
_REFERRAL = select(referral).where(referral.c.referral_id == _given("referral_id"))
_MEETINGS = select(meeting).where(meeting.c.referral_id == _given("referral_id")).order_by(meeting.c.starts)
_ENROLMENTS = (
    select(enrolment)
    .where(enrolment.c.referral_id == _given("referral_id"))
    .order_by(enrolment.c.enrolment_id)
)

R = TypeVar("R")


async def tasks_of_worker(db: AsyncEngine, worker: str, *, most: int = 200) -> list[OpenTask]:
    """A link worker's open tasks, the first due first."""
    return _records(OpenTask, await _read(db, _TASKS_OF_WORKER, worker=worker, most=most))


async def tasks_of_team(db: AsyncEngine, team: str, *, most: int = 200) -> list[OpenTask]:
    """The open tasks that are the whole team's, the first due first."""
    return _records(OpenTask, await _read(db, _TASKS_OF_TEAM, team=team, most=most))


def by_urgency(tasks: Sequence[OpenTask], now: datetime) -> dict[Urgency, list[OpenTask]]:
    """The tasks in their groups, every group present."""
    groups: dict[Urgency, list[OpenTask]] = {group: [] for group in Urgency}
    for each in tasks:
        groups[urgency(each.due, now)].append(each)
    return groups


async def inbox_of(db: AsyncEngine, team: str, *, most: int = 200) -> list[QueuedCase]:
    """The cases nobody in the team has claimed, the longest waiting first."""
    return _records(QueuedCase, await _read(db, _INBOX, team=team, most=most))


async def caseload_of(db: AsyncEngine, worker: str, *, most: int = 500) -> list[HeldCase]:
    """A link worker's open cases, the one with the next thing to do first."""
    return _records(HeldCase, await _read(db, _CASELOAD, worker=worker, most=most))


async def loads_of(db: AsyncEngine, team: str, *, most: int = 500) -> list[Load]:
    """How full each link worker of a team is."""
    return _records(Load, await _read(db, _LOADS, team=team, most=most))


async def summary_of(db: AsyncEngine, referral_id: str) -> CaseSummary | None:
    """One case, or None when the referral has none."""
    cases = await _read(db, _CASE, referral_id=referral_id)
    if not cases:
        return None
    referrals = await _read(db, _REFERRAL, referral_id=referral_id)
    return CaseSummary(
        case=cases[0],
        referral=referrals[0] if referrals else None,
        tasks=tuple(_records(OpenTask, await _read(db, _TASKS_OF_REFERRAL, referral_id=referral_id))),
        meetings=tuple(await _read(db, _MEETINGS, referral_id=referral_id)),
        enrolments=tuple(await _read(db, _ENROLMENTS, referral_id=referral_id)),
    )


async def _read(db: AsyncEngine, statement: Select[Any], **params: Any) -> list[dict[str, Any]]:
    async with db.connect() as connection:
        return [row._asdict() for row in await connection.execute(statement, params)]


def _records(kind: type[R], rows: Sequence[Mapping[str, Any]]) -> list[R]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(**{name: _plain(name, row[name]) for name in names}) for row in rows]


def _plain(name: str, value: Any) -> Any:
    return tuple(value or ()) if name == "needs" else value
