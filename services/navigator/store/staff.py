"""Whom the assignment policy weighs: the link workers who are free for a batch of referrals, locked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Text, bindparam, column, exists, func, or_, select, true, union
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.domain.assignment import Candidate, Wanted, fits
from services.navigator.domain.worker import Leave
from services.navigator.store.tables import leave, link_worker, reach
from services.runtime.tx import Tx, sql
from sluss_contracts.vocabulary import Gender

WINDOW = 32
"""How many link workers are weighed for each area and language, the least loaded first; more only where these
have not room for all of a batch. Skill is weighed among them, so that the policy costs the same among 100 000
as among 100."""
_SAMPLE = 20
"""How many who do not fit are looked at to say why nobody does."""


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


Profile = tuple[str, str, Gender | None]
"""An area, a language, and the gender asked for or None."""

_profile = (
    func.unnest(
        _texts("areas"), _texts("languages"), _texts("genders"), bindparam("sizes", type_=ARRAY(Integer))
    )
    .table_valued(
        column("area", Text), column("language", Text), column("gender", Text), column("size", Integer)
    )
    .render_derived(name="profile")
)
_TODAY = bindparam("today", type_=Date)
_away = exists().where(leave.c.worker == reach.c.worker, leave.c.starts <= _TODAY, leave.c.ends >= _TODAY)
_gender_fits = or_(
    _profile.c.gender.is_(None),
    exists()
    .where(link_worker.c.worker == reach.c.worker, link_worker.c.gender == _profile.c.gender)
    .correlate(reach, _profile),
)
_policy_order = (reach.c.no_room, reach.c.volunteer, reach.c.filled, reach.c.worker)
_first = (
    select(
        reach.c.worker,
        func.row_number().over(order_by=_policy_order).label("place"),
        func.sum(reach.c.room).over(order_by=_policy_order, rows=(None, -1)).label("room_before"),
    )
    .where(
        reach.c.area == _profile.c.area,
        reach.c.language == _profile.c.language,
        reach.c.no_room.is_(False),
        ~_away,
        _gender_fits,
    )
    .order_by(*_policy_order)
    .limit(_profile.c.size + WINDOW)
    .correlate(_profile)
    .subquery("first")
)
_free = (
    select(_first.c.worker)
    .where(or_(_first.c.place <= WINDOW, _first.c.room_before < _profile.c.size))
    .lateral("free")
)
_FREE = sql(select(_free.c.worker).select_from(_profile.join(_free, true())).distinct())
_same_language = (
    select(reach.c.worker)
    .where(reach.c.area == _profile.c.area, reach.c.language == _profile.c.language)
    .order_by(*_policy_order)
    .limit(_SAMPLE)
    .lateral("same_language")
)
_same_area = (
    select(reach.c.worker)
    .where(reach.c.area == _profile.c.area)
    .order_by(reach.c.language, *_policy_order)
    .limit(_SAMPLE)
    .lateral("same_area")
)


def _ahead(side: Any) -> Any:
    return func.array(
        select(side)
        .where(leave.c.worker == link_worker.c.worker, leave.c.ends >= _TODAY)
        .order_by(leave.c.starts, leave.c.ends)
        .scalar_subquery()
    )


_whole = select(
    link_worker,
    _ahead(leave.c.starts).label("leave_starts"),
    _ahead(leave.c.ends).label("leave_ends"),
)
_LOCKED = sql(
    _whole.where(link_worker.c.worker == func.any(_texts("workers")))
    .order_by(link_worker.c.worker)
    .with_for_update(of=link_worker)
)
_near = union(
    select(_same_language.c.worker).select_from(_profile.join(_same_language, true())),
    select(_same_area.c.worker).select_from(_profile.join(_same_area, true())),
).subquery("near")
_NEAR = sql(_whole.where(link_worker.c.worker.in_(select(_near.c.worker))).order_by(link_worker.c.worker))


@dataclass
class Staff:
    """Link workers to choose among, with the cases they are given while one batch is decided."""

    candidates: dict[str, Candidate]
    """Who may be given a case; their rows are locked."""
    near: list[Candidate]
    """Some of those who miss something, where nobody fits."""

    def give(self, worker: str) -> None:
        """Count one case more."""
        who = self.candidates[worker]
        self.candidates[worker] = replace(who, load=who.load + 1)


async def staff_for(tx: Tx, wanted: Sequence[Wanted], today: date, named: Collection[str] = ()) -> Staff:
    """The link workers to weigh for these referrals, those who had the person before among them, and those
    whom somebody has named.

    The rows stay locked until the transaction ends, so that nobody is given more cases than they can take.
    Another transaction may have filled some of them while this one waited for the rows; the window is wide
    enough to leave others, and a case that finds nobody after all waits for the team.
    """
    profiles = Counter((each.area, each.language, each.gender) for each in wanted)
    free = await tx.fetch(_FREE, today=today, **_columns(profiles))
    names = {row["worker"] for row in free} | {each.before for each in wanted if each.before} | {*named}
    rows = await tx.fetch(_LOCKED, workers=sorted(names), today=today) if names else []
    candidates = {row["worker"]: _candidate(row) for row in rows}
    lonely = Counter(
        (each.area, each.language, each.gender)
        for each in wanted
        if not any(fits(each, who, today) for who in candidates.values())
    )
    near = await tx.fetch(_NEAR, today=today, **_columns(lonely)) if lonely else []
    return Staff(candidates, [_candidate(row) for row in near if row["worker"] not in candidates])


def _columns(profiles: Mapping[Profile, int]) -> dict[str, list[Any]]:
    return {
        "areas": [area for area, _, _ in profiles],
        "languages": [language for _, language, _ in profiles],
        "genders": [gender for _, _, gender in profiles],
        "sizes": list(profiles.values()),
    }


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        worker=row["worker"],
        team=row["team"],
        areas=tuple(row["areas"]),
        languages=tuple(row["languages"]),
        capacity=row["capacity"],
        load=row["load"],
        skills=tuple(row["skills"]),
        gender=row["gender"] and Gender(row["gender"]),
        volunteer=row["volunteer"],
        leaves=tuple(
            Leave(starts=starts, ends=ends)
            for starts, ends in zip(row["leave_starts"], row["leave_ends"], strict=True)
        ),
    )
