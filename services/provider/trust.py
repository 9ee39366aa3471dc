"""Who may be turned to, and what a coordinator says of what others publish: from command to decision."""

from __future__ import annotations

from services.provider.domain import contact, provider, reviewing
from services.provider.freshness import freshness
from services.provider.registry import ACTIVITY, PROVIDER, SESSION, service
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from sluss_contracts.commands.catalogue import (
    GiveActivityContact,
    GiveProviderContact,
    ProposeProvider,
    ReadActivityContact,
    RegisterProposal,
    ReviewActivity,
    SendBackActivity,
    TurnDownProposal,
    TurnDownProvider,
)
from sluss_contracts.vocabulary import Role

_MODERATE = {Role.COORDINATOR, Role.OPERATOR}
_NAME_SOMEBODY = {Role.PROVIDER, Role.LINK_WORKER, Role.COORDINATOR, Role.OPERATOR}
_ANYBODY = set(Role) - {Role.SERVICE}


@service.command(GiveActivityContact, by=_NAME_SOMEBODY)
def give_activity_contact(held: Held, command: GiveActivityContact, ctx: Ctx) -> Decision:
    return contact.give_of_activity(held.one(ACTIVITY), command, ctx.now)


@service.command(ReadActivityContact)
def read_activity_contact(held: Held, question: ReadActivityContact, ctx: Ctx) -> Decision:
    known = contact.read(held.one(ACTIVITY), question.activity, question.actor)
    return Done([], {"contact": known.model_dump(mode="json") if known else None})


@service.command(GiveProviderContact, by=_NAME_SOMEBODY)
def give_provider_contact(held: Held, command: GiveProviderContact, ctx: Ctx) -> Decision:
    return contact.give_of_provider(held.one(PROVIDER), command, ctx.now)


@service.command(ReviewActivity, by={Role.COORDINATOR})
def review_activity(held: Held, command: ReviewActivity, ctx: Ctx) -> Decision:
    return reviewing.review(held.one(ACTIVITY), command, ctx.now)


@service.command(SendBackActivity, by={Role.COORDINATOR})
def send_back_activity(held: Held, command: SendBackActivity, ctx: Ctx) -> Decision:
    ask_again = ctx.now + freshness().ask_after
    return reviewing.send_back(held.one(ACTIVITY), held.all(SESSION), command, ctx.now, ask_again)


@service.command(TurnDownProposal, by=_MODERATE)
def turn_down_proposal(held: Held, command: TurnDownProposal, ctx: Ctx) -> Decision:
    return reviewing.turn_down(held.one(ACTIVITY), command)


@service.command(ProposeProvider, by=_ANYBODY)
def propose_provider(held: Held, command: ProposeProvider, ctx: Ctx) -> Decision:
    return provider.propose(held.one(PROVIDER), command, ctx.now)


@service.command(RegisterProposal, by=_MODERATE)
def register_proposal(held: Held, command: RegisterProposal, ctx: Ctx) -> Decision:
    return provider.register_proposal(held.one(PROVIDER), command)


@service.command(TurnDownProvider, by=_MODERATE)
def turn_down_provider(held: Held, command: TurnDownProvider, ctx: Ctx) -> Decision:
    return provider.turn_down(held.one(PROVIDER), command)
