"""Finding a person's referrals: what is read before a decision, and written down after it.

Whoever decides on somebody's referrals in view of their others holds the lock of that person's row meanwhile:
so of two that come at the same moment one sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Boolean, Text, Uuid

from services.referral.domain.person import Work
from services.referral.domain.referral import Referral, Status
from services.referral.store.rows import given, keep
from services.referral.store.submitted import STANDING
from services.referral.store.tables import person, shared, standing
from services.runtime.tables import aggregate
from services.runtime.tx import Statement, Tx, sql
from sluss_contracts.event import Event, Fact
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralForwarded,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import Key, LinkKind, Slug

_ENDS: dict[type[Fact], Status] = {
    ReferralHeld: Status.HELD,
    ReferralAccepted: Status.OPEN,
    ReferralRedirected: Status.REDIRECTED,
    ReferralDeclined: Status.DECLINED,
    ReferralCancelled: Status.CANCELLED,
    ReferralClosed: Status.CLOSED,
    ReferralEnteredInError: Status.VOID,
}
STEPS: tuple[type[Fact], ...] = (ReferralSubmitted, ReferralLinked, *_ENDS)
"""Every fact after which a referral stands otherwise."""


def _begin() -> Statement:
    rows = given(referral_id=Text, person=Uuid, status=Text, linked_to=Text, case_open=Boolean)
    # Inserted when what was open before is so no longer: one person has one open referral at any moment.
    return sql(insert(standing).from_select([*rows.c.keys()], select(*rows.c)))


def _move() -> Statement:
    rows = given(referral_id=Text, status=Text, linked_to=Text, case_open=Boolean)
    moved = update(standing).values(
        status=rows.c.status,
        linked_to=func.coalesce(rows.c.linked_to, standing.c.linked_to),
        case_open=standing.c.case_open | rows.c.case_open,
    )
    return sql(moved.where(standing.c.referral_id == rows.c.referral_id))


_BEGIN, _MOVE = _begin(), _move()
_LOCK = sql(
    select(person.c.person)
    .where(person.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid))))
    .order_by(person.c.person)
    .with_for_update()
)
_OPEN = sql(
    select(standing.c.person, standing.c.referral_id).where(
        standing.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid))),
        standing.c.status == Status.OPEN.value,
    )
)
_WHOSE = sql(select(standing.c.person).where(standing.c.referral_id == bindparam("referral_id")))
_OF = sql(
    select(standing.c.referral_id, standing.c.status, standing.c.case_open).where(
        standing.c.person == bindparam("person", type_=Uuid)
    )
)
_LINKED = sql(
    select(standing.c.referral_id)
    .where(standing.c.linked_to == bindparam("referral_id"), standing.c.status == Status.LINKED.value)
    .order_by(standing.c.referral_id)
)
_LOCK_STATES = sql(
    select(aggregate.c.state)
    .where(
        aggregate.c.key == func.any(bindparam("referral_ids", type_=ARRAY(Text))),
        aggregate.c.kind == "referral",
    )
    .order_by(aggregate.c.key)
    .with_for_update()
)
_CASE_OVER = sql(
    update(standing)
    .values(case_open=False)
    .where(standing.c.referral_id == func.any(bindparam("referral_ids", type_=ARRAY(Text))))
    .returning(standing.c.person)
)
_SHARED_WITH = sql(
    select(shared.c.referral_id, shared.c.receiver).where(
        shared.c.referral_id == func.any(bindparam("referral_ids", type_=ARRAY(Text)))
    )
)
_SHARE = keep(shared, referral_id=Text, receiver=Text, since=shared.c.since.type)


async def write_standing(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """How the batch's referrals stand after it; those that end are written before those that are open."""
    begun: dict[Key, dict[str, Any]] = {}
    moved: dict[Key, dict[str, Any]] = {}
    for event in events:
        fact = event.data
        if isinstance(fact, ReferralSubmitted):
            begun[fact.referral_id] = {
                "person": UUID(fact.person),
                "status": Status.SUBMITTED.value,
                "linked_to": None,
                "case_open": False,
            }
            continue
        if isinstance(fact, ReferralLinked) and fact.how is LinkKind.REPLACES:
            continue
        there = begun if fact.referral_id in begun else moved
        row = there.setdefault(fact.referral_id, {"linked_to": None, "case_open": False})
        if isinstance(fact, ReferralLinked):
            row |= {"status": Status.LINKED.value, "linked_to": fact.to}
        else:
            row["status"] = _ENDS[type(fact)].value
            row["case_open"] |= isinstance(fact, ReferralAccepted)
    for statement, rows in ((_MOVE, moved), (_BEGIN, begun)):
        if rows:
            whole = [{"referral_id": referral_id, **row} for referral_id, row in rows.items()]
            await tx.execute(statement, **{name: [row[name] for row in whole] for name in whole[0]})


