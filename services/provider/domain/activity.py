"""Activities: what there is to take part in, who has said so, and whether it is still right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.provider.domain.acting import acts_for
from services.provider.domain.contact import Contact, contact_of
from services.provider.domain.refusals import (
    AnothersActivity,
    IsThereAlready,
    NotPublished,
    TakesPlaceNoMore,
    UnknownActivity,
    UnknownProvider,
)
from services.provider.domain.session import Session, cancelled_with_its_activity
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityProposed,
    ActivityPublished,
    ActivityVerified,
    ActivityWithdrawn,
    VerificationDue,
)
from sluss_contracts.commands.provider import (
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.contact import ActivityContactGiven
from sluss_contracts.event import Fact
from sluss_contracts.moderation import ActivityReviewed
from sluss_contracts.offering import Described
from sluss_contracts.vocabulary import Role


class Status(StrEnum):
    """Where an activity is. `WITHDRAWN` is over."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    """Nobody has said for too long that it is still right. It goes on for those who take part."""
    WITHDRAWN = "withdrawn"


LIFECYCLE: Lifecycle[Status] = Lifecycle(
    "activity",
    {
        ActivityProposed: born(Status.PROPOSED),
        ActivityPublished: move(None, Status.PROPOSED, to=Status.PUBLISHED),
        ActivityAmended: move(Status.PUBLISHED, Status.HIDDEN, to=Status.PUBLISHED),
        ActivityVerified: move(Status.PUBLISHED, Status.HIDDEN, to=Status.PUBLISHED),
        ActivityReviewed: move(Status.PUBLISHED, Status.HIDDEN),
        ActivityContactGiven: move(Status.PROPOSED, Status.PUBLISHED, Status.HIDDEN),
        VerificationDue: move(Status.PUBLISHED),
        ActivityExpired: move(Status.PUBLISHED, to=Status.HIDDEN),
        ActivityWithdrawn: move(Status.PROPOSED, Status.PUBLISHED, Status.HIDDEN, to=Status.WITHDRAWN),
    },
    Status,
)


class Offer(Described):
    """What is said of one activity."""

    model_config = ConfigDict(frozen=True)


class Vouched(BaseModel):
    """Who said something, and when; what an event of before does not tell is None."""

    model_config = ConfigDict(frozen=True)

    by: Role | None
    provider: str | None = None
    """Who runs it, where it was they who said so."""
    at: datetime | None = None


class Review(BaseModel):
    """A look that a coordinator is still to take."""

    model_config = ConfigDict(frozen=True)

    before: Offer | None
    """What was said when a coordinator last saw it; None where they never have."""
    since: datetime | None


class Activity(Offer):
    """State of one activity."""

    status: Status = Status.PUBLISHED
    vouched: Vouched | None = None
    """Who last said that it is right: by publishing, correcting or verifying. A suggestion: who made it."""
    ask_again: datetime | None = None
    """When whoever runs it is asked next whether it is right."""
    hides: datetime | None = None
    """They are asked: it has sunk, and is hidden from then on unless somebody answers."""
    review: Review | None = None
    contact: Contact | None = None
    """Whom link workers turn to."""

    @property
    def offer(self) -> Offer:
        """What is said of it, without what has become of it."""
        return _said(self)


def publish(
    known: Activity | None,
    wanted: PublishActivity,
    now: datetime,
    ask_again: datetime,
    *,
    provider_is_known: bool,
) -> list[Fact]:
    """Publish, or correct what was published. Saying the same again changes nothing, but for what has sunk or
    is hidden: whoever says it anew says that it is right.

    Fewer places than people taking part is allowed: rooms shrink. Nobody loses a place because of it, and
    nobody new gets one until there is room. A published activity stays with its provider; a suggestion may
    turn out to be another's.
    """
    acts_for(wanted.actor, wanted.provider)
    if not provider_is_known:
        raise UnknownProvider(f"no provider {wanted.provider} is registered; register it first")
    truth = _said(wanted)
    word: dict[str, Any] = {"by": wanted.actor.role, "at": now, "ask_again": ask_again}
    match known:
        case None:
            return [ActivityPublished(**dict(truth), **word)]
        case Activity(status=Status.WITHDRAWN):
            raise TakesPlaceNoMore(f"{wanted.activity} is withdrawn; publish it anew under another id")
        case Activity(status=Status.PROPOSED):
            if wanted.actor.role is Role.PROVIDER and known.provider != wanted.provider:
                raise AnothersActivity(
                    f"{wanted.activity} is suggested for {known.provider}; take another id"
                )
            return [ActivityPublished(**dict(truth), **word)]
    if known.provider != wanted.provider:
        raise AnothersActivity(f"{wanted.activity} belongs to {known.provider}; publish it under another id")
    if known.offer == truth and known.status is Status.PUBLISHED and known.hides is None:
        return []
    return [ActivityAmended(**dict(truth), **word, elsewhere=is_elsewhere(known, truth))]


def is_elsewhere(before: Described, now: Described) -> bool:
    """Whether somebody who went by what was said before would come to the wrong place."""
    if before.mode != now.mode:
        return True
    was, place = before.venue, now.venue
    if was is None or place is None:
        return place is not None  # no place any more: nobody can be told where
    return (was.name, was.street, was.town) != (place.name, place.street, place.town)


def propose(known: Activity | None, wanted: ProposeActivity, now: datetime) -> list[Fact]:
    """Anybody may suggest, also for a provider nobody has registered. Suggesting the same again changes
    nothing; something else under the same id is refused, since nobody may rewrite another's suggestion."""
    truth = _said(wanted)
    if known is None:
        return [ActivityProposed(**dict(truth), by=wanted.actor.role, at=now)]
    if known.offer == truth and known.status is not Status.WITHDRAWN:
        return []
    raise IsThereAlready(f"there is something else called {wanted.activity}; suggest it under another id")


