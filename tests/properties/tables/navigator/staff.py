"""Teams and link workers on paper: who has how many cases, and who is to get the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.navigator import looking_again
from services.navigator.assigning import Assigning, Homes, local_day
from services.navigator.domain.assignment import SUITS_A_VOLUNTEER, Candidate
from services.navigator.domain.case import Case, Status
from services.navigator.domain.worker import LinkWorker
from services.navigator.meeting_links.asking import Times
from services.navigator.store import cases, line
from services.navigator.store.diary import LONGEST
from services.navigator.store.staff import Staff
from services.runtime.service import Timer
from sluss_contracts.case import CaseAssigned, CaseClaimed, CaseReassigned, CaseUnassigned
from sluss_contracts.commands.activity_tasks import CompleteActivityTask
from sluss_contracts.commands.meetings import BookMeeting, ChooseMeetingTime, MoveMeeting
from sluss_contracts.commands.navigator import ClaimCase, ReassignCase
from sluss_contracts.commands.signing_in import AllowSignIn, EndSignIn
from sluss_contracts.commands.staff import HandOverCaseload, RegisterLinkWorker
from sluss_contracts.event import Event
from sluss_contracts.linkworker import CaseloadHandedOver, LinkWorkerAmended, LinkWorkerRegistered
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import Engagement
from tests.properties.paper.tx import PaperTx, played
from tests.properties.tables.navigator.rows import Rows, nobody


def teams_there_are(tx: PaperTx, commands: Sequence[RegisterLinkWorker]) -> set[str]:
    return {each.team for each in commands} & set(tx.all("team"))


def receivers(tx: PaperTx, commands: Sequence[ClaimCase | ReassignCase]) -> dict[str, LinkWorker]:
    workers = tx.all("linkworker")
    return {each.worker: workers[each.worker] for each in commands if each.worker in workers}


def successors_of(tx: PaperTx, commands: Sequence[HandOverCaseload]) -> dict[str, LinkWorker]:
    workers = tx.all("linkworker")
    return {each.to: workers[each.to] for each in commands if each.to in workers}


def their_times(tx: PaperTx, commands: Sequence[ChooseMeetingTime]) -> Times:
    cases, workers = tx.all("case"), tx.all("linkworker")
    whose = {cases[each.referral_id].worker for each in commands if each.referral_id in cases} - {None}
    return {worker: (workers[worker], _ahead_of(cases.values(), worker, tx.now)) for worker in whose}


def times_taken(tx: PaperTx, commands: Sequence[BookMeeting | MoveMeeting]) -> dict[str, Rows]:
    cases = tx.all("case")
    careful = [
        cases[each.referral_id] for each in commands if each.only_if_free and each.referral_id in cases
    ]
    return {
        case.referral_id: _ahead_of(cases.values(), case.worker, tx.now) for case in careful if case.worker
    }


def _ahead_of(cases: Collection[Case], worker: str, now: datetime) -> Rows:
    return [
        {"meeting_id": id, "starts": meeting.starts, "minutes": meeting.minutes}
        for case in cases
        if case.worker == worker and case.status is not Status.CLOSED
        for id, meeting in case.meetings.items()
        if meeting.ahead and meeting.starts >= now - LONGEST
    ]


def whom_to_hand_them_to(
    tx: PaperTx, timers: Sequence[Timer]
) -> tuple[dict[str, ReferralAccepted], Assigning]:
    cases = tx.all("case")
    leaving = {each.key: each.data["worker"] for each in timers}
    asked = {
        event.data.referral_id: event.data
        for event in tx.desk.heard_of(ReferralAccepted)
        if (key := event.data.referral_id) in leaving
        and key in cases
        and cases[key].worker == leaving[key]
        and not cases[key].closed
    }
    return asked, _assigning(tx, list(asked.values()))


def homes_for(tx: PaperTx, events: Sequence[Event[ReferralHeld]]) -> Homes:
    return homes_in(tx, {each.data.area for each in events})


def assigning_for(tx: PaperTx, events: Sequence[Event[ReferralAccepted]]) -> Assigning:
    return _assigning(tx, [each.data for each in events])


def whom_to_give_them(tx: PaperTx, timers: Sequence[Timer]) -> tuple[dict[str, ReferralAccepted], Assigning]:
    asked = _asked(tx, {each.key for each in timers})
    return asked, _assigning(tx, list(asked.values()))


def see_to_the_line(tx: PaperTx, timers: Sequence[Timer]) -> None:
    for timer in timers:
        played(looking_again._look_again(tx, [timer.key], timer.id))


def _asked(tx: PaperTx, referrals: Collection[str]) -> dict[str, ReferralAccepted]:
    waiting = {id for id, case in tx.all("case").items() if case.waits}
    return {
        event.data.referral_id: event.data
        for event in tx.desk.heard_of(ReferralAccepted)
        if event.data.referral_id in waiting and event.data.referral_id in referrals
    }


def homes_in(tx: PaperTx, areas: Collection[str]) -> Homes:
    teams: dict[str, list[str]] = {}
    for name, team in sorted(tx.all("team").items()):
        for area in areas:
            if area in team.areas:
                teams.setdefault(area, []).append(name)
    return Homes(teams)


def _loads(tx: PaperTx) -> Counter[str]:
    return Counter(c.worker for c in tx.all("case").values() if c.worker and not c.closed)


def _last_workers(tx: PaperTx) -> dict[str, str]:
    facts: list[Any] = [each.fact for each in tx.desk.said(CaseAssigned, CaseClaimed, CaseReassigned)]
    persons = {key: case.person for key, case in tx.all("case").items()}
    return {persons[each.referral_id]: each.worker for each in facts}


def _leavers(tx: PaperTx) -> set[str]:
    """Whoever hands a caseload over takes no more, until somebody registers otherwise."""
    capacity: dict[str, bool] = {}
    for entry in tx.desk.said(CaseloadHandedOver, LinkWorkerRegistered, LinkWorkerAmended):
        capacity[entry.said.key] = not isinstance(entry.fact, CaseloadHandedOver)
    return {worker for worker, has_room in capacity.items() if not has_room}


def _assigning(tx: PaperTx, referrals: Sequence[ReferralAccepted]) -> Assigning:
    loads = _loads(tx)
    candidates = {
        name: Candidate(
            worker=name,
            team=who.team,
            areas=who.areas,
            languages=who.languages,
            capacity=0 if name in _leavers(tx) else who.capacity,
            load=loads[name],
            skills=who.skills,
            gender=who.gender,
            volunteer=who.engagement is Engagement.VOLUNTEER,
            leaves=who.leaves,
        )
        for name, who in tx.all("linkworker").items()
    }
    homes = homes_in(tx, {referral.area for referral in referrals})
    staff = Staff(candidates, [])
    return Assigning(homes, staff, _last_workers(tx), _conflicts(tx), local_day(tx.now))


def _conflicts(tx: PaperTx) -> dict[str, tuple[str, ...]]:
    """Who gave a case up because of a conflict of interest has it with the person."""
    persons = {key: case.person for key, case in tx.all("case").items()}
    found: dict[str, tuple[str, ...]] = {}
    facts: list[Any] = [each.fact for each in tx.desk.said(CaseUnassigned, CaseReassigned)]
    for fact in facts:
        moved = isinstance(fact, CaseReassigned)
        if "conflict_of_interest" in (fact.because if moved else (fact.because,)):
            person, worker = persons[fact.referral_id], fact.before if moved else fact.worker
            found[person] = tuple(sorted({*found.get(person, ()), worker}))
    return found


def _fitting(tx: PaperTx, *, workers: list[str], suitable: list[str]) -> Rows:
    loads, found = _loads(tx), dict[str, None]()
    asked = _asked(tx, set(tx.all("case")))
    for name in workers:
        who = tx.all("linkworker").get(name)
        if who is None or loads[name] >= who.capacity:
            continue
        fitting = [
            id
            for id, wanted in asked.items()
            if wanted.area in who.areas
            and wanted.language in who.languages
            and wanted.requested_gender in (None, who.gender)
            and (who.engagement is Engagement.EMPLOYED or SUITS_A_VOLUNTEER.issuperset(wanted.needs))
        ]
        found |= dict.fromkeys(fitting[: who.capacity - loads[name] + line.MORE])
    return [{"referral_id": id} for id in found]


def _formerly(tx: PaperTx, *, referrals: list[str]) -> Rows:
    held = tx.all("case")
    return [{"worker": held[id].worker} for id in referrals if id in held and held[id].worker]


def _held(tx: PaperTx, *, worker: str) -> Rows:
    return [{"referral_id": id} for id, c in tx.all("case").items() if c.worker == worker and not c.closed]


def write_account(tx: PaperTx, commands: Sequence[AllowSignIn]) -> None:
    """Who may sign in says nothing, and nothing is decided by it."""


def end_account(tx: PaperTx, commands: Sequence[EndSignIn]) -> int:
    return 0


def teams_of_actors(tx: PaperTx, commands: Sequence[CompleteActivityTask]) -> dict[str, str]:
    workers = tx.all("linkworker")
    return {each.actor.id: workers[each.actor.id].team for each in commands if each.actor.id in workers}


LOOKUPS = (
    teams_there_are,
    receivers,
    successors_of,
    their_times,
    times_taken,
    whom_to_hand_them_to,
    homes_for,
    assigning_for,
    whom_to_give_them,
    see_to_the_line,
    write_account,
    end_account,
    teams_of_actors,
)
READS = {
    line._FITTING.text: _fitting,
    line._FORMERLY.text: _formerly,
    line._HELD.text: _held,
    cases._CLOSE.text: nobody,  # counts each one's cases, which are counted above
}
