"""Who sees which parts of a case: a link worker all of their own, others what the pathway says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.navigator.domain.rules import NotShown
from sluss_contracts.command import Actor
from sluss_contracts.pathway import PartOfCase, Pathway
from sluss_contracts.vocabulary import Role

SEES_LESS: Final = frozenset({Role.VOLUNTEER, Role.COORDINATOR})
"""Whose sight of a case the pathway decides."""

_PARTS: Final[Mapping[PartOfCase, tuple[str, ...]]] = {
    PartOfCase.CONTACT: (
        "contact.attempted",
        "meeting.booked",
        "meeting.moved",
        "meeting.held",
        "meeting.missed",
        "meeting.cancelled",
        "meeting.confirmed",
        "meeting.time_unsuited",
    ),
    PartOfCase.REASON: ("referral.declined", "case.need_unmet", "case.offer_found"),
    PartOfCase.MAPPING: ("mapping.recorded",),
    PartOfCase.MEASURES: ("measure.recorded", "evaluation.answered"),
    PartOfCase.PLAN: (
        "plan.agreed",
        "plan.revised",
        "goal.progressed",
        "prescription.issued",
        "alternatives.looked_at",
        "spillover.reported",
    ),
    PartOfCase.ENROLMENTS: (
        "case.enrolment_requested",
        "enrolment.offered",
        "enrolment.accepted",
        "enrolment.declined",
        "enrolment.waitlisted",
        "enrolment.ended",
        "enrolment.expired",
        "enrolment.another_time_suggested",
        "attendance.recorded",
        "attendance.missing",
        "support.agreed",
        "support.given",
    ),
}
_PART_OF: Final = {step: part for part, steps in _PARTS.items() for step in steps}


def parts_seen(role: Role, pathway: Pathway) -> frozenset[PartOfCase]:
    """The parts of a case that somebody in this role may see, on this pathway, of those that are theirs.

    Referrers and organisers see no part: the one is told by feedback, the other sees an offer.
    """
    match role:
        case Role.LINK_WORKER:
            return frozenset(PartOfCase)
        case Role.VOLUNTEER:
            return frozenset(pathway.visibility.volunteer)
        case Role.COORDINATOR:
            return frozenset(pathway.visibility.coordinator)
        case _:
            return frozenset()


def may_see(by: Actor, part: PartOfCase, pathway: Pathway) -> None:
    """Refuse whoever sees less than this part of a case, on this pathway."""
    if by.role in SEES_LESS and part not in parts_seen(by.role, pathway):
        raise NotShown(
            f"on the pathway {pathway.pathway} a {by.role.value} is not shown the {part.value} of a case"
        )


def may_see_step(step: str, parts: frozenset[PartOfCase]) -> bool:
    """Whether a step (`<noun>.<fact>`) is shown to somebody who sees these parts. The steps that belong to no
    part are the case's way through the network, which whoever has it must see: also an alarm."""
    part = _PART_OF.get(step)
    return part is None or part in parts
