"""Rules that refuse, where several kinds of things share them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from services.runtime.decision import NotAllowed, Refusal
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

GUIDES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER})
"""Act for the persons they guide."""
FOR_OTHERS: Final = frozenset({Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})
"""May act in anybody's case."""
KEEPS_NUMBERS: Final = frozenset({Role.COORDINATOR, Role.OPERATOR})
"""Hand files to and from outside, and see numbers of the whole network."""


class NotThisWorkers(Refusal):
    """A link worker acts in their own cases."""

    code = "not_this_workers"


def must_be(by: Actor, *, one_of: Collection[Role]) -> None:
    """Refuse any other role."""
    if by.role not in one_of:
        roles = ", ".join(sorted(role.value for role in one_of))
        raise NotAllowed(f"a {by.role.value} may not do this; these may: {roles}")


def must_be_theirs(by: Actor, worker: str | None) -> None:
    """Refuse a link worker or volunteer in a case that is somebody else's."""
    if by.role in GUIDES and worker is not None and by.id != worker:
        raise NotThisWorkers(f"the case is with {worker}, not with {by.id}")
