"""What providers do: answer offers, lay out sessions, say who came, confirm what they have removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sluss.people.acting import Act, ByLink, Scene, command_id
from sluss.people.lives import Turn
from sluss.people.picture import Enrolment, Picture
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    ReadActivityLink,
    ReadEnrolmentLink,
    RecordAttendance,
    ScheduleSession,
    VerifyActivity,
)
from sluss_contracts.vocabulary import Attendance, Role, Whose

_TAKES_BACK = (Turn.WITHDRAWS, Turn.WITHDRAWS_FROM_PROVIDER)
BY_THEMSELVES = 2
"""After so many times people go on by themselves, and nobody writes down any more that they came."""
WITHOUT_ACCOUNT = 0.4
"""Of a hundred providers so many answer by the links they are sent, where there are pages to answer on."""
_HOSTS = ("Maud", "Kjell", "Siv", "Abdi", "Rolf", "Inga")


def on_enrolment(scene: Scene, enrolment: Enrolment, *, by_links: bool = False) -> Iterator[Act]:
    """What the provider of one place does next, or nothing yet. With `by_links` some have no account."""
    actor = Actor(id=enrolment.provider, role=Role.PROVIDER)
    if enrolment.status == "offered":
        act = _answer(scene, enrolment, actor)
        without_account = by_links and _has_no_account(enrolment.provider, scene.life.seed)
        yield _welcome_by_link(scene, enrolment, act) if without_account else act
    elif enrolment.status == "accepted":
        yield from _after_sessions(scene, enrolment, actor)


def still_right(
    picture: Picture, activity: str, asked: datetime, seed: int, *, by_links: bool = False
) -> Iterator[Act]:
    """Asked whether what is published is still right, whoever runs it says so, a day later."""
    if said := picture.activities.get(activity):
        occasion = f"verify:{activity}:{asked.isoformat()}"
        actor = Actor(id=said["provider"], role=Role.PROVIDER)
        command = VerifyActivity(command_id=command_id(seed, occasion), actor=actor, activity=activity)
        question = _shown_to_a_coordinator(ReadActivityLink, f"link:{occasion}", seed, activity=activity)
        by_link = ByLink(question, {"answer": "right"}, command)
        without_account = by_links and _has_no_account(actor.id, seed)
        yield Act(occasion, asked + timedelta(days=1), by_link if without_account else command)


def _has_no_account(provider: str, seed: int) -> bool:
    return Random(f"{seed}:{provider}:account").random() < WITHOUT_ACCOUNT


def _welcome_by_link(scene: Scene, enrolment: Enrolment, act: Act) -> Act:
    """The same answer on a page; a no has other reasons there, and is left to the command."""
    if not isinstance(act.command, AcceptEnrolment):
        return act
    place = {"referral_id": scene.case.referral, "enrolment_id": enrolment.id}
    question = _shown_to_a_coordinator(ReadEnrolmentLink, f"link:{act.what}", scene.life.seed, **place)
    said = {"answer": "welcome", "host": act.command.host or ""}
    return Act(act.what, act.not_before, ByLink(question, said, act.command))


def _shown_to_a_coordinator(command: type[Command], occasion: str, seed: int, **about: str) -> Command:
    actor = Actor(id="coordinator", role=Role.COORDINATOR)
    return command(command_id=command_id(seed, occasion), actor=actor, **about)


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
