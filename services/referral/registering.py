"""Organisations and pathways: who takes part, and by which ways of working."""

from __future__ import annotations

from collections.abc import Sequence

from services.referral.domain import organisation, pathway
from services.referral.registry import ORGANISATION, PATHWAY, service
from services.referral.store.submitted import KEEP_ORGANISATIONS
from services.runtime.decision import Decision, Done
from services.runtime.pathways import known_pathways, withdraw_pathways, write_pathways
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.referral import (
    PublishPathway,
    RegisterOrganisation,
    RevokeOrganisation,
    WithdrawPathway,
)
from sluss_contracts.event import Event
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.pathway import PathwayPublished, PathwayWithdrawn
from sluss_contracts.vocabulary import Role

service.give = known_pathways
_KEEPERS = {Role.OPERATOR, Role.COORDINATOR}


@service.command(RegisterOrganisation, by=_KEEPERS)
def register_organisation(held: Held, command: RegisterOrganisation, ctx: Ctx) -> Decision:
    return organisation.register(held.one(ORGANISATION), command)


@service.command(RevokeOrganisation, by=_KEEPERS)
def revoke_organisation(held: Held, command: RevokeOrganisation, ctx: Ctx) -> Decision:
    return organisation.revoke(held.one(ORGANISATION), command.why, command.organisation)


@service.project(OrganisationRegistered)
async def list_organisation(tx: Tx, events: Sequence[Event[OrganisationRegistered]]) -> None:
    await tx.execute(KEEP_ORGANISATIONS, organisation=[event.data.organisation for event in events])


@service.command(PublishPathway, by=_KEEPERS)
def publish_pathway(held: Held, command: PublishPathway, ctx: Ctx) -> Decision:
    known = held.one(PATHWAY)
    facts = pathway.publish(known, command.pathway, command.definition)
    return Done(facts, {"version": (known.version if known else 0) + len(facts)})


@service.command(WithdrawPathway, by=_KEEPERS)
def withdraw_pathway(held: Held, command: WithdrawPathway, ctx: Ctx) -> Decision:
    return pathway.withdraw(held.one(PATHWAY), command.pathway)


service.project(PathwayPublished)(write_pathways)
service.project(PathwayWithdrawn)(withdraw_pathways)
