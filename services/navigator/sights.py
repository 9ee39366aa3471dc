"""Reading the board: who sees which referrals, and the lanes as they look to each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from services.navigator.board import board, party, step
from services.navigator.domain.visibility import may_see_step, parts_seen
from services.navigator.steps import MARKS_TOLD_TO_REFERRERS, STEPS_TOLD_TO_REFERRERS, Lane, Mark
from services.navigator.store.seen import pathway_of
from services.runtime.web import Identity
from services.runtime.web.people import short_id
from sluss_contracts.vocabulary import Role

SHOWN = 5
"""How many of a lane's cards are shown, the latest moved first; the number beside says how many there are."""


@dataclass(frozen=True)
class Sight:
    """What part of the network somebody sees."""

    kind: str
    """`network` (everything), `organisation` (what it referred), `team` (what it holds) or `worker` (what a
    volunteer holds)."""
    id: str

    @property
    def of_referrer(self) -> bool:
        """Whether only what a referrer is told may be shown."""
        return self.kind == "organisation"

    @property
    def of_volunteer(self) -> bool:
        """Whether only what the pathway lets a volunteer see may be shown."""
        return self.kind == "worker"


WHOLE_NETWORK = Sight("network", "")


def sight_of(identity: Identity | None, *, demo: bool) -> Sight | None:
    """Which referrals somebody may see, or None for none at all.

    Outside a demonstration, people who have not signed in see nothing; inside one they watch it all, for
    everybody in it is made up.
    """
    if identity is None:
        return WHOLE_NETWORK if demo else None
    match identity.role:
        case Role.COORDINATOR | Role.OPERATOR:
            return WHOLE_NETWORK
        case Role.LINK_WORKER if identity.team:
            return Sight("team", identity.team)
        case Role.VOLUNTEER:
            return Sight("worker", identity.actor.id)
        case Role.REFERRER if identity.actor.organisation:
            return Sight("organisation", identity.actor.organisation)
        case _:
            return None


@dataclass(frozen=True)
class Shown:
    """One card on somebody's board."""

    referral: str
    organisation: str
    lane: Lane
    mark: Mark | None
    received: datetime
    stepped: datetime
    latest: str

    @property
    def short(self) -> str:
        """Its name on the board."""
        return short_id(self.referral)


@dataclass
class LaneView:
    """One lane: how many referrals are in it, and the latest of them."""

    count: int = 0
    cards: list[Shown] = field(default_factory=list)


def _seen(kind: str, seen_by: Any) -> Select[Any]:
    """The lanes of every sight of one kind, each lane with its count and its latest cards."""
    sights = (
        func.unnest(bindparam(kind, type_=ARRAY(Text)))
        .table_valued(column("id", Text))
        .render_derived(name=kind)
    )
    lanes = (
        func.unnest(bindparam("lanes", type_=ARRAY(Text)))
        .table_valued(column("lane", Text))
        .render_derived(name=f"{kind}_lane")
    )
    mine = board.c.lane == lanes.c.lane
    if seen_by is not None:
        mine = and_(mine, seen_by == sights.c.id)
    counted = select(func.count().label("count")).select_from(board).where(mine).lateral(f"{kind}_count")
    fields = (board.c.referral, board.c.mark, board.c.received, board.c.stepped, board.c.latest)
    latest = (
        select(*fields, func.coalesce(party.c.name, board.c.organisation, "").label("organisation"))
        .select_from(
            board.outerjoin(party, and_(party.c.kind == "organisation", party.c.id == board.c.organisation))
        )
        .where(mine, board.c.stepped.is_not(None))
        .order_by(board.c.stepped.desc(), board.c.referral)
        .limit(SHOWN)
        .lateral(f"{kind}_latest")
    )
    return select(
        literal_column(f"'{kind}'").label("kind"), sights.c.id, lanes.c.lane, counted.c.count, *latest.c
    ).select_from(sights.join(lanes, true()).join(counted, true()).outerjoin(latest, true()))


