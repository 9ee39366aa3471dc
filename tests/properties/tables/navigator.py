"""The navigator's tables on paper: teams and link workers, who has how many cases, providers' answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.navigator import looking_again
from services.navigator.assigning import Assigning, Homes, local_day
from services.navigator.blue_circle import New
from services.navigator.domain.assignment import SUITS_A_VOLUNTEER, Candidate
from services.navigator.domain.case import Case, Status
from services.navigator.domain.wishes import Offer
from services.navigator.domain.worker import LinkWorker
from services.navigator.meeting_links import free
from services.navigator.meeting_links.asking import Times
from services.navigator.store import asked, cases, heard, line, offers, unmet
from services.navigator.store.asked import Known
from services.navigator.store.staff import Staff
from services.runtime.service import Timer
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityPublished,
    ActivityRescheduled,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.case import CaseAssigned, CaseClaimed, CaseReassigned, CaseUnassigned
from sluss_contracts.commands.activity_tasks import CompleteActivityTask
from sluss_contracts.commands.meetings import ChooseMeetingTime
from sluss_contracts.commands.navigator import (
    ClaimCase,
    CloseCase,
    ReassignCase,
    RecordUnmetNeed,
    RequestEnrolment,
)
from sluss_contracts.commands.planning import IssuePrescription, RecordMeasure
from sluss_contracts.commands.signing_in import AllowSignIn, EndSignIn
from sluss_contracts.commands.staff import HandOverCaseload, RegisterLinkWorker
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Event
from sluss_contracts.instruments import InstrumentPublished, Pack
from sluss_contracts.linkworker import CaseloadHandedOver, LinkWorkerAmended, LinkWorkerRegistered
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
)
from sluss_contracts.vocabulary import Engagement, LinkKind
from tests.properties.paper.tx import PaperTx, played

Rows = list[dict[str, Any]]
_ENDS = (
    ReferralClosed,
    ReferralDeclined,
    ReferralCancelled,
    ReferralEnteredInError,
    ReferralRedirected,
    ReferralLinked,
)
_ANSWERS = (
    EnrolmentOffered,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentWaitlisted,
    EnrolmentExpired,
    EnrolmentEnded,
)


def teams_there_are(tx: PaperTx, commands: Sequence[RegisterLinkWorker]) -> set[str]:
    return {each.team for each in commands} & set(tx.all("team"))


def teams_of_receivers(tx: PaperTx, commands: Sequence[ClaimCase | ReassignCase]) -> dict[str, str]:
    workers = tx.all("linkworker")
    return {each.worker: workers[each.worker].team for each in commands if each.worker in workers}


def successors_of(tx: PaperTx, commands: Sequence[HandOverCaseload]) -> dict[str, LinkWorker]:
    workers = tx.all("linkworker")
    return {each.to: workers[each.to] for each in commands if each.to in workers}


def their_times(tx: PaperTx, commands: Sequence[ChooseMeetingTime]) -> Times:
    cases, workers = tx.all("case"), tx.all("linkworker")
    whose = {cases[each.referral_id].worker for each in commands if each.referral_id in cases} - {None}
    return {worker: (workers[worker], _ahead_of(cases.values(), worker, tx.now)) for worker in whose}


def _ahead_of(cases: Collection[Case], worker: str, now: datetime) -> Rows:
    return [
        {"meeting_id": id, "starts": meeting.starts, "minutes": meeting.minutes}
        for case in cases
        if case.worker == worker and case.status is not Status.CLOSED
        for id, meeting in case.meetings.items()
        if meeting.ahead and meeting.starts > now - free.A_DAY_BACK
    ]


def activities_prescribed(tx: PaperTx, commands: Sequence[IssuePrescription]) -> set[str]:
    return _published(tx) & {each.activity for each in commands}


def what_is_offered(tx: PaperTx, commands: Sequence[RequestEnrolment]) -> tuple[set[str], frozenset[str]]:
    return _published(tx) & {each.activity for each in commands}, _enrolments(tx, heard.OVER)


def what_was_taken_up(tx: PaperTx, commands: Sequence[CloseCase]) -> frozenset[str]:
    return _enrolments(tx, heard.TAKEN_UP)


def where_they_live(tx: PaperTx, commands: Sequence[RecordUnmetNeed]) -> dict[str, str]:
    return {
        event.data.referral_id: event.data.area
        for fact in (ReferralHeld, ReferralAccepted)
        for event in tx.desk.heard_of(fact)
    }


def packs_of_their_own(tx: PaperTx, commands: Sequence[RecordMeasure]) -> list[Pack]:
    wanted = {each.instrument for each in commands}
    packs: dict[tuple[str, int], Pack] = {}
    for entry in tx.desk.said(InstrumentPublished):
        assert isinstance(entry.fact, InstrumentPublished)
        if entry.fact.instrument in wanted:
            packs[entry.fact.instrument, entry.fact.version] = entry.fact.definition
    return [packs[name] for name in sorted(packs)]


def referrals_over(tx: PaperTx, events: Sequence[Event[Any]]) -> frozenset[str]:
    return frozenset(
        event.data.referral_id
        for fact in _ENDS
        for event in tx.desk.heard_of(fact)
        if getattr(event.data, "how", None) is not LinkKind.REPLACES
    )


def _published(tx: PaperTx) -> set[str]:
    offers = (*tx.desk.heard_of(ActivityPublished), *tx.desk.heard_of(ActivityAmended))
    return {event.data.activity for event in offers}


def what_is_new(tx: PaperTx, timers: Sequence[Timer]) -> New:
    return New(_offers(tx), _known(tx, {timer.key for timer in timers}))


def _offers(tx: PaperTx) -> dict[str, Offer]:
    """As published last; on paper every place is free, and no session is known of."""
    said = [*tx.desk.heard_of(ActivityPublished), *tx.desk.heard_of(ActivityAmended)]
    return {
        event.data.activity: Offer(
            **{name: getattr(event.data, name) for name in _SAID_OF_OFFERS},
            **event.data.eligibility.model_dump(),
            kronor=event.data.cost.kronor if event.data.cost else None,
            per=event.data.cost.per if event.data.cost else "time",
        )
        for event in sorted(said, key=lambda event: event.sequence)
    }


_SAID_OF_OFFERS = (
    *("activity", "provider", "title", "needs", "area", "languages", "capacity", "acceptance", "interests"),
    *("mode", "access", "hosted"),
)


def _known(tx: PaperTx, referrals: Collection[str]) -> dict[str, Known]:
    cases, areas = tx.all("case"), where_they_live(tx, ())
    needs = {event.data.referral_id: event.data.needs for event in tx.desk.heard_of(ReferralAccepted)}
    found = {}
    for id in referrals & areas.keys():
        mapped = cases[id].mapping if id in cases else None
        found[id] = Known(
            referral_id=id,
            area=areas[id],
            needs=needs.get(id, ()),
            mapped_needs=mapped.needs if mapped else (),
            interests=mapped.interests if mapped else (),
            barriers=mapped.barriers if mapped else (),
        )
    return found


def _enrolments(tx: PaperTx, statuses: Collection[str]) -> frozenset[str]:
    last: dict[str, Event[Any]] = {}
    for fact in _ANSWERS:
        for event in tx.desk.heard_of(fact):
            known = last.setdefault(event.data.enrolment_id, event)
            if event.sequence > known.sequence:
                last[event.data.enrolment_id] = event
    return frozenset(id for id, event in last.items() if event.data.FACT in statuses)


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
    return _homes(tx, {each.data.area for each in events})


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


def _homes(tx: PaperTx, areas: Collection[str]) -> Homes:
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
    homes = _homes(tx, {referral.area for referral in referrals})
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


def _waiting(tx: PaperTx, *, areas: list[str], needs: list[str], everywhere: bool) -> Rows:
    return [
        {"referral_id": id}
        for id, case in sorted(tx.all("case").items())
        if not case.closed
        and any((everywhere or each.area in areas) and each.need in needs for each in case.unmet)
    ]


def write_account(tx: PaperTx, commands: Sequence[AllowSignIn]) -> None:
    """Who may sign in says nothing, and nothing is decided by it."""


def end_account(tx: PaperTx, commands: Sequence[EndSignIn]) -> int:
    return 0


def teams_of_actors(tx: PaperTx, commands: Sequence[CompleteActivityTask]) -> dict[str, str]:
    workers = tx.all("linkworker")
    return {each.actor.id: workers[each.actor.id].team for each in commands if each.actor.id in workers}


def teams_of_activities(tx: PaperTx, events: Sequence[Event[VerificationDue]]) -> dict[str, str]:
    areas = {
        event.data.activity: event.data.area
        for fact in (ActivityPublished, ActivityAmended)
        for event in tx.desk.heard_of(fact)
    }
    homes = _homes(tx, set(areas.values()))
    return {activity: homes.of(area) for activity, area in areas.items()}


def _expected_at(tx: PaperTx, *, named: str, session: str) -> Rows:
    accepted = {event.data.enrolment_id: event.data for event in tx.desk.heard_of(EnrolmentAccepted)}
    taking_part = _enrolments(tx, ["accepted"])
    starts = _starts(tx, session)
    return [
        {"enrolment_id": id, "referral_id": said.referral_id}
        for id, said in sorted(accepted.items())
        if id in taking_part
        and said.activity == named
        and (said.first_session == session or said.starts is None or starts is None or said.starts <= starts)
    ]


def _starts(tx: PaperTx, session: str) -> datetime | None:
    return next(
        (
            event.data.starts
            for fact in (ActivityRescheduled, SessionScheduled)
            for event in reversed(list(tx.desk.heard_of(fact)))
            if event.data.session_id == session
        ),
        None,
    )


def _starts_of(tx: PaperTx, *, named: str) -> Rows:
    starts = _starts(tx, named)
    return [] if starts is None else [{"starts": starts}]


def _on_again(tx: PaperTx, *, named: str) -> Rows:
    off = {event.data.session_id for event in tx.desk.heard_of(SessionCancelled)}
    of = {event.data.session_id: event.data.activity for event in tx.desk.heard_of(SessionScheduled)}
    there = (id for id, activity in of.items() if id not in off and activity == of.get(named))
    return [{"session_id": named}] if _starts(tx, named) in {_starts(tx, id) for id in there} else []


def _around(tx: PaperTx, *, area: str) -> Rows:
    areas = {other for team in tx.all("team").values() if area in team.areas for other in team.areas}
    return [{"areas": sorted(areas - {area})}]


def _nobody(tx: PaperTx, **_: Any) -> Rows:
    return []


LOOKUPS = (
    write_account,
    end_account,
    teams_there_are,
    teams_of_receivers,
    their_times,
    activities_prescribed,
    what_is_offered,
    what_was_taken_up,
    where_they_live,
    packs_of_their_own,
    referrals_over,
    successors_of,
    whom_to_hand_them_to,
    homes_for,
    assigning_for,
    whom_to_give_them,
    see_to_the_line,
    teams_of_activities,
    teams_of_actors,
    what_is_new,
)
READS = {
    line._FITTING.text: _fitting,
    line._FORMERLY.text: _formerly,
    line._HELD.text: _held,
    unmet._WAITING.text: _waiting,
    heard._EXPECTED.text: _expected_at,
    offers._STARTS.text: _starts_of,
    offers._ON_AGAIN.text: _on_again,
    asked._AROUND.text: _around,
    offers._COUNT.text: _nobody,
    offers._ROOM.text: _nobody,
    heard._BEFORE.text: _nobody,  # counts places, which no reaction on paper asks for
    cases._CLOSE.text: _nobody,  # counts each one's cases, which are counted above
}
WRITES: dict[str, Any] = {}
REAL = ("whoever_would_have_come",)
LEFT_OUT = ("follow", "learn_names")  # the board, which nothing decides by