async def write_forwarded(tx: Tx, events: Sequence[Event[ReferralForwarded]]) -> None:
    """Another organisation has been sent the person."""
    await write_shared(tx, [(event.data.referral_id, event.data.organisation) for event in events])


async def write_shared(tx: Tx, told: Iterable[tuple[Key, Slug]]) -> None:
    """Somebody has been told something of a referral's person."""
    pairs = sorted(set(told))
    await tx.execute(
        _SHARE,
        referral_id=[referral_id for referral_id, _ in pairs],
        receiver=[receiver for _, receiver in pairs],
        since=[tx.now] * len(pairs),
    )


async def told_of(tx: Tx, referral_ids: Sequence[Key]) -> dict[Key, set[Slug]]:
    """By referral, who has been told something of its person."""
    told: dict[Key, set[Slug]] = {referral_id: set() for referral_id in referral_ids}
    for row in await tx.fetch(_SHARED_WITH, referral_ids=list(referral_ids)):
        told[row["referral_id"]].add(row["receiver"])
    return told


async def goes_on_from(tx: Tx, referral_id: Key) -> list[Key]:
    """A referral and those it goes on from by itself: what was told before it was sent on is out too."""
    chain = [referral_id]
    while rows := await tx.fetch(STANDING, referral_ids=[chain[-1]]):
        known = Referral.model_validate(rows[0]["state"])
        if not known.renewed or known.replaces is None:
            break
        chain.append(known.replaces)
    return chain


async def told_in_all(tx: Tx, referral_id: Key) -> set[Slug]:
    """Who has been told something of its person, in this referral or one that it goes on from."""
    told = await told_of(tx, await goes_on_from(tx, referral_id))
    return set[Slug]().union(*told.values())


async def open_of(tx: Tx, persons: Iterable[UUID]) -> dict[UUID, Key]:
    """The open referral of each person that has one, with the persons' rows locked."""
    wanted = list(set(persons))
    await tx.fetch(_LOCK, persons=wanted)
    return {row["person"]: row["referral_id"] for row in await tx.fetch(_OPEN, persons=wanted)}


async def duplicate_of(tx: Tx, referral_id: Key) -> Key | None:
    """The open referral of the person that this one is about, with the person's row locked."""
    whose = await tx.value(_WHOSE, referral_id=referral_id)
    return (await open_of(tx, [whose])).get(whose) if whose else None


async def linked_to(tx: Tx, referral_id: Key) -> list[Key]:
    """Duplicates whose work is done under this referral."""
    return [row["referral_id"] for row in await tx.fetch(_LINKED, referral_id=referral_id)]


async def states_of(tx: Tx, referral_ids: Sequence[Key]) -> dict[Key, Referral]:
    """These referrals, locked until the transaction ends."""
    rows = await tx.fetch(_LOCK_STATES, referral_ids=sorted(referral_ids))
    found = (Referral.model_validate(row["state"]) for row in rows)
    return {referral.referral_id: referral for referral in found}


async def work_of(tx: Tx, pseudonym: Key) -> Work:
    """What the network does for a person: their referrals that are not over, and whether a case is open."""
    try:
        whose = UUID(pseudonym)
    except ValueError:
        return Work(known=False)
    known = bool(await tx.fetch(_LOCK, persons=[whose]))
    rows: Sequence[Mapping[str, Any]] = await tx.fetch(_OF, person=whose)
    ongoing = [r["referral_id"] for r in rows if r["status"] in (Status.HELD, Status.OPEN)]
    return Work(
        referrals=tuple((await states_of(tx, ongoing)).values()),
        told={each: await told_in_all(tx, each) for each in ongoing},
        cases=any(row["case_open"] for row in rows),
        known=known,
    )


async def cases_over(tx: Tx, referral_ids: Sequence[Key]) -> set[UUID]:
    """Write down that these cases are over. Whose they were."""
    return {row["person"] for row in await tx.fetch(_CASE_OVER, referral_ids=list(referral_ids))}
