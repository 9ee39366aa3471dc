"""What simulated people can see: the network as its published events tell it, and nothing more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.navigator.domain.hours import Hours, told
from sluss.ledger import Entry
from sluss.people.known import Case, Enrolment, Evaluation
from sluss_contracts.pathway import BUILT_IN, DEFAULT, Pathway

__all__ = ["Case", "Enrolment", "Evaluation", "Picture"]


@dataclass
class Picture:
    """Fold entries into it with `see`. It holds what is going on; of what is over only the ids remain."""

    cases: dict[str, Case] = field(default_factory=dict)
    """Those not closed, by referral."""
    closed: dict[str, str] = field(default_factory=dict)
    """The referrals that are over, each with its submission."""
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Open tasks by id."""
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    """Those still waited for."""
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    to_verify: dict[str, datetime] = field(default_factory=dict)
    """Activities somebody is to say are still right, since when."""
    sessions: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    """The starts of each activity's sessions, by session id."""
    moved: set[str] = field(default_factory=set)
    """Sessions that somebody has moved."""
    scheduled: dict[str, datetime] = field(default_factory=dict)
    """Activities with a schedule, since when."""
    on_break: set[str] = field(default_factory=set)
    """Those whose schedule has a break."""
    workers: dict[str, dict[str, Any]] = field(default_factory=dict)
    hours: dict[str, tuple[Hours, ...]] = field(default_factory=lambda: defaultdict(tuple))
    """When each link worker may be booked."""
    pathways: dict[tuple[str, int], Pathway] = field(default_factory=dict)
    receivers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Who is to confirm that what it was given is removed, by referral."""

    def see(self, entry: Entry) -> None:
        """Take in one event. Events of other kinds are none of these people's business."""
        said = entry.data
        match entry.name:
            case "task.opened":
                self.tasks[said["task_id"]] = {**said, "since": entry.time}
            case "task.reassigned":
                if task := self.tasks.get(said["task_id"]):
                    task.update(team=said["team"], worker=said.get("worker"))
            case "task.done" | "task.lapsed":
                self.tasks.pop(said["task_id"], None)
            case "linkworker.registered" | "linkworker.amended":
                self.workers[said["worker"]] = said
            case "linkworker.hours_set":
                self.hours[said["worker"]] = told(self.hours[said["worker"]], Hours.model_validate(said))
            case "activity.published" | "activity.amended":
                self.activities[said["activity"]] = said
            case "activity.withdrawn":
                self.activities.pop(said["activity"], None)
                self.to_verify.pop(said["activity"], None)
            case "activity.verification_due" | "activity.expired":
                self.to_verify[said["activity"]] = entry.time
            case "activity.verified":
                self.to_verify.pop(said["activity"], None)
            case "session.scheduled" | "activity.rescheduled":
                self.sessions[said["activity"]][said["session_id"]] = datetime.fromisoformat(said["starts"])
                if entry.name == "activity.rescheduled":
                    self.moved.add(said["session_id"])
            case "activity.schedule_set":
                self._schedule(entry)
            case "session.cancelled":
                self.sessions[said["activity"]].pop(said["session_id"], None)
            case "pathway.published":
                definition = Pathway.model_validate(said["definition"], strict=False, extra="ignore")
                self.pathways[said["pathway"], said["version"]] = definition
            case "consent.withdrawn":
                self.receivers[said["referral_id"]] |= set(said.get("shared_with", ()))
                if case_ := self.cases.get(said["referral_id"]):
                    case_.shut_out |= set(said.get("receivers", ()))
            case "consent.withdrawal_confirmed":
                self.receivers[said["referral_id"]].discard(said["receiver"])
            case "message.queued" if link := said["about"].get("link"):
                if evaluation := self.evaluations.get(link):
                    evaluation.letter = said["message_id"]
            case name if name.startswith("evaluation."):
                self._evaluation(name.removeprefix("evaluation."), entry)
            case name if "referral_id" in said and said["referral_id"] not in self.closed:
                self._about(name, entry)
            case _:
                pass

    def pathway_of(self, case: Case) -> Pathway:
        """How work goes in this case."""
        return self.pathways.get((case.pathway, case.pathway_version), BUILT_IN)

    def enrolments_of(self, referral: str) -> list[Enrolment]:
        """In the order in which they were asked for."""
        found = [each for each in self.enrolments.values() if each.referral == referral]
        return sorted(found, key=lambda each: each.number)

    def forget_sessions(self, before: datetime) -> None:
        """Of the sessions that began before a moment, each activity keeps its last."""
        for starts in self.sessions.values():
            last = max(starts.values(), default=before)
            for id in [id for id, at in starts.items() if at < before and at < last]:
                del starts[id]
                self.moved.discard(id)

    def _schedule(self, entry: Entry) -> None:
        activity = entry.data["activity"]
        if entry.data.get("recurrences"):
            self.scheduled.setdefault(activity, entry.time)
        else:
            self.scheduled.pop(activity, None)
        if entry.data.get("breaks"):
            self.on_break.add(activity)

    def _about(self, name: str, entry: Entry) -> None:
        said = entry.data
        if name in _ENDS or (name == "referral.linked" and said.get("how") == "duplicate_of"):
            self._forget(said["referral_id"])
            return
        if name == "enrolment.host_wanted":
            return  # changes nothing about the place
        if name.startswith("enrolment."):
            self._enrolment(name.removeprefix("enrolment."), entry)
            return
        if name not in _OF_A_CASE:
            return
        case_ = self.cases.setdefault(said["referral_id"], Case(said["referral_id"]))
        case_.facts[name] += 1
        match name:
            case "referral.submitted":
                case_.submitted_by, case_.submission = said["organisation"], said.get("submission_id", "")
                case_.area, case_.language, case_.needs = said["area"], said["language"], tuple(said["needs"])
                case_.pathway = said.get("pathway", DEFAULT)
                case_.pathway_version = said.get("pathway_version", 0)
                case_.protected = said.get("protection", "none") != "none"
            case "referral.accepted":
                case_.accepted = True
            case "case.assigned" | "case.claimed" | "case.reassigned":
                case_.worker, case_.team = said["worker"], said["team"]
            case "case.queued":
                case_.team = said["team"]
            case "case.unassigned":
                case_.worker = None
            case "contact.attempted":
                case_.attempts = said["attempt"]
            case "meeting.booked" | "meeting.moved":
                case_.meeting = said
            case "meeting.held":
                case_.held[said["kind"]] += 1
                case_.meeting = None
            case "meeting.missed" | "meeting.cancelled":
                case_.meeting = None
            case "mapping.recorded":
                case_.mapped = said
            case "measure.recorded":
                case_.measured.add((said["instrument"], said["at"]))
            case "plan.agreed" | "plan.revised":
                case_.goals = [goal["goal_id"] for goal in said["goals"]]
            case "alternatives.looked_at":
                liked = [each["activity"] for each in said["alternatives"] if each["verdict"] == "chosen"]
                case_.chosen = next(iter(liked), case_.chosen)
            case "prescription.issued":
                case_.chosen = said.get("activity") or case_.chosen
            case "case.enrolment_requested":
                case_.tried.add(said["activity"])
            case "support.agreed":
                case_.supports[said["support_id"]] = said["kind"]
                case_.offered_support.add(said["kind"])
            case "support.given":
                case_.supports.pop(said["support_id"], None)
            case "followup.scheduled" | "followup.due":
                case_.followups[said["followup_id"]] = name.removeprefix("followup.")
            case "followup.done" | "followup.cancelled" | "followup.lapsed":
                case_.followups.pop(said["followup_id"], None)
            case "attendance.recorded":
                if enrolment := self.enrolments.get(said["enrolment_id"]):
                    enrolment.reported[said["session_id"]] = said["outcome"]
            case _:
                pass  # that it was said is counted, and enough

    def _forget(self, referral: str) -> None:
        case_ = self.cases.pop(referral, None)
        self.closed[referral] = case_.submission if case_ else ""
        for id in [id for id, each in self.enrolments.items() if each.referral == referral]:
            del self.enrolments[id]

    def _enrolment(self, status: str, entry: Entry) -> None:
        said = entry.data
        known = self.enrolments.get(said["enrolment_id"])
        if known is None:
            number = 1 + len(self.enrolments_of(said["referral_id"]))
            known = Enrolment(
                said["enrolment_id"],
                said["referral_id"],
                said["activity"],
                said["provider"],
                status,
                entry.time,
                number,
            )
            self.enrolments[known.id] = known
        known.status, known.since = status, entry.time
        if said.get("starts"):
            known.starts = datetime.fromisoformat(said["starts"])
            known.session = said.get("first_session")

    def _evaluation(self, status: str, entry: Entry) -> None:
        said = entry.data
        id = said["evaluation_id"]
        if status == "scheduled":
            self.evaluations[id] = Evaluation(
                id,
                said["referral_id"],
                tuple(said["instruments"]),
                said["sent_by"],
                datetime.fromisoformat(said["due"]),
            )
        elif evaluation := self.evaluations.get(id):
            evaluation.status = status
            if status == "due":
                evaluation.since = entry.time
            elif status == "answered":
                evaluation.answered.add(said["instrument"])
            if evaluation.over:
                del self.evaluations[id]


_ENDS = (
    *("referral.closed", "referral.declined", "referral.cancelled", "referral.redirected"),
    "referral.entered_in_error",
)
_OF_A_CASE = frozenset(
    {
        *("referral.submitted", "referral.accepted", "referral.held", "alarm.raised", "consent.given"),
        *("case.assigned", "case.claimed", "case.reassigned", "case.queued", "case.unassigned"),
        *("case.paused", "case.resumed", "case.need_unmet", "case.enrolment_requested"),
        *(
            "contact.attempted",
            "meeting.booked",
            "meeting.held",
            "meeting.missed",
            "meeting.moved",
            "meeting.cancelled",
            "mapping.recorded",
        ),
        *("measure.recorded", "plan.agreed", "plan.revised", "goal.progressed", "prescription.issued"),
        *("alternatives.looked_at", "spillover.reported", "support.agreed", "support.given"),
        *("followup.scheduled", "followup.due", "followup.done", "followup.cancelled", "followup.lapsed"),
        *("attendance.recorded",),
    }
)
