"""The shelves activities are found on: one for each place, language and thing somebody may look for.

A shelf holds its activities in the order in which they are worth looking at, so that the first few dozen are
found without reading the rest: that costs the same whether a town has forty activities or a hundred thousand.
What nobody is sent to stands on no shelf.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import (
    SmallInteger,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from services.navigator.domain.wishes import HIDDEN, Standing
from services.navigator.store.tables import activity, places_taken, shelf
from services.runtime.tx import Tx, sql
from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Acceptance

ONLINE: Final = "@online"
"""Where one takes part from home. No area is called so."""
ANYWHERE: Final = "@anywhere"
"""Every area at once, by need alone: tells that there is something, only not here."""
ANY_LANGUAGE: Final = "*"


def key(place: str, language: str, what: str) -> str:
    """The name of a shelf, as `hageby:sv:need/company`."""
    return f"{place}:{language}:{what}"


def of_need(need: str) -> str:
    """How a need is called in the name of a shelf."""
    return f"need/{need}"


def of_interest(interest: str) -> str:
    """How an interest is called in the name of a shelf; some words are both."""
    return f"interest/{interest}"


_ACTIVITIES = bindparam("activities", type_=ARRAY(Text))
_need = func.unnest(activity.c.needs).table_valued(column("word", Text)).render_derived(name="need")
_interest = (
    func.unnest(activity.c.interests).table_valued(column("word", Text)).render_derived(name="interest")
)
_what = union_all(
    select((literal("need/") + _need.c.word).label("word"), literal(True).label("is_need")),
    select((literal("interest/") + _interest.c.word).label("word"), literal(False).label("is_need")),
).lateral("what")
_from_home = or_(activity.c.mode == Mode.DIGITAL.value, activity.c.mode == Mode.BOTH.value)
SHOWN: Final = and_(*(activity.c.standing != standing.value for standing in HIDDEN))
"""Whether anybody new is sent to an activity."""
_place = (
    func.unnest(
        func.array_remove(
            array(
                [
                    literal(ANYWHERE),
                    case((activity.c.mode != Mode.DIGITAL.value, activity.c.area)),
                    case((_from_home, literal(ONLINE))),
                ]
            ),
            None,
        )
    )
    .table_valued(column("word", Text))
    .render_derived(name="place")
)
_language = (
    func.unnest(func.array_append(activity.c.languages, literal(ANY_LANGUAGE)))
    .table_valued(column("word", Text))
    .render_derived(name="language")
)
_full = and_(
    activity.c.acceptance != Acceptance.DROP_IN.value,
    func.coalesce(places_taken.c.taken + places_taken.c.waiting, 0) >= activity.c.capacity,
)
_rank = (
    case((activity.c.standing == Standing.VERIFICATION_DUE.value, 4), else_=0)
    + case((_full, 2), else_=0)
    + case((activity.c.hosted, 0), else_=1)
)
_HOLD_STILL = sql(
    select(activity.c.activity)
    .where(activity.c.activity == func.any(_ACTIVITIES))
    .order_by(activity.c.activity)
    .with_for_update()
)
_TAKE_DOWN = sql(delete(shelf).where(shelf.c.activity == func.any(_ACTIVITIES)))
_PUT_UP = sql(
    insert(shelf).from_select(
        ["key", "rank", "activity"],
        select(
            _place.c.word + ":" + _language.c.word + ":" + _what.c.word,
            cast(_rank, SmallInteger),
            activity.c.activity,
        )
        .select_from(
            activity.outerjoin(places_taken, places_taken.c.activity == activity.c.activity)
            .join(_place, true())
            .join(_language, true())
            .join(_what, true())
        )
        .where(
            activity.c.activity == func.any(_ACTIVITIES),
            SHOWN,
            or_(_place.c.word != ANYWHERE, and_(_what.c.is_need, _language.c.word == ANY_LANGUAGE)),
        )
        .distinct(),
    )
)


async def put_in_order(tx: Tx, activities: Collection[str]) -> None:
    """Put these activities where they belong now, and nowhere else. Their rows are locked meanwhile, since a
    provider's word and a place that is taken may come at the same moment, from two transactions."""
    if activities:
        names = sorted(set(activities))
        await tx.execute(_HOLD_STILL, activities=names)
        await tx.execute(_TAKE_DOWN, activities=names)
        await tx.execute(_PUT_UP, activities=names)
