"""The provider service's tables on paper: places are the enrolments that hold one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.provider import tables
from services.provider.catalogue import END_WITH_ACTIVITY
from services.provider.domain.enrolment import NO_PROVIDER, Enrolment, Status
from services.provider.domain.places import Catalogue, Coming, Places
from services.provider.handlers import CALL, REPORT_DUE
from services.provider.recurrence import ends
from services.provider.store import STILL_TO_LAY_OUT, ComingTo
from services.runtime.pathways import known_pathways
from services.runtime.service import Timer
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    PublishActivity,
    PublishProposal,
    RecordAttendance,
)
from sluss_contracts.enrolment import EnrolmentAccepted
from sluss_contracts.event import Event
from tests.properties.paper.tx import PaperTx, played


def registered_providers(tx: PaperTx, commands: Sequence[PublishActivity]) -> set[str]:
    return {each.provider for each in commands} & _registered(tx)


def of_registered_providers(tx: PaperTx, commands: Sequence[PublishProposal]) -> set[str]:
    providers = _registered(tx)
    return {name for name, activity in tx.all("activity").items() if activity.provider in providers}


def _registered(tx: PaperTx) -> set[str]:
    return {name for name, each in tx.all("provider").items() if each.status.value == "registered"}


def places(tx: PaperTx, events: Sequence[Event[CaseEnrolmentRequested]]) -> Catalogue:
    names = {each.data.activity for each in events}
    return Catalogue(_places(tx, names), withdrawn=tx.desk.tables.get("shut_out", {}))


def end_each(tx: PaperTx, timers: Sequence[Timer]) -> None:
    for timer in timers:
        for each in enrolments_of(tx, timer.id):
            if not each.status.over:
                played(tx.timers.set(END_WITH_ACTIVITY, each.enrolment_id, each.referral_id, tx.now))


def expect_reports(tx: PaperTx, timers: Sequence[Timer]) -> set[str]:
    pathways = played(known_pathways(tx))
    expected: set[str] = set()
    since = _expected_from(tx)
    for timer in timers:
        session = tx.all("session")[timer.id]
        if session.status.value == "cancelled":
            continue
        for each in enrolments_of(tx, session.activity):
            if each.status is not Status.ACCEPTED or since[each.enrolment_id] > session.starts:
                continue
            within = pathways.of(each.pathway, each.pathway_version).silence.session_reported
            ids = {"enrolment_id": each.enrolment_id, "session_id": session.session_id}
            name, due = "/".join(ids.values()), session.ends + timedelta(days=within)
            played(tx.timers.set(REPORT_DUE, name, each.referral_id, due, **ids))
            expected.add(session.session_id)
    return expected


def _expected_from(tx: PaperTx) -> dict[str, datetime]:
    since = {}
    for entry in tx.desk.said(EnrolmentAccepted):
        fact = entry.fact
        assert isinstance(fact, EnrolmentAccepted)
        begins_at = tx.all("session").get(fact.first_session or "")
        since[fact.enrolment_id] = begins_at.starts if begins_at else fact.starts or entry.event.time
    return since


def places_and_line(tx: PaperTx, timers: Sequence[Timer]) -> Catalogue:
    names = {each.data["activity"] for each in timers}
    ahead: dict[str, int] = {}
    for name in names:
        in_line = [each for each in enrolments_of(tx, name) if each.status is Status.WAITLISTED]
        everybody = enrolments_of(tx, name)
        for each in everybody:
            before = everybody[: everybody.index(each)]
            ahead[each.enrolment_id] = sum(other in in_line for other in before)
    return Catalogue(_places(tx, names), ahead)


def call_those_reached(tx: PaperTx, timers: Sequence[Timer]) -> None:
    for place in _places(tx, {each.data["activity"] for each in timers}):
        if place.status.value != "published":
            continue
        line = [e for e in enrolments_of(tx, place.activity) if e.status is Status.WAITLISTED]
        for each in line[: max(0, place.capacity - place.taken)]:
            played(tx.timers.set(CALL, each.enrolment_id, each.referral_id, tx.now, activity=place.activity))


def first_sessions(tx: PaperTx, commands: Sequence[AcceptEnrolment]) -> ComingTo:
    named = {each.enrolment_id: each.starts for each in commands}
    wanted = {e.enrolment_id: e.activity for e in tx.all("enrolment").values() if e.enrolment_id in named}
    chosen = {
        id: Coming(session.session_id, session.starts)
        for id, activity in wanted.items()
        for session in tx.all("session").values()
        if session.activity == activity
        and session.starts == named[id]
        and session.status.value == "scheduled"
    }
    return ComingTo(_next_sessions(tx, set(wanted.values())), chosen)


def sessions_named(tx: PaperTx, commands: Sequence[RecordAttendance]) -> dict[str, str]:
    sessions = tx.all("session")
    return {
        each.session_id: sessions[each.session_id].activity
        for each in commands
        if each.session_id in sessions and sessions[each.session_id].status.value != "cancelled"
    }


def enrolments_of(tx: PaperTx, activity: str) -> list[Enrolment]:
    """In the order in which they were first said."""
    return [
        each
        for each in tx.all("enrolment").values()
        if each.activity == activity and each.provider != NO_PROVIDER
    ]


def _places(tx: PaperTx, names: Collection[str]) -> list[Places]:
    found, coming = [], _next_sessions(tx, names)
    for name, activity in tx.all("activity").items():
        if name in names:
            there = enrolments_of(tx, name)
            found.append(
                Places(
                    activity=name,
                    provider=activity.provider,
                    capacity=activity.capacity,
                    acceptance=activity.acceptance,
                    taken=sum(each.status.holds_a_place for each in there),
                    waiting=sum(each.status is Status.WAITLISTED for each in there),
                    next_session=coming.get(name),
                    status=activity.status,
                )
            )
    return found


def _next_sessions(tx: PaperTx, names: Collection[str]) -> dict[str, Coming]:
    coming: dict[str, Coming] = {}
    for session in tx.all("session").values():
        if session.activity in names and session.starts >= tx.now and session.status.value == "scheduled":
            one = Coming(session.session_id, session.starts)
            first = coming.setdefault(session.activity, one)
            if (one.starts, one.session_id) < (first.starts, first.session_id):
                coming[session.activity] = one
    return coming


def shut_out(tx: PaperTx, *, referral_id: str, provider: str) -> None:
    tx.desk.tables.setdefault("shut_out", {})[referral_id, provider] = {}


def let_in(tx: PaperTx, *, referral: str, of: str) -> None:
    tx.desk.tables.setdefault("shut_out", {}).pop((referral, of), None)


def let_all_in(tx: PaperTx, *, referral: str) -> None:
    out = tx.desk.tables.setdefault("shut_out", {})
    for name in [name for name in out if name[0] == referral]:
        del out[name]


def still_to_lay_out(tx: PaperTx, *, activities: Sequence[str], until: datetime) -> list[dict[str, str]]:
    going_on = []
    for name, timetable in tx.all("schedule").items():
        withdrawn = name in tx.all("activity") and tx.all("activity")[name].status.value == "withdrawn"
        over = ends(timetable)
        if name in activities and not withdrawn and (over is None or over > until):
            going_on.append({"activity": name})
    return going_on


LOOKUPS = (
    registered_providers,
    of_registered_providers,
    end_each,
    expect_reports,
    places,
    places_and_line,
    call_those_reached,
    first_sessions,
    sessions_named,
)
READS: dict[str, Any] = {STILL_TO_LAY_OUT.text: still_to_lay_out}
WRITES: dict[str, Any] = {
    tables.SHUT_OUT.text: shut_out,
    tables.LET_IN.text: let_in,
    tables.LET_ALL_IN.text: let_all_in,
}
REAL: tuple[str, ...] = ("look_again",)
LEFT_OUT = (
    "show_providers",
    "show_activities",
    "confirm_sink_or_hide",
    "show_sessions",
    "tell_organizations",
    "tell_services",
    "tell_times",
    "carry_records",
    "name_words",
    "sort_services",
)
