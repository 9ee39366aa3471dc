"""What simulated people can see: the network as its published events tell it, and nothing more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sluss.ledger import Entry


@dataclass
class Enrolment:
    """One person's place, or hope of one, in an activity."""

    id: str
    referral: str
    activity: str
    provider: str
    status: str
    since: datetime
    starts: datetime | None = None
    session: str | None = None
    reported: set[str] = field(default_factory=set)
    """The sessions whose attendance is recorded."""


@dataclass
class Case:
    """What the people around one referral know."""

    referral: str
    area: str = ""
    language: str = "sv"
    needs: tuple[str, ...] = ()
    worker: str | None = None
    team: str | None = None
    meeting: dict[str, Any] | None = None
    """The latest meeting booked and not yet held or missed."""
    attempts: int = 0
    goals: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    """Activities that were asked for."""
    followup: str | None = None
    """The follow-up that is due and not done."""
    submitted_by: str = ""


@dataclass
class Picture:
    """Fold entries into it with `see`. It holds what is going on; of what is over only the ids remain."""

    cases: dict[str, Case] = field(default_factory=dict)
    """Those not closed, by referral."""
    closed: set[str] = field(default_factory=set)
    """The referrals that are over."""
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Open tasks by id."""
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    """The starts of each activity's sessions, by session id."""
    workers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def see(self, entry: Entry) -> None:
        """Take in one event. Events of other kinds are none of these people's business."""
        said = entry.data
        if said.get("referral_id") in self.closed:
            return
        match entry.name:
            case "referral.submitted":
                case_ = self._case(said)
                case_.submitted_by = said["organisation"]
                case_.area, case_.language, case_.needs = said["area"], said["language"], tuple(said["needs"])
            case "case.assigned" | "case.claimed":
                self._case(said).worker, self._case(said).team = said["worker"], said["team"]
            case "case.queued":
                self._case(said).team = said["team"]
            case "contact.attempted":
                self._case(said).attempts = said["attempt"]
            case "meeting.booked":
                self._case(said).meeting = said
            case "meeting.held" | "meeting.missed":
                self._case(said).meeting = None
            case "plan.agreed":
                self._case(said).goals = [goal["goal_id"] for goal in said["goals"]]
            case "case.enrolment_requested":
                self._case(said).tried.add(said["activity"])
            case "followup.due":
                self._case(said).followup = said["followup_id"]
            case "followup.done" | "followup.cancelled":
                self._case(said).followup = None
            case "referral.closed":
                self._forget(said["referral_id"])
            case "task.opened":
                self.tasks[said["task_id"]] = {**said, "since": entry.time}
            case "task.reassigned":
                if task := self.tasks.get(said["task_id"]):
                    task.update(team=said["team"], worker=said.get("worker"))
            case "task.done":
                self.tasks.pop(said["task_id"], None)
            case "linkworker.registered" | "linkworker.amended":
                self.workers[said["worker"]] = said
            case "activity.published" | "activity.amended":
                self.activities[said["activity"]] = said
            case "session.scheduled":
                self.sessions[said["activity"]][said["session_id"]] = datetime.fromisoformat(said["starts"])
            case "attendance.recorded":
                if enrolment := self.enrolments.get(said["enrolment_id"]):
                    enrolment.reported.add(said["session_id"])
            case name if name.startswith("enrolment."):
                self._enrolment(name.removeprefix("enrolment."), entry)
            case _:
                pass

    def forget_sessions(self, before: datetime) -> None:
        """Of the sessions that began before a moment, each activity keeps its last."""
        for starts in self.sessions.values():
            last = max(starts.values(), default=before)
            for id in [id for id, at in starts.items() if at < before and at < last]:
                del starts[id]

    def _case(self, said: dict[str, Any]) -> Case:
        return self.cases.setdefault(said["referral_id"], Case(said["referral_id"]))

    def _forget(self, referral: str) -> None:
        self.closed.add(referral)
        self.cases.pop(referral, None)
        for id in [id for id, task in self.tasks.items() if task["referral_id"] == referral]:
            del self.tasks[id]
        for id in [id for id, enrolment in self.enrolments.items() if enrolment.referral == referral]:
            del self.enrolments[id]

    def _enrolment(self, status: str, entry: Entry) -> None:
        said = entry.data
        enrolment = self.enrolments.setdefault(
            said["enrolment_id"],
            Enrolment(
                said["enrolment_id"],
                said["referral_id"],
                said["activity"],
                said["provider"],
                status,
                entry.time,
            ),
        )
        enrolment.status, enrolment.since = status, entry.time
        if said.get("starts"):
            enrolment.starts = datetime.fromisoformat(said["starts"])
            enrolment.session = said.get("first_session")
