"""What the navigator has heard of activities, sessions and places, on paper."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.navigator.blue_circle import New
from services.navigator.domain.wishes import Offer
from services.navigator.store import asked, heard, offers, unmet
from services.navigator.store.asked import Known
from services.runtime.service import Timer
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityPublished,
    ActivityRescheduled,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed, RequestEnrolment
from sluss_contracts.commands.planning import IssuePrescription, RecordMeasure
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
from sluss_contracts.vocabulary import LinkKind
from tests.properties.paper.tx import PaperTx
from tests.properties.tables.navigator.rows import Rows, nobody
from tests.properties.tables.navigator.staff import homes_in

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


def _waiting(tx: PaperTx, *, areas: list[str], needs: list[str], everywhere: bool) -> Rows:
    return [
        {"referral_id": id}
        for id, case in sorted(tx.all("case").items())
        if not case.closed
        and any((everywhere or each.area in areas) and each.need in needs for each in case.unmet)
    ]


def teams_of_activities(tx: PaperTx, events: Sequence[Event[VerificationDue]]) -> dict[str, str]:
    areas = {
        event.data.activity: event.data.area
        for fact in (ActivityPublished, ActivityAmended)
        for event in tx.desk.heard_of(fact)
    }
    homes = homes_in(tx, set(areas.values()))
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


LOOKUPS = (
    activities_prescribed,
    what_is_offered,
    what_was_taken_up,
    where_they_live,
    packs_of_their_own,
    referrals_over,
    what_is_new,
    teams_of_activities,
)
READS = {
    unmet._WAITING.text: _waiting,
    heard._EXPECTED.text: _expected_at,
    offers._STARTS.text: _starts_of,
    offers._ON_AGAIN.text: _on_again,
    asked._AROUND.text: _around,
    offers._COUNT.text: nobody,
    offers._ROOM.text: nobody,
    heard._BEFORE.text: nobody,  # counts places, which no reaction on paper asks for
}
