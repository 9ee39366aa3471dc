"""What came of a simulation: the story of each referral, and a summary a coordinator understands.

**The same story** means, for each referral by its number: who refers and how; what each voice says in its own
order (the referral, the case, each place, the help, the follow-ups, the evaluation), with outcomes, reasons,
activities, kinds, and answers. It does *not* mean ids and times, which link worker it was (that hangs on how
much they had to do), or what only silence brings about: deadlines, messages, tasks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from sluss.ledger import Entry
from sluss.people.lives import Life

FEWEST = 5
"""Fewer people than this are not told of by number."""

_TOLD: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "referral.submitted": ("referral", ("organisation", "channel", "area", "needs", "pathway")),
    "referral.held": ("referral", ("why",)),
    "referral.accepted": ("referral", ()),
    "referral.linked": ("referral", ("how",)),
    "referral.declined": ("referral", ("whose", "why", "turn_to")),
    "referral.redirected": ("referral", ("why", "to_area", "to_organisation")),
    "referral.cancelled": ("referral", ("why",)),
    "referral.entered_in_error": ("referral", ("why",)),
    "referral.closed": ("referral", ("outcome",)),
    "alarm.raised": ("referral", ("where",)),
    "consent.given": ("referral", ("purposes",)),
    "consent.withdrawn": ("referral", ("purposes", "receivers")),
    "consent.withdrawal_confirmed": ("referral", ("receiver",)),
    "contact.attempted": ("case", ("outcome",)),
    "meeting.booked": ("case", ("kind", "mode", "minutes")),
    "meeting.held": ("case", ("kind",)),
    "meeting.missed": ("case", ("kind",)),
    "meeting.moved": ("case", ("kind", "mode", "minutes")),
    "meeting.confirmed": ("case", ("kind",)),
    "meeting.time_unsuited": ("case", ("kind", "days", "parts")),
    "meeting.cancelled": ("case", ("kind", "whose", "why")),
    "mapping.recorded": ("case", ("interests", "barriers", "lonely_for")),
    "measure.recorded": ("case", ("instrument", "at", "answers", "scores")),
    "plan.agreed": ("case", ("version",)),
    "plan.revised": ("case", ("version",)),
    "goal.progressed": ("case", ("how_far",)),
    "alternatives.looked_at": ("case", ("alternatives",)),
    "prescription.issued": ("case", ("kind", "activity", "trial", "giver")),
    "case.enrolment_requested": ("case", ("activity",)),
    "case.need_unmet": ("case", ("need", "why")),
    "case.paused": ("case", ("why",)),
    "case.resumed": ("case", ()),
    "case.closed": ("case", ("outcome",)),
    "spillover.reported": ("case", ("more_activities", "times_a_week")),
    "support.agreed": ("help", ("kind", "barrier")),
    "support.given": ("help", ()),
    "enrolment.offered": ("place", ("activity",)),
    "enrolment.accepted": ("place", ("activity", "host")),
    "enrolment.declined": ("place", ("activity", "whose", "reason")),
    "enrolment.waitlisted": ("place", ("activity",)),
    "enrolment.ended": ("place", ("activity", "whose", "reason")),
    "attendance.recorded": ("place", ("outcome",)),
    "followup.done": ("follow-up", ("how_it_went",)),
    "evaluation.answered": ("evaluation", ("instrument", "how")),
}
"""Which voice says a fact in the story, and what of it counts."""


def stories(
    entries: Iterable[Entry], lives: Sequence[Life], referrals: Mapping[str, str]
) -> dict[str, list[str]]:
    """The story of each life, by its name. `referrals` tells which referral each submission became."""
    of: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if entry.name in _TOLD:
            voice, fields = _TOLD[entry.name]
            if voice == "place":
                voice = f"place {entry.data.get('activity') or entry.data['enrolment_id']}"
                voice = _place(of[entry.key], entry, voice)
            said = ", ".join(f"{name} {entry.data[name]}" for name in fields if entry.data.get(name))
            of[entry.key][voice].append(f"{voice}: {entry.name} {said}".rstrip())
    told = {}
    for life in lives:
        voices = of.get(referrals.get(life.submission_id, ""), {})
        told[life.name] = [
            line for voice in sorted(voices) if not voice.startswith("#") for line in voices[voice]
        ]
    return told


def _place(voices: dict[str, list[str]], entry: Entry, voice: str) -> str:
    """Attendance names an enrolment, whose activity was told earlier."""
    remembered = f"#{entry.data['enrolment_id']}"
    if entry.data.get("activity"):
        voices[remembered] = [voice]
    return voices[remembered][0] if remembered in voices else "place"


@dataclass
class Way:
    """How it went on one pathway."""

    referrals: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    open: int = 0
    reached: list[float] = field(default_factory=list)
    """Days from acceptance until somebody spoke with the person."""
    planned: list[float] = field(default_factory=list)
    """Days from acceptance to the plan."""
    there: list[float] = field(default_factory=list)
    """Days from acceptance to the first time at an activity."""
    silences: Counter[str] = field(default_factory=Counter)
    """Deadlines that passed, by kind."""
    followed_up: int = 0
    evaluations: Counter[str] = field(default_factory=Counter)


@dataclass
class Summary:
    """What a coordinator wants to know."""

    ways: dict[str, Way]
    unmet: Counter[tuple[str, str]]
    """People whose need nothing met, by area and need."""
    chased: int
    """Silences that became somebody's task."""

    def unmet_shown(self) -> list[tuple[str, str, str]]:
        """Area, need, how many: by number only where there are at least `FEWEST`, the most first."""
        rows = sorted(self.unmet.items(), key=lambda row: (-row[1], row[0]))
        told = [(area, need, str(n) if n >= FEWEST else f"fewer than {FEWEST}") for (area, need), n in rows]
        return sorted(told, key=lambda row: row[2].startswith("fewer"))


