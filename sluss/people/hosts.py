"""What providers do: answer offers, lay out sessions, say who came, confirm what they have removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sluss.people.acting import Act, Scene, command_id
from sluss.people.lives import Turn
from sluss.people.picture import Enrolment, Picture
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
    ScheduleSession,
    VerifyActivity,
)
from sluss_contracts.vocabulary import Attendance, Role, Whose

_TAKES_BACK = (Turn.WITHDRAWS, Turn.WITHDRAWS_FROM_PROVIDER)
BY_THEMSELVES = 2
"""After so many times people go on by themselves, and nobody writes down any more that they came."""
_HOSTS = ("Maud", "Kjell", "Siv", "Abdi", "Rolf", "Inga")


def on_enrolment(scene: Scene, enrolment: Enrolment) -> Iterator[Act]:
    """What the provider of one place does next, or nothing yet."""
    actor = Actor(id=enrolment.provider, role=Role.PROVIDER)
    if enrolment.status == "offered":
        yield _answer(scene, enrolment, actor)
    elif enrolment.status == "accepted":
        yield from _after_sessions(scene, enrolment, actor)


def still_right(picture: Picture, activity: str, asked: datetime, seed: int) -> Iterator[Act]:
    """Asked whether what is published is still right, whoever runs it says so, a day later."""
    if said := picture.activities.get(activity):
        occasion = f"verify:{activity}:{asked.isoformat()}"
        actor = Actor(id=said["provider"], role=Role.PROVIDER)
        command = VerifyActivity(command_id=command_id(seed, occasion), actor=actor, activity=activity)
        yield Act(occasion, asked + timedelta(days=1), command)


def _answer(scene: Scene, enrolment: Enrolment, actor: Actor) -> Act:
    place = {"enrolment_id": enrolment.id, "provider": enrolment.provider}
    what = f"answer:{enrolment.number}:{scene.said('offered')}"
    hours: tuple[float, float] = (2, 40)
    if scene.turn is Turn.SILENT_PROVIDER and enrolment.number == 1:
        late = scene.pathway.silence.offer_answered * 24
        hours = (late + 30, late + 60)
    if scene.turn is Turn.NO_PLACE and enrolment.number == 1:
        return scene.act(what, DeclineEnrolment, by=actor, hours=hours, reason="group_is_full", with_=place)
    host = scene.chance(what).choice(_HOSTS)
    return scene.act(what, AcceptEnrolment, by=actor, hours=hours, host=host, with_=place)


def _after_sessions(scene: Scene, enrolment: Enrolment, actor: Actor) -> Iterator[Act]:
    if scene.turn in _TAKES_BACK and enrolment.number == 1:
        return  # before they ever come they say that this provider may not know of them
    reports = list(enrolment.reported.values())
    if reports.count(Attendance.ATTENDED) >= BY_THEMSELVES:
        what = f"by_themselves:{enrolment.number}"
        gone_on = {"enrolment_id": enrolment.id, "whose": Whose.PERSON, "reason": "self_sustaining"}
        yield scene.act(what, EndEnrolment, with_=gone_on)
        return
    coming = sorted((start, id) for id, start in scene.picture.sessions[enrolment.activity].items())
    after = max([s for s, id in coming if id in enrolment.reported] + [enrolment.since])
    session = next((c for c in coming if c[0] > after and c[1] not in enrolment.reported), None)
    if session is None:
        yield _next_weeks(scene, enrolment, actor, [start for start, _ in coming])
        return
    absent = scene.turn is Turn.MISSES_SESSION and not reports
    came = Attendance.ABSENT if absent else Attendance.ATTENDED
    fields = {"enrolment_id": enrolment.id, "session_id": session[1], "outcome": came}
    at = session[0] + timedelta(hours=3)
    yield scene.act(
        f"came:{enrolment.number}:{len(reports)}", RecordAttendance, by=actor, at=at, with_=fields
    )


def _next_weeks(scene: Scene, enrolment: Enrolment, actor: Actor, starts: list[datetime]) -> Act:
    """The term is over: the association lays out the next weeks, as it would."""
    last = max(starts, default=scene.now)
    next_ = last + timedelta(days=7 * max(1, (scene.now - last).days // 7 + 1))
    occasion = f"next:{enrolment.activity}:{next_.isoformat()}"
    id = command_id(scene.life.seed, occasion)
    command: Command = ScheduleSession(command_id=id, actor=actor, activity=enrolment.activity, starts=next_)
    return Act(occasion, scene.now, command)
