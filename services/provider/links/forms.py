"""From a filled-in form to the commands it means, the same that everybody else sends. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from services.provider.domain.activity import Activity
from services.provider.links import words
from services.provider.links.sights import ActivitySight, OfferSight, SessionSight
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    PublishActivity,
    RecordAttendance,
    SuggestAnotherTime,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.enrolment import HostName
from sluss_contracts.offering import Access
from sluss_contracts.vocabulary import Attendance

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
ENDED = "ended_by_provider"
"""Why an activity is withdrawn when its provider says so by a link."""

_HOST: TypeAdapter[str] = TypeAdapter(HostName)

Form = Mapping[str, Sequence[str]]


class Unclear(Exception):
    """What was sent cannot be taken: what to do, by the field it concerns."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever holds the link, as commands name them."""

    actor: Actor
    new_id: Callable[[], UUID]

    def by(self) -> dict[str, Any]:
        """What every command begins with."""
        return {"command_id": self.new_id(), "actor": self.actor}


@dataclass(frozen=True, slots=True)
class Answered:
    """The commands a form means, and what was answered by it."""

    commands: Sequence[Command]
    what: str


def one(form: Form, name: str) -> str:
    """The one value of a field, without blanks around it; empty where there is none."""
    return next(iter(form.get(name, ())), "").strip()


def offer(form: Form, sight: OfferSight, sender: Sender, now: datetime) -> Answered:
    """Welcome, another time, or no. Raises `Unclear`."""
    enrolment = sight.enrolment
    place = {
        "referral_id": enrolment.referral_id,
        "enrolment_id": enrolment.enrolment_id,
        "provider": enrolment.provider,
    }
    match one(form, "answer"):
        case "welcome":
            starts = _chosen(form, sight, now)
            host = _host(form, "host")
            return Answered([AcceptEnrolment(**sender.by(), **place, host=host, starts=starts)], "welcome")
        case "another_time":
            when = _when(form, "other_day", "other_hour", now)
            if when is None:
                raise Unclear({"other_day": words.SAY_WHEN})
            host = _host(form, "other_host")
            suggested = SuggestAnotherTime(**sender.by(), **place, starts=when, host=host)
            return Answered([suggested], "another_time")
        case "no":
            reason = one(form, "reason")
            if reason not in words.REASONS:
                raise Unclear({"reason": words.SAY_WHY})
            return Answered([DeclineEnrolment(**sender.by(), **place, reason=reason)], "no")
        case _:
            raise Unclear({"answer": words.SAY_ONE})


def attendance(form: Form, sight: SessionSight, sender: Sender) -> Answered:
    """What is said of each, as far as it is new or a correction. Raises `Unclear`."""
    said: list[Command] = []
    for number, guest in enumerate(sight.guests, 1):
        value = one(form, f"person-{number}")
        if not value:
            continue
        if value not in {each.value for each in Attendance}:
            raise Unclear({f"person-{number}": words.SAY_ONE})
        if value != guest.said:
            enrolment = guest.enrolment
            said.append(
                RecordAttendance(
                    **sender.by(),
                    referral_id=enrolment.referral_id,
                    enrolment_id=enrolment.enrolment_id,
                    session_id=sight.session_id,
                    outcome=Attendance(value),
                )
            )
    if not said and not any(guest.said for guest in sight.guests):
        raise Unclear({"person-1": words.SAY_SOMETHING})
    return Answered(said, "reported")


def confirmation(form: Form, sight: ActivitySight, sender: Sender) -> Answered:
    """Still right, changed, or ended. A change of nothing says that it is right. Raises `Unclear`."""
    known = sight.activity
    right = VerifyActivity(**sender.by(), activity=known.activity)
    match one(form, "answer"):
        case "right":
            return Answered([right], "right")
        case "ended":
            if one(form, "sure") != "yes":
                raise Unclear({"sure": words.SAY_SURE})
            withdrawn = WithdrawActivity(**sender.by(), activity=known.activity, why=ENDED)
            return Answered([withdrawn], "ended")
        case "change":
            changed = _changed(form, known, sender)
            if all(getattr(changed, name) == getattr(known, name) for name in type(known.offer).model_fields):
                return Answered([right], "right")
            return Answered([changed], "changed")
        case _:
            raise Unclear({"answer": words.SAY_ONE})


