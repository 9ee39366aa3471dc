"""The vault's commands and questions, and people beside any referral: screened, signposted, erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.referral.domain import person, signposting
from services.referral.erasing import (
    ERASURE,
    destroy,
    look_again_now,
    look_again_on,
    whose_work,
    works_of,
)
from services.referral.registry import ORGANISATION, PERSON, service
from services.referral.standing import cases_over
from services.referral.vault import accesses, contact, looking, questions
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed
from sluss_contracts.commands.looking import (
    ReadAccessLog,
    ReadPersons,
    ReadSpotCheck,
    SearchPersons,
)
from sluss_contracts.commands.referral import (
    ChangeContact,
    ErasePerson,
    HoldErasure,
    KeepWords,
    ReadErasures,
    ReadPerson,
    ReadReferrers,
    ReadWords,
    RecordScreening,
    RecordSignposting,
    ReplayErasure,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.person import ErasureHeld, PersonErased
from sluss_contracts.vocabulary import Role

_ANYBODY = {
    *(Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.REFERRER, Role.PROVIDER, Role.PERSON),
    Role.SERVICE,
}


@service.command(KeepWords, by=_ANYBODY)
def keep_words(held: Held, command: KeepWords, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ChangeContact, by={Role.LINK_WORKER, Role.VOLUNTEER, Role.REFERRER, Role.PERSON})
def change_contact(held: Held, command: ChangeContact, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadPerson)
def read_person(held: Held, question: ReadPerson, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadPersons)
def read_persons(held: Held, question: ReadPersons, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(SearchPersons)
def search_persons(held: Held, question: SearchPersons, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadAccessLog)
def read_access_log(held: Held, question: ReadAccessLog, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadSpotCheck)
def read_spot_check(held: Held, question: ReadSpotCheck, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadReferrers)
def read_referrers(held: Held, question: ReadReferrers, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadWords)
def read_words(held: Held, question: ReadWords, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


@service.command(ReadErasures)
def read_erasures(held: Held, question: ReadErasures, ctx: Ctx) -> Decision:
    return _told(ctx.looked_up)


change_contact.lookup(contact.change_contact)
keep_words.lookup(questions.keep_words)
read_person.lookup(questions.read_person)
read_access_log.lookup(accesses.read_access_log)
read_spot_check.lookup(accesses.read_spot_check)
read_persons.lookup(looking.read_persons)
search_persons.lookup(looking.search_persons)
read_referrers.lookup(questions.read_referrers)
read_words.lookup(questions.read_words)
read_erasures.lookup(questions.read_erasures)


def _told(answer: questions.Told) -> Decision:
    """What the vault answered; a denial is raised here, after the try was written down."""
    return Done(answer.alarms, answer.result())


@service.command(RecordSignposting, by=_ANYBODY)
def record_signposting(held: Held, command: RecordSignposting, ctx: Ctx) -> Decision:
    facts = signposting.signpost(command, signposting_id := ctx.new_id())
    return Done(facts, {"signposting_id": signposting_id})


@service.command(RecordScreening, by={Role.LINK_WORKER, Role.COORDINATOR, Role.REFERRER, Role.SERVICE})
def record_screening(held: Held, command: RecordScreening, ctx: Ctx) -> Decision:
    facts = signposting.screen(held.one(ORGANISATION), command, screening_id := ctx.new_id())
    return Done(facts, {"screening_id": screening_id})


@service.command(ErasePerson, by={Role.OPERATOR, Role.COORDINATOR, Role.PERSON})
def erase_person(held: Held, command: ErasePerson, ctx: Ctx) -> Decision:
    known = held.one(PERSON)
    facts = person.erase(known, command.person, command.why, ctx.looked_up, ctx.now.date(), command.actor)
    return Done(facts, _outcome(known, facts))


@service.command(HoldErasure, by={Role.OPERATOR, Role.COORDINATOR})
def hold_erasure(held: Held, command: HoldErasure, ctx: Ctx) -> Decision:
    known, today = held.one(PERSON), ctx.now.date()
    there = ctx.looked_up.known
    return person.hold(known, command.person, command.why, command.until, today, there)


@service.command(ReplayErasure, by={Role.OPERATOR})
def replay_erasure(held: Held, command: ReplayErasure, ctx: Ctx) -> Decision:
    return person.replay(held.one(PERSON), command.person, command.why, ctx.looked_up)


erase_person.lookup(whose_work)
hold_erasure.lookup(whose_work)
replay_erasure.lookup(whose_work)


@service.timer(ERASURE)
def erase_when_it_may_be(held: Held, due: Timer, ctx: Ctx) -> Decision:
    return person.go_on(held.one(PERSON), ctx.looked_up[due.key], ctx.now.date())


erase_when_it_may_be.lookup(works_of)


@service.absorb(CaseClosed)
async def note_that_it_is_over(tx: Tx, events: Sequence[Event[CaseClosed]]) -> None:
    """Who was to be erased when the work is over is looked at again."""
    over = await cases_over(tx, [event.data.referral_id for event in events])
    await look_again_now(tx, over)


@service.project(ErasureHeld)
async def look_again_on_the_day(tx: Tx, events: Sequence[Event[ErasureHeld]]) -> None:
    for event in events:
        if event.data.until is not None:
            await look_again_on(tx, event.data.person, event.data.until)


service.project(PersonErased)(destroy)


def _outcome(known: person.Person | None, facts: Sequence[Fact]) -> dict[str, Any]:
    """What whoever asked is told: done, or held, why and until when."""
    state = known
    for fact in facts:
        if isinstance(fact, (ErasureHeld, PersonErased)):
            state = person.evolve(state, fact)
    if state is None or state.status is person.Status.ERASED:
        return {"erased": True}
    until = state.until if state.held_because == state.rule else None
    return {"erased": False, "held": state.held_because} | ({"until": until.isoformat()} if until else {})
