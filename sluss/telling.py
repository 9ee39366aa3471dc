"""Each event in plain words, for those who read a referral's story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
"""Whose clock people go by at the command line: what they read on it, and what they write without a zone."""


def words(name: str, said: dict[str, Any]) -> tuple[str, str]:
    """What happened, and what is worth adding; an event nobody wrote words for is told by its own name."""
    reasons = _reasons(said)
    match name:
        case "referral.submitted":
            return f"{said['organisation']} submitted the referral", f"{_list(said['needs'])}; {said['area']}"
        case "receipt.issued":
            return f"Receipt to {said['organisation']}: {said['status']}", plain(said["code"])
        case "referral.accepted":
            return "The network accepted it", ""
        case "referral.held":
            if said["why"] == "guardian_to_be_decided":
                return "Held: somebody must decide about the guardian first", ""
            return "Held: the person is to be asked first", reasons
        case "referral.guardian_decided":
            return "Decided about the guardian", plain(said["rule"])
        case "consent.given":
            return "The person has said yes", ""
        case "case.assigned":
            return f"Assigned to {said['worker']} ({said['team']})", f"because: {reasons}" if reasons else ""
        case "case.queued":
            return f"Waits in {said['team']}'s inbox", f"nobody fitted: {reasons}" if reasons else ""
        case "case.claimed":
            return f"{said['worker']} claimed the case", ""
        case "contact.attempted":
            return f"Contact attempt {said['attempt']} by {said['way']}: {plain(said['outcome'])}", ""
        case "meeting.booked":
            return f"Meeting booked ({said['mode']}, {said['minutes']} min)", f"for {_moment(said['starts'])}"
        case "meeting.held":
            return f"Meeting held ({said['mode']}, {said['minutes']} min)", ""
        case "meeting.moved":
            return f"Meeting moved ({said['mode']}, {said['minutes']} min)", f"to {_moment(said['starts'])}"
        case "meeting.cancelled":
            return "The meeting was cancelled beforehand", f"{said['whose']}: {plain(said['why'])}"
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
            return f"{said['activity']} said no", f"{said['whose']}'s reason: {plain(said['reason'])}"
        case "enrolment.waitlisted":
            return f"In line for {said['activity']}", f"number {said['position']}"
        case "enrolment.ended":
            return f"Left {said['activity']}", f"{said['whose']}: {plain(said['reason'])}"
        case "attendance.recorded":
            return f"{said['activity']}: {said['outcome']}", f"reported by the {plain(said['by'])}"
        case "followup.scheduled":
            return "Follow-up planned", f"for {_moment(said['due'])}"
        case "followup.due":
            return "Time to follow up", ""
        case "followup.done":
            return f"Followed up: {plain(said['how_it_went'])}", ""
        case "message.queued":
            return f"Message to the person prepared: {plain(said['template'])}", ""
        case "message.sent":
            return f"Message sent: {plain(said['template'])}", f"by {said['channel']}"
        case "message.failed" | "message.suppressed":
            return f"Message not sent: {plain(said['template'])}", reasons
        case "feedback.sent":
            return f"{said['organisation']} was told ({said['point']})", ""
        case "feedback.issued":
            outcome = f": {said['outcome']}" if said.get("outcome") else ""
            return f"Feedback on {said['organisation']}'s stream", f"{plain(said['status'])}{outcome}"
        case "deadline.passed":
            return f"Silence: {plain(said['kind'])} is overdue", ""
        case "task.opened":
            owner = said.get("worker") or said["team"]
            return f"Task for {owner}: {plain(said['kind'])}", f"due {_moment(said['due'])}"
        case "task.reassigned":
            return f"The task is now {said.get('worker') or said['team']}'s", ""
        case "task.done":
            return "Task done", plain(said["how"])
        case "case.closed":
            return f"Case closed: {plain(said['outcome'])}", ""
        case "referral.closed":
            return f"Referral closed: {plain(said['outcome'])}", ""
        case "referral.linked":
            how = (
                "the same person is helped already"
                if said["how"] == "duplicate_of"
                else "it replaces another"
            )
            return f"Linked: {how}", f"referral {said['to'][:8]}"
        case "referral.declined":
            outcome = "Screened out" if said.get("screened_out") else "Declined"
            turn_to = f"; turn to: {said['turn_to']}" if said.get("turn_to") else ""
            return outcome, f"{said['whose']}: {plain(said['why'])}{turn_to}"
        case "referral.cancelled":
            return f"{said['organisation']} took it back", reasons
        case "referral.entered_in_error":
            return "It was a mistake, and counts nowhere", reasons
        case "referral.redirected":
            to = said.get("to_organisation") or f"the team of {said.get('to_area')}"
            return f"Sent on to {to}", reasons
        case "referral.forwarded":
            return f"On {said['organisation']}'s stream, with what the person agreed to", reasons
        case "consent.withdrawn":
            what = [*said.get("purposes", ()), *said.get("receivers", ())]
            out = said.get("shared_with")
            return f"Consent taken back: {_list(what)}", f"already with {_list(out)}" if out else ""
        case "consent.withdrawal_confirmed":
            return f"{said['receiver']} confirms that it is removed", ""
        case "alarm.raised":
            return "ALARM: words of acute danger", f"in the {plain(said['where'])}"
        case "case.unassigned":
            return f"Taken from {said['worker']}", reasons
        case "case.reassigned":
            return f"{said['worker']} has the case instead of {said['before']}", reasons
        case "case.paused":
            return f"Paused until {said['until']}", reasons
        case "case.resumed":
            return "The work goes on", ""
        case "case.need_unmet":
            return f"Nothing meets the need: {plain(said['need'])}", f"{said['area']}: {reasons}"
        case "case.offer_found":
            met = f"Something new may meet the need: {plain(said['need'])}"
            return met, f"{said['activity']}, {said['area']}: {_list(said.get('fits', ()))}"
        case "mapping.recorded":
            wishes = ", ".join(f"{plain(one['who'])} ({one['wish']})" for one in said.get("relations", ()))
            barriers = f"in the way: {_list(said['barriers'])}" if said.get("barriers") else ""
            return "Mapped what matters", "; ".join(part for part in (wishes, barriers) if part)
        case "measure.recorded":
            return f"Measured at {plain(said['at'])}: {said['instrument']}", _scores(said)
        case "evaluation.answered":
            return f"Evaluation answered ({said['how']}): {said['instrument']}", _scores(said)
        case "evaluation.due":
            return f"Evaluation due, sent by {said['sent_by']}", ""
        case "alternatives.looked_at":
            looked = (f"{one['activity']} {one['verdict']}" + _because(one) for one in said["alternatives"])
            return "Alternatives looked at together", ", ".join(looked)
        case "plan.revised":
            return f"Plan {said['version']}, thought through again", f"{len(said['goals'])} in all"
        case "goal.progressed":
            return f"On the way to a goal: {said['how_far']} of 10", ""
        case "prescription.issued":
            marks = [
                name for name, on in (("trial", said.get("trial")), ("as giver", said.get("giver"))) if on
            ]
            return f"Prescribed: {said.get('activity') or said['kind']}", ", ".join(marks)
        case "spillover.reported":
            return f"It led to {said['more_activities']} more", f"{said['times_a_week']} times a week"
        case "support.agreed":
            return f"Agreed: {plain(said['kind'])}", f"by {said['by']}" if said.get("by") else ""
        case "support.given":
            return "The help agreed on was given", ""
        case "enrolment.expired":
            return f"{said['provider']} never answered for {said['activity']}", "the place is given back"
        case "enrolment.another_time_suggested":
            return f"{said['provider']} suggests another time", f"{_moment(said['starts'])}"
        case "enrolment.host_wanted":
            return f"{said['provider']} is told that a host is wanted", ""
        case "attendance.missing":
            return f"Nobody said whether the person came to {said['activity']}", ""
        case "followup.lapsed":
            return "Nobody followed up", ""
        case "feedback.acknowledged":
            return f"{said['organisation']} has fetched it ({said['point']})", ""
        case "feedback.overdue":
            return f"{said['organisation']} has not been told in time ({said['point']})", ""
        case "task.lapsed":
            return "The task is no longer needed", reasons
        case _:
            return plain(name.replace(".", " ")), reasons


def _reasons(said: dict[str, Any]) -> str:
    given = said.get("because") or said.get("why") or ()
    return _list([given] if isinstance(given, str) else given)


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


def _list(codes: Sequence[str]) -> str:
    return ", ".join(map(plain, codes))


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(LOCAL_TIME):%a %d %b %Y %H:%M}"


def _because(looked_at: dict[str, Any]) -> str:
    return f" ({plain(looked_at['why'])})" if looked_at.get("why") else ""


def _scores(said: dict[str, Any]) -> str:
    scored = said["scores"].items()
    return ", ".join(f"{plain(scale)} {'void' if score is None else f'{score:g}'}" for scale, score in scored)
