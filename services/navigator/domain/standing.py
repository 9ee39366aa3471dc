"""Whether this actor may take this step in this case, as it stands; and whose case facts say it is."""

from __future__ import annotations

from typing import Any

from services.navigator.domain.case import LIFECYCLE, Case, Status
from services.navigator.domain.roles import FOR_OTHERS, GUIDES
from services.navigator.domain.rules import (
    AlreadyClosed,
    CaseIsPaused,
    NotAssigned,
    NotThisWorkers,
    UnknownCase,
)
from services.runtime.decision import NotAllowed
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact


def of_the_case(case: Case) -> dict[str, Any]:
    """What the facts say whose case it is, in which organisation's name."""
    return {
        "referral_id": case.referral_id,
        "person": case.person,
        "organisation": case.organisation,
        **on_pathway(case),
    }


def on_pathway(case: Case) -> dict[str, Any]:
    """The way of working the case keeps, as facts name it."""
    return {"pathway": case.pathway, "pathway_version": case.pathway_version}


def known(case: Case | None, referral_id: str) -> Case:
    """The case, or `UnknownCase`."""
    if case is None:
        raise UnknownCase(
            f"there is no case for referral {referral_id}: it may be held until the person consents, "
            "still be on its way, or the id may be wrong"
        )
    return case


def may_see_to(case: Case | None, by: Actor) -> None:
    """Refuse whoever has no say over this case's tasks; a closed case may still have one to see to."""
    if by.role in GUIDES and case is not None and case.worker not in (None, by.id):
        raise NotThisWorkers(f"case {case.referral_id} is with {case.worker}, not with {by.id}")
    if by.role not in GUIDES | FOR_OTHERS:
        raise NotAllowed(f"a {by.role.value} has no say over tasks")


def whose_work(case: Case, by: Actor, step: type[Fact]) -> str:
    """The link worker the case is with, if this actor may take this step in it, as the case stands."""
    worker = whose_it_is(case, step)
    may_act_as(by, worker, f"case {case.referral_id} is with {worker}, not with {by.id}")
    return worker


def whose_it_is(case: Case, step: type[Fact]) -> str:
    """The link worker the case is with, if the step may be taken as it stands, whoever takes it."""
    if not LIFECYCLE.allows(case.status, step) or case.worker is None:
        raise _why_not(case)
    return case.worker


def _why_not(case: Case) -> AlreadyClosed | NotAssigned | CaseIsPaused:
    match case.status:
        case Status.CLOSED:
            how = case.outcome.value if case.outcome else "closed"
            return AlreadyClosed(f"case {case.referral_id} is closed ({how}); coming back is a new referral")
        case Status.PAUSED:
            return CaseIsPaused(
                f"case {case.referral_id} is paused until {case.paused_until}; resume it before asking "
                "anything of the person"
            )
        case _:
            return NotAssigned(f"case {case.referral_id} waits in the inbox of {case.team}; claim it first")


def may_act_as(by: Actor, worker: str, otherwise: str = "") -> None:
    """Refuse whoever is neither this link worker nor somebody who acts for all of them."""
    if by.role in GUIDES and by.id != worker:
        raise NotThisWorkers(otherwise or f"{by.id} cannot take a case for {worker}; a coordinator can")
    if by.role not in GUIDES | FOR_OTHERS:
        raise NotAllowed(f"a {by.role.value} takes no steps in a case")
