"""What may suit somebody, as candidates: the first of each shelf, without what their limits rule out.

The limits stand in `services.navigator.domain.limits`; those that hold for every candidate alike are kept
here as well, so that a shelf full of what costs too much does not hide the one thing that does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Select, Text, and_, bindparam, column, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, aggregate_order_by

from services.navigator.domain.wishes import Offer, Standing, Wishes
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.shelves import ANY_LANGUAGE, ANYWHERE, ONLINE, key, of_interest, of_need
from services.navigator.store.tables import activity, places_taken, provider, session, shelf
from services.runtime.tx import Tx, sql
from sluss_contracts.matching import Position
from sluss_contracts.offering import Mode

HERE: Final = 32
"""How many are taken from each shelf of the person's own area, and of what one takes part in from home."""
AROUND: Final = 12
"""How many from each shelf of the areas around."""
MISSES: Final = 15
"""How many of what does not fit are looked at for each need, to say why nothing does."""
DEPTH: Final = 400
"""How far into a shelf is looked for what the limits leave: what bounds the cost of a question."""
INTERESTS: Final = 12
"""How many of somebody's interests are looked for, the first named first."""
COMING: Final = 6
"""How many of its next sessions are read of each activity."""


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


def _number(name: str) -> Any:
    return bindparam(name, type_=Integer)


_wanted = (
    func.unnest(_texts("keys"), bindparam("sizes", type_=ARRAY(Integer)))
    .table_valued(column("key", Text), column("size", Integer))
    .render_derived(name="wanted")
)


def _on_the_shelf(limits: Any) -> Select[Any]:
    """The activities on the wanted shelves, within the limits, so many of each shelf as are asked for."""
    front = (
        select(shelf.c.activity, shelf.c.rank)
        .where(shelf.c.key == _wanted.c.key)
        .order_by(shelf.c.rank, shelf.c.activity)
        .limit(DEPTH)
        .correlate(_wanted)
        .subquery("front")
    )
    fits = activity.alias("fits")
    taken = (
        select(front.c.activity)
        .select_from(front.join(fits, fits.c.activity == front.c.activity))
        .where(limits(fits))
        .order_by(front.c.rank, front.c.activity)
        .limit(_wanted.c.size)
        .lateral("taken")
    )
    return select(taken.c.activity).select_from(_wanted.join(taken, true())).distinct()


def _limits(of: Any) -> Any:
    least, most = _number("least"), _number("most")
    gender, at_most = bindparam("gender", type_=Text), _number("at_most")
    return and_(
        of.c.provider != func.all(_texts("never")),
        or_(of.c.from_age.is_(None), most.is_(None), of.c.from_age <= most),
        or_(of.c.to_age.is_(None), least.is_(None), of.c.to_age >= least),
        or_(func.cardinality(of.c.genders) == 0, gender.is_(None), gender == func.any(of.c.genders)),
        or_(of.c.a_month.is_(None), at_most.is_(None), of.c.a_month <= at_most),
    )


_coming = (
    select(session.c.starts)
    .where(
        session.c.activity == activity.c.activity,
        session.c.starts >= bindparam("now", type_=TIMESTAMP(timezone=True)),
        ~session.c.cancelled,
    )
    .order_by(session.c.starts)
    .limit(COMING)
    .correlate(activity)
    .subquery("coming")
)
_WHOLE_OF = (
    *("activity", "provider", "title", "needs", "area", "languages", "capacity", "acceptance", "interests"),
    *("mode", "venue", "latitude", "longitude", "cost", "from_age", "to_age", "genders", "groups", "times"),
    *("health", "access", "hosted", "standing"),
)
_whole = select(
    *(activity.c[name] for name in _WHOLE_OF),
    provider.c.name.label("provider_name"),
    func.coalesce(places_taken.c.taken, 0).label("taken"),
    func.coalesce(places_taken.c.waiting, 0).label("waiting"),
    select(func.array_agg(aggregate_order_by(_coming.c.starts, _coming.c.starts)))
    .scalar_subquery()
    .label("coming"),
).select_from(
    activity.outerjoin(places_taken, places_taken.c.activity == activity.c.activity).outerjoin(
        provider, provider.c.provider == activity.c.provider
    )
)
_CANDIDATES = sql(_whole.where(activity.c.activity.in_(_on_the_shelf(_limits))))
_MISSES = sql(_whole.where(activity.c.activity.in_(_on_the_shelf(lambda _: true()))))
_NAMED = sql(_whole.where(activity.c.activity == func.any(_texts("activities"))))


