"""The access log, read: a person's extract, and looks drawn at random for somebody to ask about.

What the log has stays as it was written, for five years at least: the database itself refuses anything else.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, bindparam, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP

from services.referral.domain.access import NotForThisRole
from services.referral.domain.referral import UnknownReferral
from services.referral.store.tables import access
from services.referral.vault.questions import Told, standing_of, write_down
from services.runtime.decision import Refusal
from services.runtime.tx import Tx, sql
from sluss_contracts.command import Actor
from sluss_contracts.commands.looking import ReadAccessLog, ReadSpotCheck
from sluss_contracts.vocabulary import Role

MOST = 500
_KEEPERS = frozenset({Role.COORDINATOR, Role.OPERATOR})
_MOMENT = TIMESTAMP(timezone=True)

_OF_PERSON = sql(
    select(access)
    .where(
        access.c.person == bindparam("person"),
        or_(
            bindparam("before", type_=BigInteger).is_(None),
            access.c.number < bindparam("before", type_=BigInteger),
        ),
    )
    .order_by(access.c.number.desc())
    .limit(bindparam("most"))
)
_unit = func.coalesce(access.c.unit, access.c.role)
"""Whoever signs in for no unit is counted under their role."""
_within = (
    (access.c.at >= bindparam("since", type_=_MOMENT))
    & (access.c.at < bindparam("until", type_=_MOMENT))
    & (access.c.role != literal(Role.SERVICE.value))
    & or_(bindparam("unit", type_=Text).is_(None), _unit == bindparam("unit", type_=Text))
)
_drawn = (
    select(
        access,
        func.row_number()
        .over(
            partition_by=_unit,
            order_by=func.md5(func.concat(cast(access.c.number, Text), bindparam("seed", type_=Text))),
        )
        .label("place"),
    )
    .where(_within)
    .subquery()
)
_DRAWN = sql(
    select(_drawn)
    .where(_drawn.c.place <= bindparam("most"))
    .order_by(func.coalesce(_drawn.c.unit, _drawn.c.role), _drawn.c.number)
)
_COUNTED = sql(select(_unit.label("of"), func.count().label("looks")).where(_within).group_by(_unit))


async def read_access_log(tx: Tx, questions: Sequence[ReadAccessLog]) -> Told:
    """Everybody who looked at the person's record or tried to, this time too."""
    (question,) = questions
    referral = await standing_of(tx, question.referral_id)
    person = UUID(referral.person) if referral else None
    about = [(person, question.referral_id)]
    try:
        _may_read(question.actor)
        if referral is None:
            raise UnknownReferral(f"the vault knows no referral {question.referral_id}")
    except Refusal as denied:
        await write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    await write_down(tx, question, question.purpose, about)
    rows = await tx.fetch(_OF_PERSON, person=person, before=question.before, most=MOST + 1)
    return Told({"entries": [_entry(row) for row in rows[:MOST]], "more": len(rows) > MOST})


async def read_spot_check(tx: Tx, questions: Sequence[ReadSpotCheck]) -> Told:
    """Some looks of each unit. Of services that act by themselves there are none: nobody is to be asked."""
    (question,) = questions
    try:
        _may_read(question.actor)
    except Refusal as denied:
        await write_down(tx, question, question.VERB, [(None, None)], denied)
        return Told(denied=denied)
    seed = question.seed if question.seed is not None else secrets.randbelow(2**31)
    asked = {"since": question.since, "until": question.until, "unit": question.unit}
    rows = await tx.fetch(_DRAWN, **asked, seed=str(seed), most=question.most)
    counted = await tx.fetch(_COUNTED, **asked)
    return Told(
        {
            "entries": [_entry(row) for row in rows],
            "counts": {row["of"]: row["looks"] for row in counted},
            "seed": seed,
        }
    )


def _may_read(actor: Actor) -> None:
    if actor.role not in _KEEPERS:
        raise NotForThisRole(f"the role {actor.role.value} is not shown who looked; a coordinator is")


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("number", "actor", "role", "unit", "action", "purpose", "allowed", "why_not", "referral_id")
    return {"at": row["at"].isoformat(), **{name: row[name] for name in names}}
