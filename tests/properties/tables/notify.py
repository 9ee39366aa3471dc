"""The notify service's tables on paper: each referral's course as others say it, appointments, links.

Its lookups and absorbers are the real ones; what they write and read is kept here, statement by statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notify import (
    answering,
    appointments,
    courses,
    ending,
    handlers,
    notices,
    projections,
    taking_back,
)
from services.notify.due_dates import Fetching
from services.runtime.service import Timer
from sluss_contracts.message import FeedbackDue
from sluss_contracts.vocabulary import FeedbackChannel
from tests.properties.paper.desk import Desk
from tests.properties.paper.tx import PaperTx

Row = dict[str, Any]
Rows = Sequence[Row]


def table(tx: PaperTx, name: str) -> dict[Any, Row]:
    """One table, by key."""
    return table_of(tx.desk, name)


def table_of(desk: Desk, name: str) -> dict[Any, Row]:
    """The same outside of a transaction."""
    rows: dict[Any, Row] = desk.tables.setdefault(name, {})
    return rows


def _update(tx: PaperTx, name: str, key: Any, **change: Any) -> None:
    if key in table(tx, name):
        table(tx, name)[key] = table(tx, name)[key] | change


# --- courses


def know(tx: PaperTx, **row: Any) -> None:
    new = {"paused": None, "outcome": None, "ended": None} | row
    known = table(tx, "course").setdefault(row["referral_id"], new)
    said = {"area": row["area"], "began": row["began"], "protected": known["protected"] or row["protected"]}
    said["accepted"] = known["accepted"] or row["accepted"]
    _update(tx, "course", row["referral_id"], **said)


def guided(tx: PaperTx, **row: Any) -> None:
    table(tx, "course").setdefault(row["referral_id"], {"paused": None, "outcome": None, "ended": None} | row)
    _update(tx, "course", row["referral_id"], worker=row["worker"])


def heard_of(tx: PaperTx, **row: Any) -> None:
    table(tx, "course").setdefault(row["referral_id"], {"paused": None, "outcome": None, "ended": None} | row)


def worker(tx: PaperTx, *, this: str, to: str | None) -> None:
    _update(tx, "course", this, worker=to)


def pause(tx: PaperTx, *, this: str, to: Any) -> None:
    _update(tx, "course", this, paused=to)


def end(tx: PaperTx, *, this: str, to: str, at: datetime) -> None:
    _update(tx, "course", this, outcome=to, ended=at, paused=None)


def silent(tx: PaperTx, **row: Any) -> None:
    table(tx, "purpose")[row["referral_id"]] = row


def follow(tx: PaperTx, **row: Any) -> None:
    table(tx, "follower").setdefault(row["referral_id"], row | {"over": False})


def unfollow(tx: PaperTx, referrals: list[str]) -> None:
    for referral_id in referrals:
        _update(tx, "follower", referral_id, over=True)


def aim(tx: PaperTx, **row: Any) -> None:
    name = row["referral_id"], row["goal_id"]
    table(tx, "goal").setdefault(name, row | {"how_far": 0})
    _update(tx, "goal", name, plan_version=row["plan_version"])


def progress(tx: PaperTx, *, referral: str, goal: str, to: int) -> None:
    _update(tx, "goal", (referral, goal), how_far=to)


def organisation(tx: PaperTx, **row: Any) -> None:
    known = table(tx, "organisation").setdefault(row["organisation"], row)
    if known["sequence"] < row["sequence"]:
        table(tx, "organisation")[row["organisation"]] = row


def _is_silent(tx: PaperTx, referral_id: str) -> bool:
    return bool(table(tx, "purpose").get(referral_id, {}).get("silent"))


def _channel(tx: PaperTx, organisation: str) -> str:
    known = table(tx, "organisation").get(organisation, {}).get("channel")
    return known or FeedbackChannel.STREAM.value


def known_courses(tx: PaperTx, wanted: list[str]) -> Rows:
    found = []
    for id in wanted:
        if (row := table(tx, "course").get(id)) is None:
            continue
        goals = [goal for goal in table(tx, "goal").values() if goal["referral_id"] == id]
        newest = max((goal["plan_version"] for goal in goals), default=0)
        ahead = [g for g in goals if g["plan_version"] == newest and g["how_far"] < courses.THERE]
        fetched = table(tx, "fetched").get(row["organisation"], {})
        found.append(
            row
            | {
                "silent": _is_silent(tx, id),
                "goals_ahead": not goals or bool(ahead),
                "channel": _channel(tx, row["organisation"]),
                "receipts_until": fetched.get("receipts_until"),
            }
        )
    return found


def followers(tx: PaperTx, wanted: list[str]) -> Rows:
    return [
        row
        | {
            "silent": _is_silent(tx, id),
            "channel": _channel(tx, row["organisation"]),
            "receipts_until": table(tx, "fetched").get(row["organisation"], {}).get("receipts_until"),
        }
        for id, row in sorted(table(tx, "follower").items())
        if row["followed"] in wanted or id in wanted
    ]


def hang_on(tx: PaperTx, wanted: list[str]) -> Rows:
    return [row for row in followers(tx, wanted) if row["referral_id"] in wanted]


def told_before(tx: PaperTx, wanted: list[str]) -> Rows:
    names = ("feedback_id", "referral_id", "organisation", "status", "outcome", "turn_to", "due")
    return [
        {name: getattr(each.fact, name) for name in names}
        for each in tx.desk.said(FeedbackDue)
        if each.said.key in wanted
    ]


def how_far_is_known(tx: PaperTx, timers: Sequence[Timer]) -> Fetching:
    looked = {}
    for timer in timers:
        course = table(tx, "course").get(timer.key) or table(tx, "follower").get(timer.key)
        fetched = table(tx, "fetched").get(course["organisation"]) if course else None
        if fetched is not None:
            looked[timer.key] = fetched["looked"]
    return Fetching(looked)


# --- appointments


def meet(tx: PaperTx, **row: Any) -> None:
    table(tx, "meeting").setdefault(row["meeting_id"], row | {"over": False})


def met(tx: PaperTx, *, this: str) -> None:
    _update(tx, "meeting", this, over=True)


def hold(tx: PaperTx, **row: Any) -> None:
    table(tx, "session").setdefault(row["session_id"], row | {"cancelled": False})
    _update(tx, "session", row["session_id"], starts=row["starts"], ends=row["ends"])


def call_off(tx: PaperTx, session_id: str) -> None:
    _update(tx, "session", session_id, cancelled=True)


def take_part(tx: PaperTx, **row: Any) -> None:
    table(tx, "place").setdefault(row["enrolment_id"], row | {"over": False})
    said = {name: row[name] for name in ("host", "first_session", "starts")}
    _update(tx, "place", row["enrolment_id"], **said)


def takes_part_no_more(tx: PaperTx, *, this: str) -> None:
    _update(tx, "place", this, over=True)


def comes_later(tx: PaperTx, session_id: str, starts: datetime) -> Rows:
    found = [
        id for id, row in table(tx, "place").items() if row["first_session"] == session_id and not row["over"]
    ]
    for id in found:
        _update(tx, "place", id, starts=starts)
    return [table(tx, "place")[id] for id in found]


def places(tx: PaperTx, ids: list[str]) -> Rows:
    return [row for id, row in table(tx, "place").items() if id in ids]


def places_in(tx: PaperTx, activities: list[str]) -> Rows:
    rows = [row for _, row in sorted(table(tx, "place").items())]
    return [row for row in rows if row["activity"] in activities and not row["over"]]


def coming(tx: PaperTx, activities: list[str], now: datetime) -> Rows:
    rows = sorted(table(tx, "session").values(), key=lambda row: (row["starts"], row["session_id"]))
    return [r for r in rows if r["activity"] in activities and r["starts"] > now and not r["cancelled"]]


def meetings(tx: PaperTx, ids: list[str]) -> Rows:
    return [row for id, row in table(tx, "meeting").items() if id in ids]


def sessions(tx: PaperTx, ids: list[str]) -> Rows:
    return [row for id, row in table(tx, "session").items() if id in ids]


def instead(tx: PaperTx, ids: list[str]) -> Rows:
    taking_place = {(r["activity"], r["starts"]) for r in table(tx, "session").values() if not r["cancelled"]}
    off = [row for id, row in table(tx, "session").items() if id in ids]
    return [row for row in off if (row["activity"], row["starts"]) in taking_place]


# --- evaluations


def evaluate(tx: PaperTx, **row: Any) -> None:
    known = table(tx, "evaluation").setdefault(row["evaluation_id"], row)
    table(tx, "evaluation")[row["evaluation_id"]] = known | {"due": row["due"], "lapses": row["lapses"]}
    tx.desk.town.seen.setdefault("export_id", {})[known["export_id"]] = None


def instrument(tx: PaperTx, **row: Any) -> None:
    table(tx, "instrument")[row["instrument"], row["version"]] = row


def packs(tx: PaperTx) -> Rows:
    return list(table(tx, "instrument").values())


def use_link(tx: PaperTx, evaluation_id: str) -> None:
    for token, row in table(tx, "link").items():
        if row["evaluation_id"] == evaluation_id:
            _update(tx, "link", token, used=True)


def drop_links(tx: PaperTx, evaluation_id: str) -> None:
    links = table(tx, "link")
    for token in [token for token, row in links.items() if row["evaluation_id"] == evaluation_id]:
        del links[token]


def link(tx: PaperTx, token: bytes) -> Rows:
    return [table(tx, "link")[token]] if token in table(tx, "link") else []


def _state(tx: PaperTx, evaluation_id: str) -> Any:
    return tx.all("evaluation")[evaluation_id].model_dump(mode="json")


def by_link(tx: PaperTx, evaluation_id: str) -> Rows:
    return [{"evaluation_id": evaluation_id, "state": _state(tx, evaluation_id)}]


def by_export(tx: PaperTx, ids: list[str]) -> Rows:
    return [
        {"export_id": row["export_id"], "state": _state(tx, id)}
        for id, row in table(tx, "evaluation").items()
        if row["export_id"] in ids
    ]


def waited(tx: PaperTx, key: str, id: str) -> Rows:
    known = tx.all("deadline").get(id)
    return [{"state": known.model_dump(mode="json")}] if known else []


def of_persons(tx: PaperTx, persons: list[str]) -> Rows:
    return [
        {"referral_id": id} for id, row in sorted(table(tx, "course").items()) if row["person"] in persons
    ]


def known_notices(tx: PaperTx, ids: list[str]) -> Rows:
    return [{"notice_id": id} for id in tx.all("notice") if id in ids]


LOOKUPS = (how_far_is_known,)
REAL: tuple[str, ...] = (
    "known_notices",
    "whose_case",
    "what_it_leads_to",
    "whose_case_and_packs",
    "who_was_asked",
    "known_courses",
    "known_and_followed",
    "told_before",
    "what_it_hung_on_to",
    "unreported",
    "who_takes_part",
    "who_goes_elsewhere",
    "each_of_their_referrals",
    "who_would_have_come",
    "appointed",
)
READS: dict[str, Any] = {
    courses._COURSES: known_courses,
    courses._FOLLOWERS: followers,
    ending._HANG_ON: hang_on,
    handlers._TOLD_BEFORE: told_before,
    appointments._COMES_LATER: comes_later,
    appointments._PLACES: places,
    appointments._PLACES_IN: places_in,
    appointments._COMING: coming,
    appointments._MEETINGS: meetings,
    appointments._SESSIONS: sessions,
    appointments._INSTEAD: instead,
    notices._KNOWN: known_notices,
    answering._PACKS: packs,
    answering._LINK: link,
    answering._BY_LINK: by_link,
    answering._BY_EXPORT: by_export,
    answering._WAITED: waited,
    taking_back._OF_PERSONS: of_persons,
}
WRITES: dict[str, Any] = {
    courses._KNOW.text: know,
    courses._GUIDED.text: guided,
    courses._HEARD_OF.text: heard_of,
    courses._WORKER.text: worker,
    courses._PAUSE.text: pause,
    courses._END.text: end,
    courses._SILENT.text: silent,
    courses._FOLLOW.text: follow,
    courses._UNFOLLOW: unfollow,
    courses._AIM.text: aim,
    courses._PROGRESS.text: progress,
    projections._KNOW_ORGANISATION.text: organisation,
    projections._EVALUATE.text: evaluate,
    projections._KNOW_INSTRUMENT.text: instrument,
    "update evaluation_link set used = true where evaluation_id = $1": use_link,
    "delete from evaluation_link where evaluation_id = $1": drop_links,
    appointments._MEET.text: meet,
    appointments._MET.text: met,
    appointments._HOLD.text: hold,
    appointments._CALL_OFF: call_off,
    appointments._TAKE_PART.text: take_part,
    appointments._TAKES_PART_NO_MORE.text: takes_part_no_more,
}
LEFT_OUT = ("know_where",)  # which letters say, and nothing is decided by
