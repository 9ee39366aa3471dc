"""A paper town as it is before the first referral, what organisations submit, and what couriers carry."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from services.notify import feedback_courier, fetching, projections
from services.notify.domain import feedback, message, notice
from services.notify.domain.links import hash_of
from services.notify.registry import FEEDBACK, MESSAGE, NOTICE
from services.referral import filing, intake, lookups, reviving
from services.referral.vault import questions, safe
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.runtime.clock import SetClock
from services.runtime.engine import said
from sluss.lifecycles.found import services
from sluss.pathways.files import shipped
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.navigator import RecordContact, RequestEnrolment
from sluss_contracts.commands.planning import AgreePlan
from sluss_contracts.commands.provider import PublishActivity, RegisterProvider, ScheduleSession
from sluss_contracts.commands.referral import PublishPathway, RegisterOrganisation
from sluss_contracts.commands.staff import RecordLeave, RegisterLinkWorker, RegisterTeam, SetHours
from sluss_contracts.message import FeedbackDue, MessageQueued
from sluss_contracts.notice import NoticeQueued
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import Protection, Role
from tests.properties.paper.entry import Cause, Entry
from tests.properties.paper.town import PaperTown
from tests.properties.paper.tx import played
from tests.properties.paper.unit import PaperUnit
from tests.properties.tables import ANSWERS, notify

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPERATOR = Actor(id="drift", role=Role.OPERATOR)
COORDINATOR = Actor(id="samordnare", role=Role.COORDINATOR)
CLINIC, SCHOOL = "vardcentralen-city", "centralskolan"
GROWN, CHILD = "19460823-9986", "20140822-2389"
"""Somebody grown up, and a minor: valid test numbers."""
NEEDS = ("company", "culture", "nature", "debt", "mental_wellbeing")
PURPOSES = ("referral", "share_with_provider", "feedback_to_referrer")
COURIER = Cause("notify", "courier", "")
INTAKE = Cause("referral", "intake", "")


@cache
def pathways() -> tuple[Pathway, ...]:
    """Those that are shipped."""
    return tuple(shipped())


@contextlib.contextmanager
def counted_ids(town: PaperTown) -> Iterator[None]:
    """Every id is the next of the town's own count, so that the same steps make the same story."""
    with (
        patch.object(said, "uuid7", town.new_uuid),
        patch.object(intake, "new_id", town.new_id),
        patch.object(filing, "uuid7", town.new_uuid),
        patch.object(filing, "new_id", town.new_id),
        patch.object(reviving, "uuid7", town.new_uuid),
        patch.object(reviving, "new_id", town.new_id),
        patch.object(lookups, "new_id", town.new_id),
        patch.object(questions, "new_id", town.new_id),
        patch.object(safe, "uuid4", town.new_uuid),
        patch.object(projections, "token_hex", lambda size: town.new_id()),
        patch.object(safe.vault, "_keys", _keys()),
    ):
        yield