def filled_in(activity: Activity) -> dict[str, Any]:
    """The form as it is before anybody changes it."""
    venue, cost, eligibility = activity.venue, activity.cost, activity.eligibility
    return {
        "title": activity.title,
        "about": activity.about or "",
        "capacity": activity.capacity,
        "mode": activity.mode.value,
        "venue": venue.name if venue else "",
        "street": (venue and venue.street) or "",
        "postal_code": (venue and venue.postal_code) or "",
        "town": (venue and venue.town) or "",
        "kronor": cost.kronor if cost else "",
        "per": cost.per.value if cost else "time",
        "cost_note": (cost and cost.note) or "",
        "from_age": "" if eligibility.from_age is None else eligibility.from_age,
        "to_age": "" if eligibility.to_age is None else eligibility.to_age,
        "languages": list(activity.languages),
        "access": [each.value for each in activity.access],
        "hosted": "yes" if activity.hosted else "",
        "page": activity.page or "",
    }


def _changed(form: Form, known: Activity, sender: Sender) -> PublishActivity:
    """The whole new truth: what the form has a field for as it says, the rest as it was."""
    said: dict[str, Any] = known.offer.model_dump(mode="json")
    said |= {
        "title": one(form, "title"),
        "about": one(form, "about") or None,
        "capacity": one(form, "capacity"),
        "mode": one(form, "mode"),
        "venue": _venue(form, known),
        "cost": _cost(form),
        "languages": form.get("languages", ()),
        "access": _access(form, known),
        "hosted": one(form, "hosted") == "yes",
        "page": one(form, "page") or None,
    }
    said["eligibility"] |= {name: one(form, name) or None for name in ("from_age", "to_age")}
    try:
        return PublishActivity.model_validate({**sender.by(), **said})
    except ValidationError as invalid:
        parts = dict.fromkeys(str(fault["loc"][0]) for fault in invalid.errors() if fault["loc"])
        faults = {_FIELD.get(part, part): words.WRONG_IN.get(part, words.NOT_UNDERSTOOD) for part in parts}
        raise Unclear(faults) from None


_FIELD = {"cost": "kronor", "eligibility": "from_age"}
"""Where a part of an activity is not a field of its own name."""


def _venue(form: Form, known: Activity) -> dict[str, Any] | None:
    said = {name: one(form, name) or None for name in ("street", "postal_code", "town")}
    if not one(form, "venue") and not any(said.values()):
        return None
    before = known.venue
    moved = before is None or any(getattr(before, name) != value for name, value in said.items())
    where = {} if moved or before is None else before.model_dump(include={"latitude", "longitude"})
    return {"name": one(form, "venue"), **said, **where}


def _cost(form: Form) -> dict[str, Any] | None:
    if not one(form, "kronor"):
        return None
    return {"kronor": one(form, "kronor"), "per": one(form, "per"), "note": one(form, "cost_note") or None}


def _access(form: Form, known: Activity) -> list[str]:
    """In the order there was; what a later release knows besides stays."""
    chosen = set(form.get("access", ()))
    kept = [each.value for each in known.access if each.value in chosen or each not in words.ACCESS]
    return [*kept, *(each.value for each in Access if each.value in chosen and each.value not in kept)]


def _chosen(form: Form, sight: OfferSight, now: datetime) -> datetime | None:
    """The session they are welcome to first; None stands for the first there is."""
    if not sight.coming:
        return _when(form, "day", "hour", now)
    starts = one(form, "starts")
    known = {each.starts.isoformat(): each.starts for each in sight.coming}
    if starts not in known:
        raise Unclear({"starts": words.SAY_ONE})
    return known[starts]


def _when(form: Form, day: str, hour: str, now: datetime) -> datetime | None:
    """A day and a time of day as they are in Sweden; None where neither is said."""
    if not one(form, day) and not one(form, hour):
        return None
    try:
        when = datetime.fromisoformat(f"{one(form, day)}T{one(form, hour)}")
        moment = when.replace(tzinfo=LOCAL_TIME)
    except ValueError:
        raise Unclear({day: words.SAY_WHEN}) from None
    if not now < moment or moment.year > now.year + 2:
        raise Unclear({day: words.TO_COME})
    return moment


def _host(form: Form, name: str) -> str | None:
    said = one(form, name)
    try:
        return _HOST.validate_python(said) if said else None
    except ValidationError:
        raise Unclear({name: words.HOST_TOO_LONG}) from None
