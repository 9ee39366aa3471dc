"""The library: what anybody may use without asking for a place."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict

from services.provider.domain.refusals import UnknownResource
from services.runtime.lifecycle import Lifecycle, move
from sluss_contracts.commands.catalogue import PublishResource, WithdrawResource
from sluss_contracts.event import Fact
from sluss_contracts.resource import (
    DescribedResource,
    ForWhom,
    ResourceAmended,
    ResourcePublished,
    ResourceWithdrawn,
)
from sluss_contracts.vocabulary import Role


class Status(StrEnum):
    """Whether it stands in the library."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


LIFECYCLE: Lifecycle[Status] = Lifecycle(
    "resource",
    {
        ResourcePublished: move(None, Status.WITHDRAWN, to=Status.PUBLISHED),
        ResourceAmended: move(Status.PUBLISHED),
        ResourceWithdrawn: move(Status.PUBLISHED, to=Status.WITHDRAWN),
    },
    Status,
)


class Described(DescribedResource):
    """What is said of one resource."""

    model_config = ConfigDict(frozen=True)


class Resource(Described):
    """State of one resource."""

    status: Status = Status.PUBLISHED


def publish(known: Resource | None, wanted: PublishResource, now: datetime) -> list[Fact]:
    """Put it in the library, also again, or correct what is said. Saying the same again changes nothing."""
    truth = _said(wanted)
    word: dict[str, Any] = {"by": wanted.actor.role, "at": now}
    if known is None or known.status is Status.WITHDRAWN:
        return [ResourcePublished(**dict(truth), **word)]
    return [] if _said(known) == truth else [ResourceAmended(**dict(truth), **word)]


def withdraw(known: Resource | None, wanted: WithdrawResource) -> list[Fact]:
    """Take it out of the library. Withdrawing twice is withdrawing once."""
    if known is None:
        raise UnknownResource(f"there is no {wanted.resource} in the library; see `sluss resource list`")
    if known.status is Status.WITHDRAWN:
        return []
    return [ResourceWithdrawn(resource=wanted.resource, why=wanted.why)]


def shelves(role: Role) -> frozenset[ForWhom]:
    """What somebody in this role is shown: what is for link workers, to those who guide or moderate."""
    within = {Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.OPERATOR}
    return frozenset(ForWhom) if role in within else frozenset({ForWhom.EVERYBODY})


def evolve(state: Resource | None, fact: Any) -> Resource:
    """What a fact makes of a resource. An amendment carries the whole new truth."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    match fact:
        case ResourcePublished():  # so are amendments
            return Resource(**dict(_said(fact)), status=status)
        case _:
            assert state is not None, "only what is there is withdrawn"
            return state.model_copy(update={"status": status})


def _said(source: Any) -> Described:
    return Described(**{name: getattr(source, name) for name in Described.model_fields})
