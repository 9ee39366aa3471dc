"""From a filled-in form to the command it means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.navigator.meeting_links import words
from services.navigator.meeting_links.sights import MeetingSight
from services.runtime.web.forms import SentForm
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.meetings import (
    AskForMeetingTime,
    CallOffMeeting,
    ChooseMeetingTime,
    ConfirmMeeting,
)

SHOWN = "shown"
"""The field that carries the time they were shown."""


class Unclear(Exception):
    """What was sent cannot be taken: what to do, by the field it concerns."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Answered:
    """The command a form means, and where it leads when it is carried out."""

    command: Command
    then: str


def answered(form: SentForm, token: str, sight: MeetingSight, actor: Actor, new_id: UUID) -> Answered:
    """Confirmed, another time, or cancelled. Raises `Unclear`."""
    about: dict[str, Any] = {
        "command_id": new_id,
        "actor": actor,
        "referral_id": sight.referral_id,
        "meeting_id": sight.meeting_id,
        "starts": datetime.fromisoformat(form.one(SHOWN)),
    }
    match form.one("answer"):
        case "confirm":
            return Answered(ConfirmMeeting(**about), f"/meeting/{token}?done=confirmed")
        case "another":
            return _another(form, token, sight, about)
        case "cancel":
            contact = {"yes": True, "no": False}.get(form.one("contact"))
            if contact is None:
                raise Unclear({"contact": words.SAY_ONE})
            what = "cancelled" if contact else "cancelled-for-now"
            return Answered(CallOffMeeting(**about, contact=contact), f"/meeting/thanks/{what}")
        case _:
            raise Unclear({"answer": words.SAY_ONE})


def _another(form: SentForm, token: str, sight: MeetingSight, about: dict[str, Any]) -> Answered:
    if to := form.one("to"):
        offered = {each.isoformat(): each for each in (*sight.free, sight.meeting.starts)}
        if to not in offered:
            raise Unclear({"to": words.TAKEN})
        return Answered(ChooseMeetingTime(**about, to=offered[to]), f"/meeting/{token}?done=moved")
    days = [day for day in words.DAYS if day.value in form.all("days")]
    parts = [part for part in words.PARTS if part.value in form.all("parts")]
    if not days and not parts and form.one("any") != "yes":
        raise Unclear({"to" if sight.free else "days": words.SAY_A_TIME})
    told = AskForMeetingTime(**about, days=tuple(days), parts=tuple(parts))
    return Answered(told, f"/meeting/{token}?done=asked")
