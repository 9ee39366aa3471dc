"""One referral's story in plain words: what happened, who said it, and how long everybody waited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sluss.ledger import Entry

_QUIET = frozenset({"deadline.set", "deadline.met", "feedback.due"})
"""Told only on request: bookkeeping nobody waits for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story."""

    at: datetime
    waited: timedelta
    """Since the moment before it in the story, in the network's time."""
    who: str
    """The service that said it."""
    what: str
    detail: str = ""


def tell(entries: Sequence[Entry], *, everything: bool = False) -> Iterator[Moment]:
    """The moments of one story, in the order they happened."""
    before: datetime | None = None
    asked = {e.data["task_id"]: _plain(e.data["kind"]) for e in entries if e.name == "task.opened"}
    for entry in sorted(entries, key=lambda e: e.time):
        if entry.name in _QUIET and not everything:
            continue
        what, detail = _words(entry.name, entry.data)
        if entry.name in ("task.done", "task.reassigned"):
            detail = f"{asked.get(entry.data['task_id'], 'a task')}: {detail}".rstrip(": ")
        yield Moment(entry.time, entry.time - (before or entry.time), entry.service, what, detail)
        before = entry.time


def open_tasks(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """What the referral waits for now: its tasks that are not done, the earliest due first."""
    tasks: dict[str, dict[str, Any]] = {}
    for entry in entries:
        match entry.name:
            case "task.opened":
                tasks[entry.data["task_id"]] = dict(entry.data)
            case "task.reassigned":
                tasks.get(entry.data["task_id"], {}).update(entry.data)
            case "task.done":
                tasks.pop(entry.data["task_id"], None)
    return sorted(tasks.values(), key=lambda task: str(task["due"]))


def waited_text(waited: timedelta) -> str:
    """A wait as a person would say it: `3 d 4 h`, `12 min`; empty under a minute."""
    minutes = int(waited.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else ""


def _words(name: str, said: dict[str, Any]) -> tuple[str, str]:
    reasons = _reasons(said)
    match name:
        case "referral.submitted":
            return f"{said['organisation']} submitted the referral", f"{_list(said['needs'])}; {said['area']}"
        case "receipt.issued":
            return f"Receipt to {said['organisation']}: {said['status']}", _plain(said["code"])
        case "referral.accepted":
            return "The network accepted it", ""
        case "referral.held":
            return "Held: the person is to be asked first", reasons
        case "consent.given":
            return "The person has said yes", ""
        case "case.assigned":
            return f"Assigned to {said['worker']} ({said['team']})", f"because: {reasons}" if reasons else ""
        case "case.queued":
            return f"Waits in {said['team']}'s inbox", f"nobody fitted: {reasons}" if reasons else ""
        case "case.claimed":
            return f"{said['worker']} claimed the case", ""
        case "contact.attempted":
            return f"Contact attempt {said['attempt']} by {said['way']}: {_plain(said['outcome'])}", ""
        case "meeting.booked":
            return f"Meeting booked ({said['mode']}, {said['minutes']} min)", f"for {_moment(said['starts'])}"
        case "meeting.held":
            return f"Meeting held ({said['mode']}, {said['minutes']} min)", ""
        case "meeting.missed":
            return "The person did not come to the meeting", ""
        case "plan.agreed":
            goals = len(said["goals"])
            return (
                f"Plan {said['version']} agreed",
                f"{goals} goal{'s' if goals > 1 else ''}, in the person's words",
            )
        case "case.enrolment_requested":
            return f"A place asked for: {said['activity']}", reasons
        case "enrolment.offered":
            return (
                f"{said['provider']} has an offer to answer",
                f"{said['activity']}, by {_moment(said['answer_by'])}",
            )
        case "enrolment.accepted":
            host = f"host: {said['host']}" if said.get("host") else ""
            return f"{said['provider']} welcomes the person to {said['activity']}", host
        case "enrolment.declined":
            return f"{said['activity']} said no", f"{said['whose']}'s reason: {_plain(said['reason'])}"
        case "enrolment.waitlisted":
            return f"In line for {said['activity']}", f"number {said['position']}"
        case "enrolment.ended":
            return f"Left {said['activity']}", f"{said['whose']}: {_plain(said['reason'])}"
        case "attendance.recorded":
            return f"{said['activity']}: {said['outcome']}", f"reported by the {_plain(said['by'])}"
        case "followup.scheduled":
            return "Follow-up planned", f"for {_moment(said['due'])}"
        case "followup.due":
            return "Time to follow up", ""
        case "followup.done":
            return f"Followed up: {_plain(said['how_it_went'])}", ""
        case "message.queued":
            return f"Message to the person prepared: {_plain(said['template'])}", ""
        case "message.sent":
            return f"Message sent: {_plain(said['template'])}", f"by {said['channel']}"
        case "message.failed" | "message.suppressed":
            return f"Message not sent: {_plain(said['template'])}", reasons
        case "feedback.sent":
            return f"{said['organisation']} was told ({said['point']})", ""
        case "feedback.issued":
            outcome = f": {said['outcome']}" if said.get("outcome") else ""
            return f"Feedback on {said['organisation']}'s stream", f"{_plain(said['status'])}{outcome}"
        case "deadline.passed":
            return f"Silence: {_plain(said['kind'])} is overdue", ""
        case "task.opened":
            owner = said.get("worker") or said["team"]
            return f"Task for {owner}: {_plain(said['kind'])}", f"due {_moment(said['due'])}"
        case "task.reassigned":
            return f"The task is now {said.get('worker') or said['team']}'s", ""
        case "task.done":
            return "Task done", _plain(said["how"])
        case "case.closed":
            return f"Case closed: {_plain(said['outcome'])}", ""
        case "referral.closed":
            return f"Referral closed: {_plain(said['outcome'])}", ""
        case _:
            return _plain(name.replace(".", " ")), reasons


def _reasons(said: dict[str, Any]) -> str:
    given = said.get("because") or said.get("why") or ()
    return _list([given] if isinstance(given, str) else given)


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _list(codes: Sequence[str]) -> str:
    return ", ".join(map(_plain, codes))


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%a %d %b %Y %H:%M}"