_LANES = union_all(
    _seen("network", None),
    _seen("organisation", board.c.organisation),
    _seen("team", board.c.team),
    _seen("worker", board.c.worker),
)
_ONE = (
    select(board, func.coalesce(party.c.name, board.c.organisation, "").label("organisation_name"))
    .select_from(
        board.outerjoin(party, and_(party.c.kind == "organisation", party.c.id == board.c.organisation))
    )
    .where(board.c.referral == bindparam("referral"))
)
_STEPS = (
    select(step.c.time, step.c.step, step.c.event, step.c.told)
    .where(step.c.referral == bindparam("referral"))
    .order_by(step.c.time, step.c.event)
)
_NAMES = select(party.c.kind, party.c.id, party.c.name).where(
    party.c.id == func.any(bindparam("ids", type_=ARRAY(Text)))
)


async def _fetch(engine: AsyncEngine, statement: Executable, **given: Any) -> Sequence[RowMapping]:
    async with engine.connect() as connection:
        return (await connection.execute(statement, given)).mappings().all()


async def look(engine: AsyncEngine, sights: Collection[Sight]) -> dict[Sight, dict[Lane, LaneView]]:
    """The board as each of the sights sees it, in one query."""
    views = {sight: {lane: LaneView() for lane in Lane} for sight in sights}
    by_kind: dict[str, list[str]] = {"network": [], "organisation": [], "team": [], "worker": []}
    for sight in sights:
        by_kind[sight.kind].append(sight.id)
    for row in await _fetch(engine, _LANES, lanes=[lane.value for lane in Lane], **by_kind):
        sight = Sight(row["kind"], row["id"])
        lane = views[sight][Lane(row["lane"])]
        lane.count = row["count"]
        if row["referral"] is not None:
            lane.cards.append(_shown(row, sight))
    return views


def _shown(row: Any, sight: Sight) -> Shown:
    mark = Mark(row["mark"]) if row["mark"] else None
    return Shown(
        referral=row["referral"],
        organisation=row["organisation"],
        lane=Lane(row["lane"]),
        mark=None if sight.of_referrer and mark not in MARKS_TOLD_TO_REFERRERS else mark,
        received=row["received"],
        stepped=row["stepped"],
        latest=row["latest"],
    )


@dataclass(frozen=True)
class Step:
    """One step of a referral's way."""

    time: datetime
    step: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """Everything the board knows of one referral, as far as the onlooker may see it."""

    card: Shown
    outcome: str | None
    steps: list[Step]
    names: dict[tuple[str, str], str]
    """What ids are called, by kind and id (`("worker", "anna-lind")`)."""


async def story(engine: AsyncEngine, referral: str, sight: Sight) -> Story | None:
    """One referral's story, or None when there is none such or it is not this sight's to see."""
    rows = await _fetch(engine, _ONE, referral=referral)
    if not rows or rows[0]["stepped"] is None:
        return None
    row = dict(rows[0])
    if sight.kind != "network" and row[sight.kind] != sight.id:
        return None
    row["organisation"] = row["organisation_name"]
    parts = parts_seen(Role.VOLUNTEER, await pathway_of(engine, referral)) if sight.of_volunteer else None
    steps = [
        Step(found["time"], found["step"], found["told"])
        for found in await _fetch(engine, _STEPS, referral=referral)
        if (not sight.of_referrer or found["step"] in STEPS_TOLD_TO_REFERRERS)
        and (parts is None or may_see_step(found["step"], parts))
    ]
    return Story(_shown(row, sight), row["outcome"], steps, await _names(engine, steps))


async def _names(engine: AsyncEngine, steps: Iterable[Step]) -> dict[tuple[str, str], str]:
    named = ("organisation", "team", "worker", "provider", "activity")
    ids = {value for one in steps for kind, value in one.told.items() if kind in named}
    found = await _fetch(engine, _NAMES, ids=sorted(ids)) if ids else []
    return {(row["kind"], row["id"]): row["name"] for row in found}
