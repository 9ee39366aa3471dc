"""Link workers: what they can do, how much, and when they are away."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.navigator.domain.hours import Hours, in_order, told
from services.runtime.decision import Refusal
from sluss_contracts.command import Fault
from sluss_contracts.linkworker import (
    CaseloadHandedOver,
    HoursSet,
    LeaveRecorded,
    LinkWorkerAmended,
    LinkWorkerRegistered,
)
from sluss_contracts.vocabulary import Engagement, Gender


class UnknownTeam(Refusal):
    """A link worker belongs to a team that is registered."""

    code = "unknown_team"


class UnknownWorker(Refusal):
    """Nobody of that name is registered as a link worker."""

    code = "unknown_worker"


class NoSuccessor(Refusal):
    """Whoever takes a case or a caseload over is somebody else, and has not left."""

    code = "no_successor"


class LeaveEndsBeforeItStarts(Refusal):
    """A leave lasts at least one day."""

    code = "leave_ends_before_it_starts"


class Leave(BaseModel):
    """Away from one day to another, both included."""

    model_config = ConfigDict(frozen=True)

    starts: date
    ends: date

    def covers(self, day: date) -> bool:
        """Whether the link worker is away that day."""
        return self.starts <= day <= self.ends


class LinkWorker(BaseModel):
    """Somebody who guides people, at most `capacity` at a time."""

    model_config = ConfigDict(frozen=True)

    worker: str
    name: str
    team: str
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    skills: tuple[str, ...] = ()
    gender: Gender | None = None
    capacity: int
    engagement: Engagement = Engagement.EMPLOYED
    leaves: tuple[Leave, ...] = ()
    hours: tuple[Hours, ...] = ()
    """When meetings may be booked, by the day from which they hold."""
    left: bool = False
    """They have handed everything over and get no new cases, until they are registered again."""


def register(
    known: LinkWorker | None, wanted: LinkWorker, *, team_exists: bool
) -> list[LinkWorkerRegistered]:
    """Saying the same again changes nothing; saying something else corrects it. Leaves and hours stay."""
    if not team_exists:
        raise UnknownTeam(
            f"team {wanted.team!r} is not registered; register it before its link workers",
            [
                Fault(
                    path="/team",
                    code=UnknownTeam.code,
                    remedy="Register the team first, or correct its name.",
                )
            ],
        )
    if known is not None and known.model_copy(update={"leaves": (), "hours": ()}) == wanted:
        return []
    said = LinkWorkerRegistered if known is None else LinkWorkerAmended
    return [said(**wanted.model_dump(exclude={"leaves", "hours", "left"}))]


def record_leave(worker: LinkWorker | None, name: str, leave: Leave) -> list[LeaveRecorded]:
    """A leave is added to those known; the same one twice is one."""
    if worker is None:
        raise UnknownWorker(f"no link worker is called {name!r}; `register` them first, or correct the name")
    if leave.ends < leave.starts:
        raise LeaveEndsBeforeItStarts(
            f"the leave of {name} ends {leave.ends} but starts {leave.starts}",
            [
                Fault(
                    path="/ends", code=LeaveEndsBeforeItStarts.code, remedy="Give a last day after the first."
                )
            ],
        )
    if leave in worker.leaves:
        return []
    return [LeaveRecorded(worker=worker.worker, starts=leave.starts, ends=leave.ends)]


def set_hours(worker: LinkWorker | None, name: str, wanted: Hours) -> list[HoursSet]:
    """Hours hold from a day until a later one of which others were said; what changes nothing is not said."""
    if worker is None:
        raise UnknownWorker(f"no link worker is called {name!r}; `register` them first, or correct the name")
    hours = wanted.model_copy(update={"times": in_order(wanted.times)})
    if told(worker.hours, hours) == worker.hours:
        return []
    return [HoursSet(worker=worker.worker, **dict(hours))]


def hand_over(
    worker: LinkWorker | None, name: str, because: str, to: LinkWorker | None = None, named: str | None = None
) -> list[CaseloadHandedOver]:
    """A link worker leaves, and everything they have goes to others. Leaving twice is leaving once.

    `named` is who is to take over, `to` what is known of them.
    """
    if worker is None:
        raise UnknownWorker(f"no link worker is called {name!r}; correct the name")
    may_take_over(worker, to, named)
    if worker.left:
        return []
    return [CaseloadHandedOver(worker=worker.worker, because=because, to=named)]


def may_take_over(worker: LinkWorker, to: LinkWorker | None, named: str | None) -> None:
    """Refuse a successor who is nobody, has left, or is the one who leaves."""
    if named is None:
        return
    if named == worker.worker:
        raise NoSuccessor(f"{named} cannot take over from themselves; name somebody else, or nobody")
    if to is None:
        raise UnknownWorker(f"no link worker is called {named!r}; correct the name, or name nobody")
    must_not_have_left(to)


def must_not_have_left(receiver: LinkWorker) -> None:
    """Refuse to give anything to somebody who has left and has not been registered again since."""
    if receiver.left:
        raise NoSuccessor(f"{receiver.worker} has left; name somebody else, or nobody")


def evolve(worker: LinkWorker | None, fact: Any) -> LinkWorker:
    """Registration is the whole truth about everything but leaves, which add up, and hours."""
    match fact:
        case LinkWorkerRegistered():
            kept = {"leaves": worker.leaves, "hours": worker.hours} if worker else {}
            return LinkWorker(**fact.model_dump(), **kept)
        case LeaveRecorded() if worker is not None:
            leave = Leave(starts=fact.starts, ends=fact.ends)
            return worker.model_copy(update={"leaves": (*worker.leaves, leave)})
        case HoursSet() if worker is not None:
            hours = Hours(**fact.model_dump(exclude={"worker"}))
            return worker.model_copy(update={"hours": told(worker.hours, hours)})
        case CaseloadHandedOver() if worker is not None:
            return worker.model_copy(update={"left": True})
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to a link worker")