def publish_proposal(
    known: Activity | None,
    wanted: PublishProposal,
    now: datetime,
    ask_again: datetime,
    *,
    provider_is_known: bool,
) -> list[Fact]:
    """What was suggested is published as it is. Publishing it twice is publishing it once."""
    match _known(known, wanted.activity):
        case Activity(status=Status.WITHDRAWN):
            raise TakesPlaceNoMore(f"{wanted.activity} was turned down or is withdrawn")
        case Activity(status=Status.PROPOSED) as suggested:
            if not provider_is_known:
                raise UnknownProvider(
                    f"no provider {suggested.provider} is registered; register it, or publish it as another's"
                )
            said, by = dict(suggested.offer), wanted.actor.role
            return [ActivityPublished(**said, by=by, at=now, ask_again=ask_again)]
        case _:
            return []


def verify(known: Activity | None, wanted: VerifyActivity, now: datetime, ask_again: datetime) -> list[Fact]:
    """It is still right. The same role saying so twice on a day is saying it once; what has sunk rises, and
    what was hidden is shown again."""
    there = _known(known, wanted.activity)
    acts_for(wanted.actor, there.provider)
    if there.status is Status.WITHDRAWN:
        raise TakesPlaceNoMore(f"{wanted.activity} is withdrawn; publish it anew under another id")
    if not LIFECYCLE.allows(there.status, ActivityVerified):
        raise NotPublished(f"{wanted.activity} is {there.status}; publish it, and it is right")
    role = wanted.actor.role
    said_today = there.ask_again is not None and there.ask_again.date() == ask_again.date()
    by_them = there.vouched is not None and there.vouched.by is role
    if said_today and by_them and there.status is Status.PUBLISHED and there.hides is None:
        return []
    whose = there.provider if role is Role.PROVIDER else None
    return [ActivityVerified(activity=there.activity, by=role, provider=whose, at=now, ask_again=ask_again)]


def ask_whether_right(known: Activity | None, hidden_at: datetime) -> list[Fact]:
    """Nobody has said for long that it is right: whoever runs it is asked."""
    if known is None or known.status is not Status.PUBLISHED:
        return []
    return [VerificationDue(activity=known.activity, provider=known.provider, hidden_at=hidden_at)]


def expire(known: Activity | None) -> list[Fact]:
    """Nobody answered either: it is hidden."""
    if known is None or not LIFECYCLE.allows(known.status, ActivityExpired):
        return []
    return [ActivityExpired(activity=known.activity)]


def withdraw(
    known: Activity | None, sessions: Mapping[str, Session], wanted: WithdrawActivity, now: datetime
) -> list[Fact]:
    """It takes place no more, and so do its coming sessions. Withdrawing twice is withdrawing once."""
    there = _known(known, wanted.activity)
    acts_for(wanted.actor, there.provider)
    if there.status is Status.WITHDRAWN:
        return []
    coming = cancelled_with_its_activity(sessions.values(), now)
    return [ActivityWithdrawn(activity=there.activity, why=wanted.why), *coming]


def evolve(state: Activity | None, fact: Any) -> Activity:
    """What a fact makes of an activity. An amendment carries the whole new truth."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    match fact:
        case ActivityPublished():  # so are proposals and amendments
            whose = fact.provider if fact.by is Role.PROVIDER else None
            return Activity(
                **dict(_said(fact)),
                status=status,
                vouched=Vouched(by=fact.by, provider=whose, at=fact.at),
                ask_again=fact.ask_again,
                review=_to_review(state, fact),
                contact=state.contact if state else None,
            )
    assert state is not None, "only what is there changes"
    match fact:
        case ActivityVerified():
            vouched = Vouched(by=fact.by, provider=fact.provider, at=fact.at)
            change: dict[str, Any] = {"vouched": vouched, "ask_again": fact.ask_again, "hides": None}
        case VerificationDue():
            change = {"hides": fact.hidden_at}
        case ActivityReviewed():
            change = {"review": None}
        case ActivityContactGiven():
            change = {"contact": contact_of(fact)}
        case ActivityWithdrawn():
            change = {"review": None}
        case _:
            change = {}
    return state.model_copy(update={"status": status, **change})


def _to_review(state: Activity | None, fact: ActivityPublished) -> Review | None:
    """What a provider says by itself is looked at afterwards, all its changes together; what a coordinator
    says or publishes they have seen."""
    if fact.by is not Role.PROVIDER or isinstance(fact, ActivityProposed):
        return None
    if state is not None and state.review is not None:
        return state.review
    published = state is not None and state.status is not Status.PROPOSED
    return Review(before=state.offer if state and published else None, since=fact.at)


def _said(source: Any) -> Offer:
    return Offer(**{name: getattr(source, name) for name in Offer.model_fields})


def _known(activity: Activity | None, id: str) -> Activity:
    if activity is None:
        raise UnknownActivity(f"there is no activity {id}; see `sluss activity list`")
    return activity
