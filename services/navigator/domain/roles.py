"""Who acts in their own cases only, and who may act for everybody."""

from __future__ import annotations

from typing import Final

from services.runtime.decision import NotAllowed
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

GUIDES: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER})
"""Act in their own cases only."""
FOR_OTHERS: Final = frozenset({Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})
"""May act in anybody's case, and keep the registry."""


def may_keep_the_registry(by: Actor, *, of: str = "") -> None:
    """Refuse whoever may not register teams and link workers; `of` may say something of themselves."""
    if by.role not in FOR_OTHERS and not (of and by.role in GUIDES and by.id == of):
        raise NotAllowed(f"a {by.role.value} does not keep the registry; a coordinator does")