def summary(entries: Iterable[Entry], referrals: Iterable[str]) -> Summary:
    """Count what happened to these referrals."""
    mine = set(referrals)
    way_of: dict[str, str] = {}
    ended: dict[str, str] = {}
    accepted: dict[str, datetime] = {}
    first: dict[tuple[str, str], datetime] = {}
    ways: dict[str, Way] = defaultdict(Way)
    unmet: set[tuple[str, str, str]] = set()
    chased = 0
    for entry in entries:
        if entry.key not in mine:
            continue
        said, name = entry.data, entry.name
        if name == "referral.submitted":
            way_of[entry.key] = said["pathway"]
            ways[said["pathway"]].referrals += 1
        way = ways[way_of[entry.key]] if entry.key in way_of else Way()
        match name:
            case "referral.accepted":
                accepted[entry.key] = entry.time
            case "contact.attempted" if said["outcome"] == "reached":
                first.setdefault((entry.key, "reached"), entry.time)
            case "plan.agreed":
                first.setdefault((entry.key, "planned"), entry.time)
            case "attendance.recorded" if said["outcome"] == "attended":
                first.setdefault((entry.key, "there"), entry.time)
            case "followup.done":
                way.followed_up += 1
            case "deadline.passed":
                way.silences[said["kind"]] += 1
            case "task.opened" if said["kind"] == "chase_deadline":
                chased += 1
            case "case.need_unmet":
                unmet.add((entry.key, said["area"], said["need"]))
            case name if name.startswith("evaluation."):
                way.evaluations[name.removeprefix("evaluation.")] += 1
            case name if name in _ENDINGS:
                ended.setdefault(entry.key, _ENDINGS[name] or said["outcome"])
            case "referral.linked" if said["how"] == "duplicate_of":
                ended[entry.key] = "linked"
            case _:
                pass
    for referral, pathway in way_of.items():
        if outcome := ended.get(referral):
            ways[pathway].outcomes[outcome] += 1
        else:
            ways[pathway].open += 1
    for (referral, what), at in first.items():
        if referral in accepted and referral in way_of:
            days = (at - accepted[referral]).total_seconds() / 86_400
            getattr(ways[way_of[referral]], what).append(days)
    return Summary(dict(ways), Counter((area, need) for _, area, need in unmet), chased)


_ENDINGS = {
    "referral.closed": "",
    "referral.declined": "declined",
    "referral.redirected": "redirected",
    "referral.cancelled": "cancelled",
    "referral.entered_in_error": "entered_in_error",
}


def in_days(waits: Sequence[float]) -> str:
    """The middle one and the longest, `4 (at most 11)`; nothing where nobody waited."""
    return f"{median(waits):.0f} (at most {max(waits):.0f})" if waits else "–"
