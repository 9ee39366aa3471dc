"""Help to get started: somebody comes along, fetches, meets, or helps with what stands in the way."""

from __future__ import annotations

from services.navigator.domain.case import Case
from services.navigator.domain.rules import BarrierNotNamed, NoSuchEnrolment, NoSuchSupport
from services.navigator.domain.standing import whose_work
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.plan import SupportAgreed, SupportGiven
from sluss_contracts.vocabulary import Barrier, SupportKind


def agree(
    case: Case,
    by: Actor,
    support_id: str,
    kind: SupportKind,
    *,
    giver: str | None,
    enrolment_id: str | None,
    barrier: Barrier | None,
) -> tuple[str, list[Fact]]:
    """Help is agreed. Agreeing the same while it has not been given gives the support that stands."""
    whose_work(case, by, SupportAgreed)
    if enrolment_id is not None and enrolment_id not in case.enrolments:
        raise NoSuchEnrolment(
            f"case {case.referral_id} has no enrolment {enrolment_id}; it has {sorted(case.enrolments)}"
        )
    if kind is SupportKind.BARRIER_HELP and barrier is None:
        raise BarrierNotNamed("say which barrier the person is helped with: transport, cost, language …")
    agreed = SupportAgreed(
        referral_id=case.referral_id,
        support_id=support_id,
        kind=kind,
        by=giver,
        enrolment_id=enrolment_id,
        barrier=barrier,
        by_hand=case.protected,
    )
    for standing_id, standing in case.supports.items():
        same = standing.model_copy(update={"support_id": support_id}) == agreed
        if same and standing_id not in case.supports_given:
            return standing_id, []
    return support_id, [agreed]


def give(case: Case, by: Actor, support_id: str) -> list[Fact]:
    """It was given. Twice is once."""
    whose_work(case, by, SupportGiven)
    if support_id not in case.supports:
        raise NoSuchSupport(
            f"case {case.referral_id} has no support {support_id}; it has {sorted(case.supports)}"
        )
    if support_id in case.supports_given:
        return []
    return [SupportGiven(referral_id=case.referral_id, support_id=support_id)]
