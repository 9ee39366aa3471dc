"""What is known of somebody that matching goes by: what they need and like, and what must not be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.store.rows import insertion, packed
from services.navigator.store.tables import enrolment, mapping, referral, shut_out, team_area
from services.runtime.rows import upsert
from services.runtime.tx import Tx, sql
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.event import Event
from sluss_contracts.mapping import MappingRecorded
from sluss_contracts.vocabulary import ConsentPurpose, GuardianRule


class Place(NamedTuple):
    """A place that was asked for, and what came of it."""

    activity: str
    status: str
    whose: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the network knows of one referral, apart from the case itself."""

    referral_id: str
    area: str
    language: str = "sv"
    needs: tuple[str, ...] = ()
    guardian_rule: GuardianRule | None = None
    mapped_needs: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()
    shut_out: frozenset[str] = frozenset()
    neighbours: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    """Those that were asked for, the latest last."""


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_MAP = sql(upsert(insertion(mapping), "needs", "interests", "barriers"))
_SHUT_OUT = sql(insertion(shut_out).on_conflict_do_nothing())
_LET_IN = sql(
    delete(shut_out).where(
        shut_out.c.referral_id == bindparam("referral", type_=Text),
        or_(func.cardinality(_texts("providers")) == 0, shut_out.c.provider == func.any(_texts("providers"))),
    )
)
_theirs = team_area.alias("theirs")
_ours = team_area.alias("ours")


def _around(area: Any) -> Any:
    """The other areas of the teams that cover an area."""
    return func.array(
        select(_theirs.c.area)
        .distinct()
        .select_from(
            _ours.join(_theirs, and_(_theirs.c.team == _ours.c.team, _theirs.c.area != _ours.c.area))
        )
        .where(_ours.c.area == area)
        .order_by(_theirs.c.area)
        .scalar_subquery()
    )


_KNOWN = sql(
    select(
        *(referral.c[name] for name in ("referral_id", "area", "language", "needs", "guardian_rule")),
        mapping.c.needs.label("mapped_needs"),
        mapping.c.interests,
        mapping.c.barriers,
        func.array(
            select(shut_out.c.provider)
            .where(shut_out.c.referral_id == referral.c.referral_id)
            .scalar_subquery()
        ).label("shut_out"),
        _around(func.coalesce(bindparam("area", type_=Text), referral.c.area)).label("neighbours"),
    )
    .select_from(referral.outerjoin(mapping, mapping.c.referral_id == referral.c.referral_id))
    .where(referral.c.referral_id == func.any(_texts("referrals")))
)
_PLACES = sql(
    select(enrolment.c.referral_id, *(enrolment.c[name] for name in Place._fields))
    .where(enrolment.c.referral_id == func.any(_texts("referrals")))
    .order_by(enrolment.c.enrolment_id)
)
_AROUND = sql(select(_around(bindparam("area", type_=Text)).label("areas")))


async def write_mappings(tx: Tx, events: Sequence[Event[MappingRecorded]]) -> None:
    """The last mapping is the whole truth."""
    rows = {event.data.referral_id: event.data.model_dump(mode="json") for event in events}
    await tx.execute(_MAP, rows=packed(rows.values()))


async def write_shut_out(tx: Tx, events: Sequence[Event[ConsentGiven] | Event[ConsentWithdrawn]]) -> None:
    """Whom a person takes their consent back from is not suggested, until they say otherwise."""
    for event in events:
        said = event.data
        if isinstance(said, ConsentWithdrawn):
            rows = [{"referral_id": said.referral_id, "provider": each} for each in said.receivers]
            await tx.execute(_SHUT_OUT, rows=packed(rows))
        elif ConsentPurpose.SHARE_WITH_PROVIDER in said.purposes:
            await tx.execute(_LET_IN, referral=said.referral_id, providers=list(said.receivers))


async def known_of(tx: Tx, referrals: Collection[str], *, area: str | None = None) -> dict[str, Known]:
    """What is known of each of these referrals; one nobody has heard of is left out. `area`: which to name
    the neighbours of, instead of the referral's own."""
    names = sorted(set(referrals))
    places: dict[str, list[Place]] = {}
    for row in await tx.fetch(_PLACES, referrals=names):
        place = Place(*(row[name] for name in Place._fields))
        places.setdefault(row["referral_id"], []).append(place)
    return {
        row["referral_id"]: Known(
            referral_id=row["referral_id"],
            area=row["area"],
            language=row["language"] or "sv",
            needs=tuple(row["needs"] or ()),
            guardian_rule=GuardianRule(row["guardian_rule"]) if row["guardian_rule"] else None,
            mapped_needs=tuple(row["mapped_needs"] or ()),
            interests=tuple(row["interests"] or ()),
            barriers=tuple(row["barriers"] or ()),
            shut_out=frozenset(row["shut_out"]),
            neighbours=tuple(row["neighbours"]),
            places=tuple(places.get(row["referral_id"], ())),
        )
        for row in await tx.fetch(_KNOWN, referrals=names, area=area)
    }


async def around(tx: Tx, area: str) -> list[str]:
    """The areas that are neighbours of one: those of the same teams."""
    return list((await tx.value(_AROUND, area=area)) or ())
