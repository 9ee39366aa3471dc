"""Messages in: from event and command to decision, and the vault's answers to questions."""

from __future__ import annotations

from collections.abc import Sequence

from services.referral.domain import organisation, pathway, referral
from services.referral.registry import ORGANISATION, PATHWAY, REFERRAL, service
from services.referral.store import KEEP_ORGANISATIONS
from services.referral.vault import questions
from services.runtime.decision import Decision, Done
from services.runtime.pathways import known_pathways, withdraw_pathways, write_pathways
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed
from sluss_contracts.commands.referral import (
    KeepWords,
    PublishPathway,
    ReadPerson,
    ReadReferrers,
    ReadWords,
    RecordConsent,
    RegisterOrganisation,
    RevokeOrganisation,
    WithdrawPathway,
)
from sluss_contracts.event import Event
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.pathway import PathwayPublished, PathwayWithdrawn
from sluss_contracts.vocabulary import Role

service.give = known_pathways


@service.on(CaseClosed)
def close_with_the_case(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    return referral.close(held.one(REFERRAL), event.data.outcome)


@service.command(RecordConsent)
def record_consent(held: Held, command: RecordConsent, ctx: Ctx) -> Decision:
    return referral.record_consent(held.one(REFERRAL), command.purposes, command.receivers)


@service.command(RegisterOrganisation)
def register_organisation(held: Held, command: RegisterOrganisation, ctx: Ctx) -> Decision:
    return organisation.register(held.one(ORGANISATION), command)


@service.command(RevokeOrganisation)
def revoke_organisation(held: Held, command: RevokeOrganisation, ctx: Ctx) -> Decision:
    return organisation.revoke(held.one(ORGANISATION), command.why, command.organisation)


@service.project(OrganisationRegistered)
async def list_organisation(tx: Tx, events: Sequence[Event[OrganisationRegistered]]) -> None:
    await tx.execute(KEEP_ORGANISATIONS, organisation=[event.data.organisation for event in events])


@service.command(PublishPathway, by={Role.OPERATOR, Role.COORDINATOR})
def publish_pathway(held: Held, command: PublishPathway, ctx: Ctx) -> Decision:
    known = held.one(PATHWAY)
    facts = pathway.publish(known, command.pathway, command.definition)
    return Done(facts, {"version": (known.version if known else 0) + len(facts)})


@service.command(WithdrawPathway, by={Role.OPERATOR, Role.COORDINATOR})
def withdraw_pathway(held: Held, command: WithdrawPathway, ctx: Ctx) -> Decision:
    return pathway.withdraw(held.one(PATHWAY), command.pathway)


service.project(PathwayPublished)(write_pathways)
service.project(PathwayWithdrawn)(withdraw_pathways)


@service.command(KeepWords)
def keep_words(held: Held, command: KeepWords, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadPerson)
def read_person(held: Held, question: ReadPerson, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadReferrers)
def read_referrers(held: Held, question: ReadReferrers, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadWords)
def read_words(held: Held, question: ReadWords, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


keep_words.lookup(questions.keep_words)
read_person.lookup(questions.read_person)
read_referrers.lookup(questions.read_referrers)
read_words.lookup(questions.read_words)


def _told(answer: questions.Told) -> Decision:
    """What the vault answered; a denial is raised here, after the try was written down."""
    return Done([], answer.result())
