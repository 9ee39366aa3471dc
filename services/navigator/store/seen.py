"""A case as somebody sees it who sees less: what is not theirs to see is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Text, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.store.desk import CaseSummary, OpenTask
from services.navigator.store.tables import referral
from services.runtime.tables import pathway
from sluss_contracts.pathway import BUILT_IN, PartOfCase, Pathway

_REASONS: Final = ("needs", "requested_gender")
"""What of a referral tells why the person comes."""

_PATHWAY = (
    select(pathway.c.definition)
    .select_from(
        referral.join(
            pathway,
            and_(pathway.c.pathway == referral.c.pathway, pathway.c.version == referral.c.pathway_version),
        )
    )
    .where(referral.c.referral_id == bindparam("referral_id", type_=Text))
)


async def pathway_of(db: AsyncEngine, referral_id: str) -> Pathway:
    """The way of working a referral keeps; the built-in one where none is published."""
    async with db.connect() as connection:
        found = (await connection.execute(_PATHWAY, {"referral_id": referral_id})).scalar_one_or_none()
    return BUILT_IN if found is None else Pathway.model_validate(found, extra="ignore")


def task_as_seen(task: OpenTask, parts: frozenset[PartOfCase]) -> OpenTask:
    """What is to be done and by when, always; why the person comes, only for whoever sees reasons."""
    return task if PartOfCase.REASON in parts else replace(task, needs=())


def as_seen(case: CaseSummary, parts: frozenset[PartOfCase]) -> CaseSummary:
    """The case without the parts that somebody does not see. The pseudonym goes where the name does."""
    hidden: dict[str, Any] = {}
    if PartOfCase.CONTACT not in parts:
        hidden["meetings"] = ()
    if PartOfCase.ENROLMENTS not in parts:
        hidden["enrolments"] = ()
    if PartOfCase.REASON not in parts and case.referral is not None:
        hidden["referral"] = {key: value for key, value in case.referral.items() if key not in _REASONS}
    unseen = set()
    if PartOfCase.NAME not in parts:
        unseen.add("person")
        seen_referral = hidden.get("referral", case.referral)
        hidden["referral"] = seen_referral and {k: v for k, v in seen_referral.items() if k != "person"}
    if PartOfCase.PLAN not in parts:
        unseen.add("plan_version")
    return replace(
        case,
        case={key: value for key, value in case.case.items() if key not in unseen},
        tasks=tuple(task_as_seen(task, parts) for task in case.tasks),
        **hidden,
    )
