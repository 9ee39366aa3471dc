"""One case opened on somebody's screen: everything its pages stand on, read in one transaction.

The state is the aggregate's own, so a page shows what the last step left, whoever took it, and knows at which
sequence it was looked at. Who the person is only the vault tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.navigator.board import party, step
from services.navigator.domain.case import LIFECYCLE, Case, Status
from services.navigator.domain.task import Task
from services.navigator.domain.visibility import may_see_step, parts_seen
from services.navigator.sights import Step
from services.navigator.store.tables import referral
from services.runtime.tables import aggregate, pathway
from services.runtime.web import Identity
from services.runtime.web.people import short_id
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN, PartOfCase, Pathway
from sluss_contracts.vocabulary import Protection, Role

OPENS_CASES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR})
"""Who has a screen to open a case on."""

_KEY = bindparam("referral_id", type_=Text)
_HELD = select(aggregate.c.kind, aggregate.c.id, aggregate.c.sequence, aggregate.c.state).where(
    aggregate.c.key == _KEY, aggregate.c.kind.in_(("case", "task"))
)
_REFERRAL = select(referral).where(referral.c.referral_id == _KEY)
_PATHWAY = select(pathway.c.definition).where(
    pathway.c.pathway == bindparam("pathway", type_=Text), pathway.c.version == bindparam("version")
)
_STEPS = (
    select(step.c.time, step.c.step, step.c.told)
    .where(step.c.referral == _KEY)
    .order_by(step.c.time, step.c.event)
)
_NAMES = select(party.c.kind, party.c.id, party.c.name).where(
    party.c.id == func.any(bindparam("ids", type_=ARRAY(Text)))
)

Names = Mapping[tuple[str, str], str]
"""What ids are called, by kind and id (`("worker", "anna-lind")`)."""
_NAMED: Final = ("organisation", "team", "worker", "provider", "activity")


@dataclass(frozen=True)
class OpenedCase:
    """A case as this visitor may see it. `case` is None while the person has not been asked."""

    referral_id: str
    case: Case | None
    sequence: int
    """At which the case was looked at; a step that is taken on another is refused as stale."""
    team: str
    worker: str | None
    waiting: tuple[Task, ...]
    """What is to be done, the first due first."""
    referral: Mapping[str, Any]
    pathway: Pathway
    parts: frozenset[PartOfCase]
    mine: bool
    """Whether the visitor may take steps in it."""
    steps: tuple[Step, ...] = ()
    names: Names = field(default_factory=dict)

    @property
    def short(self) -> str:
        """What it is called on boards and among volunteers."""
        return short_id(self.referral_id)

    @property
    def protected(self) -> bool:
        """Whether the person's identity is protected."""
        return self.referral.get("protection") not in (None, Protection.NONE.value)

    @property
    def closed(self) -> bool:
        """Whether the work is over."""
        return self.case is not None and self.case.closed

    @property
    def in_line(self) -> bool:
        """Whether somebody may claim it."""
        return self.case is not None and self.case.status is Status.IN_LINE

    def may(self, fact: type[Fact]) -> bool:
        """Whether the visitor may take this step as the case stands. What may not be taken is not offered."""
        return self.mine and self.case is not None and LIFECYCLE.allows(self.case.status, fact)

    def sees(self, part: PartOfCase) -> bool:
        """Whether the visitor is shown this part of it."""
        return part in self.parts

    def called(self, kind: str, id: str) -> str:
        """What somebody or something is called; its id where nothing else is known."""
        return self.names.get((kind, id), id)


async def open_case(
    db: AsyncEngine, identity: Identity, referral_id: str, *, story: bool = False
) -> OpenedCase | None:
    """The case, or None where there is none such or it is not theirs to see; the two are told apart nowhere.

    `story` reads its steps as well.
    """
    if "\0" in referral_id or len(referral_id) > 120:
        return None
    async with db.connect() as connection:
        held = (await connection.execute(_HELD, {"referral_id": referral_id})).all()
        case, sequence = None, 0
        tasks: list[Task] = []
        for row in held:
            if row.kind == "case":
                case, sequence = Case.model_validate(row.state), row.sequence
            else:
                tasks.append(Task.model_validate(row.state))
        owner = case or next((task for task in tasks if task.open), None)
        if owner is None or not may_open(identity, owner.team, owner.worker):
            return None
        said = (await connection.execute(_REFERRAL, {"referral_id": referral_id})).mappings().one_or_none()
        way = await _pathway(connection, case)
        parts = parts_seen(identity.role, way)
        steps = await _steps(connection, referral_id, parts) if story else ()
        named = {case.organisation} if case else {said["organisation"]} if said else set()
        named |= {owner.team, owner.worker, *(case.enrolments.values() if case else ())} - {None}
        named |= {
            each.told[kind] for each in steps for kind in _NAMED if isinstance(each.told.get(kind), str)
        }
        names = await names_of(connection, named)
    waiting = sorted((task for task in tasks if task.open), key=lambda task: (task.due, task.task_id))
    return OpenedCase(
        referral_id=referral_id,
        case=case,
        sequence=sequence,
        team=owner.team,
        worker=owner.worker,
        waiting=tuple(waiting),
        referral=dict(said) if said else {},
        pathway=way,
        parts=parts,
        mine=_is_theirs(identity, case, owner.worker),
        steps=steps,
        names=names,
    )


def may_open(identity: Identity, team: str, worker: str | None) -> bool:
    """A link worker opens their team's cases and their own, a volunteer their own, a coordinator any."""
    match identity.role:
        case Role.COORDINATOR:
            return True
        case Role.LINK_WORKER:
            return worker == identity.actor.id or (identity.team is not None and team == identity.team)
        case Role.VOLUNTEER:
            return worker == identity.actor.id
        case _:
            return False


def _is_theirs(identity: Identity, case: Case | None, worker: str | None) -> bool:
    """Whether they may act: in their own case, before there is one as any of the team, and for everybody as a
    coordinator."""
    if identity.role is Role.COORDINATOR:
        return True
    return worker == identity.actor.id if case else identity.role is Role.LINK_WORKER


async def _pathway(connection: AsyncConnection, case: Case | None) -> Pathway:
    if case is None or case.pathway_version == 0:
        return BUILT_IN
    named = {"pathway": case.pathway, "version": case.pathway_version}
    found = (await connection.execute(_PATHWAY, named)).scalar_one_or_none()
    return BUILT_IN if found is None else Pathway.model_validate(found, extra="ignore")


async def _steps(
    connection: AsyncConnection, referral_id: str, parts: frozenset[PartOfCase]
) -> tuple[Step, ...]:
    rows = await connection.execute(_STEPS, {"referral_id": referral_id})
    return tuple(Step(row.time, row.step, row.told) for row in rows if may_see_step(row.step, parts))


async def names_of(connection: AsyncConnection, ids: Collection[str | None]) -> dict[tuple[str, str], str]:
    """What these are called, as far as the board has heard."""
    wanted = sorted(id for id in set(ids) if id)
    if not wanted:
        return {}
    rows = await connection.execute(_NAMES, {"ids": wanted})
    return {(row.kind, row.id): row.name for row in rows}