@cache
def _opened() -> PaperTown:
    """Registered organisations, teams, link workers and providers; two activities; the shipped pathways."""
    town = PaperTown(services(), ANSWERS, SetClock(MONDAY))
    chance = Random(0)

    def do(verb: type[Command], **values: Any) -> None:
        actor = COORDINATOR if verb.OWNER == "navigator" else OPERATOR
        command = verb(command_id=UUID(int=chance.getrandbits(128), version=4), actor=actor, **values)
        town.commands.add(command.command_id)
        answer = town.desks[verb.OWNER].carry_out(command)
        assert answer.ok, (verb.VERB, answer.refused)

    with counted_ids(town):
        for name, kind, channel in ((CLINIC, "clinic", "stream"), (SCHOOL, "school", "letter")):
            organisation = {"organisation": name, "name": name, "kind": kind, "area": "centrum"}
            do(RegisterOrganisation, **organisation, feedback_channel=channel)
        for team, areas in (("norr", ("centrum", "hageby")), ("soder", ("vilbergen", "hageby"))):
            do(RegisterTeam, team=team, name=team, areas=areas)
        for worker, team, gender, capacity, engagement, languages in (
            ("anna", "norr", "woman", 2, "employed", ("sv", "ar")),
            ("bo", "norr", "man", 1, "volunteer", ("sv",)),
            ("cecilia", "soder", "woman", 3, "employed", ("sv", "fi")),
        ):
            areas = ("centrum", "hageby") if team == "norr" else ("vilbergen", "hageby")
            whose = {"worker": worker, "name": worker, "team": team, "areas": areas, "languages": languages}
            do(RegisterLinkWorker, **whose, gender=gender, capacity=capacity, engagement=engagement)
        at_work = [{"weekday": day, "starts": "09:00", "ends": "16:00"} for day in ("monday", "thursday")]
        do(SetHours, worker="anna", valid_from=date(2026, 1, 1), times=at_work, minutes_between=15)
        do(RecordLeave, worker="cecilia", starts=date(2026, 3, 20), ends=date(2026, 3, 30))
        for provider, activity, acceptance, capacity in (
            ("korpen", "promenad", "drop_in", 2),
            ("domkyrkan", "kor", "required", 1),
        ):
            do(RegisterProvider, provider=provider, name=provider, kind="association", area="centrum")
            offer = {"activity": activity, "provider": provider, "title": activity, "kind": "social"}
            do(PublishActivity, **offer, needs=("company",), area="centrum", capacity=capacity,
               acceptance=acceptance)  # fmt: skip
            for day in (10, 17, 40):
                do(ScheduleSession, activity=activity, starts=MONDAY.replace(day=1, month=3 + day // 30)
                   .replace(day=1 + day % 28), minutes=90)  # fmt: skip
        for pathway in pathways():
            do(PublishPathway, pathway=pathway.pathway, definition=pathway)
        settle(town, chance)
    return town


def opened() -> PaperTown:
    """A town of one's own, before the first referral."""
    return _opened().copy()


@cache
def _underway() -> PaperTown:
    """Somebody has a link worker, a plan, and takes part in something; another provider is asked."""
    town, chance = opened(), Random(1)

    def do(verb: type[Command], by: Actor, **values: Any) -> None:
        command = verb(command_id=UUID(int=chance.getrandbits(128), version=4), actor=by, **values)
        town.commands.add(command.command_id)
        answer = town.desks[verb.OWNER].carry_out(command)
        assert answer.ok, (verb.VERB, answer.refused)
        settle(town, chance)

    with counted_ids(town):
        data = {
            "submission_id": "remiss-0",
            "person": {"identity_number": GROWN, "contact": {"phone": "070-174 06 05"}},
            "area": "centrum",
            "needs": ["company"],
            "consent": {"status": "given", "purposes": list(PURPOSES)},
            "referrer": {"unit": "Mottagning 1"},
        }
        submit(town, enveloped("sluss.referral.requested.v1", CLINIC, data))
        settle(town, chance)
        (referral_id,) = town.seen["referral_id"]
        case: dict[str, Any] = {"referral_id": referral_id}
        do(RecordContact, COORDINATOR, **case, way="phone", outcome="reached")
        do(AgreePlan, COORDINATOR, **case, goals=[{"words": "Komma ut mer"}])
        do(RequestEnrolment, COORDINATOR, **case, activity="promenad")
        do(RequestEnrolment, COORDINATOR, **case, activity="kor")
    return town


def underway() -> PaperTown:
    """A town of one's own where work has begun."""
    return _underway().copy()


def forget() -> None:
    """Make both towns anew when they are next asked for."""
    _opened.cache_clear()
    _underway.cache_clear()


@cache
def _keys() -> tuple[MasterKey, IdentityKey]:
    return MasterKey(bytes(range(32))), IdentityKey(bytes(range(32)))


def submission(chance: Random, number: int, referrals: Sequence[str]) -> bytes:
    """What an organisation sends: consent given or to be asked, grown-ups and minors, some known already."""
    person: dict[str, Any] = {"name": "Vilhelmina Kanariefågel", "contact": {"phone": "070-174 06 05"}}
    person["identity_number"] = chance.choices((GROWN, CHILD, None, "fel nummer"), (8, 3, 8, 1))[0]
    if person["identity_number"] is None:
        person["born"] = chance.choice((1950, 1985, 2012))
    person["language"] = chance.choice(("sv", "sv", "ar", "so"))
    if chance.random() < 0.12:
        person["protection"] = chance.choice(list(Protection)).value
    if chance.random() < 0.15:
        person["guardian_rule"] = chance.choice(("consents", "informed", "withheld"))
    agreed = chance.random() < 0.75
    consent: dict[str, Any] = {"status": "given" if agreed else "to_be_asked"}
    consent["purposes"] = list(PURPOSES[: chance.choice((1, 2, 3, 3))]) if agreed else []
    consent["receivers"] = ["korpen"] if agreed and chance.random() < 0.3 else []
    if not agreed:
        del consent["purposes"]
    organisation = chance.choice((CLINIC, CLINIC, SCHOOL))
    data = {
        "submission_id": f"remiss-{number}",
        "person": {name: value for name, value in person.items() if value is not None},
        "area": chance.choice(("centrum", "hageby", "vilbergen", "utmarken")),
        "needs": chance.sample(NEEDS, chance.randint(1, 2)),
        "consent": consent,
        "referrer": {
            "unit": "Mottagning 1",
            "channel": chance.choices(("staff", "self", "web"), (8, 1, 1))[0],
        },
        "reason": chance.choice(("Vill ha sällskap", "Saknar någon att prata med", "Jag vill dö")),
    }
    if chance.random() < 0.6:
        data["pathway"] = chance.choice(pathways()).pathway
    if chance.random() < 0.12 and referrals:
        data["replaces"] = chance.choice(referrals)
    return enveloped("sluss.referral.requested.v1", organisation, data)


def taking_back(chance: Random, number: int, referrals: Sequence[str]) -> bytes:
    """An organisation takes a referral back, or says that it should never have been."""
    data = {
        "submission_id": f"ater-{number}",
        "referral_id": chance.choice([*referrals[-3:], "no-such-referral"]),
        "why": "person_asked",
        "entered_in_error": chance.random() < 0.3,
    }
    return enveloped("sluss.referral.taken_back.v1", chance.choice((CLINIC, CLINIC, SCHOOL)), data)


def enveloped(type: str, organisation: str, data: dict[str, Any]) -> bytes:
    """The bytes of a CloudEvent as a partner sends it."""
    event = {
        "specversion": "1.0",
        "id": data["submission_id"],
        "source": f"/org/{organisation}",
        "type": type,
        "data": data,
    }
    return json.dumps(event).encode()


def is_taken_on(town: PaperTown, raw: bytes) -> bool:
    """Whether these very bytes led to a referral; what was refused may be judged otherwise later."""
    digest = safe.vault.identity.of_content(raw)
    rows = town.desks["referral"].tables.get("submission", {}).values()
    return any(row["digest"] == digest and row["referral_id"] for row in rows)


def submit(town: PaperTown, raw: bytes) -> None:
    """Bytes on an organisation's own stream, taken in as the referral service does it."""
    organisation = json.loads(raw)["source"].removeprefix("/org/")
    unit = PaperUnit(town.desks["referral"], INTAKE)
    town.submissions.add(safe.vault.identity.of_content(raw).hex())
    played(intake.take_in(unit, [intake.Arrival(organisation, raw)], safe.vault))
    played(unit.finish())


def carry(town: PaperTown, chance: Random) -> bool:
    """The couriers carry one thing: a message that goes, fails or is held back, or feedback. Whether any."""
    desk = town.desks["notify"]
    waiting = [entry for entry in desk.said(MessageQueued) if _waits(town, entry, "message", "queued")]
    waiting += [entry for entry in desk.said(NoticeQueued) if _waits(town, entry, "notice", "queued")]
    due = [entry for entry in desk.said(FeedbackDue) if _waits(town, entry, "feedback", "due", "overdue")]
    if not waiting and not due:
        return False
    entry = chance.choice([*waiting, *due])
    unit = PaperUnit(desk, COURIER)
    played(unit.load([entry.said.key]))
    if isinstance(entry.fact, NoticeQueued):
        to_provider = unit.held(entry.said.key).get(NOTICE, entry.fact.notice_id)
        came_of_it = (
            notice.sent(to_provider, "email"),
            notice.failed(to_provider, message.NO_WAY_TO_REACH),
            notice.suppress(to_provider, message.NO_LONGER_TRUE),
        )
        unit.say(chance.choice(came_of_it), cause=str(entry.said.id))
    elif isinstance(entry.fact, MessageQueued):
        queued = unit.held(entry.said.key).get(MESSAGE, entry.fact.message_id)
        if entry.fact.about.link:
            _write_link(unit, entry.fact.about.link)
        outcomes = (
            message.sent(queued, "sms"),
            message.sent(queued, "sms"),
            message.failed(queued, message.OUTCOME_UNKNOWN),
            message.suppress(queued, message.NO_WAY_TO_REACH),
        )
        unit.say(chance.choice(outcomes), cause=str(entry.said.id))
    else:
        told = unit.held(entry.said.key).get(FEEDBACK, entry.fact.aggregate_id)
        to = feedback.Letterhead(submission_id="remiss", unit="Mottagning 1")
        ids = {"referral_id": entry.said.key, "feedback_id": entry.fact.aggregate_id}
        issued = feedback.issue(told, to, None)
        feedback_courier._say(unit, ids | {"event_id": entry.said.id}, issued)
    played(unit.finish())
    return True


def _waits(town: PaperTown, entry: Entry, kind: str, *statuses: str) -> bool:
    held: Any = town.desks["notify"].states[entry.said.key][kind, entry.fact.aggregate_id]
    return held.status.value in statuses


def _write_link(unit: PaperUnit, evaluation_id: str) -> None:
    """A one-time link goes out with the message, and only the newest is good."""
    asked = notify.table(unit.paper, "evaluation")[evaluation_id]
    notify.drop_links(unit.paper, evaluation_id)
    token = f"{evaluation_id}-{unit.paper.desk.town.new_id()}"
    row = {"evaluation_id": evaluation_id, "expires": asked["lapses"], "used": False}
    notify.table(unit.paper, "link")[hash_of(token)] = row
    unit.paper.desk.town.seen.setdefault("token", {})[token] = None


def fetch(town: PaperTown, chance: Random) -> None:
    """An organisation reads what it is told, and the network notices; or the network only looks."""
    desk, now = town.desks["notify"], town.clock.now()
    for name in town.partners:
        looked = notify.table_of(desk, "fetched").setdefault(name, {"organisation": name})
        looked["looked"] = now
        if chance.random() < 0.5:
            continue
        looked["receipts_until"] = now
        unit = PaperUnit(desk, COURIER)
        played(unit.load({entry.said.key for entry in town.partners[name]}))
        for entry in town.partners[name]:
            if fetched := fetching._fetched(entry.said.body):
                unit.say(fetching._facts(unit, fetched), cause=fetched.id)
        played(unit.finish())


def settle(town: PaperTown, chance: Random) -> None:
    """Until nothing is on its way, nothing is due, and what is parked has been tried again."""
    fetch(town, chance)
    for _ in range(10_000):
        if not (town.deliver(chance) or town.fire(chance) or carry(town, chance) or town.try_parked()):
            return
    raise AssertionError("the town does not come to rest")
