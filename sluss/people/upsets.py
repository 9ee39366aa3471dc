"""What befalls a town's activities: a session is moved, held elsewhere or cancelled; somebody takes a break.

Only in a demonstration, which shows what the network does about it. Where the same seed is to tell the same
stories nothing befalls anybody: it would fall on other people each time, as the calendar has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sluss.people.acting import Act, command_id
from sluss.people.picture import Picture
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import CancelSession, RescheduleSession
from sluss_contracts.commands.schedule import TakeBreak
from sluss_contracts.offering import Venue
from sluss_contracts.vocabulary import Role

MOVED, ELSEWHERE, OFF = 0.03, 0.02, 0.03
"""Of a hundred sessions so many."""
RESTS = 0.1
"""Of a hundred activities with a schedule so many take a break."""
_SOON, _FAR = timedelta(days=1), timedelta(days=8)
_WHERE = (
    Venue(name="Stadsbiblioteket", street="Södra Promenaden 105", town="Norrköping"),
    Venue(name="Medborgarhuset", street="Tegelängsgatan 19", town="Norrköping"),
)
_HERE = ZoneInfo("Europe/Stockholm")


class Fate(NamedTuple):
    """What befalls one session, if anything does: one number of luck, and how long before it is known."""

    luck: float
    notice: timedelta
    hours: int
    where: Venue


@cache
def fate_of(seed: int, session_id: str) -> Fate:
    """The same for the same seed and session."""
    chance = Random(f"{seed}:{session_id}:fate")
    notice = timedelta(days=chance.uniform(1.5, 6))
    return Fate(chance.random(), notice, chance.choice((-1, 1, 2)), chance.choice(_WHERE))


def upsets(picture: Picture, now: datetime, seed: int) -> Iterator[Act]:
    """What whoever runs things has to say about them now or soon."""
    for activity in sorted(picture.activities):
        for session_id, starts in picture.sessions.get(activity, {}).items():
            if _SOON < starts - now < _FAR and session_id not in picture.moved:
                yield from _befalls(picture, seed, activity, session_id, starts)
    for activity, since in picture.scheduled.items():
        if activity in picture.activities and activity not in picture.on_break:
            yield from _rests(picture, seed, activity, since)


def _befalls(picture: Picture, seed: int, activity: str, session_id: str, starts: datetime) -> Iterator[Act]:
    fate = fate_of(seed, session_id)
    about = {"session_id": session_id}
    if fate.luck < MOVED:
        then = starts + timedelta(hours=fate.hours)
        command = _by_provider(picture, seed, activity, session_id, RescheduleSession, **about, starts=then)
    elif fate.luck < MOVED + ELSEWHERE:
        there = {"starts": starts, "venue": fate.where}
        command = _by_provider(picture, seed, activity, session_id, RescheduleSession, **about, **there)
    elif fate.luck < MOVED + ELSEWHERE + OFF:
        off = {"why": "leader_ill"}
        command = _by_provider(picture, seed, activity, session_id, CancelSession, **about, **off)
    else:
        return
    yield Act(f"befalls:{session_id}", starts - fate.notice, command)


def _rests(picture: Picture, seed: int, activity: str, since: datetime) -> Iterator[Act]:
    """Two weeks, some weeks after it is said."""
    chance = Random(f"{seed}:{activity}:rests")
    if chance.random() >= RESTS:
        return
    said = since + timedelta(days=chance.uniform(1, 20))
    first = (said + timedelta(days=21)).astimezone(_HERE).date()
    away = {"first": first, "last": first + timedelta(days=13), "why": "leader_away"}
    yield Act(f"rests:{activity}", said, _by_provider(picture, seed, activity, activity, TakeBreak, **away))


def _by_provider(
    picture: Picture, seed: int, activity: str, about: str, command: type[Command], **said: Any
) -> Command:
    occasion = f"{command.VERB}:{about}"
    actor = Actor(id=picture.activities[activity]["provider"], role=Role.PROVIDER)
    fields = {"activity": activity, **said}
    return command(command_id=command_id(seed, occasion), actor=actor, **fields)
