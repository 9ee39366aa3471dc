"""What a coordinator looks at: afterwards what a provider has published, beforehand what anybody suggests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from services.provider.domain.activity import Activity, is_elsewhere
from services.provider.domain.refusals import (
    IsPublished,
    NothingToReview,
    NotPublished,
    UnknownActivity,
)
from services.provider.domain.session import Session, cancelled_with_its_activity
from sluss_contracts.activity import ActivityAmended, ActivityWithdrawn
from sluss_contracts.commands.catalogue import ReviewActivity, SendBackActivity, TurnDownProposal
from sluss_contracts.event import Fact
from sluss_contracts.moderation import ActivityReviewed


class Change(NamedTuple):
    """One field that is said otherwise than before; None where nothing is said."""

    field: str
    """As in the contract, parts of it after a dot: `venue.street`."""
    before: Any
    after: Any


def changes(before: BaseModel | None, after: BaseModel) -> list[Change]:
    """Field by field, what is said otherwise; against nothing, all that is said."""
    was = dict(_fields(before.model_dump(mode="json"))) if before else {}
    now = dict(_fields(after.model_dump(mode="json")))
    order = [*now, *(name for name in was if name not in now)]
    return [Change(name, was.get(name), now.get(name)) for name in order if was.get(name) != now.get(name)]


def review(known: Activity | None, wanted: ReviewActivity, now: datetime) -> list[Fact]:
    """It may stand as it is. Reviewing twice is reviewing once."""
    there = _published(known, wanted.activity)
    return [ActivityReviewed(activity=there.activity, at=now)] if there.review else []


def send_back(
    known: Activity | None,
    sessions: Mapping[str, Session],
    wanted: SendBackActivity,
    now: datetime,
    ask_again: datetime,
) -> list[Fact]:
    """It is again what it was before its provider changed it; where it was new, it takes place no more.

    What has been looked at already is amended or withdrawn like anything else.
    """
    there = _published(known, wanted.activity)
    if there.review is None:
        raise NothingToReview(f"{wanted.activity} has been looked at; publish it otherwise, or withdraw it")
    if there.review.before is None:
        gone = ActivityWithdrawn(activity=there.activity, why=wanted.why)
        return [gone, *cancelled_with_its_activity(sessions.values(), now)]
    before = there.review.before
    back = ActivityAmended(
        **dict(before),
        by=wanted.actor.role,
        at=now,
        ask_again=ask_again,
        why=wanted.why,
        elsewhere=is_elsewhere(there, before),
    )
    return [back]


def turn_down(known: Activity | None, wanted: TurnDownProposal) -> list[Fact]:
    """A suggestion is not published. Turning it down twice is turning it down once; what has been published
    meanwhile is not withdrawn by somebody who thought it was a suggestion."""
    match known.status if known else None:
        case None:
            raise UnknownActivity(
                f"nothing called {wanted.activity} was suggested; see `sluss activity queue`"
            )
        case "proposed":
            return [ActivityWithdrawn(activity=wanted.activity, why=wanted.why)]
        case "withdrawn":
            return []
        case _:
            raise IsPublished(f"{wanted.activity} is published; withdraw it, if it takes place no more")


def _published(known: Activity | None, id: str) -> Activity:
    if known is None:
        raise UnknownActivity(f"there is no activity {id}; see `sluss activity list`")
    if known.status == "proposed":
        raise NotPublished(f"{id} is only suggested; publish it or turn it down")
    return known


def _fields(said: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """What is said, by the names of its fields; what is empty is not said."""
    for name, value in said.items():
        if isinstance(value, Mapping):
            yield from _fields(value, f"{within}{name}.")
        elif value is not None and value != []:
            yield f"{within}{name}", value
