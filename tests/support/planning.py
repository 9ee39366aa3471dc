"""A case brought as far as the pages of the work with one person need it, by the commands everybody sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import httpx

from services.runtime.web import Identity
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import GiveActivityContact
from sluss_contracts.commands.navigator import RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import (
    AgreePlan,
    AgreeSupport,
    GoalInWords,
    IssuePrescription,
    RecordAlternatives,
    RecordMapping,
    RecordMeasure,
)
from sluss_contracts.commands.provider import AcceptEnrolment, PublishActivity, ScheduleSession
from sluss_contracts.mapping import Relation
from sluss_contracts.offering import Venue
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import (
    Barrier,
    ContactOutcome,
    ContactWay,
    LonelyFor,
    Need,
    PrescriptionKind,
    RelationWish,
    Role,
    SupportKind,
    Timepoint,
    Verdict,
)
from tests.support.casework import ANNA, SIV, Casework

KORPEN = Identity(Actor(id="korpen", role=Role.PROVIDER, organisation="korpen"), "Korpen Norrköping")
WALK = "promenad"
WORDS = "Jag vill ha någon att dricka kaffe med på torsdagar."
STORY = "Sedan Bengt gick bort är det tyst. Jag saknar att höra någon i köket."
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Far:
    """A case on its way, and the ids of what was made in it."""

    case: str
    goal: str
    enrolment: str
    recept: str
    session: str
    support: str


async def reached(work: Casework, name: str = "Vilhelmina Berg", **said: Any) -> str:
    """Somebody is referred, and Anna has spoken with them."""
    case = await work.refer(name, **said)
    named = {"referral_id": case, "way": ContactWay.PHONE, "outcome": ContactOutcome.REACHED}
    await work.do(RecordContact, ANNA, **named)
    return case


async def on_the_way(work: Casework, name: str = "Gunborg Lund", *, words: str = WORDS) -> Far:
    """A mapping, measures, a plan, a place that is welcomed by a host, a recept, and help to get started."""
    starts = work.clock.now() + timedelta(days=3)
    venue = Venue(name="Korpens stuga", street="Gamla torget 3", postal_code="602 20", town="Norrköping")
    await work.do(
        PublishActivity,
        activity=WALK,
        provider="korpen",
        title="Promenad med fika",
        kind=PrescriptionKind.PHYSICAL,
        needs=(Need.COMPANY,),
        area="hageby",
        capacity=8,
        venue=venue,
    )
    session = await work.do(ScheduleSession, activity=WALK, starts=starts)
    await work.do(GiveActivityContact, activity=WALK, name="Maja Sol", phone="011-12 34 56")
    case = await reached(work, name)
    at = {"referral_id": case}
    await work.do(
        RecordMapping,
        ANNA,
        **at,
        relations=(Relation(who="sister", wish=RelationWish.RESUME),),
        interests=("coffee", "walking"),
        needs=(Need.COMPANY,),
        barriers=(Barrier.GOING_ALONE,),
        lonely_for=LonelyFor.YEARS,
        what_matters=STORY if words == WORDS else words,
    )
    for timepoint, answers in (
        (Timepoint.BASELINE, {"satisfied": 3, "worthwhile": 4, "happy": 2, "anxious": 8}),
        (Timepoint.FOLLOW_UP, {"satisfied": 6, "worthwhile": 6, "happy": 7, "anxious": 4}),
    ):
        await work.do(RecordMeasure, ANNA, **at, instrument="ons4", at=timepoint, answers=answers)
    plan = await work.do(AgreePlan, ANNA, **at, goals=(GoalInWords(words=words),))
    goal = plan["goal_ids"][0]
    looked_at = (
        AlternativeLookedAt(activity=WALK, verdict=Verdict.CHOSEN),
        AlternativeLookedAt(activity="gafotboll", verdict=Verdict.DECLINED, why="too_many_people"),
    )
    await work.do(RecordAlternatives, ANNA, **at, goal_id=goal, alternatives=looked_at)
    asked = await work.do(RequestEnrolment, ANNA, **at, activity=WALK, goal_id=goal)
    enrolment = str(asked["enrolment_id"])
    place = {"enrolment_id": enrolment, "provider": "korpen", "host": "Maja"}
    await work.do(AcceptEnrolment, KORPEN, **at, **place)
    recept = await work.do(IssuePrescription, ANNA, **at, goal_id=goal, activity=WALK, trial=True)
    along = {"kind": SupportKind.ACCOMPANIMENT, "by": ANNA.actor.id, "enrolment_id": enrolment}
    support = await work.do(AgreeSupport, ANNA, **at, **along)
    return Far(
        case,
        goal,
        enrolment,
        str(recept["prescription_id"]),
        str(session["session_id"]),
        str(support["support_id"]),
    )


_FORM = re.compile(r'<form[^>]* method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_AREA = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_SELECT = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")


def form_on(page: str, action: str) -> dict[str, list[str]]:
    """What a browser sends of the page's form to this address, as it stands."""
    inside = next(form for where, form in _FORM.findall(page) if where == action)
    sent: dict[str, list[str]] = {}
    for tag in _INPUT.findall(inside):
        said = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        if said.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if "name" in said:
            sent.setdefault(said["name"], []).append(said.get("value", ""))
    for name, value in _AREA.findall(inside):
        sent[name] = [unescape(value)]
    for name, options in _SELECT.findall(inside):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        first = re.findall(r'<option value="([^"]*)"', options)
        sent[name] = [unescape(value) for value in chosen or first[:1]]
    return sent


async def fill_in(browser: httpx.AsyncClient, page: str, action: str, /, **filled: Any) -> httpx.Response:
    """Open a page, fill in one of its forms, send it, and go where it leads. None leaves a field out."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    return await send_on(browser, shown.text, action, filled)


async def send_on(
    browser: httpx.AsyncClient, shown: str, action: str, filled: Mapping[str, Any]
) -> httpx.Response:
    """Send a form of a page that is open."""
    fields: dict[str, Any] = {
        **form_on(shown, action),
        **{k.replace("__", "-"): v for k, v in filled.items()},
    }
    data = {name: value for name, value in fields.items() if value is not None}
    answer = await browser.post(action, data=data)
    return await browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


__all__ = [
    "ATTACK",
    "KORPEN",
    "SIV",
    "STORY",
    "WALK",
    "WORDS",
    "Far",
    "fill_in",
    "form_on",
    "on_the_way",
    "reached",
    "send_on",
]