async def candidates(tx: Tx, wishes: Wishes) -> tuple[Offer, ...]:
    """What may suit somebody with these wishes; rule and order are the domain's to add."""
    shelves = shelves_of(wishes)
    return _offers(
        await tx.fetch(
            _CANDIDATES,
            keys=list(shelves),
            sizes=list(shelves.values()),
            never=sorted(wishes.never),
            least=wishes.ages.least if wishes.ages else None,
            most=wishes.ages.most if wishes.ages else None,
            gender=wishes.gender,
            at_most=wishes.at_most,
            now=tx.now,
        )
    )


async def misses(tx: Tx, wishes: Wishes) -> tuple[Offer, ...]:
    """What is for the same needs, here and elsewhere, whatever rules it out."""
    places = [*_places(wishes), ANYWHERE]
    shelves = [key(place, ANY_LANGUAGE, of_need(need)) for place in places for need in wishes.needs]
    return _offers(await tx.fetch(_MISSES, keys=shelves, sizes=[MISSES] * len(shelves), now=tx.now))


async def named(tx: Tx, activities: Collection[str]) -> tuple[Offer, ...]:
    """These activities, also where they are hidden or withdrawn; one nobody has heard of is left out."""
    return _offers(await tx.fetch(_NAMED, activities=sorted(set(activities)), now=tx.now))


def shelves_of(wishes: Wishes) -> dict[str, int]:
    """The shelves to look at, and how far along each."""
    language = wishes.language if wishes.language_required else ANY_LANGUAGE
    things = [of_need(need) for need in wishes.needs]
    things += [of_interest(interest) for interest in wishes.interests[:INTERESTS]]
    return {key(place, language, thing): size for place, size in _places(wishes).items() for thing in things}


def _places(wishes: Wishes) -> dict[str, int]:
    here = {} if wishes.mode == Mode.DIGITAL else {wishes.area: HERE}
    online = {} if wishes.mode == Mode.ON_SITE else {ONLINE: HERE}
    around = {} if wishes.mode == Mode.DIGITAL else dict.fromkeys((*wishes.also, *wishes.neighbours), AROUND)
    return {**around, **online, **here}


def _offers(rows: Sequence[Mapping[str, Any]]) -> tuple[Offer, ...]:
    return tuple(_offer(row) for row in rows)


def _offer(row: Mapping[str, Any]) -> Offer:
    venue, cost = row["venue"] or {}, row["cost"] or {}
    coming: Sequence[datetime] = row["coming"] or ()
    here = row["latitude"], row["longitude"]
    return Offer(
        activity=row["activity"],
        provider=row["provider"],
        title=row["title"],
        needs=tuple(row["needs"]),
        area=row["area"],
        languages=tuple(row["languages"]),
        capacity=row["capacity"],
        acceptance=row["acceptance"],
        interests=tuple(row["interests"]),
        mode=row["mode"],
        venue=venue.get("name"),
        position=None if here[0] is None else Position(latitude=here[0], longitude=here[1]),
        kronor=cost.get("kronor"),
        per=cost.get("per", "time"),
        from_age=row["from_age"],
        to_age=row["to_age"],
        genders=tuple(row["genders"]),
        groups=tuple(row["groups"]),
        times=row["times"],
        health=row["health"],
        access=tuple(row["access"]),
        hosted=row["hosted"],
        standing=Standing(row["standing"]),
        taken=row["taken"],
        waiting=row["waiting"],
        coming=tuple(moment.astimezone(LOCAL_TIME) for moment in coming),
        provider_name=row["provider_name"],
    )
